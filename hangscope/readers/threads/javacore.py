"""Javacores: the dumps that IBM's Java (1.3 to 8) and OpenJ9 (8 to 26) write on SIGQUIT or OOM.

What a line says is in ``javacore.lark``; here is which lines belong together::

    0SECTION       LOCKS subcomponent dump routine
    2LKMONINUSE      sys_mon_t:0x00002AE3946FAEC8 infl_mon_t: 0x00002AE3946FAF48:
    3LKMONOBJECT       org/acme/Fork@0x00000000E5D4AE70: owner "Plato" (J9VMThread:…), entry count 1
    0SECTION       THREADS subcomponent dump routine
    3XMTHREADINFO      "Kant" J9VMThread:0x…, omrthread_t:0x…, java/lang/Thread:0x…, state:B, prio=5
    4XESTACKTRACE                at org/acme/Philosopher.run(Philosopher.java:39)

Most of it is a list of classes. Source: OpenJ9: runtime/rasdump/javadump.cpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from itertools import islice
from typing import Final

from hangscope.facts import InputKind, ThreadDump
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS
from hangscope.readers.threads.javacore_deadlocks import OF_DEADLOCKS
from hangscope.readers.threads.javacore_dump import OF_THE_DUMP, Dump, MonitorTold, Queued
from hangscope.readers.threads.javacore_lines import SYNTAX, JavacoreParser, is_tagged
from hangscope.readers.threads.javacore_records import (
    Header,
    Ident,
    Mark,
    Monitor,
    MonitorInUse,
    Record,
    Section,
    Waiter,
)
from hangscope.readers.threads.javacore_threads import OF_A_THREAD, Thread

_DAMAGED: Final = "a damaged line of a javacore"
_CUT_HEADER: Final = "first line of a thread, damaged"
_NO_HEADER: Final = "part of a thread whose first line is missing"
_NO_MONITOR: Final = "part of a monitor whose first line is missing"
_BETWEEN: Final = "between two lines of one javacore"
_INCOMPLETE: Final = "the JVM could not write all of this section"
_EMPTY: Final = "a javacore without threads"
_LINES_OF_A_NAME: Final = 12
"""Lines that a thread's name may be spread over."""

_FEW: Final = 16
_MANY: Final = 4096
"""Lines taken at once, at first and at last."""
_TAG_WIDTH: Final = 14
"""Tags are padded to this width, and a blank follows."""
_SHORTEST_TAG: Final = 7
_OWN: Final = frozenset({"LK", "XM", "XE"})
"""What tags of locks and threads are called; nothing else is called so."""
_ALL: Final = _OWN | {"TI", "XH", "CI", "ST", "CL", "HK", "SC", "DC", "DG", "ME", "IN", "NO"}
_OF_LOCKS: Final = frozenset({MonitorInUse, Monitor, Waiter, Ident})
_HEADERS: Final = frozenset({"3XMTHREADINFO", "3XMVTHDINFO"})
_IN_DEADLOCKS: Final = frozenset({Mark.DEADLOCK, Mark.DEADLOCK_MONITOR, Mark.DEADLOCK_OWNED})


class Javacore:
    """The reader."""

    name = "javacore"
    kind = InputKind.THREAD_DUMP
    initials = frozenset("0123456789")

    def sees(self, line: str) -> str | None:
        """Any line with a tag of a javacore; a pasted part of one need not have its title."""
        text = line.strip(BLANKS)
        family = text[1:3]
        if family not in _ALL:
            return f"it says `{text}`" if text.startswith("0SECTION ") else None
        if not text[0].isdecimal():
            return None
        if family not in _OWN and not text[_TAG_WIDTH : _TAG_WIDTH + 1].isspace():
            return None
        tag = text.split(None, 1)[0]
        if len(tag) < _SHORTEST_TAG or SYNTAX.match(text) is None:
            return None
        return f"it has the tag {tag} of a javacore"

    def begin(self, input_name: str) -> JavacoreReading:
        """Start with a new input."""
        return JavacoreReading(input_name)


class _Step(Enum):
    """How to go on after a line."""

    ON = auto()
    ANEW = auto()
    """Lines were given back."""
    LEAVE = auto()
    """The line was given back: it is not ours."""


class JavacoreReading:
    """All javacores of one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._parser = JavacoreParser()
        self._spans = Spans()
        self._dumps: list[ThreadDump] = []
        self._dump: Dump | None = None
        self._thread: Thread | None = None
        self._monitor: MonitorTold | None = None
        self._is_inflated = True
        self._is_system = False
        """Whether the queues that follow are those of a monitor of the VM's own."""
        self._fed_first = 0
        self._left_at: int | None = None

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line without a tag."""
        if around.command:
            self._close_dump()
        numbered = next(iter(lines))
        lines.back(numbered)
        self._fed_first = numbered[0]
        self._resume(numbered, around)
        while self._read_on(lines) is _Step.ANEW:
            pass

    def finish(self) -> Read:
        """Close the last dump."""
        self._close_dump()
        return Read(dumps=tuple(self._dumps), not_understood=self._spans.all())

    def _resume(self, numbered: Numbered, around: Surroundings) -> None:
        """A dump goes on after lines that are nobody's, unless another one begins here."""
        left_at, self._left_at = self._left_at, None
        dump = self._dump
        if dump and left_at is not None and not dump.is_over_at(self._parser.parse(numbered[1])):
            for number, _ in around.before:
                if number >= left_at:
                    self._spans.add(number, _BETWEEN)

    def _read_on(self, lines: Lines) -> _Step:
        """The hot loop: takes many lines at once, and looks up all frames among them first."""
        size = _FEW
        while True:
            numbers, texts = lines.some(size)
            if not texts:
                return _Step.LEAVE
            done = self._take_many(numbers, texts)
            if done == len(texts):
                lines.skip(done)
                self._read_to(numbers[-1])
                size = min(size * 2, _MANY)
                continue
            lines.skip(done + 1)
            step = self._rare((numbers[done], texts[done]), lines)
            if step is not _Step.ON:
                return step
            size = _FEW

    def _take_many(self, numbers: Sequence[int], texts: Sequence[str]) -> int:
        """Read on to a line that may not be ours, or is damaged; how many lines that were."""
        parse = self._parser.parse_unknown
        frames = self._parser.frames_of(texts)
        thread, dump = self._thread, self._dump
        at, end = 0, len(texts)
        while at < end:
            record = frames[at]
            if record is not None and thread:
                stop = frames.index(None, at)
                thread.take_frames(numbers[at:stop], frames[at:stop])
                at = stop
                continue
            number = numbers[at]
            record = record or parse(texts[at])
            if (dump and record is Mark.OTHER) or record is Mark.BLANK:
                pass
            elif thread and type(record) in OF_A_THREAD:
                thread.take(number, record)
            elif record is Mark.OTHER or record is Mark.UNTAGGED or record is Mark.DAMAGED:
                return at
            else:
                self._read_to(number - 1)
                self._take(number, record, number)
                thread, dump = self._thread, self._dump
            at += 1
        return end

    def _rare(self, numbered: Numbered, lines: Lines) -> _Step:
        """A line that may not be ours, or is damaged."""
        number, line = numbered
        record = self._parser.parse(line)
        self._read_to(number - 1)
        if record is Mark.UNTAGGED or (
            record is Mark.OTHER and self._dump is None and number != self._fed_first
        ):
            self._left_at = number
            if self._dump and self._dump.left_at is None:
                self._dump.left_at = number
            lines.back(numbered)
            return _Step.LEAVE
        if record is Mark.DAMAGED:
            return self._damaged(numbered, lines)
        self._take(number, record, number)
        return _Step.ON

    def _read_to(self, number: int) -> None:
        if self._dump and number >= self._fed_first:
            self._dump.last_line = max(self._dump.last_line, number)

    def _take(self, number: int, record: Record, last: int) -> None:
        """Lines ``number`` to ``last`` say ``record``."""
        dump = self._dump
        if dump is None or dump.is_over_at(record):
            dump = self._open_dump(number)
        dump.last_line = last
        kind = type(record)
        if isinstance(record, Header):
            self._thread = dump.open(number, record, last)
        elif kind in OF_A_THREAD or record is Mark.MISSING_FRAME:
            if self._thread:
                self._thread.take(number, record)
            else:
                self._spans.add(number, _NO_HEADER)
        elif kind in OF_DEADLOCKS or record in _IN_DEADLOCKS:
            dump.deadlocks.take(number, record)
        elif kind in _OF_LOCKS or record is Mark.SYSTEM_MONITOR:
            self._take_lock(number, record, dump)
        elif kind in OF_THE_DUMP or record is Mark.INCONSISTENT:
            dump.tell(record)
        else:
            self._take_mark(number, record, dump)

    def _take_lock(self, number: int, record: Record, dump: Dump) -> None:
        match record:
            case MonitorInUse(is_inflated):
                self._monitor, self._is_inflated, self._is_system = None, is_inflated, False
            case Monitor():
                self._monitor = MonitorTold(number, record, self._is_inflated)
                self._is_inflated, self._is_system = True, False
                dump.monitors.append(self._monitor)
            case Waiter() if self._monitor:
                self._monitor.queue.append(Queued(number, record))
            case Waiter() if not self._is_system:
                self._spans.add(number, _NO_MONITOR)
            case Mark.SYSTEM_MONITOR:
                self._monitor, self._is_system = None, True
            case Ident(ident, pointer):
                dump.idents[ident] = pointer
            case _:
                pass

    def _take_mark(self, number: int, record: Record, dump: Dump) -> None:
        match record:
            case Section(title):
                dump.sections.add(title)
                self._thread = self._monitor = None
            case Mark.CURRENT_THREAD | Mark.ALL_THREADS:
                dump.is_current = record is Mark.CURRENT_THREAD
                self._thread = None
            case Mark.INCOMPLETE:
                self._spans.add(number, _INCOMPLETE)
            case Mark.END:
                dump.ended = True
                self._close_dump()
            case _:
                pass

    def _damaged(self, numbered: Numbered, lines: Lines) -> _Step:
        """A line that is cut, or one of several that a name with line feeds is spread over."""
        number, line = numbered
        taken: list[Numbered] = []
        whole = line
        for last, more in islice(lines, _LINES_OF_A_NAME if '"' in line else 0):
            taken.append((last, more))
            if is_tagged(more.lstrip(BLANKS)):
                break
            whole = f"{whole}\n{more}"
            record = self._parser.parse(whole)
            if record is not Mark.DAMAGED:
                self._take(number, record, last)
                return _Step.ON
        lines.back(*taken)
        dump = self._dump or self._open_dump(number)
        dump.last_line = number
        if line.split(None, 1)[0] in _HEADERS:
            self._thread = None
            self._spans.add(number, _CUT_HEADER)
        else:
            self._spans.add(number, _DAMAGED)
        return _Step.ANEW if taken else _Step.ON

    def _open_dump(self, number: int) -> Dump:
        self._close_dump()
        self._parser.forget()
        self._dump = dump = Dump(self._input, number, number)
        return dump

    def _close_dump(self) -> None:
        dump = self._dump
        if dump:
            fact = dump.frozen()
            if fact.threads or fact.deadlocks:
                self._dumps.append(fact)
            else:
                last = dump.last_line if dump.left_at is None else dump.left_at - 1
                self._spans.extend(dump.first_line, max(dump.first_line, last), _EMPTY)
        self._dump = self._thread = self._monitor = self._left_at = None
        self._is_inflated, self._is_system = True, False
