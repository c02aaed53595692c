"""Thread dumps of ``jhsdb jstack`` (``--locks``, ``--mixed``), ``jstack -F`` and ``jstack -m``.

What a line says is in ``jhsdb.lark``; here is which lines belong together::

    Attaching to process ID 1562, please wait...
    JVM version is 17.0.15+6-Debian-1deb12u1
    Deadlock Detection:

    No deadlocks found.

    "main" #1 prio=5 tid=0x00… nid=0x61e waiting on condition [0x00…]
       java.lang.Thread.State: TIMED_WAITING (sleeping)
       JavaThread state: _thread_blocked
     - java.lang.Thread.sleep(long) @bci=0 (Interpreted frame)

The tool reads the memory of a stopped process, so the monitors that it prints may be wrong
(OpenJDK: ``sun.jvm.hotspot.runtime.JavaVFrame.printLockInfo``); deadlocks, which come first,
are found by other means. In mixed mode each native thread has a title, and its C frames above
the Java ones.
"""

from __future__ import annotations

from enum import Enum, auto
from itertools import islice
from typing import Final

from hangscope.facts import Frame, InputKind, LockLine, ThreadDump
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS
from hangscope.readers.threads.jhsdb_deadlocks import Report
from hangscope.readers.threads.jhsdb_lines import (
    SYNTAX,
    Attaching,
    Header,
    HeldBy,
    JhsdbParser,
    Mark,
    MixedTitle,
    Named,
    Native,
    Owned,
    Record,
    State,
    Version,
    VmState,
    Wants,
)
from hangscope.readers.threads.jhsdb_plain import PlainThreads
from hangscope.readers.threads.jhsdb_threads import FAILED, NOT_OF_A_DUMP, Block, Dump

_NO_HEADER: Final = "part of a thread whose first line is missing"
_CUT_NAME: Final = "a line with a thread's name, damaged"
_EMPTY: Final = "the title of a thread dump without threads"
_BETWEEN: Final = "between two threads of one dump"

_LINES_OF_A_NAME: Final = 12
"""Lines that a thread's name may be spread over."""
_STARTS: Final = ("Attaching to process ID ", "Attaching to core ", "Attaching to remote server ")
_SEEN: Final = ('"', "- ", "-----", "Thread ", "Attaching to ", "Deadlock Detection:")
_OPENS_A_NAME: Final = ('"', 'which is held by "')
_OF_A_BLOCK: Final = (Frame, LockLine, Native, Owned, State, VmState)
_MARKS_OF_A_BLOCK: Final = frozenset(
    {Mark.BLANK, Mark.ELISION, Mark.SYNCHRONIZERS, Mark.CODE, Mark.FAILURE, Mark.TRACE, Mark.NOISE}
)
_SILENT: Final = frozenset({Mark.BLANK, Mark.ELISION, Mark.NOISE})


class Jhsdb:
    """The reader."""

    name = "jhsdb"
    kind = InputKind.THREAD_DUMP
    initials = frozenset(word[0] for word in _SEEN)

    def sees(self, line: str) -> str | None:
        """A title, a thread's first line, or a frame with a ``@bci``."""
        text = line.strip(BLANKS)
        if not text.startswith(_SEEN):
            return None
        if text.startswith(_STARTS) or text == "Deadlock Detection:":
            return f"it says `{text}`"
        if text.startswith('"'):
            is_header = " prio=" in text and " tid=" in text and " os_prio=" not in text
            return (
                "it has the first line of a thread" if is_header and _is("header", text) else None
            )
        if text.startswith("Thread ") and _is("old_header", text):
            return "it has the first line of a thread"
        if text.startswith("-----") and _is("mixed_title", text):
            return "it has the first line of a native thread"
        if text.startswith("- ") and " @bci=" in text and _is("frame", text):
            return "it has a line of a stack"
        return None

    def begin(self, input_name: str) -> JhsdbReading:
        """Start with a new input."""
        return JhsdbReading(input_name)


def _is(rule: str, text: str) -> bool:
    return SYNTAX.matcher(rule)(text) is not None


class _Step(Enum):
    """How to go on after a line."""

    ON = auto()
    ANEW = auto()
    """Lines were given back."""
    LEAVE = auto()
    """The line was given back: it is not ours."""


class JhsdbReading:
    """All dumps of one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._parser = JhsdbParser()
        self._plain = PlainThreads(input_name, self._parser)
        self._spans = Spans()
        self._dumps: list[ThreadDump] = []
        self._dump: Dump | None = None
        self._block: Block | None = None
        self._report: Report | None = None
        self._after_blank = False
        self._after_failure = False
        self._fed_first = 0
        self._left_at = 0

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of a dump."""
        if around.command:
            self._close_dump()
        if not around.before or around.before[0][0] != self._left_at:
            self._left_at = 0
        self._fed_first = lines.next_number()
        self._after_blank = self._after_failure = False
        while self._read_on(lines, around) is _Step.ANEW:
            pass
        self._close_block()

    def finish(self) -> Read:
        """Close the last dump."""
        self._close_dump()
        return Read(dumps=tuple(self._dumps), not_understood=self._spans.all())

    def _read_on(self, lines: Lines, around: Surroundings) -> _Step:
        """The hot loop: most lines are known already, and only join the block of their thread."""
        known = self._parser.known.get
        parse = self._parser.parse_unknown
        block = self._block
        for number, line in lines:
            record = known(line)
            if record is not None and block is not None:
                block.add(number, record)
                continue
            if record is None:
                record = parse(line)
            if block is not None and (
                isinstance(record, _OF_A_BLOCK) or record in _MARKS_OF_A_BLOCK
            ):
                block.add(number, record)
                continue
            step = self._rare((number, line), record, lines, around)
            if step is not _Step.ON:
                return step
            block = self._block
        return _Step.LEAVE

    def _rare(
        self, numbered: Numbered, record: Record, lines: Lines, around: Surroundings
    ) -> _Step:
        """A line that starts or ends something."""
        number, line = numbered
        after_blank, self._after_blank = self._after_blank, record is Mark.BLANK
        after_failure, self._after_failure = self._after_failure, False
        match record:
            case Header() | MixedTitle():
                return self._thread(numbered, record, lines)
            case Attaching() | Version() | Mark.DETECTION | Mark.DETECTED | Mark.DEADLOCK:
                self._announce(number, record)
            case Named() | Wants() | HeldBy():
                return self._told(numbered, record, lines)
            case Mark.PROMPT if number != self._fed_first:
                self._close_dump()
                return self._left(numbered, lines)
            case Mark.FAILURE | Mark.TRACE if after_failure or record is Mark.FAILURE:
                self._after_failure = True
                if not after_failure:
                    self._spans.add(number, FAILED)
            case _ if _opens_a_name(line) and not around.starts_elsewhere(line):
                return self._spread_name(numbered, lines)
            case Mark.UNKNOWN | Mark.TRACE | Mark.PROMPT:
                return self._unknown(numbered, lines, around, after_blank=after_blank)
            case _ if record not in _SILENT:
                self._spans.add(number, _NO_HEADER)
        return _Step.ON

    def _thread(self, numbered: Numbered, start: Header | MixedTitle, lines: Lines) -> _Step:
        """The first line of a thread: perhaps many can be read at once."""
        if self._took_plain_threads(numbered, start, lines):
            return _Step.ANEW
        self._open_block(start, numbered[0], numbered[0])
        return _Step.ON

    def _took_plain_threads(
        self, numbered: Numbered, start: Header | MixedTitle, lines: Lines
    ) -> bool:
        """Whether there were some from ``numbered`` on, which are in the dump now."""
        block, dump = self._block, self._dump
        is_within = block is not None and isinstance(start, Header) and block.takes(start)
        if dump is None or self._left_at or is_within:
            return False
        self._close_block()
        self._close_report()
        lines.back(numbered)
        if self._plain.take(lines, dump):
            return True
        next(iter(lines))
        return False

    def _unknown(
        self, numbered: Numbered, lines: Lines, around: Surroundings, *, after_blank: bool
    ) -> _Step:
        number, line = numbered
        block = self._block
        is_over = block.is_over if block else after_blank
        if number != self._fed_first and (is_over or around.starts_elsewhere(line)):
            return self._left(numbered, lines)
        if block:
            block.add(number, Mark.UNKNOWN)
        else:
            self._spans.add(number, NOT_OF_A_DUMP)
        return _Step.ON

    def _announce(self, number: int, record: Record) -> None:
        """A line above the threads."""
        self._close_report()
        self._close_block()
        dump = self._dump
        is_searched = dump is not None and dump.is_searched
        is_first = isinstance(record, Attaching) or (record is Mark.DETECTION and is_searched)
        if dump is None or is_first or dump.threads:
            dump = self._open_dump(number)
        dump.last_line = number
        match record:
            case Attaching(pid):
                dump.pid, dump.is_titled = pid, True
            case Version(text):
                dump.version = text
            case Mark.DETECTION:
                dump.is_searched = True
            case Mark.DEADLOCK:
                self._report = Report(self._input, number)
            case _:
                pass

    def _told(self, numbered: Numbered, record: Named | Wants | HeldBy, lines: Lines) -> _Step:
        """A line of a deadlock report; only the next line shows that an owner's name ends."""
        if isinstance(record, HeldBy):
            return self._spread_name(numbered, lines)
        self._deadlock(numbered[0], numbered[0], record)
        return _Step.ON

    def _deadlock(self, first: int, last: int, record: Named | Wants | HeldBy) -> None:
        if self._report is None or not self._report.take(first, last, record):
            self._spans.extend(first, last, NOT_OF_A_DUMP)
        elif self._dump:
            self._dump.last_line = last

    def _spread_name(self, first: Numbered, lines: Lines) -> _Step:
        """A line that needs the following ones to be whole, for names hold line feeds."""
        alone = self._parser.parse(first[1])
        taken: list[Numbered] = []
        whole = first[1]
        for number, more in islice(lines, _LINES_OF_A_NAME):
            taken.append((number, more))
            if self._is_elsewhere(more, alone):
                break
            whole = f"{whole}\n{more}"
            record = self._parser.parse(whole) if '"' in more else Mark.UNKNOWN
            if isinstance(record, Header):
                self._open_block(record, first[0], number)
                return _Step.ANEW
            if isinstance(record, Named | HeldBy):
                self._deadlock(first[0], number, record)
                return _Step.ANEW
        lines.back(*taken)
        if isinstance(alone, HeldBy):
            self._deadlock(first[0], first[0], alone)
        else:
            self._close_block()
            self._spans.add(first[0], _CUT_NAME)
        return _Step.ANEW

    def _is_elsewhere(self, line: str, before: Record) -> bool:
        """Whether a line is surely no rest of the name that began above."""
        if isinstance(before, HeldBy):
            return not line or line.startswith('"')
        return line.startswith('"') and isinstance(self._parser.parse(line), Header | Named)

    def _left(self, numbered: Numbered, lines: Lines) -> _Step:
        self._left_at = numbered[0]
        lines.back(numbered)
        return _Step.LEAVE

    def _open_dump(self, number: int) -> Dump:
        self._close_dump()
        self._parser.forget()
        self._plain.forget()
        self._dump = dump = Dump(number)
        self._left_at = 0
        return dump

    def _open_block(self, start: Header | MixedTitle, first_line: int, last_line: int) -> None:
        block = self._block
        if block and isinstance(start, Header) and block.takes(start):
            block.header, block.last_line = start, last_line
            return
        self._close_block()
        self._close_report()
        tid = start.tid if isinstance(start, Header) else None
        dump = self._dump
        if dump is None or (tid, start.nid) in dump.seen:
            dump = self._open_dump(first_line)
        elif self._left_at:
            self._spans.extend(self._left_at, first_line - 1, _BETWEEN)
        self._left_at = 0
        dump.seen.add((tid, start.nid))
        self._block = Block(start, first_line, last_line)

    def _close_block(self) -> None:
        block, dump = self._block, self._dump
        self._block = None
        if block is None or dump is None:
            return
        thread = block.frozen(self._input, self._spans)
        dump.threads.append(thread)
        dump.last_line = thread.evidence.last_line
        dump.ended = block.is_whole

    def _close_report(self) -> None:
        report = self._report.frozen() if self._report else None
        if report and self._dump:
            self._dump.deadlocks.append(report)
        self._report = None

    def _close_dump(self) -> None:
        self._close_block()
        self._close_report()
        dump = self._dump
        if dump and (dump.threads or dump.deadlocks):
            self._dumps.append(dump.frozen(self._input))
        elif dump and dump.is_titled:
            self._spans.extend(dump.first_line, dump.last_line, _EMPTY)
        self._dump = None


def _opens_a_name(line: str) -> bool:
    return line.lstrip(BLANKS).startswith(_OPENS_A_NAME)
