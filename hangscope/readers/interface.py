"""What a reader is: it knows its text by sight, and reads it line by line.

The text around dumps and tables (logs, prompts, prose) belongs to no reader: ``read_input``
walks through it until a reader sees a line of its own, and hands the lines over from there.
The reader gives back the first line that is not its business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
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


class Lines:
    """The lines of an input in order, with a way to give lines back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rest: Iterator[Numbered] = enumerate(lines, 1)
        self._given_back: list[Numbered] = []

    def __iter__(self) -> Iterator[Numbered]:
        """The lines still to be read; after :meth:`back`, iterate anew."""
        return chain(self._again(), self._rest) if self._given_back else self._rest

    def next_number(self) -> int:
        """Number of the line that comes next; 0 if there is none."""
        for line in self:
            self.back(line)
            return line[0]
        return 0

    def _again(self) -> Iterator[Numbered]:
        while self._given_back:
            yield self._given_back.pop()

    def back(self, *lines: Numbered) -> None:
        """Have ``lines`` read again, in the order given, before all others."""
        self._given_back.extend(reversed(lines))


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
    starts_elsewhere: Callable[[str], bool] = lambda _: False
    """Whether a line starts a text of another reader."""
    starts_table: Callable[[str], bool] = lambda _: False
    """Whether a line starts a socket table."""


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

    def sees(self, line: str) -> str | None:
        """Why ``line`` starts a text of this format; None if it does not."""

    def begin(self, input_name: str) -> Reading:
        """Start with a new input."""
