"""Texts that were copied from a terminal, where each long line became several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from hangscope.readers.interface import Batch
from hangscope.readers.sockets import lsof, netstat, ss
from hangscope.readers.syntax.lines import BLANKS
from hangscope.readers.threads import hotspot_lines
from hangscope.readers.wrappings.wrapped import columns, rejoined, width_of

_SYNTAXES = (hotspot_lines.SYNTAX, ss.SYNTAX, netstat.SYNTAX, lsof.SYNTAX)
"""Of what people copy from a terminal."""
_CUTS = 2
"""Lines that make sense with the next one alone, at least, where lines were cut."""
_EXAMINED = 500
"""Lines of full width that are looked at: rows of a table may all be as wide."""


def rejoined_lines(batches: Iterable[Batch]) -> Iterator[Batch]:
    """``batches``, with lines joined again if the first of them shows that they were cut."""
    rest = iter(batches)
    first = next(rest, None)
    if first is None:
        return
    width = width_of(first.texts)
    if width is None or not _are_cut(first.texts, width):
        yield first
        yield from rest
        return
    yield rejoined(first, width, _is_whole)
    for batch in rest:
        yield rejoined(batch, width, _is_whole)


def _are_cut(lines: list[str], width: int) -> bool:
    full = (pair for pair in pairwise(lines) if columns(pair[0]) == width and pair[1])
    cuts = 0
    for line, after in islice(full, _EXAMINED):
        if not _is_whole(after):
            cuts += not _is_whole(line) and _is_whole(line + after)
            if cuts >= _CUTS:
                return True
    return False


def _is_whole(line: str) -> bool:
    text = line.strip(BLANKS)
    return any(syntax.match(text) for syntax in _SYNTAXES)
