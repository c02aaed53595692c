"""Lines of logs round dumps and tables; they are passed over before any reader is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import repeat
from typing import Final

from hangscope.readers.syntax.derive import within_one_line
from hangscope.readers.syntax.lines import BLANKS, LONGEST, LineSyntax

SYNTAX: Final = LineSyntax("logs")

_FEW: Final = 8
_MANY: Final = 512
"""Lines that are searched together, the more the longer the log goes on."""


def is_of_a_log(line: str) -> bool:
    """Whether ``line`` is one; no dump and no table starts like that."""
    return SYNTAX.match(line.strip(BLANKS)) is not None


def log_lines(lines: Sequence[str], start: int) -> int:
    """How many of ``lines``, from that place on, are one after the other of a log.

    They are found by one search through many; of very long ones some may be left out.
    """
    end, wanted = start, _FEW
    while end < len(lines):
        part = lines[end : end + wanted]
        text = "\n".join((*map(str.strip, part, repeat(BLANKS)), ""))
        if text.count("\n") > len(part) or len(text) > LONGEST:
            break
        found = _run().match(text)
        run = text.count("\n", 0, found.end()) if found else 0
        end += run
        if run < len(part):
            break
        wanted = min(2 * wanted, _MANY)
    return end - start


@cache
def _run() -> re.Pattern[str]:
    kinds = "|".join(map(SYNTAX.expression, SYNTAX.rules))
    return re.compile(f"(?:(?:{within_one_line(kinds)})\n)*+")
