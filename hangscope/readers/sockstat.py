"""Tables of FreeBSD's ``sockstat``.

::

    USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         FOREIGN ADDRESS       CONN STATE
    root     java       3952  56 tcp4   127.0.0.1:4243        *:*                   LISTEN
    ?        ?          ?     ?  tcp4   10.0.0.1:8080         10.0.0.2:4006         TIME_WAIT

It lists file descriptors: rows of one connection are one socket with several owners here. States
are there with ``-s`` alone; without, a socket that is bound to a port and has no other end counts
as a listener, which is a guess. Queues are never there. (FreeBSD: usr.bin/sockstat.)
"""

from __future__ import annotations

from sys import intern
from typing import Final, TypeAlias

from hangscope.facts import Evidence, InputKind, Owner, Socket, SocketTable, TcpState
from hangscope.readers.bsd_netstat import STATES
from hangscope.readers.commands import command_of
from hangscope.readers.endpoints import Endpoints
from hangscope.readers.lines import BLANKS, LineSyntax
from hangscope.readers.tables import Table, TableReading

_Ends: TypeAlias = tuple[str, str, str, str]

SYNTAX: Final = LineSyntax("sockstat")

_NOT_OF_SOCKSTAT: Final = "not a row of sockstat"
_NO_STATE: Final = "its state is missing; take it with `sockstat -s`"


class Sockstat:
    """The reader."""

    name = "sockstat"
    kind = InputKind.SOCKET_TABLE

    def sees(self, line: str) -> str | None:
        """The heading, or a row of a TCP socket."""
        text = line.strip(BLANKS)
        if text.startswith("USER") and SYNTAX.matcher("header")(text):
            return "it has the heading of sockstat"
        if " tcp" in text and ":" in text and _is_row(text):
            return "it has a row of sockstat"
        return None

    def begin(self, input_name: str) -> SockstatReading:
        """Start with a new input."""
        return SockstatReading(input_name)


def _is_row(text: str) -> bool:
    return any(SYNTAX.matcher(rule)(text) is not None for rule in ("row", "row_without_state"))


class SockstatReading(TableReading):
    """All tables of ``sockstat`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_SOCKSTAT)
        self._endpoint = Endpoints().of
        self._values = SYNTAX.matcher("row")
        self._without_state = SYNTAX.matcher("row_without_state")
        self._first: _Ends | None = None
        """Of the row that opens a table which has no heading."""
        self._places: dict[_Ends, int] = {}
        """Where the socket with these two ends stands among the sockets of the table."""

    def _opened(self) -> None:
        self._places = {self._first: 0} if self._first else {}
        self._first = None

    def _row(self, number: int, text: str) -> Socket | str | None:
        values = self._values(text)
        if values is None:
            values = self._without_state(text)
            if values is None:
                return None
            if values[-2:] != ("*", "*") or values[-3] == "*":
                return _NO_STATE
            values = (*values, "LISTEN")
        nobody, command, pid, fd, protocol, host, port, peer, peer_port, state_name = values
        owner = None if nobody else Owner(int(pid), intern(command), int(fd))
        if owner and peer != "*" and self._shared((host, port, peer, peer_port), owner):
            return ""
        return Socket(
            STATES[state_name],
            self._endpoint(host, port),
            self._endpoint(peer, peer_port),
            None,
            None,
            (owner,) if owner else (),
            Evidence(self._input, number, number),
            family="IPv6" if protocol.endswith("6") else "IPv4",
        )

    def _shared(self, ends: _Ends, owner: Owner) -> bool:
        """Whether the connection is there already, which has got one more owner now."""
        table = self._table
        if table is None:
            self._first = ends
            return False
        place = self._places.setdefault(ends, len(table.sockets))
        if place == len(table.sockets):
            return False
        first = table.sockets[place]
        owners = first.owners if isinstance(first.owners, tuple) else ()
        table.sockets[place] = first._replace(owners=(*owners, owner))
        return True

    def _frozen(self, table: Table) -> SocketTable:
        time_wait, listeners = _listed(table)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="sockstat",
            sockets=tuple(table.sockets),
            owners_recorded=True,
            queues_recorded=False,
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
        )


def _listed(table: Table) -> tuple[bool, bool]:
    """Whether TIME_WAIT and LISTEN would be there if there were any.

    ``-l`` asks for listeners alone, ``-c`` for connections alone, ``-j`` for what a jail has open.
    """
    states = table.states()
    buckets, listeners = TcpState.TIME_WAIT in states, TcpState.LISTEN in states
    asked = None if table.elided else command_of(table.command, "sockstat")
    if asked is None or asked.filtered or "j" in asked.flags:
        return buckets, listeners
    both = ("l" in asked.flags) == ("c" in asked.flags)
    return buckets or both or "c" in asked.flags, listeners or both or "l" in asked.flags
