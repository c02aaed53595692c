"""Other readers of the same texts, each in a virtual environment of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from measure import run

_HERE: Final = Path(__file__).resolve().parent
CACHE: Final = _HERE.parent / ".bench" / "peers"
_CHILD: Final = str(_HERE / "peer_reads.py")
_INSTALLING: Final = 240
"""CPU seconds that an installation may take."""


class Peer(NamedTuple):
    """A distribution on PyPI."""

    name: str
    version: str
    options: tuple[str, ...] = ()


class Reading(NamedTuple):
    """How a text is read by someone else: the whole process."""

    name: str
    command: list[str]


TDSCOPE: Final = Peer("tdscope", "0.1.0")
JVMIND: Final = Peer("jvmind-ce", "0.1.30", ("--no-deps",))
"""A web application; the module that reads dumps needs none of what that needs."""
JC: Final = Peer("jc", "1.26.1")
INSIGHTS: Final = Peer("insights-core", "3.8.4")
PEERS: Final = (TDSCOPE, JVMIND, JC, INSIGHTS)


def install() -> dict[Peer, str]:
    """Make the environments that are not there yet; returns why one is missing."""
    missing = {}
    for peer in PEERS:
        failure = _installed(peer)
        if failure:
            missing[peer] = failure
    return missing


def of_dumps(path: Path, missing: dict[Peer, str]) -> Iterator[Reading]:
    """Those that read thread dumps, and what it costs to look at each line at all."""
    yield from _plain(path, "regex-dump")
    if TDSCOPE not in missing:
        yield Reading("tdscope", [str(_python(TDSCOPE)), _CHILD, "tdscope", str(path)])
    if JVMIND not in missing:
        yield Reading("jvmind", [str(_python(JVMIND)), _CHILD, "jvmind", str(path)])


def of_tables(path: Path, tool: str, missing: dict[Peer, str]) -> Iterator[Reading]:
    """Those that read the table of ``tool``: ss, netstat, lsof or proc-net-tcp."""
    yield from _plain(path, "regex-table")
    for peer, tools in _TABLES.items():
        if tool in tools and peer not in missing:
            what = f"{peer.name}:{tool}"
            yield Reading(peer.name, [str(_python(peer)), _CHILD, what, str(path)])


_TABLES: Final = {
    JC: ("ss", "netstat", "lsof", "proc-net-tcp"),
    INSIGHTS: ("ss", "netstat", "lsof"),
}


def _plain(path: Path, regex: str) -> Iterator[Reading]:
    for name, what in (("iterating lines, nothing kept", "lines"), ("one regex a line", regex)):
        yield Reading(name, [sys.executable, _CHILD, what, str(path)])


def _folder(peer: Peer) -> Path:
    return CACHE / f"{peer.name}-{peer.version}"


def _python(peer: Peer) -> Path:
    return _folder(peer) / "bin" / "python"


def _installed(peer: Peer) -> str:
    """Why it is not; empty if it is."""
    folder = _folder(peer)
    whole = folder / "installed"
    if whole.exists():
        return ""
    made = run([sys.executable, "-m", "venv", "--clear", str(folder)], _INSTALLING)
    if made.failure:
        return made.failure
    pip = [str(_python(peer)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    got = run([*pip, "--retries=1", *peer.options, f"{peer.name}=={peer.version}"], _INSTALLING)
    if not got.failure:
        whole.touch()
    return got.failure
