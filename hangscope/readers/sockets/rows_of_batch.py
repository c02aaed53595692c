"""Matches many lines at once: one search through all of them in place of a match for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import repeat
from typing import TypeAlias

from hangscope.readers.syntax.derive import within_one_line
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

Found: TypeAlias = list[tuple[str, ...]]
"""Of each line the values of the rule, "" where there is none, and as the last one "" if the
line is none of its kind."""


class RowsOfBatch:
    """The lines of one kind among many lines."""

    def __init__(self, syntax: LineSyntax, rule: str) -> None:
        expression = syntax.expression(rule)
        self._one = syntax.matcher(rule)
        self._all = re.compile(f"(?:{within_one_line(expression)}(\n)|.*\n)")
        self._none = ("",) * self._all.groups

    def find(self, lines: Sequence[str]) -> Found:
        """What each of ``lines`` is, blanks at its ends aside."""
        text = "\n".join(map(str.strip, lines, repeat(BLANKS))) + "\n"
        if text.count("\n") == len(lines):
            found = self._all.findall(text)
            if len(found) == len(lines):
                return found
        return [self._alone(line.strip(BLANKS)) for line in lines]

    def _alone(self, line: str) -> tuple[str, ...]:
        values = self._one(line)
        if values is None:
            return self._none
        return (*("" if value is None else value for value in values), "\n")
