"""What a report says and in which order, before it takes the form of any text format.

The terminal's and the ticket's text are two renderings of the same sections, so neither can say
more than the other. A new text format renders these blocks and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict in one sentence."""

    kind: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A heading below a section's title."""

    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Labels and what they stand for."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """Things of one kind."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """One link of a chain; ``references`` are numbers of exhibits: ``[1-3]``."""

    source: str
    relation: str
    target: str
    certainty: str
    references: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Who waits for whom."""

    arrows: tuple[Arrow, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers that add up to ``total``."""

    name: str
    entries: tuple[tuple[str, int], ...]
    total: int
    unit: str

    @property
    def column(self) -> int:
        """Width of the widest number."""
        return max(len(f"{count:,}") for count in (self.total, *(n for _, n in self.entries)))


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Quoted lines of an input, with their numbers; a line without one says what is left out."""

    reference: str
    place: str
    says: str
    lines: tuple[tuple[int | None, str], ...]

    @property
    def column(self) -> int:
        """Width of the widest line number."""
        return max((len(str(number)) for number, _ in self.lines if number), default=0)


@dataclass(frozen=True, slots=True)
class Command:
    """What to type, and a word of caution."""

    command: str
    note: str = ""


Block: TypeAlias = Headline | Paragraph | Item | Rows | Bullets | Chain | Tally | Exhibit | Command


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; the first one, the verdict, has no title."""

    title: str
    blocks: tuple[Block, ...]


Outline: TypeAlias = tuple[Section, ...]

_LONGEST = 4000
"""Characters of one string that a person is shown; a thread's name may be a megabyte long."""


def cleaned(outline: Outline, clean: Callable[[str], str]) -> Outline:
    """The same outline with every string in it made harmless by ``clean``."""
    return tuple(_cleaned(section, clean) for section in outline)


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(_shortened(value))
    if isinstance(value, tuple):
        return tuple([_cleaned(one, clean) for one in value])
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _cleaned(getattr(value, f.name), clean) for f in fields(value)}
        return replace(value, **changed)
    return value


def _shortened(text: str) -> str:
    left_out = len(text) - _LONGEST
    return text if left_out <= 0 else f"{text[:_LONGEST]}… {left_out:,} characters …"
