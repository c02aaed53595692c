"""Dumps that are known by sight only: passed over as a whole, and told as such.

Their lines resemble those of other formats, so that half of one would be read as something
that it is not.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.interface import Lines, Read, Surroundings
from hangscope.readers.lines import BLANKS
from hangscope.readers.spans import Spans

_STARTS: Final[tuple[tuple[str, str], ...]] = ()
_ENDS: Final = ("Full thread dump ", "Threads class SMR info:")


class Foreign:
    """The reader of what cannot be read yet."""

    name = "unsupported"
    kind = InputKind.UNKNOWN

    def sees(self, line: str) -> str | None:
        """The first line of a dump that has one of its own."""
        text = line.strip(BLANKS)
        return next(
            (f"it is a dump of {who}" for start, who in _STARTS if text.startswith(start)), None
        )

    def begin(self, input_name: str) -> ForeignReading:  # noqa: ARG002 - it makes no evidence
        """Start with a new input."""
        return ForeignReading()


class ForeignReading:
    """All such dumps in one input."""

    def __init__(self) -> None:
        self._spans = Spans()

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Pass over everything up to a dump or a table that can be read."""
        first = last = lines.next_number()
        why = "a dump that is not read yet"
        for number, line in lines:
            if number == first:
                text = line.strip(BLANKS)
                who = next((who for start, who in _STARTS if text.startswith(start)), "another JVM")
                why = f"a dump of {who}, which is not read yet"
            elif line.startswith(_ENDS) or around.starts_table(line):
                lines.back((number, line))
                break
            last = number
        self._spans.extend(first, last, why)

    def finish(self) -> Read:
        """What was passed over."""
        return Read(not_understood=self._spans.all())
