"""Lines of logs round dumps and tables; they are passed over before any reader is asked."""

from __future__ import annotations

from typing import Final

from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("logs")


def is_of_a_log(line: str) -> bool:
    """Whether ``line`` is one; no dump and no table starts like that."""
    return SYNTAX.match(line.strip(BLANKS)) is not None
