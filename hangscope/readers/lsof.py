"""Tables of ``lsof -i``, ``lsof -p PID`` and the like.

::

    COMMAND   PID USER   FD   TYPE    DEVICE SIZE/OFF NODE NAME
    java    27836  app 1712r  IPv4 844147418      0t0  TCP 10.0.0.1:webcache->10.0.0.2:60494 (…)

It lists file descriptors: rows of one socket (same inode) are one socket with several owners
here, and what no process has open (TIME_WAIT, the accept queue) is never there.
"""

from __future__ import annotations

from sys import intern
from typing import Final

from hangscope.facts import Endpoint, Evidence, InputKind, Owner, Socket, SocketTable, TcpState
from hangscope.readers.commands import command_of
from hangscope.readers.endpoints import Endpoints
from hangscope.readers.lines import BLANKS, LineSyntax
from hangscope.readers.tables import Table, TableReading

SYNTAX: Final = LineSyntax("lsof")

STATES: Final = {state.value: state for state in TcpState} | {
    "CLOSED": TcpState.CLOSE,
    "SYN_RCVD": TcpState.SYN_RECV,
    "FIN_WAIT_1": TcpState.FIN_WAIT1,
    "FIN_WAIT_2": TcpState.FIN_WAIT2,
}
_ANY: Final = Endpoint("*", None)
_NOT_OF_LSOF: Final = "not a row of lsof"
_NO_STATE: Final = "its state is missing, for lsof was run with -T; take it with `lsof -nP -i`"


class Lsof:
    """The reader."""

    name = "lsof"
    kind = InputKind.SOCKET_TABLE

    def sees(self, line: str) -> str | None:
        """A heading that starts with ``COMMAND PID``, or a row of a TCP socket."""
        if " FD " in line and " NAME" in line and line.lstrip().startswith("COMMAND"):
            return "it has the heading of lsof"
        if " TCP " in line and " IPv" in line and SYNTAX.matcher("row")(line.strip(BLANKS)):
            return "it has a row of lsof"
        return None

    def begin(self, input_name: str) -> LsofReading:
        """Start with a new input."""
        return LsofReading(input_name)


class LsofReading(TableReading):
    """All tables of ``lsof`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_LSOF)
        self._endpoint = Endpoints().of
        self._values = SYNTAX.matcher("row")
        self._values_without_state = SYNTAX.matcher("row_without_state")
        self._places: dict[str, int] = {}
        """Where the socket of an inode stands among the sockets of the table."""

    def _opened(self) -> None:
        self._places = {}

    def _row(self, number: int, text: str) -> Socket | str | None:
        if " TCP " not in text:
            return None
        values = self._values(text)
        if values is None:
            return None if self._values_without_state(text) is None else _NO_STATE
        process, pid, fd, family, device, address, port, peer, peer_port, state, *queues = values
        owner = Owner(int(pid), intern(process), int(fd) if fd.isdecimal() else None)
        if self._shared(device, owner):
            return ""
        recv_q, send_q = (int(queue) if queue else None for queue in queues)
        self._places[device] = len(self._table.sockets) if self._table else 0
        return Socket(
            STATES[state],
            self._endpoint(address, port),
            self._endpoint(peer, peer_port) if peer else _ANY,
            recv_q,
            None if state == "LISTEN" else send_q,
            (owner,),
            Evidence(self._input, number, number),
            int(device) if device.isdecimal() else None,
            None,
            family,
        )

    def _shared(self, device: str, owner: Owner) -> bool:
        """Whether the socket is there already, which has got one more owner now."""
        place = self._places.get(device)
        if place is None or self._table is None:
            return False
        first = self._table.sockets[place]
        owners = first.owners if isinstance(first.owners, tuple) else ()
        if owner not in owners or owner.fd is None:
            self._table.sockets[place] = first._replace(owners=(*owners, owner))
        return True

    def _frozen(self, table: Table) -> SocketTable:
        return SocketTable(
            evidence=table.evidence(self._input),
            format="lsof",
            sockets=tuple(table.sockets),
            owners_recorded=True,
            queues_recorded=any(socket.recv_q is not None for socket in table.sockets[:1]),
            time_wait_recorded=False,
            listeners_recorded=_lists_listeners(table),
        )


def _lists_listeners(table: Table) -> bool:
    states = table.states()
    if TcpState.LISTEN in states:
        return True
    if table.elided:
        return False
    asked = command_of(table.command, "lsof")
    if asked:
        return "-sTCP" not in table.command and "|" not in table.command
    return len(states) > 1 and bool(table.header)
