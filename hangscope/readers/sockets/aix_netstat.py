"""What only AIX prints: ``netstat -Aan`` without its title, and the answers of ``rmsock``.

They are read as BSD's netstat, whose layout AIX has; that reader sees the title first where there
is one, and calls the table AIX' all the same.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.sockets.bsd_netstat import SYNTAX, BsdNetstatReading, is_heading, is_row
from hangscope.readers.syntax.lines import BLANKS

_FIRST_WORDS: Final = ("PCB/ADDR", "f1000")
_SEEN: Final = (*_FIRST_WORDS, "The socket ")
"""The heading, and how addresses of the 64-bit kernel begin."""


class AixNetstat:
    """The reader of what only AIX prints; a title above it is the other reader's."""

    name = "aix-netstat"
    kind = InputKind.SOCKET_TABLE
    initials = frozenset(word[0] for word in _SEEN)

    def sees(self, line: str) -> str | None:
        """A heading with PCB/ADDR, a row with the address of such a block, rmsock's answer."""
        text = line.strip(BLANKS)
        if not text.startswith(_SEEN):
            return None
        if text.startswith(_FIRST_WORDS) and (is_row(text) or is_heading(text)):
            return "it has netstat -A of AIX"
        if text.startswith("The socket ") and SYNTAX.matcher("holder")(text):
            return "it has an answer of AIX' rmsock"
        return None

    def begin(self, input_name: str) -> BsdNetstatReading:
        """Start with a new input."""
        return BsdNetstatReading(input_name)
