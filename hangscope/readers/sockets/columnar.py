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
_AT_ONCE: Final = 512
"""Lines whose words fit into a processor's cache: to read more of them together is slower."""


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
        self._first = 0
        self._window = Batch((), [])
        """Lines of the batch from the first on, which are looked at together."""
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
        batch, at = lines.ahead()
        if at >= len(batch.texts):
            return False
        start = self._look_at(batch, at)
        for rule in self._kinds:
            if self._columns_of(rule)[-1][start]:
                lines.skip(self._take(rule, start, around))
                return True
        return False

    def _look_at(self, batch: Batch, at: int) -> int:
        """Have the window there, and say where in it ``at`` is."""
        start = at % _AT_ONCE
        if batch is not self._batch or at - start != self._first:
            self._batch, self._first = batch, at - start
            window = slice(self._first, self._first + _AT_ONCE)
            self._window = Batch(batch.numbers[window], batch.texts[window])
            self._found = {}
        return start

    def _take(self, rule: str, start: int, around: Surroundings) -> int:
        """Add the rows from there on, and say how many lines they are."""
        batch, columns = self._window, self._columns_of(rule)
        is_row = columns[-1][: self._first_of_earlier_kind(rule, start)]
        end = at = _first_other(is_row, start)
        while at < len(is_row) and self._is_passed_over(batch.texts[at]):
            end = at = _first_other(is_row, at + 1)
        numbers, values = batch.numbers, columns[:-1]
        if end - start < len(numbers):
            is_row, numbers = is_row[start:end], numbers[start:end]
            values = [column[start:end] for column in values]
        if "" in is_row:
            numbers = list(compress(numbers, is_row))
            values = [tuple(compress(column, is_row)) for column in values]
        table = self._resumed(numbers[0], around)
        table.last_line = batch.numbers[end - 1]
        self._add(self._columns, numbers, rule, values)
        return end - start

    def _first_of_earlier_kind(self, rule: str, start: int) -> int:
        """The next line that is a row of a kind which comes before ``rule``, and so is no other."""
        firsts = [len(self._window.texts)]
        for earlier in takewhile(rule.__ne__, self._kinds):
            is_row = self._columns_of(earlier)[-1]
            firsts += islice((at for at in range(start, len(is_row)) if is_row[at]), 1)
        return min(firsts)

    def _columns_of(self, rule: str) -> list[Column]:
        if rule not in self._found:
            found = self._kinds[rule].find(self._window.texts)
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
