"""An input as numbered lines: read as a stream, and once more when they are quoted."""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final, NamedTuple

from hangscope.readers.content.encodings import HEAD, UTF_8, Codec, codec_of
from hangscope.readers.content.pieces import Piece, Pieces, UndecodedLines
from hangscope.readers.content.text import blocks, lines_of, magic_of, utf8
from hangscope.readers.errors import SourceChanged, UnreadableInput
from hangscope.readers.interface import Batch, ReadLines
from hangscope.readers.workers import Workers

_CHUNK: Final = 1 << 18
_QUOTED: Final = 1 << 14
"""Bytes that are read to quote a line, and those between two whose places are noted."""


class _Stamp(NamedTuple):
    """What tells cheaply that a file is still the same."""

    size: int
    changed: int
    inode: int
    is_file: bool
    """And no pipe."""


class _Hash:
    """Of all bytes, each of them taken once."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self.size = 0

    def update(self, content: bytes, place: int) -> None:
        """Take in what stands there, but for what was taken in before."""
        new = content[self.size - place :] if place < self.size else content
        self._sha256.update(new)
        self.size += len(new)

    def of(self, chunks: Iterable[bytes], place: int) -> Iterator[bytes]:
        """The same ``chunks``, the first of which stands there."""
        for chunk in chunks:
            self.update(chunk, place)
            place += len(chunk)
            yield chunk

    def hexdigest(self) -> str:
        """In hexadecimal."""
        return self._sha256.hexdigest()


class Source:
    """One input, by path or by its bytes; nothing is opened before it is needed.

    ``sha256`` and ``size`` are those of the bytes that the lines came from.
    """

    def __init__(
        self,
        name: str,
        content: bytes | Path,
        *,
        damage: str = "",
        encoding: str | None = None,
        passing: bool = False,
    ) -> None:
        self.name = name
        self.passing = passing
        """Whether the file is our own, and gone as soon as :class:`Unpacked` is left."""
        self.encoding = encoding
        """What the user says it is; None if that is to be found out."""
        self.damage = damage
        """What is wrong with its end, if it was unpacked and is not whole."""
        self._content = content
        self._stamp: _Stamp | None = None
        self._sha256 = ""
        self._size: int | None = None
        self._codec = UTF_8
        self._first_lines: list[int] = []
        self._offsets: list[int] = []
        self._division: tuple[Workers, ReadLines] | None = None

    @classmethod
    def from_path(cls, path: str | os.PathLike[str]) -> Source:
        """The file at ``path``, called by the path as it was given."""
        return cls(os.fspath(path), Path(path))

    @classmethod
    def from_bytes(cls, name: str, content: bytes) -> Source:
        """What was read already: standard input, a member of an archive, an answer."""
        return cls(name, content)

    @property
    def size(self) -> int:
        """Bytes."""
        if self._size is None:
            self._measure()
        return self._size or 0

    @property
    def sha256(self) -> str:
        """Hash of all the bytes, in hexadecimal."""
        if self._size is None:
            self._measure()
        return self._sha256

    @property
    def codec(self) -> str:
        """How its bytes were read as text, once they were, as Python calls it."""
        return self._codec.name

    def lines(self) -> Iterator[str]:
        """All lines, in order and without their ends; reading them all also hashes the input.

        Raises:
            UnreadableInput: It is missing, may not be read, or is not text.
        """
        return chain.from_iterable(batch.texts for batch in self.batches())

    def batches(self) -> Iterator[Batch]:
        """The same, many lines at a time; where some of them start is noted down.

        Raises:
            UnreadableInput: As :meth:`lines`.
        """
        hashed = _Hash()
        with self._open() as stream:
            self._stamp = _stamp(stream)
            head = stream.read(HEAD)
            self._codec = self._recognised(head)
            place = self._codec.mark
            self._first_lines, self._offsets = [1], [place]
            rest = iter(lambda: stream.read(_CHUNK), b"")
            chunks: Iterator[bytes] = chain((head[place:],), rest)
            hashed.update(head, 0)
            number = 1
            while True:
                for batch, block, length in self._undivided(hashed.of(chunks, place), number):
                    yield batch
                    self._note_within(block, number, place)
                    number, place = number + len(batch.texts), place + length
                    self._note(number, place)
                    if self._division:
                        break
                else:
                    break
                for batch, content in self._divided(stream, place, number):
                    hashed.update(content, place)
                    yield batch
                    self._note_within(content, number, place)
                    number, place = number + len(batch.texts), place + len(content)
                    self._note(number, place)
                    if self._division:
                        break
                stream.seek(place)
                chunks = iter(lambda: stream.read(_CHUNK), b"")
        self._sha256, self._size = hashed.hexdigest(), hashed.size

    def excerpt(self, first: int, last: int) -> str:
        """Lines ``first`` to ``last``, 1-based and both included, read again.

        Raises:
            SourceChanged: The lines may not be those that were read.
        """
        self._verify()
        place = max(bisect_right(self._first_lines, first) - 1, 0)
        skipped = first - self._first_lines[place]
        again = chain.from_iterable(self._from(self._offsets[place]))
        return "\n".join(islice(again, skipped, skipped + last - first + 1))

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        if isinstance(self._content, bytes):
            yield BytesIO(self._content)
            return
        try:
            with self._content.open("rb") as stream:
                yield stream
        except OSError as error:
            raise UnreadableInput(self.name, _told(error)) from error

    def _undivided(
        self, chunks: Iterator[bytes], number: int
    ) -> Iterator[tuple[Batch, bytes, int]]:
        """Batches from that line on, their bytes, and how many of the input these stand for."""
        for block, length in blocks(utf8(chunks, self._codec), self._codec.line_end):
            texts = lines_of(block, self._codec)
            yield Batch(range(number, number + len(texts)), texts), block, length
            number += len(texts)

    def divide(self, workers: Workers, read: ReadLines) -> None:
        """Have ``workers`` take part in what is left to read, if it is a file and long.

        ``read`` is what others do with some of the lines: see :class:`Batch`.
        """
        stamp = self._stamp
        is_cut = self._codec.line_end == b"\n" and not self._codec.is_utf_16
        if workers.others and stamp and stamp.is_file and is_cut:
            self._division = workers, read

    def _divided(self, stream: BinaryIO, place: int, number: int) -> Iterator[tuple[Batch, bytes]]:
        """Batches from that byte and line on, and their bytes."""
        if not (self._division and self._stamp and isinstance(self._content, Path)):
            return
        length = self._stamp.size - place
        whole = Piece(self._content, self._stamp.inode, place, length, self._codec)
        pieces = Pieces(whole, *self._division)
        self._division = None
        for piece, said in pieces:
            stream.seek(piece.offset)
            content = stream.read(piece.length)
            if not content:
                return
            texts = UndecodedLines(content, self._codec)
            yield Batch(range(number, number + len(texts)), texts, said), content
            number += len(texts)

    def _note(self, number: int, place: int) -> None:
        """That line starts there."""
        if not self._codec.is_utf_16:
            self._first_lines.append(number)
            self._offsets.append(place)

    def _note_within(self, content: bytes, number: int, place: int) -> None:
        """Some lines of ``content``, the first of which starts there."""
        start, line_end = 0, self._codec.line_end
        while end := content.find(line_end, start + _QUOTED) + 1:
            number += content.count(line_end, start, end)
            start = end
            self._note(number, place + start)

    def _recognised(self, head: bytes) -> Codec:
        what = magic_of(head)
        if what:
            raise UnreadableInput(self.name, f"this is a {what}; unpack it and give the text in it")
        found = codec_of(head, self.encoding)
        if found is None:
            raise UnreadableInput(
                self.name, "this is not text; give a thread dump or a socket table as text"
            )
        return found

    def _from(self, offset: int) -> Iterator[list[str]]:
        with self._open() as stream:
            stream.seek(offset)
            again = utf8(iter(lambda: stream.read(_QUOTED), b""), self._codec)
            yield from (
                lines_of(block, self._codec) for block, _ in blocks(again, self._codec.line_end)
            )

    def _measure(self) -> None:
        self._sha256, self._size = self._hashed(None)

    def _hashed(self, limit: int | None) -> tuple[str, int]:
        """Hash and number of the bytes, of the first ``limit`` at most."""
        hashed = hashlib.sha256()
        size = 0
        with self._open() as stream:
            while chunk := stream.read(_CHUNK if limit is None else min(_CHUNK, limit - size)):
                hashed.update(chunk)
                size += len(chunk)
        return hashed.hexdigest(), size

    def _verify(self) -> None:
        """Only what was read may be quoted; a log that has merely grown since is the same."""
        if not self._first_lines or self._size is None:
            for _ in self.lines():
                pass
        if isinstance(self._content, bytes):
            return
        with self._open() as stream:
            now = _stamp(stream)
        if now == self._stamp:
            return
        if self._hashed(self._size) != (self._sha256, self._size):
            raise SourceChanged(
                self.name,
                "the file is not what it was when it was read, so nothing of it can be quoted;"
                " run hangscope again",
            )
        self._stamp = now


def _stamp(stream: BinaryIO) -> _Stamp | None:
    try:
        found = os.fstat(stream.fileno())
    except OSError:  # it is no file
        return None
    return _Stamp(found.st_size, found.st_mtime_ns, found.st_ino, S_ISREG(found.st_mode))


def _told(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a directory; give the files in it"
    if isinstance(error, PermissionError):
        return "this file may not be read; check its permissions"
    return f"this cannot be read ({error.strerror or error})"
