"""Which lines belong together in thread dumps other than HotSpot's: the same for all of them.

Threads stand one after the other, each with a first line of its own; a title may stand above
them and a last line below. An excerpt without either is a dump too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from hangscope.facts import (
    DeadlockReport,
    Evidence,
    Frame,
    Identity,
    JavaThread,
    LockLine,
    Monitors,
    ThreadDump,
)
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS, LineParser, LineSyntax
from hangscope.readers.threads.thread_blocks import Block, Stack, stack_of, thread_of
from hangscope.readers.threads.thread_records import (
    Doing,
    Native,
    Opening,
    Owned,
    Record,
    Sign,
    Task,
    Title,
    Told,
)

_NOT_OF_A_THREAD: Final = "not a line of a thread"
_NO_HEADER: Final = "part of a thread whose first line is missing"
_CUT_HEADER: Final = "first line of a thread, damaged"
_EMPTY: Final = "the title of a thread dump without threads"
_PATIENCE: Final = 20
"""Unknown lines in a row, until they are taken to be no part of the dump."""
_LINES_OF_A_NAME: Final = 12
"""Lines that a thread's name may be spread over."""
_OF_A_BLOCK: Final = frozenset({Frame, LockLine, Doing, Task, Owned, Native})


class ThreadLines(LineParser[Record]):
    """The lines of one input."""

    def __init__(
        self,
        syntax: LineSyntax,
        build: Mapping[str, Callable[..., Record]],
        lasting: AbstractSet[str],
    ) -> None:
        super().__init__(syntax, build, lasting)
        self.known[""] = Sign.BLANK

    def _unmatched(self, text: str) -> Record:
        return Sign.UNKNOWN if text else Sign.BLANK


@dataclass(frozen=True)
class Form:
    """What is particular to one format."""

    name: str
    begin_lines: Callable[[], ThreadLines]
    monitors: Monitors = Monitors.RECORDED
    identity: Identity = Identity.HASH
    atomic: bool = True
    synchronizers_by_default: bool = False
    """Whether a thread without such lines has no ownable synchronizers."""
    settle: Callable[[Stack, Opening, int], Stack] = lambda stack, *_: stack
    """Put the lock lines of a thread in HotSpot's words."""


@dataclass
class OpenDump:
    """A dump being read."""

    first_line: int
    last_line: int
    title: Title | None = None
    vm: str | None = None
    feature: int | None = None
    captured: str | None = None
    pid: int | None = None
    threads: list[JavaThread] = field(default_factory=list)
    deadlocks: list[DeadlockReport] = field(default_factory=list)
    ids: set[int] = field(default_factory=set)
    synchronizers_recorded: bool = False
    is_complete: bool = False

    def tell(self, told: Title | Told) -> None:
        """More about the dump; what was told before stays."""
        self.vm = self.vm or told.vm
        self.captured = self.captured or told.captured
        self.pid = told.pid if self.pid is None else self.pid


class ThreadReading:
    """All dumps of one input."""

    def __init__(self, input_name: str, form: Form) -> None:
        self._input = input_name
        self._form = form
        self._parser = form.begin_lines()
        self._spans = Spans()
        self._dumps: list[ThreadDump] = []
        self._dump: OpenDump | None = None
        self._block: Block | None = None
        self._unknown: list[Numbered] = []
        """The last lines, if none of them was understood."""
        self._preface: list[tuple[int, Told]] = []
        self._fed_first = 0

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of a dump."""
        if around.command:
            self._close_dump()
        for number, line in around.before:
            record = self._parser.parse(line)
            if isinstance(record, Told):
                self._preface.append((number, record))
        self._fed_first = lines.next_number()
        while self._goes_on(lines, around):
            pass

    def finish(self) -> Read:
        """Close the last dump."""
        self._close_dump()
        return Read(dumps=tuple(self._dumps), not_understood=self._spans.all())

    def _goes_on(self, lines: Lines, around: Surroundings) -> bool:
        """Read until lines were given back: True if they are for us to read again."""
        known = self._parser.known.get
        parse = self._parser.parse_unknown
        of_a_block = _OF_A_BLOCK
        records = self._block.records if self._block else None
        for number, line in lines:
            record = known(line)
            if record is None:
                record = parse(line)
            if records is not None and (
                type(record) in of_a_block or record is Sign.NOISE or record is Sign.SYNCHRONIZERS
            ):
                records.append(record)
                if self._unknown:
                    self._unknown.clear()
                continue
            goes_on = self._rare((number, line), record, lines, around)
            if goes_on is not None:
                return goes_on
            records = self._block.records if self._block else None
        return False

    def _rare(  # noqa: C901 - one case for each kind of line
        self, numbered: Numbered, record: Record, lines: Lines, around: Surroundings
    ) -> bool | None:
        """A line that starts or ends something; None to go on with the next one."""
        number = numbered[0]
        match record:
            case Sign.BLANK:
                self._unknown.clear()
                if self._block:
                    self._block.records.append(record)
            case Opening():
                self._open_block(record, number, number)
            case Title():
                self._open_dump(number, record)
            case Told():
                self._tell(number, record)
            case Sign.UNKNOWN:
                return self._not_known(numbered, lines, around)
            case Sign.PROMPT:
                return self._leave(numbered, lines)
            case Sign.NOISE | Sign.SYNCHRONIZERS | Sign.ELSEWHERE:
                self._close_block()
                if self._dump is None and number != self._fed_first:
                    return self._leave(numbered, lines)
            case Sign.END:
                self._end(number)
            case _ if type(record) in _OF_A_BLOCK:
                return self._orphan(numbered, lines)
            case _:
                return self._particular(numbered, record, lines)
        return None

    def _particular(self, numbered: Numbered, record: Record, lines: Lines) -> bool | None:  # noqa: ARG002
        """A line that only some formats have."""
        return self._leave(numbered, lines)

    def _not_known(self, numbered: Numbered, lines: Lines, around: Surroundings) -> bool | None:
        number, line = numbered
        if line.lstrip(BLANKS).startswith('"'):
            if number != self._fed_first and around.starts_elsewhere(line):
                return self._leave(numbered, lines)
            return self._broken_header(numbered, lines)
        if number == self._fed_first:
            self._spans.add(number, _NOT_OF_A_THREAD)
            return None
        block = self._block
        after_a_blank = block is None or (block.records and block.records[-1] is Sign.BLANK)
        if around.starts_elsewhere(line) or after_a_blank or block is None:
            return self._leave(numbered, lines)
        block.records.append(Sign.UNKNOWN)
        self._unknown.append(numbered)
        if len(self._unknown) > _PATIENCE:
            return self._leave(None, lines)
        return None

    def _leave(self, numbered: Numbered | None, lines: Lines) -> bool:
        """Give back the line and all above it that were not understood."""
        run, self._unknown = self._unknown, []
        if self._block and run:
            del self._block.records[-len(run) :]
        self._close_block()
        lines.back(*run, *([numbered] if numbered else []))
        return False

    def _broken_header(self, numbered: Numbered, lines: Lines) -> bool | None:
        taken: list[Numbered] = []
        whole = numbered[1]
        for number, more in islice(lines, _LINES_OF_A_NAME):
            taken.append((number, more))
            if isinstance(self._parser.parse(more), Opening):
                break
            whole = f"{whole}\n{more}"
            record = self._parser.parse(whole)
            if isinstance(record, Opening):
                self._open_block(record, numbered[0], number)
                return True
        lines.back(*taken)
        self._close_block()
        self._spans.add(numbered[0], _CUT_HEADER)
        return True

    def _orphan(self, numbered: Numbered, lines: Lines) -> bool | None:
        if (self._dump is None or self._dump.is_complete) and numbered[0] != self._fed_first:
            return self._leave(numbered, lines)
        self._spans.add(numbered[0], _NO_HEADER)
        return None

    def _tell(self, number: int, told: Told) -> None:
        dump = self._dump
        if dump and not dump.threads and not self._block and dump.title:
            dump.tell(told)
            dump.last_line = number
            return
        self._close_block()
        self._preface = [*self._preface[-2:], (number, told)]

    def _end(self, number: int) -> None:
        self._close_block()
        if self._dump:
            self._dump.last_line = number
            self._dump.is_complete = True

    def _open_dump(self, number: int, title: Title | None) -> OpenDump:
        self._close_dump()
        self._parser.forget()
        self._dump = dump = OpenDump(number, number, title)
        if title:
            dump.feature = title.feature
            dump.tell(title)
        for above, told in self._preface:
            if above >= number - 4:
                dump.first_line = min(above, dump.first_line)
                dump.tell(told)
        self._preface = []
        return dump

    def _open_block(self, opening: Opening, first_line: int, header_end: int) -> None:
        self._close_block()
        dump = self._dump
        if dump is None or dump.is_complete or opening.id in dump.ids:
            dump = self._open_dump(first_line, None)
        if opening.id is not None:
            dump.ids.add(opening.id)
        self._block = Block(opening, first_line, header_end)
        self._unknown.clear()

    def _close_block(self) -> None:
        block, dump = self._block, self._dump
        if block is None or dump is None:
            return
        self._block = None
        form = self._form
        stack = form.settle(stack_of(block), block.opening, block.header_end)
        dump.synchronizers_recorded |= stack.owned_recorded
        thread = thread_of(
            block, stack, self._input, synchronizers_recorded=form.synchronizers_by_default
        )
        dump.threads.append(thread)
        dump.last_line = stack.last_line
        for number in stack.unknown:
            self._spans.add(number, _NOT_OF_A_THREAD)

    def _close_dump(self) -> None:
        self._close_block()
        dump, self._dump = self._dump, None
        if dump is None:
            return
        if not dump.threads and not dump.deadlocks:
            self._spans.extend(dump.first_line, dump.last_line, _EMPTY)
            return
        form = self._form
        self._dumps.append(
            ThreadDump(
                evidence=Evidence(self._input, dump.first_line, dump.last_line),
                threads=tuple(dump.threads),
                deadlocks=tuple(dump.deadlocks),
                captured=dump.captured,
                vm=dump.vm,
                jdk_feature=dump.feature,
                pid=dump.pid,
                synchronizers_recorded=dump.synchronizers_recorded or form.synchronizers_by_default,
                ended=dump.is_complete,
                format=form.name,
                monitors=form.monitors,
                identity=form.identity,
                atomic=form.atomic,
            )
        )
