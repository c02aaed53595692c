r"""From bytes to lines: where lines end.

Only ``\\n`` ends a line, as for ``sed -n``: thread names may hold any other separator that
``str.splitlines`` would stop at. One ``\\r`` before it is dropped. Where there is no ``\\n`` at
all, ``\\r`` ends lines.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

from hangscope.readers.content.encodings import Codec

LONGEST_LINE: Final = 1 << 28
"""Bytes kept of one line: JSON may be one long line, but a file must not fill the memory."""

_MAGIC: Final = (
    (b"\x1f\x8b", "gzip archive"),
    (b"PK\x03\x04", "zip archive"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ\x00", "xz archive"),
    (b"\x28\xb5\x2f\xfd", "zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"JAVA PROFILE ", "heap dump"),
    (b"FLR\x00", "Flight Recorder recording"),
    (b"\x7fELF", "program or core dump"),
)


def magic_of(head: bytes) -> str | None:
    """What a file is that starts with ``head``, if it is one of the usual mistakes."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def blocks(chunks: Iterable[bytes], line_end: bytes = b"\n") -> Iterator[tuple[bytes, int]]:
    """Whole lines of bytes, many at a time, and how many bytes of ``chunks`` they stand for."""
    parts: list[bytes] = []
    kept = length = 0
    for chunk in chunks:
        length += len(chunk)
        end = chunk.rfind(line_end) + 1
        if end:
            left = len(chunk) - end
            yield b"".join((*parts, chunk[:end])), length - left
            parts, kept, length = [chunk[end:]], left, left
        elif kept < LONGEST_LINE:
            parts.append(chunk)
            kept += len(chunk)
    if length:
        yield b"".join(parts), length


def utf8(chunks: Iterable[bytes], codec: Codec) -> Iterator[bytes]:
    """``chunks`` of UTF-16 as UTF-8; what has line feeds of one byte already stays as it is."""
    if not codec.is_utf_16:
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(codec.name)("backslashreplace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "backslashreplace")
    yield decoder.decode(b"", final=True).encode("utf-8", "backslashreplace")


def lines_of(block: bytes, codec: Codec) -> list[str]:
    """The lines of a block, without their ends."""
    text = codec.decode(block)
    if codec.line_end == b"\r":
        text = text.replace("\n", " ").replace("\r", "\n")
    elif "\r" in text:
        text = text.replace("\r\n", "\n")
    text = text[:-1] if text.endswith("\n") else text.removesuffix("\r")
    return text.split("\n")
