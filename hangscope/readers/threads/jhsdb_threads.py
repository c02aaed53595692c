"""One dump of ``jhsdb jstack`` while it is read, and one of its threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hangscope.facts import (
    NOT_RECORDED,
    DeadlockReport,
    Evidence,
    Frame,
    JavaThread,
    LockLine,
    Monitors,
    NotRecorded,
    StackEntry,
    ThreadDump,
)
from hangscope.readers.spans import Spans
from hangscope.readers.threads.hotspot_lines import feature_of
from hangscope.readers.threads.jhsdb_lines import (
    Header,
    Mark,
    MixedTitle,
    Native,
    Owned,
    Record,
    State,
    VmState,
)

_ENTRY: Final = (Frame, LockLine)
FAILED: Final = "the tool failed here: what it says about this thread is incomplete"
NOT_OF_A_DUMP: Final = "not a line of a dump of jhsdb"


class Block:
    """A thread, and the records and numbers of all lines after its first one, in order."""

    __slots__ = ("first_line", "header", "is_mixed", "last_line", "nid", "numbers", "records")

    def __init__(self, start: Header | MixedTitle, first_line: int, last_line: int) -> None:
        self.header = start if isinstance(start, Header) else None
        self.is_mixed = isinstance(start, MixedTitle)
        self.nid = start.nid
        self.first_line = first_line
        self.last_line = last_line
        """Of the header."""
        self.records: list[Record] = []
        self.numbers: list[int] = []

    def add(self, number: int, record: Record) -> None:
        """Line ``number`` is part of it."""
        self.records.append(record)
        self.numbers.append(number)

    def takes(self, header: Header) -> bool:
        """Whether ``header`` belongs to the title above it, in mixed mode."""
        return self.header is None and not self.records and self.nid == header.nid

    @property
    def is_over(self) -> bool:
        """Whether a blank line or a cut stands above."""
        return bool(self.records) and self.records[-1] in {Mark.BLANK, Mark.ELISION}

    @property
    def is_whole(self) -> bool:
        """Whether a blank line shows its end; there is none in mixed mode."""
        if self.is_mixed:
            return bool(self.records) and self.records[-1] is not Mark.UNKNOWN
        return Mark.BLANK in self.records

    def frozen(self, input_name: str, spans: Spans) -> JavaThread:
        """The thread as a fact; what is not understood of it goes to ``spans``."""
        thread = _Thread(self.last_line)
        thread.take_all(self.numbers, self.records, spans)
        return java_thread(
            self.header,
            self.nid,
            Evidence(input_name, self.first_line, thread.last_line),
            thread.state,
            thread.vm_state,
            tuple(thread.entries),
            line_numbers(thread.entry_lines),
            tuple(thread.native),
            tuple(thread.owned) if thread.owned_recorded else NOT_RECORDED,
            line_numbers(thread.owned_lines),
        )


def java_thread(  # noqa: PLR0917 - what the parts of a thread's text say
    header: Header | None,
    nid: int,
    evidence: Evidence,
    state: State | None,
    vm_state: str,
    entries: tuple[StackEntry, ...],
    entry_lines: Sequence[int],
    native: tuple[Frame, ...],
    owned: tuple[LockLine, ...] | NotRecorded,
    owned_lines: Sequence[int],
) -> JavaThread:
    """The fact that the parts of a thread's text add up to."""
    name, number, daemon, priority, tid, _, os_state = header or _NAMELESS
    printed, detail = state or _STATELESS
    return JavaThread(
        name,
        header is not None or bool(entries),
        evidence,
        number,
        daemon,
        priority,
        None,
        None,
        tid,
        nid,
        os_state or vm_state,
        printed,
        detail,
        None,
        entries,
        entry_lines,
        owned,
        owned_lines,
        native=native,
    )


_NAMELESS: Final = Header("", None, daemon=False, priority=None, tid=None, nid=0, os_state="")
_STATELESS: Final = State(None, "")


def line_numbers(numbers: Sequence[int]) -> Sequence[int]:
    """The same numbers, as a range where there is no gap."""
    if not numbers or isinstance(numbers, range):
        return numbers or ()
    first, last = numbers[0], numbers[-1]
    return range(first, last + 1) if last - first + 1 == len(numbers) else tuple(numbers)


class _Thread:
    """What the lines of a block add up to."""

    def __init__(self, last_line: int) -> None:
        self.last_line = last_line
        self.state: State | None = None
        self.vm_state = ""
        self.entries: list[StackEntry] = []
        self.entry_lines: list[int] = []
        self.native: list[Frame] = []
        self.owned: list[LockLine] = []
        self.owned_lines: list[int] = []
        self.owned_recorded = False
        self._failed = False
        """Whether the lines before tell of a fault of the tool."""

    def take_all(self, numbers: list[int], records: list[Record], spans: Spans) -> None:
        """All lines after the header; most are of the stack."""
        entries, entry_lines = self.entries, self.entry_lines
        for number, record in zip(numbers, records, strict=True):
            if isinstance(record, _ENTRY):
                entries.append(record)
                entry_lines.append(number)
                self.last_line = number
            elif record is not Mark.BLANK or self._failed:
                self._take(number, record, spans)

    def _take(self, number: int, record: Record, spans: Spans) -> None:
        failed, self._failed = self._failed, False
        if not isinstance(record, Mark):
            self._add(number, record)
        elif record is Mark.FAILURE or (failed and record is Mark.TRACE):
            self._failed = True
            if not failed:
                spans.add(number, FAILED)
            return
        elif record is Mark.TRACE or record is Mark.UNKNOWN:
            spans.add(number, NOT_OF_A_DUMP)
            return
        elif record is Mark.SYNCHRONIZERS:
            self.owned_recorded = True
        elif record is not Mark.CODE:
            return
        self.last_line = number

    def _add(self, number: int, record: Record) -> None:
        match record:
            case Native(frame):
                # Below Java frames there is only how the VM came to call them.
                if not self.entries:
                    self.native.append(frame)
            case State():
                self.state = record
            case VmState(text):
                self.vm_state = text
            case Owned(lock):
                self.owned.append(lock)
                self.owned_lines.append(number)
                self.owned_recorded = True
            case _:
                pass


class Dump:
    """A dump being read."""

    def __init__(self, first_line: int) -> None:
        self.first_line = self.last_line = first_line
        self.is_titled = False
        """Whether a line said that it begins."""
        self.is_searched = False
        """Whether the search for deadlocks was seen to begin."""
        self.pid: int | None = None
        self.version: str | None = None
        self.threads: list[JavaThread] = []
        self.deadlocks: list[DeadlockReport] = []
        self.seen: set[tuple[int | None, int]] = set()
        """Of the threads: ``tid`` and ``nid``."""
        self.ended = False

    def frozen(self, input_name: str) -> ThreadDump:
        """The dump as a fact."""
        threads = self.threads
        has_locks = any(isinstance(e, LockLine) for thread in threads for e in thread.entries)
        return ThreadDump(
            evidence=Evidence(input_name, self.first_line, self.last_line),
            threads=tuple(threads),
            deadlocks=tuple(self.deadlocks),
            vm=self.version,
            jdk_feature=feature_of(self.version) if self.version else None,
            pid=self.pid,
            synchronizers_recorded=any(t.synchronizers is not NOT_RECORDED for t in threads),
            ended=self.ended,
            format="jhsdb",
            monitors=Monitors.UNRELIABLE if has_locks else Monitors.NOT_RECORDED,
        )
