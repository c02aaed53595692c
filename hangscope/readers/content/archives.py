"""Directories, archives and compressed files as the texts in them, bounded while they are unpacked.

Nothing is written to a place that an archive names: what is unpacked goes to numbered files in a
folder of our own, which goes away with :class:`Unpacked`.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Any, BinaryIO, Final, Self, TypeAlias, cast

from hangscope.readers.content.source import Source
from hangscope.readers.errors import ReadError, UnreadableInput

Found: TypeAlias = Source | ReadError
"""A text, or why a place where one was expected has none."""

MOST_BYTES: Final = 4 << 30
"""Bytes that are unpacked in one run at the most."""
MOST_MEMBERS: Final = 100_000
"""Members of all archives of one run at the most."""
DEEPEST: Final = 8
"""Archives within archives, and compressed ones count twice."""
HIGHEST_RATIO: Final = 2_000
"""Unpacked to packed; dumps of one JVM, which repeat each other, reach some hundreds."""
_HARMLESS: Final = 256 << 20
"""Bytes up to which no ratio is too high."""

_HERE: Final = Path()
_CHUNK: Final = 1 << 18
HEAD: Final = 512
_TAR_MAGIC: Final = b"ustar"
_TAR_MAGIC_AT: Final = 257
DAMAGE: Final = (EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError)
"""What the standard library raises for compressed data that is cut or damaged."""


class _TooMuchError(Exception):
    """A bound was passed; the message says which."""


class _Account:
    """How much was unpacked in this run, and from how much."""

    def __init__(self) -> None:
        self.packed = 0
        self.unpacked = 0
        self.members = 0

    def unpack(self, count: int) -> None:
        """Another ``count`` bytes were unpacked."""
        self.unpacked += count
        if self.unpacked > MOST_BYTES:
            raise _TooMuchError(f"it unpacks to more than {MOST_BYTES >> 30} GiB")
        if self.unpacked > _HARMLESS and self.unpacked > HIGHEST_RATIO * self.packed:
            raise _TooMuchError(f"it unpacks to more than {HIGHEST_RATIO:,} times its size")

    def member(self) -> None:
        """Another member was found."""
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise _TooMuchError(f"it has more than {MOST_MEMBERS:,} members")


class _Counted(RawIOBase):
    """A stream whose bytes are counted while they are read."""

    def __init__(self, stream: IO[bytes], account: _Account, *, packed: bool) -> None:
        super().__init__()
        self._stream = stream
        self._account = account
        self._packed = packed

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what fits."""
        chunk = self._stream.read(len(buffer))
        if self._packed:
            self._account.packed += len(chunk)
        else:
            self._account.unpack(len(chunk))
        buffer[: len(chunk)] = chunk
        return len(chunk)


class Unpacked:
    """The texts at some places, for as long as the ``with`` block lasts."""

    def __init__(self, encoding: str | None = None, base: Path = _HERE) -> None:
        """Begin.

        Args:
            encoding: How all texts are read; by default that is found out.
            base: Where places that are given as relative ones start.
        """
        self._encoding = encoding
        self._base = base
        self._folder = TemporaryDirectory(prefix="hangscope-")
        self._account = _Account()
        self._files = 0

    def __enter__(self) -> Self:
        """Nothing is unpacked yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Whatever was unpacked is deleted."""
        self._folder.cleanup()

    def at(self, path: str | os.PathLike[str]) -> Iterator[Found]:
        """The texts at ``path``: a file, an archive's members, the files of a directory."""
        given = Path(path)
        place = self._base / given
        if not place.is_dir():
            yield from self._file(os.fspath(path), place)
            return
        empty = True
        for folder, folders, names in os.walk(place):
            folders.sort()
            for name in sorted(names):
                file = Path(folder, name)
                if file.is_file():
                    empty = False
                    yield from self._file(os.fspath(given / file.relative_to(place)), file)
        if empty:
            yield UnreadableInput(os.fspath(path), "there is no file in this directory")

    def stream(self, name: str, stream: BinaryIO) -> Iterator[Found]:
        """The texts in what ``stream`` gives, called by ``name``."""
        yield from self._guarded(name, stream)

    def _file(self, name: str, path: Path) -> Iterator[Found]:
        try:
            with path.open("rb") as stream:
                head = stream.read(HEAD)
                if packing(head) is None:
                    yield self._plain(name, path)
                    return
                stream.seek(0)
                yield from self._guarded(name, stream)
        except OSError:
            yield self._plain(name, path)  # says itself what is wrong

    def _plain(self, name: str, path: Path) -> Source:
        return Source(name, path, encoding=self._encoding)

    def _guarded(self, name: str, stream: BinaryIO) -> Iterator[Found]:
        counted = BufferedReader(_Counted(stream, self._account, packed=True), _CHUNK)
        try:
            yield from self._expanded(name, counted, 0)
        except _TooMuchError as error:
            yield UnreadableInput(
                name, f"{error}, so not all of it was read; unpack it and give the texts in it"
            )

    def _expanded(self, name: str, stream: BufferedReader[Any], depth: int) -> Iterator[Found]:
        try:
            packed = packing(stream.peek(HEAD)[:HEAD])
        except DAMAGE as error:
            yield UnreadableInput(name, f"its compressed data is damaged ({error})")
            return
        if packed is None:
            yield self._spooled(name, stream)
            return
        if depth >= DEEPEST:
            raise _TooMuchError(f"it has more than {DEEPEST} archives in each other")
        if packed == "tar":
            yield from self._members_of_tar(name, stream, depth)
        elif packed == "zip":
            yield from self._members_of_zip(name, stream, depth)
        else:
            inner = self._inner(decompressed(packed, stream))
            yield from self._expanded(name, inner, depth + 1)

    def _inner(self, stream: IO[bytes]) -> BufferedReader[Any]:
        return BufferedReader(_Counted(stream, self._account, packed=False), _CHUNK)

    def _members_of_tar(
        self, name: str, stream: BufferedReader[Any], depth: int
    ) -> Iterator[Found]:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                for member in tar:
                    content = tar.extractfile(member) if member.isreg() else None
                    if content is not None:
                        self._account.member()
                        inner = self._inner(content)
                        yield from self._expanded(f"{name}!{member.name}", inner, depth + 1)
        except DAMAGE as error:
            yield UnreadableInput(name, f"the archive is damaged from here on ({error})")

    def _members_of_zip(
        self, name: str, stream: BufferedReader[Any], depth: int
    ) -> Iterator[Found]:
        # Its list of members stands at the end.
        path, damage = self._written(stream)
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if not member.is_dir():
                        self._account.member()
                        yield from self._member_of_zip(name, archive, member, depth)
        except (zipfile.BadZipFile, *DAMAGE) as error:
            yield UnreadableInput(name, f"the archive is damaged ({damage or error})")

    def _member_of_zip(
        self, name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, depth: int
    ) -> Iterator[Found]:
        full = f"{name}!{member.filename}"
        try:
            content = archive.open(member)
        except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            yield UnreadableInput(full, f"this member cannot be unpacked ({error})")
            return
        with content:
            yield from self._expanded(full, self._inner(content), depth + 1)

    def _spooled(self, name: str, stream: BufferedReader[Any]) -> Source:
        path, damage = self._written(stream)
        return Source(name, path, damage=damage, encoding=self._encoding, passing=True)

    def _written(self, stream: BufferedReader[Any]) -> tuple[Path, str]:
        """A file with all of ``stream``, and what is wrong with the end of it."""
        self._files += 1
        path = Path(self._folder.name, str(self._files))
        damage = ""
        with path.open("wb") as file:
            try:
                while chunk := stream.read(_CHUNK):
                    file.write(chunk)
            except (zipfile.BadZipFile, *DAMAGE) as error:
                damage = f"its compressed data is cut or damaged from here on ({error})"
        return path, damage


def packing(head: bytes) -> str | None:
    """How a file that starts with ``head`` is packed."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + len(_TAR_MAGIC)] == _TAR_MAGIC:
        return "tar"
    return None


def decompressed(how: str, stream: BufferedReader[Any]) -> IO[bytes]:
    """What is in ``stream``, compressed as ``packing`` tells."""
    if how == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if how == "bzip2":
        return bz2.BZ2File(stream)
    if how == "xz":
        return lzma.LZMAFile(stream)
    return _zstd(stream)


def _zstd(stream: BufferedReader[Any]) -> IO[bytes]:
    return cast("IO[bytes]", BufferedReader(_Zstd(stream), _CHUNK))


class _Zstd(RawIOBase):
    """A zstd stream, which unlike the library's own reader notices a missing end."""

    _STEP = 1024
    """Bytes unpacked at once: they make 32 MiB at the most, 128 KiB a block of four bytes."""

    def __init__(self, stream: BufferedReader[Any]) -> None:
        super().__init__()
        self._stream = stream
        self._frame: Any = None
        self._left = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what fits.

        Raises:
            EOFError: The data ends within a frame.
            OSError: The data is damaged.
        """
        while not self._ready:
            packed = self._left or self._stream.read(self._STEP)
            if not packed:
                if self._frame is not None:
                    raise EOFError("it ends in the middle of a frame")
                return 0
            self._ready = memoryview(self._unpacked(packed))
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpacked(self, packed: bytes) -> bytes:
        import zstandard  # 10 ms that only such a file should cost

        if self._frame is None:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            plain: bytes = self._frame.decompress(packed)
        except zstandard.ZstdError as error:
            raise OSError(str(error)) from error
        self._left = b""
        if self._frame.eof:
            self._left, self._frame = self._frame.unused_data, None
        return plain
