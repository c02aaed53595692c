"""Lines that a collector cut into parts, joined again."""

from __future__ import annotations

from hangscope.readers.content.text import LONGEST_LINE
from hangscope.readers.interface import Batch


class PartialLines:
    """Joins the parts of each source (``stdout``, ``stderr``) of one stream."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[int, list[str]]] = {}
        self._numbers: list[int] = []
        self._texts: list[str] = []
        self._last = 0

    @property
    def is_empty(self) -> bool:
        """Whether no part waits for another."""
        return not self._open

    def add(self, source: str, number: int, text: str, *, is_whole: bool) -> None:
        """Add a line, or a part of one; ``is_whole`` if it ends there."""
        first, parts = self._open.pop(source, (number, []))
        if sum(map(len, parts)) < LONGEST_LINE:
            parts.append(text)
        if is_whole:
            self._whole(first, number, parts)
        else:
            self._open[source] = first, parts

    def taken(self) -> Batch:
        """The lines that are complete, once."""
        taken = Batch(self._numbers, self._texts)
        self._numbers, self._texts = [], []
        return taken

    def rest(self) -> Batch:
        """All that there is, when nothing follows."""
        for first, parts in sorted(self._open.values()):
            self._whole(first, first, parts)
        self._open.clear()
        return self.taken()

    def _whole(self, first: int, number: int, parts: list[str]) -> None:
        # lines of another source in between: numbers must not go back
        self._last = first if first >= self._last else max(number, self._last)
        self._numbers.append(self._last)
        self._texts.append("".join(parts))
