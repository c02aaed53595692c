"""Dumps as log collectors keep them: each line behind a prefix, or inside a record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from dumps import write_series

Wrap: TypeAlias = Callable[[str, int], str]
"""Makes a line of a log of a line of a dump and its number."""


def journald(line: str, _: int) -> str:
    """As ``journalctl -u shop`` prints it."""
    return f"Nov 22 03:16:27 web01 java[1562]: {line}"


def docker(line: str, number: int) -> str:
    """As docker's json-file driver writes it."""
    return f'{{"log":{json.dumps(line)[:-1]}\\n","stream":"stdout","time":"{_moment(number)}"}}'


def kubectl(line: str, number: int) -> str:
    """As ``kubectl logs --timestamps`` prints it."""
    return f"{_moment(number)} {line}"


def write_log(path: Path, size: int, wrap: Wrap) -> int:
    """A series of dumps in a log of about ``size`` bytes; returns how many threads are in it."""
    plain = path.with_suffix(".plain")
    growth = _growth(plain, wrap)
    threads = write_series(plain, int(size / growth))
    with path.open("w", newline="") as out:
        out.writelines(_wrapped(plain, wrap))
    plain.unlink()
    return threads


def _growth(plain: Path, wrap: Wrap) -> float:
    write_series(plain, 1)
    return sum(map(len, _wrapped(plain, wrap))) / plain.stat().st_size


def _wrapped(plain: Path, wrap: Wrap) -> Iterator[str]:
    with plain.open() as lines:
        for number, line in enumerate(lines):
            yield wrap(line.rstrip("\n"), number) + "\n"


_A_SECOND: Final = 1_000_000


def _moment(number: int) -> str:
    second, micro = divmod(number * 7, _A_SECOND)
    return (
        f"2026-11-22T{3 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{micro:06}123Z"
    )
