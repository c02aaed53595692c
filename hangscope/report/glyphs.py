"""The characters that draw: lines and arrows, or their likeness in ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of characters; equal fields of two sets are equally wide."""

    rule: str
    gutter: str
    """Between a line's number and the line."""
    gap: str
    """The gutter where lines are left out."""
    continued: str
    """Marks the rest of what was too long for one line."""
    bullet: str
    proven: str
    """The shaft of an arrow that the inputs state."""
    inferred: str
    """The shaft of an arrow that is inferred."""
    head: str
    rail: str
    rail_start: str
    rail_end: str


UNICODE: Final = Glyphs(
    rule="─",
    gutter="│",
    gap="┆",
    continued="↪",
    bullet="•",
    proven="│",
    inferred="┆",
    head="▼",
    rail="│",
    rail_start="╭──▶",
    rail_end="╰──◀───╯",
)
ASCII: Final = Glyphs(
    rule="-",
    gutter="|",
    gap=":",
    continued="\\",
    bullet="*",
    proven="|",
    inferred=":",
    head="v",
    rail="|",
    rail_start="+-->",
    rail_end="+--<---+",
)
