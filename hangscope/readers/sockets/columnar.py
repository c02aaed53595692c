"""Tables that are read by column: as long as rows follow each other, many lines at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, islice, takewhile
from typing import ClassVar, Final, NamedTuple, TypeAlias

from hangscope.facts import Socket, TcpState
from hangscope.readers.interface import Batch, Lines, Surroundings
from hangscope.readers.sockets.columns import Part, SocketColumns
from hangscope.readers.sockets.rows_of_batch import RowsOfBatch
from hangscope.readers.sockets.tables import Table, TableReading
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

Column: TypeAlias = Sequence[str]
"""One value of many rows, "" where it is not printed."""

_STOPS: Final = frozenset({"title", "header", "remark", "elision", "divider", "prompt"})
"""Lines round the rows, which are read one by one."""
_AT_ONCE: Final = 512
"""Lines whose words fit into a processor's cache: to read more of them together is slower."""
_LARGE: Final = 50_000
"""Rows of a table that is worth more than one processor."""


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

    is_divisible: ClassVar = False
    """Whether rows say the same wherever in a table they are, and all they say is in columns."""

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
        self._is_divided = False
        """Whether others have a part in the table."""

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
        self._is_divided = False
        return ColumnarTable(number, number, command, columns=SocketColumns(self._input))

    def _took_many(self, lines: Lines, around: Surroundings) -> bool:
        batch, at = lines.ahead()
        if at >= len(batch.texts):
            return False
        if not at and self._took_what_another_read(batch, lines, around):
            return True
        start = self._look_at(batch, at)
        for rule in self._kinds:
            if self._columns_of(rule)[-1][start]:
                lines.skip(self._take(rule, start, around))
                return True
        return False

    def _took_what_another_read(self, batch: Batch, lines: Lines, around: Surroundings) -> bool:
        """Whether another processor has read the whole batch as rows of this table."""
        table = self._table
        if not self.is_divisible or table is None or len(self._columns) < _LARGE:
            return False
        mine = type(self), table.command
        if not self._is_divided:
            lines.divide(partial(_rows_alone, *mine))
            self._is_divided = True
        rows = batch.said
        if not isinstance(rows, _Rows) or (rows.begin, rows.command) != mine:
            return False
        numbers, part = batch.numbers, rows.part
        if len(part.lines) < len(numbers):
            numbers = [numbers[line - 1] for line in part.lines]
        self._resumed(numbers[0], around).last_line = batch.numbers[-1]
        self._columns.add_part(part, numbers)
        lines.skip(len(batch.texts))
        return True

    def rows_alone(self, command: str, texts: list[str]) -> Part | None:
        """The rows that ``texts`` are, all by themselves; None if some are none."""
        lines, around = Lines(texts), Surroundings(command=command)
        self._open(1, around)
        while self._took_many(lines, around):
            pass
        return None if lines.next_number() or self._spans.all() else self._columns.part()

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


class _Rows(NamedTuple):
    """Some rows of one table, read by themselves."""

    begin: Callable[[str], ColumnarReading]
    command: str
    """What was typed to get the table."""
    part: Part


def _rows_alone(
    begin: Callable[[str], ColumnarReading], command: str, texts: list[str]
) -> _Rows | None:
    part = begin("").rows_alone(command, texts)
    return None if part is None else _Rows(begin, command, part)


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
