"""One thread dump while it is read, and the lines that belong to it before its title."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hangscope.facts import DeadlockReport, Evidence, JavaThread, ThreadDump
from hangscope.readers.threads.hotspot_records import Banner, Header, Mark, ProcessId, Timestamp

_REACH: Final = 3
"""Lines above the title in which its time and its process id stand."""


@dataclass
class Dump:
    """A dump being read; ``banner`` is None for an excerpt."""

    first_line: int
    last_line: int
    banner: Banner | None = None
    captured: str | None = None
    pid: int | None = None
    threads: list[JavaThread] = field(default_factory=list)
    deadlocks: list[DeadlockReport] = field(default_factory=list)
    synchronizers_recorded: bool = False
    is_complete: bool = False
    """Whether the line that ends the list of threads was seen."""
    is_mixed: bool = False
    """Whether lines of two dumps stand between each other: there are two lists of threads."""
    tids: set[int] = field(default_factory=set)
    """Of the threads read."""
    _listed: list[int] | None = None
    _listed_whole: frozenset[int] = frozenset()
    _is_listing: bool = False

    def smr(self, record: Mark) -> None:
        """A line round the list of threads that the JVM keeps (JDK 10 and later)."""
        if self._is_listing and self._listed:
            self._listed_whole = frozenset(self._listed)
        self._is_listing = record is Mark.SMR_LIST
        if self._is_listing:
            self.is_mixed = self._listed is not None
            self._listed = self._listed or []

    def list_threads(self, tids: tuple[int, ...]) -> None:
        """A line of that list; lists of other things look alike."""
        if self._is_listing and self._listed is not None:
            self._listed.extend(tids)

    @property
    def has_title_only(self) -> bool:
        """Whether nothing but the title was read so far."""
        return not (self.threads or self.deadlocks or self.tids or self._listed)

    def has(self, header: Header) -> bool:
        """False for a header that is part of a thread's name: its ``tid`` is not in the list."""
        if not self._listed_whole or not header.has_stack:
            return True
        return header.tid in self._listed_whole

    def frozen(self, input_name: str) -> ThreadDump:
        """The dump as a fact."""
        return ThreadDump(
            evidence=Evidence(input_name, self.first_line, self.last_line),
            threads=tuple(self.threads),
            deadlocks=tuple(self.deadlocks),
            captured=self.captured,
            vm=self.banner.vm if self.banner else None,
            jdk_feature=self.banner.feature if self.banner else None,
            pid=self.pid,
            synchronizers_recorded=self.synchronizers_recorded,
            ended=self.is_complete,
            listed_tids=None if self._listed is None else tuple(self._listed),
        )


class Preface:
    """The last lines that may belong to a title below them."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, Timestamp | ProcessId]] = []

    def add(self, number: int, record: Timestamp | ProcessId) -> None:
        """Line ``number`` is one."""
        self._lines = [*self._lines[-1:], (number, record)]

    def give_to(self, dump: Dump) -> None:
        """Tell a dump with a title what stands right above it; nothing is kept."""
        lines, self._lines = self._lines, []
        if dump.banner is None:
            return
        title = dump.first_line
        for number, record in lines:
            if number < title - _REACH:
                continue
            dump.first_line = min(dump.first_line, number)
            if isinstance(record, Timestamp):
                dump.captured = record.text
            else:
                dump.pid = record.pid
