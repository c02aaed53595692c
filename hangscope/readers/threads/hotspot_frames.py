"""Frames among many lines: one search through all of them in place of a match for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, repeat
from operator import itemgetter
from typing import Final

from hangscope.facts import Frame
from hangscope.readers.syntax.lines import BLANKS, LONGEST, LineSyntax

_AT_ONCE: Final = 64
"""Lines searched together: in damaged ones, a search may go on to the last of them."""

_method: Final[Callable[[tuple[str, ...]], str]] = itemgetter(0)
_made: Final[Callable[[type[Frame], Iterable[str]], Frame]] = tuple.__new__
"""A frame without the call in between that a named tuple makes."""


class FramesAtOnce:
    """Finds the lines that are frames, by the rule of the grammar."""

    def __init__(self, syntax: LineSyntax) -> None:
        frame = syntax.expression("frame")
        self._search = re.compile(rf"^[{BLANKS}]*(?:{frame})\n|.*\n", re.MULTILINE).findall

    def among(self, lines: Sequence[str]) -> Iterator[tuple[str, Frame]]:
        """Those of ``lines`` that are frames, each with its frame; not all where any is damaged."""
        texts: list[str] = []
        frames: list[Frame] = []
        for start in range(0, len(lines), _AT_ONCE):
            part = lines[start : start + _AT_ONCE]
            text = "\n".join(part) + "\n"
            if len(text) > LONGEST or text.count("\n") > len(part):
                continue
            found = self._search(text)
            if len(found) < len(part):  # one went over the end of a line, and may be none
                continue
            methods = list(map(_method, found))  # empty in a line of another kind
            texts += compress(part, methods)
            frames += map(_made, repeat(Frame), compress(found, methods))
        return zip(texts, frames, strict=True)
