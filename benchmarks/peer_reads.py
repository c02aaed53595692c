"""Reads one file as a peer does and prints how many records it found.

``peer_reads.py WHAT FILE``, run by the interpreter of the peer's own environment.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    with Path(path).open(encoding="utf-8", errors="replace") as lines:
        yield lines


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")


def lines(path: str) -> int:
    """Only decodes."""
    with _opened(path) as every:
        return sum(1 for _ in every)


def regex_dump(path: str) -> int:
    """One expression that tells headers, states, frames and lock lines; nothing is kept."""
    match = re.compile(
        r'"(.*)"(?: #(\d+))? .*tid=(0x[0-9a-f]+)'
        r"|   java\.lang\.Thread\.State: (\w+)"
        r"|\tat ([^(]+)\(([^)]*)\)"
        r"|\t- ([a-z ]+) <(0x[0-9a-f]+)> \(a (.*)\)"
    ).match
    with _opened(path) as every:
        return sum(1 for line in every if (found := match(line)) and found[1] is not None)


def regex_table(path: str) -> int:
    """One expression that finds both ends; nothing is kept."""
    search = re.compile(r"([0-9A-Fa-f.]+):(\w+)(?:\s+|->)([0-9A-Fa-f.]+):(\w+)\s+(.*)").search
    with _opened(path) as every:
        return sum(1 for line in every if search(line))


def tdscope(path: str) -> int:
    """Every dump, as its own commands load them."""
    loaded = importlib.import_module("tdscope.loader").load([path])
    return sum(len(dump.threads) for dump in loaded)


def jvmind(path: str) -> int:
    """The module that reads ``jstack``'s text, without the web application round it."""
    package = importlib.util.find_spec("react_agent")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("jvmind-ce has no react_agent")
    file = Path(package.submodule_search_locations[0], "jstack_analyzer.py")
    spec = importlib.util.spec_from_file_location("jstack_analyzer", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return len(module.parse_jstack(_text(path))["threads"])


def jc(path: str, tool: str) -> int:
    """As its library is called: one list of dictionaries."""
    parse = importlib.import_module("jc").parse
    return len(parse(tool.replace("-", "_"), _text(path), quiet=True))


def insights(path: str, tool: str) -> int:
    """As its own tests call a parser."""
    context = importlib.import_module("insights.tests").context_wrap(_text(path).splitlines())
    if tool == "lsof":
        parser = importlib.import_module("insights.parsers.lsof").Lsof
        parser.collect("rows", lambda _: True)
        return len(parser(context).rows)
    parsers = importlib.import_module("insights.parsers.netstat")
    if tool == "netstat":
        return sum(map(len, parsers.Netstat(context).datalist.values()))
    return len(parsers.SsTUPNA(context))


def main(what: str, path: str) -> int:
    """Records that ``what`` finds in the file at ``path``."""
    name, _, tool = what.partition(":")
    if tool:
        return {"jc": jc, "insights-core": insights}[name](path, tool)
    readers: dict[str, Callable[[str], int]] = {
        "lines": lines,
        "regex-dump": regex_dump,
        "regex-table": regex_table,
        "tdscope": tdscope,
        "jvmind": jvmind,
    }
    return readers[name](path)


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2]))
