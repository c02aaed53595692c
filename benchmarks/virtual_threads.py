"""Dumps of many virtual threads, as ``jcmd PID Thread.dump_to_file`` of JDK 25 writes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from dumps import FIXTURES

_CASE: Final = FIXTURES / "formats" / "dump_to_file"
_IN_JSON: Final = re.compile(
    r'          \{\n            "tid": "\d+",\n[^{}]*"virtual": true,.*?\n          \}', re.DOTALL
)
_IN_TEXT: Final = re.compile(r'^#\d+ "" virtual .*?(?=^$|\Z)', re.MULTILINE | re.DOTALL)


def write_json(path: Path, threads: int) -> int:
    """``-format=json`` with ``threads`` virtual threads more; returns how many there are."""
    text = (_CASE / "dump_to_file.json").read_text()
    found = _first(_IN_JSON, text)
    before, after = text[: found.start()], text[found.start() :]
    with path.open("w", newline="") as out:
        out.write(before)
        for number in range(threads):
            out.write(re.sub(r'"tid": "\d+"', f'"tid": "{1000 + number}"', found[0]) + ",\n")
        out.write(after.lstrip("\n"))
    return threads + text.count('"tid"')


def write_text(path: Path, threads: int) -> int:
    """``-format=text`` with ``threads`` virtual threads more; returns how many there are."""
    text = (_CASE / "dump_to_file.txt").read_text()
    found = _first(_IN_TEXT, text)
    with path.open("w", newline="") as out:
        out.write(text.rstrip("\n") + "\n\n")
        for number in range(threads):
            out.write(re.sub(r"^#\d+", f"#{1000 + number}", found[0]) + "\n")
    return threads + len(re.findall(r'^#\d+ "', text, re.MULTILINE))


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.search(text)
    if found is None:
        raise SystemExit("the capture has no virtual thread")
    return found
