"""``ps -eLf``, ``ps -L -o …``, ``ps -T``, ``ps aux``: rows like those of ``top``.

Without a column of ``%CPU`` or ``C``, the use of the CPU is not stated.
"""

from __future__ import annotations

from hangscope.facts import InputKind
from hangscope.readers.processes.top import (
    INITIALS_OF_TITLES,
    TITLES_OF_TOP,
    UsageReading,
    columns_of,
)
from hangscope.readers.syntax.lines import BLANKS


class Ps:
    """The reader."""

    name = "ps"
    kind = InputKind.PROCESS
    initials = INITIALS_OF_TITLES

    def sees(self, line: str) -> str | None:
        """Titles of its columns."""
        if line.lstrip(BLANKS)[:1] not in INITIALS_OF_TITLES:
            return None
        columns = columns_of(line)
        if columns and TITLES_OF_TOP.isdisjoint(columns):
            return "it has the columns of ps"
        return None

    def begin(self, input_name: str) -> UsageReading:
        """Start with a new input."""
        return UsageReading(input_name, self.name)
