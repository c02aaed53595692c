"""Thread dumps of HotSpot: ``jstack``, ``jstack -l``, ``jcmd Thread.print``, SIGQUIT; JDK 7 to 26.

What a line says is in ``hotspot.lark``; here is which lines belong together::

    2026-11-22 03:16:27
    Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):

    "http-nio-8080-exec-1" #31 daemon prio=5 os_prio=0 tid=0x00… nid=0x1f runnable  [0x00…]
       java.lang.Thread.State: RUNNABLE
            at sun.nio.ch.Net.poll(java.base@17.0.15/Native Method)

An excerpt without the title is a dump too, for people paste what they find telling.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import Enum, auto
from itertools import islice
from typing import Final

from hangscope.facts import Frame, InputKind, LockLine, ThreadDump
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS
from hangscope.readers.threads.hotspot_deadlocks import DeadlockSection, joined
from hangscope.readers.threads.hotspot_dump import Dump, Preface
from hangscope.readers.threads.hotspot_lines import SYNTAX, HotspotParser
from hangscope.readers.threads.hotspot_plain import PlainThreads
from hangscope.readers.threads.hotspot_records import (
    Banner,
    Carrying,
    Glued,
    Header,
    ListedThreads,
    Mark,
    Mounted,
    Owned,
    ProcessId,
    Record,
    State,
    Timestamp,
    Within,
)
from hangscope.readers.threads.hotspot_threads import Block, threads_of

_NOT_OF_A_DUMP: Final = "not a line of a thread dump"
_NO_HEADER: Final = "part of a thread whose first line is missing"
_BETWEEN: Final = "between two threads of one dump"
_CUT_HEADER: Final = "first line of a thread, damaged"
_EMPTY: Final = "the title of a thread dump without threads"
_MIXED: Final = "two thread dumps, mixed line by line; separate them by process first"
_PATIENCE: Final = 20
"""Unknown lines after a blank one, until a dump without an end is taken to be over."""

_BANNER: Final = "Full thread dump "
_STARTS: Final = (
    "Threads class SMR info:",
    "_java_thread_list=",
    "Found one Java-level deadlock:",
)
_SEEN: Final = ('"', "- ", "java.lang.Thread.State: ", _BANNER, *_STARTS)
_OF_STACKS: Final = frozenset({"state", "lock", "synchronizer"})
_OF_A_BLOCK: Final = frozenset(
    {Frame, LockLine, State, Owned, Within, Carrying, Mounted, Glued},
)
_OF_OTHERS: Final = frozenset({Mark.PROMPT, Mark.OF_JMX})
_OF_TAILS: Final = frozenset({Mark.HEAP, Mark.HISTOGRAM, Mark.HISTOGRAM_ROW})
_LINES_OF_A_HEAP: Final = 200
_OF_SMR: Final = frozenset({Mark.SMR_TITLE, Mark.SMR_LIST, Mark.SMR_OTHER_LIST, Mark.SMR_END})


class Hotspot:
    """The reader."""

    name = "hotspot"
    kind = InputKind.THREAD_DUMP
    initials = frozenset(word[0] for word in _SEEN)

    def sees(self, line: str) -> str | None:
        """A title, a thread's first line, or one that only stands in a thread."""
        text = line.lstrip()
        if not text.startswith(_SEEN):
            return None
        if text.startswith(_STARTS) or _is_title(text):
            return f"it says `{text.rstrip()}`"
        if text.startswith('"') and " tid=" in text and _is_one_of({"header"}, text):
            return "it has the first line of a thread"
        if text.startswith(("java.lang.Thread.State: ", "- ")) and _is_one_of(_OF_STACKS, text):
            return "it has a line of a stack"
        return None

    def begin(self, input_name: str) -> HotspotReading:
        """Start with a new input."""
        return HotspotReading(input_name)


def _is_title(text: str) -> bool:
    """Damaged perhaps; but not what logs say about dumps."""
    return text.startswith(_BANNER) and (" VM" in text or "(" in text)


def _is_one_of(rules: AbstractSet[str], text: str) -> bool:
    found = SYNTAX.match(text.rstrip(BLANKS))
    return found is not None and found[0] in rules


class _Step(Enum):
    """How to go on after a line."""

    ON = auto()
    ANEW = auto()
    """Lines were given back."""
    LEAVE = auto()
    """The line was given back: it is not ours."""


class HotspotReading:
    """All dumps of one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._parser = HotspotParser()
        self._plain = PlainThreads(input_name, self._parser)
        self._spans = Spans()
        self._dumps: list[ThreadDump] = []
        self._preface = Preface()
        self._dump: Dump | None = None
        self._block: Block | None = None
        self._fed_first = 0
        self._title: list[Numbered] = []
        """The title of the dump as it stands there, and the time above it."""
        self._left_at: int | None = None

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of a dump."""
        if around.command:
            self._close_dump()
        for number, line in around.before:
            record = self._parser.parse(line)
            if isinstance(record, Timestamp | ProcessId):
                self._preface.add(number, record)
                self._title = [(number, line)]
        self._fed_first = lines.next_number()
        while self._read_on(lines, around) is _Step.ANEW:
            pass

    def finish(self) -> Read:
        """Close the last dump."""
        self._close_dump()
        return Read(dumps=tuple(self._dumps), not_understood=self._spans.all())

    def _read_on(self, lines: Lines, around: Surroundings) -> _Step:
        """The hot loop: most lines are known already, and only join the block of their thread."""
        known = self._parser.known.get
        parse = self._parser.parse_unknown
        of_a_block = _OF_A_BLOCK
        records = self._block.records if self._block else None
        for number, line in lines:
            record = known(line)
            if record is not None and records is not None:
                records.append(record)
                continue
            record = record or parse(line)
            if records is not None and type(record) in of_a_block:
                records.append(record)
                continue
            step = self._rare((number, line), record, lines, around)
            if step is not _Step.ON:
                return step
            records = self._block.records if self._block else None
        return _Step.LEAVE

    def _rare(
        self, numbered: Numbered, record: Record, lines: Lines, around: Surroundings
    ) -> _Step:
        """A line that starts or ends something."""
        number = numbered[0]
        match record:
            case Header():
                return self._header(numbered, record, lines)
            case Within():
                pass
            case Mark():
                return self._mark(numbered, record, lines, around)
            case Timestamp() | ProcessId():
                self._preface.add(number, record)
                self._title = [numbered]
                if self._block:
                    self._block.records.append(Within.BLANK)
            case Banner():
                self._title.append(numbered)
                self._open_dump(number, record)
            case ListedThreads(tids) if self._dump:
                self._dump.list_threads(tids)
            case _ if type(record) in _OF_A_BLOCK:
                return self._kept(numbered, lines, _NO_HEADER)
            case _:
                return self._unknown(numbered, lines, around)
        return _Step.ON

    def _took_plain_threads(self, header: Numbered, lines: Lines) -> bool:
        """Whether there were some from ``header`` on, which are in the dump now."""
        dump = self._dump
        if dump is None or dump.banner is None or dump.is_complete or self._left_at is not None:
            return False
        self._close_block(inside=True)
        lines.back(header)
        if self._plain.take(lines, dump):
            return True
        next(iter(lines))
        return False

    def _mark(self, numbered: Numbered, record: Mark, lines: Lines, around: Surroundings) -> _Step:
        number = numbered[0]
        if record in _OF_SMR:
            (self._dump or self._open_dump(number, None)).smr(record)
        elif record is Mark.JNI and self._dump:
            self._close_block(inside=True)
            self._dump.is_complete = True
            self._dump.last_line = number
        elif record in _OF_TAILS and self._dump:
            self._close_block(inside=True)
            self._dump.is_complete = True
            self._dump.last_line = self._after_tail(numbered, record, lines)
        elif record is Mark.DEADLOCK:
            self._deadlocks(number, lines, around)
            return _Step.ANEW
        elif record in _OF_OTHERS and number != self._fed_first:
            if record is Mark.OF_JMX and self._dump and self._dump.has_title_only:
                around.left += self._title
                self._dump = None
            self._close_dump()
            return _left(numbered, lines)
        else:
            return self._unknown(numbered, lines, around)
        return _Step.ON

    def _after_tail(self, title: Numbered, record: Mark, lines: Lines) -> int:
        """Pass over the heap, which ends with a blank line, or a line of the histogram."""
        last = title[0]
        if record is not Mark.HEAP:
            return last
        for numbered in islice(lines, _LINES_OF_A_HEAP):
            last, line = numbered
            if not line.strip(BLANKS):
                break
            if isinstance(self._parser.parse(line), Header | Banner | Timestamp):
                lines.back(numbered)
                return last - 1
        return last

    def _unknown(self, numbered: Numbered, lines: Lines, around: Surroundings) -> _Step:
        number, line = numbered
        text = line.lstrip()
        if text.startswith('"'):
            return self._broken_header(numbered, lines)
        if _is_title(text):
            self._open_dump(number, Banner(text[len(_BANNER) :].strip(" :"), None))
            return _Step.ON
        if number != self._fed_first and around.starts_elsewhere(line):
            self._close_block(inside=False)
            return _left(numbered, lines)
        if self._block is None:
            return self._kept(numbered, lines, _NOT_OF_A_DUMP)
        run = self._block.unknown_since_blank(_PATIENCE)
        if run is None or run < _PATIENCE:
            self._block.records.append(Mark.UNKNOWN)
            return _Step.ON
        del self._block.records[-run:]
        self._close_block(inside=False)
        self._left_at = number - run
        return _left(numbered, lines)

    def _is_genuine(self, record: Record) -> bool:
        return isinstance(record, Header) and (self._dump is None or self._dump.has(record))

    def _header(self, numbered: Numbered, record: Header, lines: Lines) -> _Step:
        if self._is_genuine(record):
            if self._took_plain_threads(numbered, lines):
                return _Step.ANEW
            self._open_block(record, numbered[0], numbered[0])
            return _Step.ON
        whole, end = joined(numbered, lines, self._parser.parse, self._is_genuine)
        self._open_block(whole if isinstance(whole, Header) else record, numbered[0], end)
        return _Step.ANEW

    def _broken_header(self, numbered: Numbered, lines: Lines) -> _Step:
        whole, end = joined(numbered, lines, self._parser.parse, self._is_genuine)
        if isinstance(whole, Header):
            self._open_block(whole, numbered[0], end)
            return _Step.ON
        if self._block:
            self._block.records.append(Within.BLANK)
        step = self._kept(numbered, lines, _CUT_HEADER)
        return _Step.ANEW if step is _Step.ON else step

    def _kept(self, numbered: Numbered, lines: Lines, why: str) -> _Step:
        """Note a line of a dump as not understood; after a dump, it may be anybody's."""
        number = numbered[0]
        is_over = self._dump.is_complete if self._dump else why is not _NO_HEADER
        if is_over and number != self._fed_first:
            return _left(numbered, lines)
        self._spans.add(number, why)
        return _Step.ON

    def _deadlocks(self, title: int, lines: Lines, around: Surroundings) -> None:
        self._close_block(inside=True)
        dump = self._dump or self._open_dump(title, None)
        dump.is_complete = True
        section = DeadlockSection(self._input, self._parser.parse, self._spans)
        section.read(title, lines, around)
        dump.deadlocks += section.reports
        dump.last_line = section.last_line

    def _open_dump(self, number: int, banner: Banner | None) -> Dump:
        self._close_dump()
        self._parser.forget()
        self._dump = dump = Dump(number, number, banner)
        self._preface.give_to(dump)
        return dump

    def _open_block(self, header: Header, first_line: int, last_line: int) -> None:
        self._close_block(inside=True)
        dump = self._dump
        if dump is None or dump.is_complete or (dump.banner is None and header.tid in dump.tids):
            dump = self._open_dump(first_line, None)
        if self._left_at is not None and dump.banner:
            self._spans.extend(self._left_at, first_line - 1, _BETWEEN)
        self._left_at = None
        dump.tids.add(header.tid)
        self._block = Block(header, first_line, last_line)

    def _close_block(self, *, inside: bool) -> None:
        block, dump = self._block, self._dump
        if block is None or dump is None:
            return
        self._block = None
        told = threads_of(block, self._input, synchronizers_recorded=dump.synchronizers_recorded)
        dump.threads += told.threads
        dump.synchronizers_recorded |= told.synchronizers_recorded
        dump.last_line = told.last_line
        for number in told.unknown:
            self._spans.add(number, _NOT_OF_A_DUMP)
        if inside and dump.banner:
            for number in told.trailing:
                self._spans.add(number, _BETWEEN)

    def _close_dump(self) -> None:
        self._close_block(inside=False)
        dump = self._dump
        if dump is None:
            pass
        elif dump.is_mixed:
            self._spans.extend(dump.first_line, dump.last_line, _MIXED)
        elif dump.threads or dump.deadlocks:
            self._dumps.append(dump.frozen(self._input))
        else:
            self._spans.extend(dump.first_line, dump.last_line, _EMPTY)
        self._dump = self._left_at = None


def _left(numbered: Numbered, lines: Lines) -> _Step:
    lines.back(numbered)
    return _Step.LEAVE
