"""Tables that are read by column: as long as rows follow each other, many lines at a time."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any, Final

from hangscope.facts import Socket, TcpState
from hangscope.readers.columns import SocketColumns
from hangscope.readers.interface import Batch, Lines, Surroundings
from hangscope.readers.lines import BLANKS, LineSyntax
from hangscope.readers.tables import Table, TableReading

_STRIPPED: Final = methodcaller("strip", BLANKS)
_STOPS: Final = frozenset({"title", "header", "remark", "elision", "divider", "prompt"})
"""Lines round the rows, which are read one by one."""


@dataclass(kw_only=True)
class ColumnarTable(Table):
    """A table being read."""

    columns: SocketColumns = field(repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is no row yet."""
        return not len(self.columns)

    def states(self) -> frozenset[TcpState]:
        """States that occur."""
        return self.columns.states()


class ColumnarReading(TableReading):
    """The tables of one format in one input."""

    def __init__(
        self, input_name: str, syntax: LineSyntax, why: str, rules: Sequence[str] = ("row",)
    ) -> None:
        """Start with a new input; ``rules`` are the kinds of row in the grammar."""
        super().__init__(input_name, syntax, why)
        self._kinds = {rule: syntax.fullmatch(rule) for rule in rules}
        self._batch: Batch | None = None
        self._matches: dict[str, list[re.Match[str] | None]] = {}

    @abstractmethod
    def _add(
        self,
        columns: SocketColumns,
        lines: Sequence[int],
        rule: str,
        values: Sequence[tuple[Any, ...]],
    ) -> None:
        """Add rows of one kind, given the values of its ``rule`` column by column."""

    def _no_row(self, text: str) -> str | None:  # noqa: ARG002 - a format may know better
        """Why a line is none though it looks like one; empty if it is of no interest."""
        return None

    @property
    def _columns(self) -> SocketColumns:
        """Those of the table that is open."""
        assert isinstance(self._table, ColumnarTable)  # noqa: S101 - made by _new_table
        return self._table.columns

    def _row(self, number: int, text: str) -> Socket | str | None:  # noqa: ARG002 - of the base
        return self._no_row(text)

    def _new_table(self, number: int, command: str) -> Table:
        return ColumnarTable(number, number, command, columns=SocketColumns(self._input))

    def _took_many(self, lines: Lines, around: Surroundings) -> bool:
        batch, start = lines.ahead()
        if start >= len(batch.texts):
            return False
        for rule in self._kinds:
            matches = self._matched(batch, rule)
            if matches[start] is not None:
                self._take(rule, matches, lines, around)
                return True
        return False

    def _take(
        self,
        rule: str,
        matches: Sequence[re.Match[str] | None],
        lines: Lines,
        around: Surroundings,
    ) -> None:
        batch, start = lines.ahead()
        found: list[re.Match[str]] = []
        numbers: list[int] = []
        at = start
        while at < len(matches):
            end = _first_none(matches, at)
            found += matches[at:end]  # type: ignore[arg-type]  # none of them is None
            numbers += batch.numbers[at:end]
            at = end
            if at < len(matches) and not self._is_passed_over(batch.texts[at]):
                break
            at += 1
        at = min(at, len(matches))
        table = self._resumed(numbers[0], around)
        table.last_line = batch.numbers[at - 1]
        columns = list(zip(*map(re.Match.groups, found), strict=True))
        self._add(self._columns, numbers, rule, columns)
        lines.skip(at - start)

    def _matched(self, batch: Batch, rule: str) -> list[re.Match[str] | None]:
        if batch is not self._batch:
            self._batch, self._matches = batch, {}
        if rule not in self._matches:
            fullmatch = self._kinds[rule]
            self._matches[rule] = list(map(fullmatch, map(_STRIPPED, batch.texts)))
        return self._matches[rule]

    def _is_passed_over(self, line: str) -> bool:
        """Whether a line between rows is known, and says nothing."""
        text = line.strip(BLANKS)
        if not text or self._no_row(text):
            return False
        found = self._syntax.match(text)
        return found is not None and found[0] not in _STOPS


def _first_none(matches: Sequence[re.Match[str] | None], start: int) -> int:
    try:
        return matches.index(None, start)
    except ValueError:
        return len(matches)
