"""Reads JSON texts of the dialects that it knows, and leaves all others to others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hangscope.facts import InputKind
from hangscope.readers.interface import Lines, Read, Surroundings
from hangscope.readers.json_texts.json_head import Head, head_of
from hangscope.readers.json_texts.json_lines import JsonLines, scan
from hangscope.readers.json_texts.json_walk import FAULTS, Record, Shape, Sink, Walk
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS

_BRACKETS: Final = re.compile(r"[\[{][\[{ \t]*")
"""A line of these may start anything, so that the next ones must be looked at."""
_STARTS: Final = re.compile(r'\[?[ \t]*\{[ \t]*"')
_LOOKED_AT: Final = 4096
"""Characters of a line in which a telling member must be."""


class Facts(Sink, Protocol):
    """A sink that makes facts of what it took."""

    def command(self) -> None:
        """What follows is the answer to another command."""

    def finish(self) -> Read:
        """All that was made, when the input has ended."""


@dataclass(frozen=True)
class Dialect:
    """One way to say things as JSON, told from others by the names of its members alone."""

    name: str
    kind: InputKind
    shape: Shape
    tells: frozenset[str]
    """Names of members of which one is in every text of this dialect, near its start."""
    fits: Callable[[Head], bool]
    """Whether a text that starts with such members is of this dialect."""
    begin: Callable[[str, Spans], Facts]
    """Start with a new input, by its name."""


class JsonReader:
    """A reader of some dialects; with ``lines_alone`` only of texts whose first line tells it."""

    def __init__(
        self,
        name: str,
        kind: InputKind,
        dialects: Sequence[Dialect],
        *,
        lines_alone: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.initials = frozenset("{[")
        self._dialects = dialects
        self._lines_alone = lines_alone
        telling = "|".join(sorted(map(re.escape, frozenset().union(*(d.tells for d in dialects)))))
        self._telling = re.compile(rf'"(?:{telling})"[ \t]*:').search

    def sees(self, line: str) -> str | None:
        """A line that starts a JSON text of one of the dialects, or a bracket alone."""
        text = line.strip(BLANKS)
        if not text.startswith(("{", "[")):
            return None
        if _BRACKETS.fullmatch(text):
            return None if self._lines_alone else "it may be JSON"
        if not _STARTS.match(text) or not self._telling(text, 0, _LOOKED_AT):
            return None
        head = head_of(JsonLines(Lines((text,))), 0)
        if head is None:
            return None
        dialect = _dialect_of(head, self._dialects)
        if dialect is not None:
            return f"it has members of {dialect.name}"
        return None if head.decided or self._lines_alone else "it may be JSON"

    def begin(self, input_name: str) -> JsonReading:
        """Start with a new input."""
        return JsonReading(input_name, self._dialects)


class _Faults(Spans):
    """Spans, of which one line may have many: it may hold all records."""

    def __init__(self) -> None:
        super().__init__()
        self._last: tuple[int, int, str] | None = None

    def extend(self, first: int, last: int, why: str) -> None:
        """None of these lines was understood, or not all that is in them."""
        if (first, last, why) != self._last:
            self._last = first, last, why
            super().extend(first, last, why)


class JsonReading:
    """All JSON texts of known dialects in one input."""

    def __init__(self, input_name: str, dialects: Sequence[Dialect]) -> None:
        self._input = input_name
        self._dialects = dialects
        self._spans = _Faults()
        self._facts: dict[str, Facts] = {}
        self._foreign_up_to = 0
        """Last line of a long text that was looked at in vain."""

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is no JSON of a known dialect."""
        if around.command:
            for facts in self._facts.values():
                facts.command()
        text, place = JsonLines(lines), 0
        while True:
            place = text.drop(text.skip(place))
            head, dialect = self._start(text, place)
            if head is None or dialect is None:
                text.give_back(place)
                return
            facts = self._facts_of(dialect)
            place = Walk(text, dialect.shape, head, facts, self._spans).run(place, around)
            if text.text[place : place + 1] == ",":
                place += 1  # the rest of an array whose start is missing
            if head.is_lone:
                text.give_back(place)
                self._rows(lines, dialect, around)
                text, place = JsonLines(lines), 0

    def finish(self) -> Read:
        """Everything that was read."""
        reads = [facts.finish() for facts in self._facts.values()]
        return Read(
            dumps=tuple(dump for read in reads for dump in read.dumps),
            tables=tuple(table for read in reads for table in read.tables),
            not_understood=self._spans.all(),
        )

    def _start(self, text: JsonLines, place: int) -> tuple[Head | None, Dialect | None]:
        """What starts at ``place``, if that is a text of a known dialect."""
        if place == len(text.text) or text.text[place] not in "[{":
            return None, None
        if text.line(place) <= self._foreign_up_to:
            return None, None
        head = head_of(text, place)
        dialect = _dialect_of(head, self._dialects) if head else None
        if head and dialect is None and not head.decided:
            self._foreign_up_to = text.last_line()
        return head, dialect

    def _rows(self, lines: Lines, dialect: Dialect, around: Surroundings) -> None:
        """JSON Lines: one record a line, of the dialect of those before."""
        facts = self._facts_of(dialect)
        for number, line in lines:
            text = line.strip(" \t\r,")
            if not text:
                continue
            if not text.startswith('{"') or not text.endswith("}"):
                if text.startswith('{"') and not around.starts_elsewhere(line):
                    self._spans.add(number, dialect.shape.fault)
                    continue
                lines.back((number, line))
                return
            record = _record(text, number)
            if record is None and not around.starts_elsewhere(line):
                self._spans.add(number, dialect.shape.fault)
                continue
            if record is None or not dialect.fits(_head_of(record)):
                lines.back((number, line))
                return
            facts.open(number, lone=True)
            try:
                facts.record(record)
            except FAULTS:
                self._spans.add(number, dialect.shape.fault)
            facts.close(number, ended=True)

    def _facts_of(self, dialect: Dialect) -> Facts:
        facts = self._facts.get(dialect.name)
        if facts is None:
            facts = self._facts[dialect.name] = dialect.begin(self._input, self._spans)
        return facts


def _dialect_of(head: Head, dialects: Sequence[Dialect]) -> Dialect | None:
    return next((dialect for dialect in dialects if dialect.fits(head)), None)


def _record(text: str, number: int) -> Record | None:
    """The one object that ``text`` is."""
    try:
        value, end = scan(text, 0)
    except (StopIteration, ValueError, RecursionError):
        return None
    return Record(value, number, number, text, 0, end) if end == len(text) else None


def _head_of(record: Record) -> Head:
    keys = frozenset(record.value)
    title = next(iter(record.value.values()), None)
    return Head((), keys, keys, (), decided=True, is_array=False, title=title)
