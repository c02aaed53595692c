"""One dump of ``Thread.dump_to_file`` while it is read, and one of its threads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Identity,
    JavaThread,
    Monitors,
    StackEntry,
    ThreadDump,
)
from hangscope.readers.threads.dump_to_file_lines import Header, Instant, ProcessId, Record, Version


class Preface(NamedTuple):
    """What the lines above the first thread say."""

    first_line: int = 0
    """0 if there are none."""
    pid: int | None = None
    captured: str | None = None
    version: Version | None = None


def preface_of(lines: Iterable[tuple[int, Record]]) -> Preface:
    """The preface in the lines above a thread; what stands above the preface is no part of it."""
    found = Preface()
    for number, record in lines:
        match record:
            case ProcessId(pid):
                found = Preface(number, pid)
            case Instant(text):
                found = Preface(found.first_line or number, found.pid, text)
            case Version() if found.captured:
                found = found._replace(version=record)
            case _:
                found = Preface()
    return found if found.captured else Preface()


class Block:
    """A thread being read."""

    __slots__ = ("entries", "entry_lines", "first_line", "header", "header_end", "is_over")

    def __init__(self, header: Header, first_line: int, header_end: int) -> None:
        self.header = header
        self.first_line = first_line
        self.header_end = header_end
        self.entries: list[StackEntry] = []
        self.entry_lines: list[int] | None = None
        """None as long as the entries follow the header without a gap."""
        self.is_over = False
        """Whether a blank line or a cut stands above."""

    def add(self, number: int, entries: list[StackEntry]) -> None:
        """The entries of line ``number`` and of those after it."""
        lines = self.entry_lines
        if lines is None and number > self.header_end + len(self.entries) + 1:
            first = self.header_end + 1
            self.entry_lines = lines = list(range(first, first + len(self.entries)))
        if lines is not None:
            lines += range(number, number + len(entries))
        self.entries += entries
        self.is_over = False

    def frozen(self, input_name: str) -> JavaThread:
        """The thread as a fact."""
        header = self.header
        first = self.header_end + 1
        lines = self.entry_lines or range(first, first + len(self.entries))
        return JavaThread(
            header.name,
            is_java=True,
            evidence=Evidence(input_name, self.first_line, lines[-1] if lines else first - 1),
            id=header.id,
            state=header.state,
            entries=tuple(self.entries),
            entry_lines=lines,
            synchronizers=NOT_RECORDED,
            virtual=header.virtual,
        )


class Dump:
    """A dump being read."""

    def __init__(self, first_line: int, preface: Preface) -> None:
        self.first_line = preface.first_line or first_line
        self.preface = preface
        self.threads: list[JavaThread] = []
        self.ids: set[int] = set()
        self.has_states = False
        self.ended = False
        """Whether the last thread has its blank line, which every one gets."""

    def frozen(self, input_name: str) -> ThreadDump:
        """The dump as a fact; it has a thread at least."""
        version = self.preface.version
        return ThreadDump(
            evidence=Evidence(input_name, self.first_line, self.threads[-1].evidence.last_line),
            threads=tuple(self.threads),
            captured=self.preface.captured,
            vm=version.text if version else None,
            jdk_feature=version.feature if version else None,
            pid=self.preface.pid,
            ended=self.ended,
            format="dump-to-file",
            monitors=Monitors.RECORDED if self.has_states else Monitors.NOT_RECORDED,
            identity=Identity.HASH,
            atomic=False,
        )
