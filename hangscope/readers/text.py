r"""From bytes to lines: which encoding it is, and where lines end.

Only ``\\n`` ends a line, as for ``sed -n``: thread names may hold any other separator that
``str.splitlines`` would stop at. One ``\\r`` before it is dropped.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

LONGEST_LINE: Final = 1 << 20
"""Characters kept of one line: a file without line feeds must not fill the memory."""

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
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MANY: Final = 0.2
"""A share of NUL that text does not have: a name may hold one, and so does ``lsof -F0``."""
_NEARLY_ALL: Final = 0.8
"""A share of NUL in every second byte that only text in UTF-16 has."""


def encoding_of(head: bytes) -> tuple[str, int] | None:
    """The codec of a text that starts with ``head``, and the length of its byte order mark.

    None if it is not text. Whatever is not UTF-16 is read as UTF-8: the structure of all
    formats is ASCII, and names in other encodings stay visible as escapes.
    """
    for mark, codec in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return codec, len(mark)
    text = head.lstrip(b"\0")  # a log that was cut while it was written starts with a hole
    if text.count(0) <= _MANY * len(text):
        return "utf-8", 0
    even, odd = head[::2], head[1::2]
    for codec, half, other in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if half.count(0) > _NEARLY_ALL * len(half) and other.count(0) <= _MANY * len(other):
            return codec, 0
    return None


def magic_of(head: bytes) -> str | None:
    """What a file is that starts with ``head``, if it is one of the usual mistakes."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def blocks(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Whole lines of UTF-8, many at a time, and how many bytes of ``chunks`` they stand for."""
    rest, length = b"", 0
    for chunk in chunks:
        length += len(chunk)
        end = chunk.rfind(b"\n") + 1
        if end:
            left = len(chunk) - end
            yield rest + chunk[:end], length - left
            rest, length = chunk[end:], left
        elif len(rest) < LONGEST_LINE:
            rest += chunk
    if rest:
        yield rest, length


def utf8(chunks: Iterable[bytes], codec: str) -> Iterator[bytes]:
    """``chunks`` of UTF-16 as UTF-8; what is UTF-8 already stays as it is."""
    if codec == "utf-8":
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(codec)("backslashreplace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "backslashreplace")
    yield decoder.decode(b"", final=True).encode("utf-8", "backslashreplace")


def lines_of(block: bytes) -> list[str]:
    """The lines of a block, without their ends."""
    text = block.decode("utf-8", "backslashreplace")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    text = text[:-1] if text.endswith("\n") else text.removesuffix("\r")
    lines = text.split("\n")
    if len(text) > LONGEST_LINE:
        lines = [line[:LONGEST_LINE] for line in lines]
    return lines
