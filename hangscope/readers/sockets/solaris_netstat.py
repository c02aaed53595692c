"""Tables of ``netstat`` of Solaris and illumos.

::

    TCP: IPv4
       Local Address        Remote Address    Swind Send-Q Rwind Recv-Q    State
    -------------------- -------------------- ----- ------ ----- ------ -----------
    127.0.0.1.8080       127.0.0.1.51234      49152      0 49152      0 ESTABLISHED

Send-Q stands before Recv-Q. Both families are sections of one table. ``-u`` prints a row for each
process that has a socket; those of one connection are one socket here. ``-v`` prints sequence
numbers in place of the queues. (illumos: usr/src/cmd/cmd-inet/usr.bin/netstat/netstat.c.)
"""

from __future__ import annotations

from sys import intern
from typing import Final, TypeAlias

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    InputKind,
    NotRecorded,
    Owner,
    Socket,
    SocketTable,
    TcpState,
)
from hangscope.readers.commands import command_of
from hangscope.readers.interface import Surroundings
from hangscope.readers.sockets.bsd_netstat import STATES as BSD_STATES
from hangscope.readers.sockets.endpoints import Endpoints
from hangscope.readers.sockets.tables import Table, TableReading
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

_Ends: TypeAlias = tuple[str, str, str, str]

SYNTAX: Final = LineSyntax("solaris_netstat")

STATES: Final = BSD_STATES | {
    "SYN_RECEIVED": TcpState.SYN_RECV,
    "IDLE": TcpState.CLOSE,
    "BOUND": TcpState.CLOSE,
}
_ENDS: Final = tuple(f" {state}" for state in STATES)
_OPENINGS: Final = ("TCP: IPv", "Local")
_LAST: Final = frozenset(word[-1] for word in _ENDS)
"""Characters that rows end with."""
_NOT_OF_NETSTAT: Final = "not a row of Solaris' netstat"
_NO_LOCAL_END: Final = "the line above it, with the local end, is missing"


class SolarisNetstat:
    """The reader."""

    name = "solaris-netstat"
    kind = InputKind.SOCKET_TABLE
    initials = None

    def sees(self, line: str) -> str | None:
        """The title ``TCP: IPv4``, the heading, or a row that ends with a state."""
        text = line.strip(BLANKS)
        if not text.startswith(_OPENINGS) and text[-1:] not in _LAST:
            return None
        if text.startswith("TCP: IPv") and SYNTAX.matcher("title")(text):
            return "it has the title of Solaris' netstat"
        if text.startswith("Local") and SYNTAX.matcher("header")(text):
            return "it has the heading of Solaris' netstat"
        if text.endswith(_ENDS) and SYNTAX.matcher("row")(text):
            return "it has a row of Solaris' netstat"
        return None

    def begin(self, input_name: str) -> SolarisNetstatReading:
        """Start with a new input."""
        return SolarisNetstatReading(input_name)


class SolarisNetstatReading(TableReading):
    """All such tables in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_NETSTAT)
        self._endpoint = Endpoints().of
        self._values = SYNTAX.matcher("row")
        self._verbose = SYNTAX.matcher("verbose_row")
        self._local_end = SYNTAX.matcher("local_end")
        self._first: _Ends | None = None
        """Of the row that opens a table which has no heading."""
        self._opened()

    def _opened(self) -> None:
        self._local: tuple[int, str, str] | None = None
        """The local end that a line of its own has told, and the number of that line."""
        self._family: str | None = None
        self._with_owners = False
        self._sections: set[str] = set()
        self._places: dict[_Ends, int] = {self._first: 0} if self._first else {}
        self._first = None

    def _row(self, number: int, text: str) -> Socket | str | None:
        values = self._values(text)
        if values is None:
            return self._other_row(number, text)
        host, service, peer, peer_service, pid, command, send_q, recv_q, state_name = values[:9]
        owners: tuple[Owner, ...] | NotRecorded = () if self._with_owners else NOT_RECORDED
        if pid:
            owners = (Owner(int(pid), intern(command)),)
            if peer != "*" and self._shared((host, service, peer, peer_service), owners):
                return ""
        state = STATES[state_name]
        listens = state is TcpState.LISTEN
        return Socket(
            state,
            self._endpoint(host, service),
            self._endpoint(peer, peer_service),
            None if listens else int(recv_q),
            None if listens else int(send_q),
            owners,
            Evidence(self._input, number, number),
            family=self._family or ("IPv6" if ":" in host else None),
        )

    def _other_row(self, number: int, text: str) -> Socket | str | None:
        if text.startswith(("TCP", "Local")):
            return self._heading(text)
        verbose = self._table is not None and "Snext" in self._table.header
        if verbose and (values := self._local_end(text)):
            self._local = (number, *values)
            return ""
        values = self._verbose(text)
        if values is None:
            return None
        local, self._local = self._local, None
        if local is None or local[0] != number - 1:
            return _NO_LOCAL_END
        return Socket(
            STATES[values[2]],
            self._endpoint(local[1], local[2]),
            self._endpoint(values[0], values[1]),
            None,
            None,
            NOT_RECORDED,
            Evidence(self._input, local[0], number),
            family=self._family or ("IPv6" if ":" in local[1] else None),
        )

    def _heading(self, text: str) -> str | None:
        """Of a section that goes on with the table, ""."""
        if self._local_end(text) or self._table is None:
            return None
        if SYNTAX.matcher("title")(text):
            if not self._sections or text in self._sections:
                return None
            self._section(text)
            return ""
        if SYNTAX.matcher("header")(text):
            self._with_owners = " Pid " in text
            return "" if self._table.header and len(self._sections) > 1 else None
        return None

    def _section(self, title: str) -> None:
        self._sections.add(title)
        self._family = title[5:] or None

    def _headed(self, rule: str, number: int, text: str, around: Surroundings) -> None:
        super()._headed(rule, number, text, around)
        if rule == "title":
            self._section(text)
        else:
            self._with_owners = " Pid " in text

    def _shared(self, ends: _Ends, owners: tuple[Owner, ...]) -> bool:
        """Whether the connection is there already, which has got more owners now."""
        table = self._table
        if table is None:
            self._first = ends
            return False
        place = self._places.setdefault(ends, len(table.sockets))
        if place == len(table.sockets):
            return False
        first = table.sockets[place]
        known = first.owners if isinstance(first.owners, tuple) else ()
        table.sockets[place] = first._replace(owners=(*known, *owners))
        return True

    def _frozen(self, table: Table) -> SocketTable:
        sockets = table.sockets
        time_wait, listeners = _listed(table)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="solaris-netstat",
            sockets=tuple(sockets),
            owners_recorded=any(socket.owners is not NOT_RECORDED for socket in sockets),
            queues_recorded="Snext" not in table.header,
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
        )


def _listed(table: Table) -> tuple[bool, bool]:
    """Whether TIME_WAIT and LISTEN would be there if there were any: ``-a`` asks for listeners."""
    states = table.states()
    buckets, listeners = TcpState.TIME_WAIT in states, TcpState.LISTEN in states
    if table.elided or "|" in table.command:
        return buckets, listeners
    asked = command_of(table.command, "netstat")
    every = asked is not None and "a" in asked.flags
    return buckets or bool(table.header), listeners or every
