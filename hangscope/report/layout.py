"""Lines of styled text: how wide they are, and how they wrap."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple, TypeAlias


class Role(Enum):
    """What a piece of text is; how it looks is the terminal's affair."""

    PLAIN = auto()
    TITLE = auto()
    STRONG = auto()
    FAINT = auto()
    REFERENCE = auto()
    GOOD = auto()
    BAD = auto()
    UNSURE = auto()
    BADGE_GOOD = auto()
    BADGE_BAD = auto()
    BADGE_UNSURE = auto()


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    role: Role = Role.PLAIN


Line: TypeAlias = tuple[Span, ...]


_BREAKS = ((" ", 1), ("(", 0), (",", 1), ("/", 1), (".", 1))
"""Where a line breaks best, and whether the character stays before the break (1) or goes on (0)."""


def cells(text: str) -> int:
    """Columns that ``text`` takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_cell, text))


@lru_cache(maxsize=4096)
def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def trimmed(line: Line) -> Line:
    """The same line without blanks at its end."""
    while line:
        text = line[-1].text.rstrip(" ")
        if text:
            return (*line[:-1], line[-1]._replace(text=text))
        line = line[:-1]
    return line


def wrap(text: str, width: int, mark: str) -> list[str]:
    """Break a sentence at its spaces; a word that is too long is broken too, and marked.

    Args:
        text: What to break.
        width: Columns of a line.
        mark: Begins a line that goes on with a broken word.
    """
    lines: list[str] = []
    used = width
    for word in text.split():
        needed = cells(word)
        if used + 1 + needed <= width:
            lines[-1] += f" {word}"
            used += 1 + needed
        else:
            lines += _pieces(word, width, mark)
            used = cells(lines[-1])
    return lines or [""]


def wrap_verbatim(text: str, width: int, mark: str) -> list[str]:
    """Break a quoted line where it must be, keep each of its characters, and mark the rest."""
    if cells(text) <= width:
        return [text]
    return list(_pieces(text, width, f"{mark} "))


def _pieces(text: str, width: int, mark: str) -> Iterator[str]:
    start = 0
    prefix = ""
    while True:
        room = max(width - cells(prefix), 1)
        end = _fitting(text, start, room)
        if end < len(text):
            end = _gentle(text, start + room // 2 + 1, end)
        yield prefix + text[start:end]
        if end == len(text):
            return
        start = end
        prefix = mark


def _gentle(text: str, least: int, end: int) -> int:
    """The best place for a break between ``least`` and ``end``; ``end`` if there is none."""
    for mark, keeps in _BREAKS:
        found = text.rfind(mark, least, end)
        if found >= 0:
            return found + keeps
    return end


def _fitting(text: str, start: int, width: int) -> int:
    """Where the piece of ``text`` ends that fits into ``width`` columns; one character at least."""
    taken = 0
    for index in range(start, len(text)):
        taken += _cell(text[index])
        if taken > width:
            return max(index, start + 1)
    return len(text)
