"""A JSON text that stands in the lines of an input, joined only as far as it is looked at."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final

from hangscope.readers.interface import Lines

_BLOCK: Final = 1 << 18
"""Characters that are joined at once, where lines are not longer than that."""
_BLANKS: Final = " \t\r\n"
_REST: Final = re.compile(r"[ \t\r\n]*\Z")

scan: Final[Callable[[str, int], tuple[Any, int]]] = JSONDecoder().scan_once  # type: ignore[attr-defined]
"""One value that starts at a place, and the place after it."""


class CutError(ValueError):
    """The input ends within a value."""


class DamageError(ValueError):
    """No JSON."""

    def __init__(self, place: int, *, hopeless: bool = False) -> None:
        super().__init__(place)
        self.place = place
        """Where in the text it was noticed."""
        self.hopeless = hopeless
        """Whether what follows is of no use either."""


class _Uncounted(str):
    """A text to be scanned, in which a JSONDecodeError does not count the lines before its place.

    In one long line with much damage that would cost the most, and grow with the square.
    """

    __slots__ = ()

    def count(self, *_: object) -> int:
        """Nothing."""
        return 0

    def rfind(self, *_: object) -> int:
        """Nothing."""
        return -1


class JsonLines:
    """What has been joined so far is ``text``; it starts where a line starts.

    Places are offsets into ``text``: :meth:`drop` shifts them, nothing else does.
    """

    def __init__(self, lines: Lines) -> None:
        self.text = ""
        self.limit: int | None = None
        """Characters after which no more lines are joined, though there may be some."""
        self._scanned = self.text
        """The same text; uncounted once something in it was no JSON."""
        self._lines = lines
        self._held: list[str] = []
        """The lines that ``text`` is made of."""
        self._numbers: list[int] = []
        self._wanted = 1
        self._counted = 0
        self._line = 0
        """Lines before the place ``_counted``, those of ``text`` alone."""

    def more(self) -> bool:
        """Join more lines, at least as much as there is; False if there are none."""
        if self.limit is not None and len(self.text) > self.limit:
            return False
        block = self._taken(self._wanted)
        if not block:
            return False
        joined = "\n".join(block)
        room = max(_BLOCK, 2 * len(self.text))
        self.text = self._scanned = f"{self.text}\n{joined}" if self._held else joined
        self._held += block
        self._wanted = max(1, min(2 * self._wanted, room * len(block) // (len(joined) + 1)))
        return True

    def _taken(self, wanted: int) -> list[str]:
        """The next lines, as many as ``wanted`` where there are so many."""
        taken: list[str] = []
        while wanted > len(taken):
            numbers, texts = self._lines.some(wanted - len(taken))
            if not texts:
                break
            taken += texts
            self._numbers += numbers
            self._lines.skip(len(texts))
        return taken

    def line(self, place: int) -> int:
        """Number of the line at ``place``; cheap for places near the one before."""
        if place < self._counted:
            self._line -= self.text.count("\n", place, self._counted)
        else:
            self._line += self.text.count("\n", self._counted, place)
        self._counted = place
        return self._numbers[self._line]

    def start_of_line(self, place: int) -> int:
        """Where the line of ``place`` starts."""
        return self.text.rfind("\n", 0, place) + 1

    def end_of_line(self, place: int) -> int:
        """Where the line of ``place`` ends."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end

    def drop(self, place: int) -> int:
        """Forget the lines before that of ``place``, which is returned as it is afterwards."""
        if not self._held or self.line(place) == self._numbers[0]:
            return place
        start = self.text.rfind("\n", 0, place) + 1
        del self._held[: self._line], self._numbers[: self._line]
        self.text = self._scanned = self.text[start:]
        self._counted = self._line = 0
        return place - start

    def skip(self, place: int) -> int:
        """The next place that is not blank; the end of ``text`` if the input ends before."""
        while True:
            text = self.text
            end = len(text)
            while place < end and text[place] in _BLANKS:
                place += 1
            if place < end or not self.more():
                return place

    def value(self, place: int) -> tuple[Any, int]:
        """The value that starts at ``place``, and the place after it.

        Raises:
            CutError: The input ends within it.
            DamageError: It is none.
        """
        while True:
            try:
                return scan(self._scanned, place)
            except StopIteration as error:
                at, unclosed = int(error.value), False
            except JSONDecodeError as error:
                at, unclosed = error.pos, error.msg.startswith("Unterminated string")
                if self._scanned is self.text:
                    self._scanned = _Uncounted(self.text)
            except RecursionError:
                raise DamageError(place, hopeless=True) from None
            except ValueError:  # a number of more digits than Python takes
                raise DamageError(place) from None
            if not unclosed and not _REST.match(self.text, at):
                raise DamageError(at)
            if not self.more():
                raise CutError

    def lines_between(self, first: int, last: int) -> list[str]:
        """The joined lines with these numbers, both included."""
        start = bisect_left(self._numbers, first)
        return self._held[start : start + last - first + 1]

    def last_line(self) -> int:
        """Number of the last joined line that is not blank."""
        lines = zip(reversed(self._numbers), reversed(self._held), strict=True)
        last = self._numbers[-1] if self._numbers else 0
        return next((number for number, line in lines if line.strip()), last)

    def give_back(self, place: int) -> None:
        """Have everything from ``place`` on read by others; blanks at the end of its line aside."""
        if not self._held:
            return
        self.line(place)
        numbers, lines = self._numbers[self._line :], self._held[self._line :]
        held = list(zip(numbers, lines, strict=True))
        start = self.text.rfind("\n", 0, place) + 1
        if held and place > start:
            number, line = held[0]
            rest = line[place - start :]
            held[:1] = [(number, rest)] if rest.strip(_BLANKS) else []
        self._lines.back(*held)
        self._held.clear()
        self._numbers.clear()
        self.text = self._scanned = ""
