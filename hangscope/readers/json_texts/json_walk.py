"""Walks through a JSON text and hands over its records one by one, whatever is damaged.

The text is never decoded as a whole: its outer objects are walked through, and only what a
``Shape`` calls a record (a thread, a socket) is decoded. A record that is no JSON is passed
over, up to the next place where one starts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from hangscope.readers.interface import Surroundings
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_lines import CutError, DamageError, JsonLines
from hangscope.readers.spans import Spans

FAULTS: Final = (
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    AttributeError,
    IndexError,
    StopIteration,
)
"""What reading values of an unexpected kind raises."""

_PATIENCE: Final = 1 << 16
"""Characters after a damaged place in which the next record must start."""
_CONSUMED: Final = 1 << 16
"""Characters that are kept though they were read, for forgetting them costs a copy."""
_SEPARATORS: Final = re.compile(r"[ \t\r\n,]*")
_NEXT: Final = re.compile(r"[ \t\r\n,]*(?=\{)")
"""What is between two records."""
_OF_JSON: Final = ('"', "}", "]", "[")
"""What lines in the middle of a JSON text start with, if it has several."""
_CUT: Final = "cut off: the JSON text ends here"
_DAMAGED: Final = "damaged JSON"


@dataclass(frozen=True)
class Shape:
    """Where the records of a JSON text are.

    An outermost array holds records, and so does a series of objects, one after the other.
    """

    walked: frozenset[str] = frozenset()
    """Members that are walked through."""
    records: frozenset[str] = frozenset()
    """Those among them whose elements are records."""
    outer: frozenset[str] = frozenset()
    """First members of the objects round them, of which there are several."""
    first: frozenset[str] = frozenset()
    """First members of records; those of the first record are known anyway."""
    start: re.Pattern[str] | None = None
    """What a text of this shape starts with, and nothing within it."""
    what: str = "a socket"
    """What a record is."""

    @property
    def fault(self) -> str:
        """What is said of a record of another kind than the rest of it."""
        return f"not {self.what} as JSON"


class Record(NamedTuple):
    """One record, and where it stands."""

    value: dict[str, Any]
    first_line: int
    last_line: int
    text: str
    start: int
    end: int
    """It is ``text[start:end]``."""


class Sink(Protocol):
    """What takes the parts of one JSON text after the other."""

    def open(self, first_line: int, *, lone: bool) -> None:
        """A text starts; ``lone`` if it is a part alone: a record, as in JSON Lines."""

    def member(self, key: str, value: Any, line: int) -> None:
        """A member of an object that is walked through."""

    def again(self, text: JsonLines, place: int) -> int | None:
        """The end of the record at ``place`` if that is known as it stands, and was taken."""

    def record(self, record: Record) -> None:
        """A record; one of ``FAULTS`` says that it is none."""

    def gap(self) -> None:
        """Something outside of all records was damaged."""

    def lost(self) -> None:
        """Something could not be read, so that what is told is not all."""

    def close(self, last_line: int, *, ended: bool) -> None:
        """The text is over; ``ended`` unless it was cut."""


class Walk:
    """One walk through one text."""

    def __init__(self, text: JsonLines, shape: Shape, head: Head, sink: Sink, spans: Spans) -> None:
        self._text = text
        self._shape = shape
        self._sink = sink
        self._spans = spans
        self._lone = head.is_lone
        self._is_part = head.is_lone or bool(head.top & shape.outer)
        """Whether it goes on with what was there before."""
        first = sorted(shape.outer | (shape.first or frozenset(head.first)))
        self._resume = re.compile(rf'\{{\s*"({"|".join(map(re.escape, first))})"\s*:')
        self._within: list[str] = [""] if head.is_lone else []
        """The members that are being walked through; ``""`` for an array of records, ``{`` for
        what has no name."""
        self._homes: dict[str, list[str]] = {}
        """Where objects stood that started with a certain member."""
        self._last_line = 0

    def run(self, place: int, around: Surroundings) -> int:
        """Walk on from ``place``, where the text starts; the place after it."""
        self._last_line = self._text.line(place)
        self._sink.open(self._last_line, lone=self._is_part)
        over = None
        while over is None:
            place = self._separated(place)
            start, is_record = place, False
            try:
                if place == len(self._text.text):
                    over = False
                    break
                is_record = bool(self._within) and self._is_home_of_records()
                place, over = self._step(place)
            except CutError:
                place, over = self._recovered(start, None, around, is_record=is_record)
            except DamageError as error:
                place, over = self._recovered(start, error, around, is_record=is_record)
        self._sink.close(self._last_line, ended=over)
        return place

    def _separated(self, place: int) -> int:
        text = self._text
        while True:
            found = _SEPARATORS.match(text.text, place)
            place = found.end() if found else place
            if place > _CONSUMED or place == len(text.text):
                place = text.drop(place)
            if place < len(text.text) or not text.more():
                return place

    def _step(self, place: int) -> tuple[int, bool | None]:
        """One token or record further; True if that was the end."""
        text = self._text
        char = text.text[place]
        if char == "{":
            place = self._object(place)
            return place, True if self._lone and len(self._within) == 1 else None
        if char == "[":
            self._within.append("[" if self._within else "")
            return place + 1, None
        if char in "]}":
            if self._within:
                self._within.pop()
            self._last_line = text.line(place)
            return place + 1, None if self._within else True
        if char == '"':
            return self._member(place), None
        return text.value(place)[1], None

    def _is_home_of_records(self) -> bool:
        return not self._within[-1] or self._within[-1] in self._shape.records

    def _object(self, place: int) -> int:
        text = self._text
        if not self._within or not self._is_home_of_records():
            found = self._resume.match(text.text, place)
            if found:
                self._homes[found[1]] = list(self._within)
            self._within.append("{")
            return place + 1
        place = self._record(place)
        is_one = self._lone and len(self._within) == 1
        while not is_one and place < _CONSUMED and (next_ := _NEXT.match(text.text, place)):
            try:
                place = self._record(next_.end())
            except (CutError, DamageError):  # which is found there again
                break
        return place

    def _record(self, place: int) -> int:
        text = self._text
        known_end = self._sink.again(text, place)
        if known_end is not None:
            self._last_line = text.line(known_end)
            return known_end
        value, end = text.value(place)
        first = text.line(place)
        self._last_line = last = text.line(end)
        try:
            self._sink.record(Record(value, first, last, text.text, place, end))
        except FAULTS:
            self._spans.extend(first, last, self._shape.fault)
            self._sink.lost()
        return end

    def _member(self, place: int) -> int:
        text = self._text
        key, after = text.value(place)
        after = text.skip(after)
        if after < len(text.text) and text.text[after] == ":":
            after = text.skip(after + 1)
        elif after < len(text.text):
            return after  # a text in an array
        if after == len(text.text):
            raise CutError
        if key in self._shape.walked and text.text[after] in "[{":
            self._last_line = text.line(after)
            self._within.append(key)
            return after + 1
        line = text.line(place)
        value, end = text.value(after)
        self._last_line = text.line(end)
        try:
            self._sink.member(key, value, line)
        except FAULTS:
            self._spans.extend(line, self._last_line, self._shape.fault)
        return end

    def _recovered(
        self, start: int, damage: DamageError | None, around: Surroundings, *, is_record: bool
    ) -> tuple[int, bool | None]:
        """Where to go on after what is no JSON, or not all of it; False if nowhere."""
        text = self._text
        search = start + 1
        if damage and damage.place - start > _PATIENCE:
            search = damage.place
        found = None
        if damage is None or not damage.hopeless:
            found = self._next_start(search)
        end = found.start() if found else len(text.text)
        anew = self._shape.start.search(text.text, search, end) if self._shape.start else None
        first = text.line(start)
        if anew and damage and text.line(anew.start()) > text.line(damage.place):
            return self._left(start, damage), False
        if anew:
            self._ends(first, max(first, text.line(anew.start()) - 1), _CUT)
            return anew.start(), False
        if found is None or self._is_elsewhere(first, found.start(), around):
            return self._left(start, damage), False
        self._spans.extend(first, max(first, text.line(found.start()) - 1), _DAMAGED)
        self._sink.lost()
        if not is_record:
            self._sink.gap()
        home = self._homes.get(found[1])
        if home is not None:
            self._within = list(home)
        elif not self._within or not self._is_home_of_records():
            self._within.append("")
        return found.start(), None

    def _next_start(self, search: int) -> re.Match[str] | None:
        text = self._text
        found = self._resume.search(text.text, search)
        while found is None and len(text.text) - search < _PATIENCE and text.more():
            found = self._resume.search(text.text, search)
        return found

    def _is_elsewhere(self, first: int, place: int, around: Surroundings) -> bool:
        between = self._text.lines_between(first + 1, self._text.line(place) - 1)
        return any(line and around.starts_elsewhere(line) for line in between)

    def _ends(self, first: int, last: int, why: str) -> None:
        self._spans.extend(first, last, why)
        self._last_line = last

    def _left(self, start: int, damage: DamageError | None) -> int:
        """The place from which on others may read, where no record follows."""
        text = self._text
        first = text.line(start)
        if damage is None:
            self._ends(first, text.last_line(), _CUT)
            return len(text.text)
        line = text.start_of_line(damage.place)
        is_ours = bool(text.text[line : damage.place].strip()) or text.line(damage.place) == first
        place = text.end_of_line(damage.place) if is_ours else line
        while is_ours and text.text[place : place + 200].lstrip().startswith(_OF_JSON):
            place = text.end_of_line(text.skip(place))
        last = text.line(place) if is_ours else text.line(line) - 1
        self._ends(first, max(first, last), _CUT if damage.place > start else _DAMAGED)
        return place
