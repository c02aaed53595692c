"""An input as numbered lines: read as a stream, and once more when they are quoted."""

from __future__ import annotations

import hashlib
import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from hangscope.readers.content.encodings import HEAD, UTF_8, Codec, codec_of
from hangscope.readers.content.text import blocks, lines_of, magic_of, utf8
from hangscope.readers.errors import SourceChanged, UnreadableInput
from hangscope.readers.interface import Batch

_CHUNK: Final = 1 << 18
_QUOTED: Final = 1 << 14
"""Bytes that are read to quote a line, and those between two whose places are noted."""


class _Stamp(NamedTuple):
    """What tells cheaply that a file is still the same."""

    size: int
    changed: int
    inode: int


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
        self._first_lines = array("Q")
        self._offsets = array("Q")

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
        """The same, many lines at a time.

        Raises:
            UnreadableInput: As :meth:`lines`.
        """
        number = 1
        for texts in self._indexed():
            yield Batch(range(number, number + len(texts)), texts)
            number += len(texts)

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

    def _indexed(self) -> Iterator[list[str]]:
        """The lines in batches; where each batch starts is noted down."""
        hashed = hashlib.sha256()
        with self._open() as stream:
            self._stamp = _stamp(stream)
            head = stream.read(HEAD)
            self._codec = self._recognised(head)
            offset = self._codec.mark
            self._first_lines, self._offsets = array("Q", (1,)), array("Q", (offset,))
            size = 0

            def chunks() -> Iterator[bytes]:
                nonlocal size
                for chunk in chain((head,), iter(lambda: stream.read(_CHUNK), b"")):
                    hashed.update(chunk)
                    yield chunk if size else chunk[offset:]
                    size += len(chunk)

            number, place = 1, offset
            for block, length in blocks(utf8(chunks(), self._codec), self._codec.line_end):
                batch = lines_of(block, self._codec)
                yield batch
                self._note_within(block, number, place)
                number, place = number + len(batch), place + length
                self._note(number, place)
        self._sha256, self._size = hashed.hexdigest(), size

    def _note(self, number: int, place: int) -> None:
        """That line starts there."""
        if not self._codec.is_utf_16:
            self._first_lines.append(number)
            self._offsets.append(place)

    def _note_within(self, block: bytes, number: int, place: int) -> None:
        """Some lines of ``block``, the first of which starts there."""
        start, line_end = 0, self._codec.line_end
        while end := block.find(line_end, start + _QUOTED) + 1:
            number += block.count(line_end, start, end)
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
    return _Stamp(found.st_size, found.st_mtime_ns, found.st_ino)


def _told(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a directory; give the files in it"
    if isinstance(error, PermissionError):
        return "this file may not be read; check its permissions"
    return f"this cannot be read ({error.strerror or error})"
