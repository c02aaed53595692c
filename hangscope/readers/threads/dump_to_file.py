"""Plain text of ``jcmd PID Thread.dump_to_file FILE``, JDK 19 and later.

What a line says is in ``dump_to_file.lark``; here is which lines belong together::

    26269
    2026-11-22T03:11:08.012511013Z
    25.0.2+10-LTS

    #38 "" virtual WAITING 2026-11-22T03:11:08.015028460Z
        at java.base/java.lang.VirtualThread.park(VirtualThread.java:582)
        - parking to wait for <java.util.concurrent.CountDownLatch$Sync@3b2c1d0a>

Before JDK 25 there is neither a state nor a lock, and no ``at``
(OpenJDK: ``java.base/jdk/internal/vm/ThreadDumper.java``). Each thread is seen at a moment of
its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from itertools import islice
from typing import Final

from hangscope.facts import Frame, InputKind, LockLine, ThreadDump
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS
from hangscope.readers.threads.dump_to_file_lines import (
    SYNTAX,
    DumpToFileParser,
    Header,
    Instant,
    Mark,
    ProcessId,
    Record,
    Version,
    header_of,
)
from hangscope.readers.threads.dump_to_file_threads import Block, Dump, Preface, preface_of

_NOT_OF_A_DUMP: Final = "not a line of a thread dump"
_NO_HEADER: Final = "part of a thread whose first line is missing"
_CUT_HEADER: Final = "first line of a thread, damaged"
_BETWEEN: Final = "between two threads of one dump"

_OPENINGS: Final = ("#", "Thread #")
_SEEN: Final = (*_OPENINGS, "- ")
_ENTRY: Final = (Frame, LockLine)
_ENDS_OF_A_HEADER: Final = ('"', '" virtual', "Z")
_LINES_OF_A_NAME: Final = 12
"""Lines that a thread's name may be spread over."""
_FEW: Final = 16
_MANY: Final = 4096
"""Lines taken at once, at first and at last."""
_LOOK_AHEAD: Final = 3
"""Lines after ``#1 "main"`` in which a stack shows that it is no heading of some text."""


class DumpToFile:
    """The reader."""

    name = "dump-to-file"
    kind = InputKind.THREAD_DUMP
    initials = frozenset(word[0] for word in _SEEN)

    def sees(self, line: str) -> str | None:
        """A thread's first line, or a lock that is named ``<Class@hash>``."""
        text = line.strip(BLANKS)
        if not text.startswith(_SEEN):
            return None
        if text.startswith(_OPENINGS) and '"' in text and SYNTAX.matcher("header")(text):
            return "it has the first line of a thread"
        if text.startswith("- ") and "@" in text and SYNTAX.matcher("lock")(text):
            return "it has a line of a stack"
        return None

    def begin(self, input_name: str) -> DumpToFileReading:
        """Start with a new input."""
        return DumpToFileReading(input_name)


class _Step(Enum):
    """How to go on after a line."""

    ON = auto()
    ANEW = auto()
    """Lines were given back."""
    LEAVE = auto()
    """The line was given back: it is not ours."""


class DumpToFileReading:
    """All dumps of one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._parser = DumpToFileParser()
        self._header = SYNTAX.matcher("header")
        self._spans = Spans()
        self._dumps: list[ThreadDump] = []
        self._preface = Preface()
        self._dump: Dump | None = None
        self._block: Block | None = None
        self._fed_first = 0
        self._left_at = 0

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of a dump."""
        before = [(number, self._parser.parse(line)) for number, line in around.before]
        self._preface = preface_of(before)
        if around.command or self._preface.first_line:
            self._close_dump()
        if not before or before[0][0] != self._left_at:
            self._left_at = 0
        self._fed_first = lines.next_number()
        if self._dump or self._preface.first_line or self._is_thread(lines):
            while self._read_on(lines, around) is _Step.ANEW:
                pass
            self._close_block()

    def finish(self) -> Read:
        """Close the last dump."""
        self._close_dump()
        return Read(dumps=tuple(self._dumps), not_understood=self._spans.all())

    def _is_thread(self, lines: Lines) -> bool:
        """Whether the first line is a thread's and not, say, ``#1 "A heading"``."""
        taken = list(islice(lines, 1 + _LOOK_AHEAD))
        lines.back(*taken)
        first, *rest = (self._parser.parse(line) for _, line in taken)
        if not isinstance(first, Header) or first.state or first.virtual:
            return True
        return any(isinstance(record, Frame | Header) for record in rest)

    def _read_on(self, lines: Lines, around: Surroundings) -> _Step:
        """The hot loop: takes more and more lines at once, and looks up all of them first."""
        size = _FEW
        while True:
            numbers, texts = lines.some(size)
            if not texts:
                return _Step.LEAVE
            done = self._take(numbers, texts)
            lines.skip(min(done + 1, len(texts)))
            if done < len(texts):
                step = self._rare((numbers[done], texts[done]), lines, around)
                return _Step.ANEW if step is _Step.ON else step
            size = min(size * 2, _MANY)

    def _take(self, numbers: Sequence[int], texts: Sequence[str]) -> int:
        """Read plain headers, entries and blank lines; how many lines that were."""
        header = self._header
        parse = self._parser.parse_entry
        records = list(map(self._parser.known.get, texts))
        block = self._block
        at, end = 0, len(texts)
        while at < end:
            number, line = numbers[at], texts[at]
            record = records[at]
            if record is None:
                values = header(line) if line.startswith(_OPENINGS) else None
                if values is not None and (values[-1] or not self._has_states()):
                    block = self._open_block(header_of(*values), number, number)
                    at += 1
                    continue
                records[at] = record = parse(line) if line else Mark.BLANK
            if block is None:
                return at
            if isinstance(record, _ENTRY):
                stop = _index_of_none(records, at + 1)
                block.add(number, records[at:stop])  # type: ignore[arg-type]  # all known
                at = stop
            elif record is Mark.BLANK and self._dump:
                block.is_over = self._dump.ended = True
                at += 1
            else:
                return at
        return end

    def _rare(self, numbered: Numbered, lines: Lines, around: Surroundings) -> _Step:
        """A line that is no plain part of a thread."""
        number, line = numbered
        block = self._block
        match record := self._parser.parse(line):
            case Mark.BLANK | Mark.NOISE:
                if block:
                    block.is_over = True
            case Header() if not self._has_states():
                self._open_block(record, number, number)
            case Mark.PROMPT if number != self._fed_first:
                self._close_dump()
                return self._left(numbered, lines)
            case ProcessId() | Instant() | Version() if number != self._fed_first:
                return self._left(numbered, lines)
            case Frame() | LockLine():
                self._spans.add(number, _NO_HEADER)
            case _ if _begins_header(line):
                return self._spread_header(numbered, lines)
            case _ if number != self._fed_first and (
                block is None or block.is_over or around.starts_elsewhere(line)
            ):
                return self._left(numbered, lines)
            case _:
                self._spans.add(number, _NOT_OF_A_DUMP)
        return _Step.ON

    def _spread_header(self, first: Numbered, lines: Lines) -> _Step:
        """A header whose name holds line feeds, or a damaged one."""
        taken: list[Numbered] = []
        whole = first[1]
        for number, more in islice(lines, _LINES_OF_A_NAME):
            taken.append((number, more))
            whole = f"{whole}\n{more}"
            if not more.rstrip(BLANKS).endswith(_ENDS_OF_A_HEADER):
                continue
            alone = self._header(more)
            if alone is not None and (alone[-1] or not self._has_states()):
                break
            values = self._header(whole.strip(BLANKS))
            if values is not None:
                self._open_block(header_of(*values), first[0], number)
                return _Step.ANEW
        lines.back(*taken)
        header = self._parser.parse(first[1])
        if isinstance(header, Header):
            self._open_block(header, first[0], first[0])
        else:
            self._close_block()
            self._spans.add(first[0], _CUT_HEADER)
        return _Step.ANEW

    def _has_states(self) -> bool:
        """Whether all headers of this dump must have a state: a name may look like one without."""
        return self._dump is not None and self._dump.has_states

    def _left(self, numbered: Numbered, lines: Lines) -> _Step:
        self._left_at = numbered[0]
        lines.back(numbered)
        return _Step.LEAVE

    def _open_block(self, header: Header, first_line: int, header_end: int) -> Block:
        self._close_block()
        dump = self._dump
        if dump is None or header.id in dump.ids:
            self._close_dump()
            self._parser.forget()
            self._dump = dump = Dump(first_line, self._preface)
            self._preface = Preface()
        elif self._left_at:
            self._spans.extend(self._left_at, first_line - 1, _BETWEEN)
        self._left_at = 0
        dump.ids.add(header.id)
        dump.has_states |= header.state is not None
        dump.ended = False
        self._block = block = Block(header, first_line, header_end)
        return block

    def _close_block(self) -> None:
        if self._block and self._dump:
            self._dump.threads.append(self._block.frozen(self._input))
        self._block = None

    def _close_dump(self) -> None:
        self._close_block()
        if self._dump:
            self._dumps.append(self._dump.frozen(self._input))
        self._dump = None


def _index_of_none(records: list[Record | None], start: int) -> int:
    try:
        return records.index(None, start)
    except ValueError:
        return len(records)


def _begins_header(line: str) -> bool:
    number, quote, _ = line.lstrip(BLANKS).removeprefix("Thread ").partition(' "')
    return bool(quote) and number[:1] == "#" and number[1:].isdecimal()
