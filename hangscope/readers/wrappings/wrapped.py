"""Lines that a terminal, an editor or a mail has cut at its width, joined again.

::

    "main" #1 prio=5 os_prio=0 cpu=49.46ms elapsed=10.68s tid=0x00007f30d8017f30 nid
    =0x61e waiting on condition  [0x00007f30e03fe000]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final
from unicodedata import east_asian_width

from hangscope.readers.interface import Batch

_NARROWEST: Final = 60
_WIDEST: Final = 250
_ENOUGH: Final = 3
"""Lines of exactly the width, at least."""
_BLANKS_CUT: Final = 2
"""Blanks at the end of a line that the copy may have lost."""
_PARTS: Final = 200
"""Parts of one line, at most."""


def width_of(lines: Sequence[str]) -> int | None:
    """The width, in columns, that ``lines`` may have been cut at; None if at none.

    Many lines are exactly that long and none is longer. Rows of a table are that too: whether
    lines are parts of others, :func:`rejoined` asks.
    """
    widths = Counter(map(columns, lines))
    longest = max(widths, default=0)
    if not _NARROWEST <= longest <= _WIDEST or widths[longest] < _ENOUGH:
        return None
    return longest


def columns(line: str) -> int:
    """Columns of a terminal that ``line`` takes."""
    if line.isascii():
        return len(line)
    return len(line) + sum(east_asian_width(character) in "WF" for character in line)


def rejoined(batch: Batch, width: int, is_whole: Callable[[str], bool]) -> Batch:
    """``batch`` with the parts of lines joined; a line has the number of its first part.

    ``is_whole`` tells a line that a reader knows. What follows a line of full ``width`` is its
    next part if it is no such line, or if the first is none.
    """
    numbers: list[int] = []
    texts: list[str] = []
    lost = -1  # blanks that the part before has lost; negative if it does not go on
    parts = 0
    following = [*batch.texts[1:], ""]
    for number, line, after in zip(batch.numbers, batch.texts, following, strict=True):
        full = columns(line) == width
        if (
            line
            and 0 <= lost <= _BLANKS_CUT
            and parts < _PARTS
            and not (lost and line.startswith(("\t", "  ")))
            and not _starts(line, after if full else "", texts[-1], is_whole)
        ):
            texts[-1] += " " * lost + line
            parts += 1
        else:
            numbers.append(number)
            texts.append(line)
            parts = 1
        lost = width - columns(line)
    return Batch(numbers, texts)


def _starts(line: str, after: str, before: str, is_whole: Callable[[str], bool]) -> bool:
    """Whether ``line``, perhaps with what is ``after`` it, is one of its own."""
    if not is_whole(before):
        return False
    return is_whole(line) or (bool(after) and is_whole(line + after))
