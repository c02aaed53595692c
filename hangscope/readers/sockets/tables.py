"""What the readers of socket tables share: which lines make one table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from hangscope.facts import Evidence, Socket, SocketTable, TcpState
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.processes.moments import moment_of
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

_BETWEEN: Final = "between two rows of one table"


@dataclass
class Table:
    """A table being read."""

    first_line: int
    last_line: int
    command: str
    """What was typed to get it, if that is known."""
    captured: str | None = None
    """What ``date`` printed above it."""
    title: str = ""
    header: str = ""
    sockets: list[Socket] = field(default_factory=list)
    elided: bool = False
    """Whether somebody left out lines."""
    remarks: list[str] = field(default_factory=list)
    """The tool's own remarks: on what it could not see."""

    def evidence(self, input_name: str) -> Evidence:
        """All lines of it."""
        return Evidence(input_name, self.first_line, self.last_line)

    @property
    def is_empty(self) -> bool:
        """Whether there is no row yet."""
        return not self.sockets

    def add(self, socket: Socket) -> None:
        """Take in a row."""
        self.sockets.append(socket)

    def states(self) -> frozenset[TcpState]:
        """States that occur."""
        return frozenset(socket.state for socket in self.sockets)


_TOO_LONG: Final = "a number in it has more digits than any field holds"


class TableReading(ABC):
    """The tables of one format in one input.

    Grammars of tables name the lines round the rows alike: ``title`` and ``header`` start a
    table, ``remark`` is the tool's own, ``elision``, ``divider`` and ``prompt`` are a person's,
    and everything else that is known is a row of no interest.
    """

    def __init__(self, input_name: str, syntax: LineSyntax, why: str) -> None:
        self._input = input_name
        self._syntax = syntax
        self._why = why
        self._spans = Spans()
        self._tables: list[SocketTable] = []
        self._table: Table | None = None
        self._left_at: int | None = None
        self._closed_at = 0

    @abstractmethod
    def _row(self, number: int, text: str) -> Socket | str | None:
        """The socket of a row; why it is none though it looks like one; None for other lines."""

    @abstractmethod
    def _frozen(self, table: Table) -> SocketTable:
        """The table with what its rows and its headings say about it as a whole."""

    def _opened(self) -> None:
        """A new table begins: forget what was noted about the one before."""
        return

    def _took_many(self, lines: Lines, around: Surroundings) -> bool:  # noqa: ARG002 - see below
        """Whether rows were read many at a time, by a format that can."""
        return False

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of a table."""
        first = lines.next_number()
        if around.command:
            self._close()
        over: bool | None = False
        for numbered, after_rows in self._remaining(lines, around):
            over = self._one(
                numbered, lines, around, first=first, over=bool(over and not after_rows)
            )
            if over is None:
                return

    def _remaining(self, lines: Lines, around: Surroundings) -> Iterator[tuple[Numbered, bool]]:
        """The lines that are read one by one, and whether rows read many at a time come before."""
        after_rows = self._took_all(lines, around)
        for numbered in lines:
            yield numbered, after_rows
            after_rows = self._took_all(lines, around)

    def _took_all(self, lines: Lines, around: Surroundings) -> bool:
        took = False
        while self._took_many(lines, around):
            took = True
        return took

    def _one(
        self, numbered: Numbered, lines: Lines, around: Surroundings, *, first: int, over: bool
    ) -> bool | None:
        """Whether the table may be over after this line; None if the line is not ours."""
        number, line = numbered
        text = line.strip(BLANKS)
        try:
            socket = self._row(number, text)
        except ValueError:  # more digits than Python, or any field, takes
            socket = _TOO_LONG
        if type(socket) is Socket:
            table = self._table
            if table is None or self._left_at is not None:
                table = self._resumed(number, around)
            table.add(socket)
            table.last_line = number
            return False
        if isinstance(socket, str):
            self._resumed(number, around).last_line = number
            if socket:
                self._spans.add(number, socket)
            return False
        if not text:
            return True
        stays = self._other(numbered, text, around, first=first, over=over)
        if stays is None:
            lines.back(numbered)
        return stays

    def finish(self) -> Read:
        """Close the last table."""
        self._close()
        return Read(tables=tuple(self._tables), not_understood=self._spans.all())

    def _other(
        self, numbered: Numbered, text: str, around: Surroundings, *, first: int, over: bool
    ) -> bool | None:
        """A line that is no row: whether the table may be over now; None if it is not ours."""
        number, line = numbered
        found = self._syntax.match(text)
        match found[0] if found else None:
            case None:
                if number != first and moment_of(text) is not None:
                    self._close()
                    return None
                if number != first and (over or around.starts_elsewhere(line)):
                    self._left_at = self._left_at or number
                    return None
                self._spans.add(number, self._why)
                return False
            case "title" | "header" as rule:
                self._headed(rule, number, text, around)
                return False
            case "prompt":
                self._close()
                return None if number != first else True
            case "elision" | "divider" as rule:
                if self._table:
                    self._table.elided |= rule == "elision"
                return True
            case "remark":
                self._resumed(number, around).remarks.append(text)
                return False
            case _:
                self._resumed(number, around).last_line = number
                return False

    def _headed(self, rule: str, number: int, text: str, around: Surroundings) -> None:
        table = self._table
        goes_on = table and not (
            table.header or not table.is_empty or (table.title and rule == "title")
        )
        if table is None or not goes_on:
            self._close()
            table = self._open(number, around)
        if rule == "title":
            table.title = text
        else:
            table.header = text
        table.last_line = number

    def _resumed(self, number: int, around: Surroundings) -> Table:
        if self._table is None:
            return self._open(number, around)
        if self._left_at is not None:
            if self._left_at < number:  # not if JSON stands before the row, on its line
                self._spans.extend(self._left_at, number - 1, _BETWEEN)
            self._left_at = None
        return self._table

    def _open(self, number: int, around: Surroundings) -> Table:
        self._table = table = self._new_table(number, around.command)
        if around.before and around.before[-1][0] > self._closed_at:
            table.captured = moment_of(around.before[-1][1])
        self._left_at = None
        self._opened()
        return table

    def _new_table(self, number: int, command: str) -> Table:
        return Table(number, number, command)

    def _close(self) -> None:
        if self._table:
            frozen = self._frozen(self._table)
            self._tables.append(replace(frozen, captured=self._table.captured))
            self._closed_at = self._table.last_line
        self._table = self._left_at = None
