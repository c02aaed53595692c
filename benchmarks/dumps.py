"""Large HotSpot dumps, made from real captures: more workers, more frames, more dumps a file."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

FIXTURES: Final = Path(__file__).resolve().parent.parent / "fixtures"
_OBJECT: Final = re.compile(r"<(0x[0-9a-f]{16})>")
_IDS: Final = re.compile(r"tid=(0x[0-9a-f]{16}) nid=0x[0-9a-f]+")
_WORKER: Final = re.compile(r'^"http-nio-8080-exec-\d+" #\d+', re.MULTILINE)
_APPLICATION: Final = re.compile(r"^\tat cases\..*$", re.MULTILINE)
_FRAME: Final = re.compile(r"^\tat .*$", re.MULTILINE)
_THREAD: Final = re.compile(r'^"', re.MULTILINE)
_WORKERS: Final = 300
_VOCABULARY: Final = 3000
"""Distinct application frames in a series of dumps."""
NO_SYNCHRONIZERS: Final = "   Locked ownable synchronizers:\n\t- None"


def dump_of(workers: int, *, idle: int = 0) -> str:
    """A capture's dump with its busy workers repeated until there are ``workers``.

    Args:
        workers: How many.
        idle: Of so many workers, all but one are idle ones of another capture.
    """
    head, *blocks = (FIXTURES / "tomcat-self-call" / "dump.txt").read_text().split("\n\n")
    busy = [i for i, block in enumerate(blocks) if _WORKER.match(block.lstrip("\n"))]
    first = busy[0]
    waiting = _idle_workers()
    made = []
    for number in range(workers):
        block = blocks[first + 2 * (number % len(busy))]
        if idle and number % idle:
            block = waiting[number % len(waiting)]
        name = f'"http-nio-8080-exec-{number + 1}" #{1000 + number}'
        ids = f"tid={0x7F56_0000_0000 + 0x1000 * number:#018x} nid={0x9000 + number:#x}"
        made.append(_IDS.sub(ids, _WORKER.sub(name, block, count=1), count=1))
        made.append(NO_SYNCHRONIZERS)
    rest = blocks[:first] + blocks[busy[-1] + 2 :]
    return listed("\n\n".join([head, *rest[:first], *made, *rest[first:]]))


def write_series(path: Path, size: int, seed: int = 20) -> int:
    """Dumps one after the other until ``size`` bytes; objects move, frames vary as in real life.

    Returns:
        How many threads were written.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    frames = [
        f"\tat com.acme.app{n % 40}.Service{n}.call{n % 7}(Service{n}.java:{n % 900 + 10})"
        for n in range(_VOCABULARY)
    ]
    weights = [1 / (n + 1) ** 0.8 for n in range(_VOCABULARY)]
    text = dump_of(_WORKERS)
    written = dumps = 0
    with path.open("w", newline="") as out:
        while written < size:
            picks = iter(chance.choices(frames, weights, k=text.count("\tat cases.")))
            dump = _APPLICATION.sub(lambda _, picks=picks: next(picks), text)  # type: ignore[misc]
            dump = _OBJECT.sub(_shifted(0x1000 * (dumps * 7919 % 100_003)), dump)
            written += out.write(dump + "\n")
            dumps += 1
    return dumps * threads_of(text)


def write_one(path: Path, threads: int) -> int:
    """One dump of about ``threads`` threads, every third of them busy; returns how many."""
    text = dump_of(threads, idle=3)
    path.write_text(text, newline="")
    return threads_of(text)


def write_distinct(path: Path, size: int) -> int:
    """Dumps until ``size`` bytes in which no frame stands twice; returns how many threads."""
    text = dump_of(_WORKERS)
    number = written = dumps = 0

    def another(_: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"\tat com.acme.generated.Proxy{number}.call(Proxy{number}.java:{number % 900})"

    with path.open("w", newline="") as out:
        while written < size:
            written += out.write(_FRAME.sub(another, text) + "\n")
            dumps += 1
    return dumps * threads_of(text)


def threads_of(dump: str) -> int:
    """How many threads a dump without deadlocks lists."""
    return len(_THREAD.findall(dump))


def _idle_workers() -> list[str]:
    blocks = (FIXTURES / "tomcat-idle" / "dump.txt").read_text().split("\n\n")
    return [block for block in blocks if _WORKER.match(block)]


def listed(dump: str) -> str:
    """``dump`` with the list of its Java threads (the SMR block) made true again."""
    tids = re.findall(r'^".*" #\d+ .* tid=(0x[0-9a-f]{16})', dump, flags=re.MULTILINE)
    lines = [", ".join(tids[i : i + 4]) for i in range(0, len(tids), 4)]
    elements = f"length={len(tids)}, elements={{\n" + ",\n".join(lines) + "\n}"
    return re.sub(r"length=\d+, elements=\{[^}]*\}", elements, dump, count=1)


def _shifted(by: int) -> Callable[[re.Match[str]], str]:
    return lambda match: f"<{int(match[1], 16) + by:#018x}>"
