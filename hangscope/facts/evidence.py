"""Where a fact was read: an input and a span of its lines.

Every fact carries an :class:`Evidence`, so that any sentence of a report can be
checked with ``sed -n 'FIRST,LASTp' INPUT``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, NamedTuple, TypeAlias


class Absence(Enum):
    """Why a value is missing: told apart from "looked, and there is none"."""

    NOT_RECORDED = "not recorded"


NOT_RECORDED: Final = Absence.NOT_RECORDED
"""The tool that wrote the input does not print this value at all."""

NotRecorded: TypeAlias = Literal[Absence.NOT_RECORDED]


class Evidence(NamedTuple):
    """A span of lines of one input; 1-based, both ends included, as ``sed -n`` counts."""

    input: str
    first_line: int
    last_line: int

    def __str__(self) -> str:
        """``dump.txt:12`` for one line, ``dump.txt:12-30`` for several."""
        if self.first_line == self.last_line:
            return f"{self.input}:{self.first_line}"
        return f"{self.input}:{self.first_line}-{self.last_line}"


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Lines that no reader could make sense of: kept, counted and reported, never dropped."""

    first_line: int
    last_line: int
    why: str
