"""Socket tables as JSON: an array of objects, or one object after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    Owner,
    Socket,
    SocketTable,
    TcpState,
)
from hangscope.readers.interface import Read
from hangscope.readers.json_texts.json_lines import JsonLines
from hangscope.readers.json_texts.json_walk import Record
from hangscope.readers.sockets.endpoints import Endpoints
from hangscope.readers.spans import Spans

STATES: Final = (
    {state.value: state for state in TcpState}
    | {state.value.replace("_", "-"): state for state in TcpState}
    | {
        "ESTAB": TcpState.ESTABLISHED,
        "LISTENING": TcpState.LISTEN,
        "CLOSED": TcpState.CLOSE,
        "UNCONN": TcpState.CLOSE,
        "SYN_RCVD": TcpState.SYN_RECV,
        "SYN_RECEIVED": TcpState.SYN_RECV,
        "FIN_WAIT_1": TcpState.FIN_WAIT1,
        "FIN_WAIT_2": TcpState.FIN_WAIT2,
        "FIN-WAIT-1": TcpState.FIN_WAIT1,
        "FIN-WAIT-2": TcpState.FIN_WAIT2,
        "TIMEWAIT": TcpState.TIME_WAIT,
        "CLOSEWAIT": TcpState.CLOSE_WAIT,
        "LASTACK": TcpState.LAST_ACK,
    }
)
"""The states by the names that the tools behind these dialects print."""
ANY: Final = Endpoint("*", None)


class JsonTable(ABC):
    """All tables of one dialect in one input."""

    name: ClassVar[str]
    """Of the format."""

    def __init__(self, input_name: str, spans: Spans) -> None:
        self.spans = spans
        self.endpoint = Endpoints().of
        self._input = input_name
        self._tables: list[SocketTable] = []
        self._begin()

    def _begin(self) -> None:
        self._first_line = self._last_line = 0
        self.sockets: list[Socket] = []
        self.title: dict[str, Any] = {}
        self.begun()

    def begun(self) -> None:
        """Another table begins."""
        return

    @abstractmethod
    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row; None if it is none of TCP. Rows of another kind raise."""

    @abstractmethod
    def frozen(self) -> SocketTable:
        """The table that was read last."""

    def command(self) -> None:
        """What was open is over."""
        self._close()

    def open(self, first_line: int, *, lone: bool) -> None:
        """A table, or one more row of it."""
        if self._first_line and not lone:
            self._close()
        self._first_line = self._first_line or first_line

    def member(self, key: str, value: Any, line: int) -> None:  # noqa: ARG002 - it is no evidence
        """What is told about all rows that follow."""
        self.title[key] = value

    def record(self, record: Record) -> None:
        """One row."""
        evidence = Evidence(self._input, record.first_line, record.last_line)
        socket = self.socket(record.value, evidence)
        if socket is not None:
            self.sockets.append(socket)

    def again(self, text: JsonLines, place: int) -> int | None:  # noqa: ARG002 - rows differ
        """No row is taken without being decoded."""
        return None

    def lost(self) -> None:
        """A row is missing; it is told as not understood."""
        return

    def gap(self) -> None:
        """Nothing that was told holds for what follows."""
        self.title.clear()

    def close(self, last_line: int, *, ended: bool) -> None:  # noqa: ARG002 - rows stand alone
        """The table goes up to here."""
        self._last_line = last_line

    def finish(self) -> Read:
        """All tables."""
        self._close()
        return Read(tables=tuple(self._tables))

    def table(self, *, owners: bool, queues: bool, time_wait: bool, listeners: bool) -> SocketTable:
        """The table, with what its tool records at all."""
        sockets = self.sockets
        if not owners:
            sockets = [socket._replace(owners=NOT_RECORDED) for socket in sockets]
        captured = self.title.get("captured")
        return SocketTable(
            evidence=Evidence(self._input, self._first_line, self._last_line),
            format=self.name,
            sockets=tuple(sockets),
            owners_recorded=owners,
            queues_recorded=queues,
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
            captured=None if captured is None else str(captured),
        )

    def start_table(self, line: int) -> None:
        """What was open is over, for this line starts another table."""
        if self._last_line:
            self._close()
        self._first_line = line

    def states(self) -> frozenset[TcpState]:
        """States that occur."""
        return frozenset(socket.state for socket in self.sockets)

    def has_owners(self) -> bool:
        """Whether any socket has an owner."""
        return any(socket.owners for socket in self.sockets)

    def _close(self) -> None:
        if self._first_line:
            self._tables.append(self.frozen())
        self._begin()


def number_of(value: Any) -> int | None:
    """A number, be it a text or not; None where there is none."""
    return None if value is None or value == "" else int(value)


def owner_of(pid: Any, command: Any, fd: Any) -> tuple[Owner, ...]:
    """The owner, if there is one; a pid below one is none."""
    number = number_of(pid)
    if number is None or number <= 0:
        return ()
    descriptor = number_of(fd)
    found = None if descriptor is None or descriptor < 0 else descriptor
    return (Owner(number, str(command or ""), found),)
