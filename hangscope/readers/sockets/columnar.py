"""Tables that are read by column: as long as rows follow each other, many lines at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress, islice, takewhile
from typing import Final, TypeAlias

from hangscope.facts import Socket, TcpState
from hangscope.readers.interface import Batch, Lines, Surroundings
from hangscope.readers.sockets.columns import SocketColumns
from hangscope.readers.sockets.rows_of_batch import RowsOfBatch
from hangscope.readers.sockets.tables import Table, TableReading
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

Column: TypeAlias = Sequence[str]
"""One value of many rows, "" where it is not printed."""

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

    def add(self, socket: Socket) -> None:
        """Take in a row that is unlike the others."""
        self.columns.add_socket(socket)

    def states(self) -> frozenset[TcpState]:
        """States that occur."""
        return self.columns.states()


class ColumnarReading(TableReading):
    """The tables of one format in one input."""

    def __init__(
        self,
        input_name: str,
        syntax: LineSyntax,
        why: str,
        rules: Sequence[str] = ("row",),
        others: Sequence[str] = (),
    ) -> None:
        """Start with a new input.

        ``rules`` are the kinds of row in the grammar that are read many at a time, ``others``
        the kinds of line between them that say something: those go to ``_row``.
        """
        super().__init__(input_name, syntax, why)
        self._kinds = {rule: RowsOfBatch(syntax, rule) for rule in rules}
        self._stops = _STOPS.union(rules, others)
        self._batch: Batch | None = None
        self._found: dict[str, list[Column]] = {}

    @abstractmethod
    def _add(
        self, columns: SocketColumns, lines: Sequence[int], rule: str, values: Sequence[Column]
    ) -> None:
        """Add rows of one kind, given the values of its ``rule`` column by column."""

    @property
    def _columns(self) -> SocketColumns:
        """Those of the table that is open."""
        assert isinstance(self._table, ColumnarTable)  # noqa: S101 - made by _new_table
        return self._table.columns

    def _row(self, number: int, text: str) -> Socket | str | None:  # noqa: ARG002 - of the base
        return None

    def _new_table(self, number: int, command: str) -> Table:
        return ColumnarTable(number, number, command, columns=SocketColumns(self._input))

    def _took_many(self, lines: Lines, around: Surroundings) -> bool:
        batch, start = lines.ahead()
        if start >= len(batch.texts):
            return False
        for rule in self._kinds:
            columns = self._columns_of(batch, rule)
            if columns[-1][start]:
                self._take(rule, columns, lines, around)
                return True
        return False

    def _take(
        self, rule: str, columns: Sequence[Column], lines: Lines, around: Surroundings
    ) -> None:
        batch, start = lines.ahead()
        is_row = columns[-1][: self._first_of_earlier_kind(batch, rule, start)]
        end = at = _first_other(is_row, start)
        while at < len(is_row) and self._is_passed_over(batch.texts[at]):
            end = at = _first_other(is_row, at + 1)
        of_rows = is_row[start:end]
        numbers: Sequence[int] = batch.numbers[start:end]
        values = [column[start:end] for column in columns[:-1]]
        if "" in of_rows:
            numbers = list(compress(numbers, of_rows))
            values = [tuple(compress(column, of_rows)) for column in values]
        table = self._resumed(numbers[0], around)
        table.last_line = batch.numbers[end - 1]
        self._add(self._columns, numbers, rule, values)
        lines.skip(end - start)

    def _first_of_earlier_kind(self, batch: Batch, rule: str, start: int) -> int:
        """The next line that is a row of a kind which comes before ``rule``, and so is no other."""
        firsts = [len(batch.texts)]
        for earlier in takewhile(rule.__ne__, self._kinds):
            is_row = self._columns_of(batch, earlier)[-1]
            firsts += islice((at for at in range(start, len(is_row)) if is_row[at]), 1)
        return min(firsts)

    def _columns_of(self, batch: Batch, rule: str) -> list[Column]:
        if batch is not self._batch:
            self._batch, self._found = batch, {}
        if rule not in self._found:
            found = self._kinds[rule].find(batch.texts)
            self._found[rule] = list(zip(*found, strict=True))
        return self._found[rule]

    def _is_passed_over(self, line: str) -> bool:
        """Whether a line between rows is known, and says nothing."""
        text = line.strip(BLANKS)
        found = self._syntax.match(text) if text else None
        return found is not None and found[0] not in self._stops


def _first_other(is_row: Column, start: int) -> int:
    try:
        return is_row.index("", start)
    except ValueError:
        return len(is_row)


def known_rows(
    lines: Sequence[int], values: Sequence[Column], is_known: Sequence[bool]
) -> tuple[Sequence[int], Sequence[Column]]:
    """Those of some rows that ``is_known`` says."""
    return list(compress(lines, is_known)), [tuple(compress(one, is_known)) for one in values]
