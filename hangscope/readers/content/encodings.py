r"""Which codec a text is in, told from its first bytes, and its bytes as text.

The structure of all formats is ASCII: only names are at stake. So what is not surely something
else is read as UTF-8, and its other bytes stay visible, and apart, as ``\x`` escapes.

HotSpot writes *modified* UTF-8 to stdout: characters beyond U+FFFF are two surrogates of three
bytes each, and U+0000 is C0 80 (JNI specification, "Modified UTF-8 Strings").
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from hangscope.readers.content.legacy_encodings import legacy_codec_of

HEAD: Final = 1 << 20
"""Bytes that are enough to tell a codec from; fewer will do for a smaller text."""

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MANY: Final = 0.2
"""A share of NUL that text does not have: a name may hold one, and so does ``lsof -F0``."""
_NEARLY_ALL: Final = 0.8
"""A share of NUL in every second byte that only text in UTF-16 has."""
_UTF_16: Final = frozenset({"utf-16-le", "utf-16-be"})

_NON_ASCII: Final = re.compile(rb"[\x80-\xff]+")
_CHARACTERS: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|\xc0\x80"
)
_MODIFIED: Final = re.compile(
    rb"[\xc0\xed](?:(?<=\xed)[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]"
    rb"|(?<=\xed)[\xa0-\xbf][\x80-\xbf]|(?<=\xc0)\x80)"
)
"""It starts with a set, which ``re`` looks for fast."""


@dataclass(frozen=True)
class Codec:
    """How the bytes of one text become lines."""

    name: str
    """As Python and reports call it: ``utf-8``, ``utf-16-le``, ``cp949``, …"""
    mark: int = 0
    """Length of the byte order mark at the start, in bytes."""
    line_end: bytes = b"\n"
    r"""What ends a line, in UTF-8: ``\r`` where no line feed is."""

    @property
    def is_utf_16(self) -> bool:
        """Whether it must become UTF-8 before it is cut into lines."""
        return self.name in _UTF_16

    def decode(self, block: bytes) -> str:
        """The text of whole lines, those of UTF-16 as UTF-8 already. Never raises."""
        if block.isascii():
            return block.decode("ascii")
        if self.name in _UTF_16 or self.name == "utf-8":
            return _from_utf_8(block)
        try:
            return block.decode(self.name)
        except UnicodeDecodeError:
            pass
        # Line by line: a character that is cut short would take the line end with it.
        end = self.line_end
        lines = (line.decode(self.name, "backslashreplace") for line in block.split(end))
        return end.decode().join(lines)


UTF_8: Final = Codec("utf-8")


def codec_of(head: bytes, encoding: str | None = None) -> Codec | None:
    """The codec of a text that starts with ``head``, its first :data:`HEAD` bytes.

    ``encoding`` is what the user says it is, as Python calls it; a byte order mark overrules it.
    None if it is not text.

    Raises:
        LookupError: There is no such ``encoding``, or it is none of text.
    """
    name, mark = _marked(head)
    if not name:
        name = _chosen(encoding) if encoding else _told(head)
    if not name:
        return None
    text = head[mark:]
    if name in _UTF_16:
        text = text.decode(name, "replace").encode("utf-8", "backslashreplace")
    return Codec(name, mark, _line_end(text))


def _marked(head: bytes) -> tuple[str, int]:
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name, len(mark)
    return "", 0


def _chosen(encoding: str) -> str:
    name = codecs.lookup(encoding).name
    if name in {"utf-16", "utf-16-le", "utf-16-be"}:
        return "utf-16-le" if name == "utf-16" else name
    try:
        bytes(range(256)).decode(name, "backslashreplace")
        is_fit = b"a\n".decode(name) == "a\n"
    except UnicodeError:
        is_fit = False
    if not is_fit:
        raise LookupError(f"{encoding} is no encoding that lines can be told apart in")
    return name


def _told(head: bytes) -> str:
    text = head.lstrip(b"\0")  # a log that was cut while it was written starts with a hole
    if text.count(0) <= _MANY * len(text):
        return _of_eight_bits(text)
    even, odd = head[::2], head[1::2]
    for codec, half, other in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if half.count(0) > _NEARLY_ALL * len(half) and other.count(0) <= _MANY * len(other):
            return codec
    return ""


def _of_eight_bits(text: bytes) -> str:
    if text.isascii():
        return "utf-8"
    whole = text[: text.rfind(b"\n") + 1] or text
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    foreign = b"\n".join(_NON_ASCII.findall(whole))
    size = len(foreign) - foreign.count(b"\n")
    of_utf_8 = sum(map(len, _CHARACTERS.findall(foreign)))
    if 2 * of_utf_8 >= size:
        return "utf-8"
    return legacy_codec_of(whole) or "utf-8"


def _line_end(text: bytes) -> bytes:
    return b"\r" if b"\n" not in text and b"\r" in text[:-1] else b"\n"


def _from_utf_8(block: bytes) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return _MODIFIED.sub(_joined, block).decode("utf-8", "backslashreplace")


def _joined(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text == b"\xc0\x80":
        return b"\0"
    characters = text.decode("utf-8", "surrogatepass")
    if len(characters) == 1:  # half of a pair, which is no character
        return characters.encode("ascii", "backslashreplace")
    return characters.encode("utf-16", "surrogatepass").decode("utf-16").encode("utf-8")
