r"""Threads in JSON that are the same as one before, but for their id and the time: told by text.

Of a hundred thousand virtual threads most stand in the same few places::

    {
      "tid": "1000",
      "time": "2026-11-22T03:22:16.58Z",
      "virtual": true, …
    }

Nothing of what is written after the time is decoded again if it was there before. It goes up to
the brace that stands in the column of the first one; where records are laid out otherwise, each
is decoded.
"""

from __future__ import annotations

import re
from typing import Final, Generic, NamedTuple, TypeVar

from hangscope.readers.json_texts.json_walk import Record

T = TypeVar("T")

_START: Final = re.compile(
    r'\{[ \t\r\n]*"tid"[ \t\r\n]*:[ \t\r\n]*("?)(0|[1-9][0-9]{0,17})\1[ \t\r\n]*,'
    r'[ \t\r\n]*"time"[ \t\r\n]*:[ \t\r\n]*"[0-9TZ:.-]*"[ \t\r\n]*,'
)
"""The members that differ, where they are as the JDK writes them."""
_LONGEST: Final = 1 << 14
"""Characters in which the end of a record is looked for."""
_KEPT: Final = 1 << 22
"""Characters that are kept, of threads that do not repeat themselves."""
_TELLS_AN_ID: Final = ('"tid"', "\\u")
"""What a second id would be spelled with."""


class Found(NamedTuple, Generic[T]):
    """A thread that was there before."""

    id: int
    place: int
    """Where what is repeated starts."""
    end: int
    thread: T


class Repeated(Generic[T]):
    """The threads so far, as ``T``, by all that is written after their time."""

    def __init__(self) -> None:
        self._known: dict[str, T] = {}
        self._size = 0
        self._end = ""
        """The last line of a record, and the line feed before it."""
        self._asked: tuple[int, int, str] | None = None
        """The record that is not known: what starts where, and ends where."""

    def find(self, text: str, place: int) -> Found[T] | None:
        """The thread at ``place``, if all but its id and time was there before."""
        self._asked = None
        start = _START.match(text, place)
        if start is None or not self._end:
            return None
        at = start.end()
        end = text.find(self._end, at, at + _LONGEST)
        if end < 0:
            return None
        end += len(self._end)
        rest = text[at:end]
        thread = self._known.get(rest)
        if thread is None:
            self._asked = at, end, rest
            return None
        return Found(int(start[2]), at, end, thread)

    def rest_of(self, record: Record) -> int | None:
        """Where that part of a decoded ``record`` starts which may be there again."""
        if self._asked is None or self._asked[1] != record.end:
            start = record.text.rfind("\n", 0, record.start) + 1
            column = record.text[start : record.start]
            self._end = "" if column.strip(" \t") else f"\n{column}}}"
            return None
        at, _, rest = self._asked
        return None if any(sign in rest for sign in _TELLS_AN_ID) else at

    def learn(self, thread: T) -> None:
        """The record that was decoded last is ``thread``."""
        if self._asked is None:
            return
        if self._size >= _KEPT:
            self._known.clear()
            self._size = 0
        rest = self._asked[2]
        self._known[rest] = thread
        self._size += len(rest)
