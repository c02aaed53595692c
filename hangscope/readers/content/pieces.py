"""The rest of a long file in pieces of whole lines, which several processors read."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, overload

from hangscope.readers.content.encodings import Codec
from hangscope.readers.content.text import lines_of
from hangscope.readers.interface import ReadLines
from hangscope.readers.workers import Task, Workers

_LENGTH: Final = 1 << 22
"""Bytes of a piece, and of the line that it ends with."""
_FOR_EACH: Final = 3
"""Pieces that are handed out for each other processor: none waits for its next one."""
_IN_VAIN: Final = 3
"""Pieces that others could not read, after which they get no more."""


class Piece(NamedTuple):
    """Some bytes of a file that are whole lines."""

    path: Path
    inode: int
    """Tells that it is still the same file."""
    offset: int
    length: int
    codec: Codec

    def lines(self) -> list[str]:
        """Its lines.

        Raises:
            OSError: The file is not there any more.
        """
        with self.path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_ino != self.inode:
                raise FileNotFoundError(self.path)
            stream.seek(self.offset)
            return lines_of(stream.read(self.length), self.codec)


class UndecodedLines(Sequence[str]):
    """The lines of some bytes, made if anybody looks at them."""

    def __init__(self, content: bytes, codec: Codec) -> None:
        self._content = content
        self._codec = codec
        self._count = content.count(b"\n") + (not content.endswith(b"\n"))

    def __len__(self) -> int:
        """How many lines there are."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """One line, or some."""
        return self._lines[index]

    @cached_property
    def _lines(self) -> list[str]:
        return lines_of(self._content, self._codec)


@dataclass(slots=True)
class _Handed:
    piece: Piece
    task: Task[object | None] | None
    is_read: bool = False
    said: object | None = None
    """What it says, if this process has read it rather than wait."""


class Pieces:
    """The pieces of a file in order, most of them read by other processes."""

    def __init__(self, whole: Piece, workers: Workers, read: ReadLines) -> None:
        """Cut ``whole``, but for what is left at its end."""
        self._workers = workers
        self._read = read
        self._left = _cut(whole)
        # The first is for the caller: the others are yet to start
        self._handed = deque(_Handed(piece, None) for piece in islice(self._left, 1))
        self._in_vain = 0

    def __iter__(self) -> Iterator[tuple[Piece, object | None]]:
        """Each piece and what it says; None if the caller has to read it."""
        self._hand_out()
        try:
            while self._handed:
                handed = self._handed.popleft()
                yield handed.piece, self._said(handed)
                self._hand_out()
        finally:
            for handed in self._handed:
                if handed.task:
                    handed.task.take_back()

    def _hand_out(self) -> None:
        while self._in_vain < _IN_VAIN and len(self._handed) <= _FOR_EACH * self._workers.others:
            piece = next(self._left, None)
            task = self._workers.hand_out(_read_piece, self._read, piece) if piece else None
            if piece is None or task is None:
                return
            self._handed.append(_Handed(piece, task))

    def _said(self, handed: _Handed) -> object | None:
        task = handed.task
        if task is None or (not handed.is_read and task.take_back()):
            return None
        while not handed.is_read and not task.is_done and self._read_another():
            pass
        said = handed.said if handed.is_read else task.result()
        self._in_vain += said is None
        return said

    def _read_another(self) -> bool:
        """Read here the last one that nobody has begun."""
        for handed in reversed(self._handed):
            if handed.task and not handed.is_read and handed.task.take_back():
                handed.said, handed.is_read = _read_piece(self._read, handed.piece), True
                return True
        return False


def _read_piece(read: ReadLines, piece: Piece) -> object | None:
    try:
        return read(piece.lines())
    except OSError:
        return None


def _cut(whole: Piece) -> Iterator[Piece]:
    start, end = whole.offset, whole.offset + whole.length
    try:
        with whole.path.open("rb") as stream:
            while start + _LENGTH < end:
                stream.seek(start + _LENGTH)
                line = stream.readline(_LENGTH)
                if not line.endswith(b"\n"):
                    return
                length = _LENGTH + len(line)
                yield whole._replace(offset=start, length=length)
                start += length
    except OSError:
        return
