"""What a reader is: it knows its text by sight, and reads it line by line.

The text around dumps and tables (logs, prompts, prose) belongs to no reader: ``read_input``
walks through it until a reader sees a line of its own, and hands the lines over from there.
The reader gives back the first line that is not its business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from hangscope.facts import (
    InputKind,
    NotUnderstood,
    ProcessFacts,
    SocketTable,
    ThreadDump,
    TranslationTable,
)

Numbered: TypeAlias = tuple[int, str]
"""A line and its number, counted from 1."""


class Batch(NamedTuple):
    """Some lines in a row: those of one stream, so that their numbers may have gaps."""

    numbers: Sequence[int]
    texts: list[str]


class Lines:
    """The lines of an input in order, with a way to give lines back.

    A reader takes them one by one, or, where speed matters, looks at many at once
    (:meth:`ahead`) and says how many of those it took (:meth:`skip`).
    """

    def __init__(self, lines: Iterable[str]) -> None:
        texts = list(lines)
        self._batches: Iterator[Batch] = iter((Batch(range(1, len(texts) + 1), texts),))
        self._batch = Batch((), [])
        self._at = 0
        self._later: list[tuple[Batch, int]] = []
        self.last_number = 0
        """The highest number of a line so far."""

    @classmethod
    def of(cls, batches: Iterable[Batch]) -> Lines:
        """The lines of all ``batches``, one batch in memory at a time."""
        made = cls(())
        made._batches = iter(batches)
        return made

    def __iter__(self) -> Iterator[Numbered]:
        """The lines still to be read; any number of iterators may take turns."""
        while True:
            numbers, texts = self._batch
            at = self._at
            if at < len(texts):
                self._at = at + 1
                yield numbers[at], texts[at]
            elif not self._next_batch():
                return

    def next_number(self) -> int:
        """Number of the line that comes next; 0 if there is none."""
        batch, at = self.ahead()
        return batch.numbers[at] if at < len(batch.numbers) else 0

    def back(self, *lines: Numbered) -> None:
        """Have ``lines`` read again, in the order given, before all others."""
        left = list(lines)
        numbers, texts = self._batch
        while left and self._at and (numbers[self._at - 1], texts[self._at - 1]) == left[-1]:
            left.pop()
            self._at -= 1
        if left:
            self._later.append((self._batch, self._at))
            self._batch = Batch([number for number, _ in left], [text for _, text in left])
            self._at = 0

    def ahead(self) -> tuple[Batch, int]:
        """A batch, and how many of its lines are read already: all only at the very end."""
        while self._at >= len(self._batch.texts) and self._next_batch():
            pass
        return self._batch, self._at

    def some(self, most: int) -> Batch:
        """The lines of that batch that come next, ``most`` at most; none only at the very end."""
        (numbers, texts), at = self.ahead()
        return Batch(numbers[at : at + most], texts[at : at + most])

    def skip(self, count: int) -> None:
        """Take that many lines of the batch that is :meth:`ahead`."""
        self._at += count

    def _next_batch(self) -> bool:
        if self._later:
            self._batch, self._at = self._later.pop()
            return True
        for batch in self._batches:
            self._batch, self._at = batch, 0
            if batch.numbers:
                self.last_number = max(self.last_number, batch.numbers[-1])
            return True
        return False


class Read(NamedTuple):
    """What one reader read in one input."""

    dumps: tuple[ThreadDump, ...] = ()
    tables: tuple[SocketTable, ...] = ()
    processes: tuple[ProcessFacts, ...] = ()
    translations: tuple[TranslationTable, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()


@dataclass
class Surroundings:
    """What stands before a text, and whose the lines after it may be."""

    before: deque[Numbered] = field(default_factory=lambda: deque(maxlen=3))
    """The last lines that were nobody's, blank ones aside."""
    command: str = ""
    """What was typed at the prompt above, if that was pasted too."""
    left: list[Numbered] = field(default_factory=list)
    """Lines that a reader took, and that belong to the text after them, which is another's."""
    starts_elsewhere: Callable[[str], bool] = lambda _: False
    """Whether a line starts a text of another reader."""


class Reading(Protocol):
    """One input, as one reader sees it; lives until the input ends."""

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on, at least one line, and give back the first one that is not ours."""

    def finish(self) -> Read:
        """All that was read, when the input has ended."""


class Reader(Protocol):
    """One input format."""

    @property
    def name(self) -> str:
        """The format's name in reports and for ``--format``."""

    @property
    def kind(self) -> InputKind:
        """What an input of this format is."""

    @property
    def initials(self) -> frozenset[str] | None:
        """What a line that it sees may start with, blanks aside; None if that may be anything."""

    def sees(self, line: str) -> str | None:
        """Why ``line`` starts a text of this format; None if it does not."""

    def begin(self, input_name: str) -> Reading:
        """Start with a new input."""
