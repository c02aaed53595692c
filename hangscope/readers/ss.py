"""Tables of ``ss`` (iproute2), with any columns that ``-t -a -l -n -p -o -e -i -m`` print.

::

    State  Recv-Q Send-Q  Local Address:Port   Peer Address:Port Process
    LISTEN 3      100                 *:8080              *:*     users:(("java",pid=27836,fd=52))
    ESTAB  159    0      [::ffff:127.0.0.1]:8080 [::ffff:127.0.0.1]:37352 users:((…))

What the text does not say: whether ``-p`` was given (owners count as recorded if any row has
one) and whether ``-a`` was (see ``_listed``).
"""

from __future__ import annotations

from sys import intern
from typing import Final

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    InputKind,
    Owner,
    Socket,
    SocketTable,
    TcpState,
    Timer,
)
from hangscope.readers.commands import command_of
from hangscope.readers.endpoints import Endpoints
from hangscope.readers.lines import BLANKS, LineSyntax
from hangscope.readers.tables import Table, TableReading

SYNTAX: Final = LineSyntax("ss")

_STATES: Final = {
    "ESTAB": TcpState.ESTABLISHED,
    "SYN-SENT": TcpState.SYN_SENT,
    "SYN-RECV": TcpState.SYN_RECV,
    "FIN-WAIT-1": TcpState.FIN_WAIT1,
    "FIN-WAIT-2": TcpState.FIN_WAIT2,
    "TIME-WAIT": TcpState.TIME_WAIT,
    "UNCONN": TcpState.CLOSE,
    "CLOSE-WAIT": TcpState.CLOSE_WAIT,
    "LAST-ACK": TcpState.LAST_ACK,
    "LISTEN": TcpState.LISTEN,
    "CLOSING": TcpState.CLOSING,
}
_ANY_PROTOCOL: Final = frozenset({TcpState.ESTABLISHED, TcpState.CLOSE})
"""States that rows of UDP and of raw sockets have as well."""
_HEADINGS: Final = ("Netid", "State", "Recv-Q", "Local Address:Port")
_FIRST_WORDS: Final = (*_STATES, "tcp")

_NOT_OF_SS: Final = "not a row of ss"
_NO_STATE: Final = (
    "its State column is missing, for ss was asked for one state alone;"
    " take the table with `ss -tanp`"
)


class Ss:
    """The reader."""

    name = "ss"
    kind = InputKind.SOCKET_TABLE

    def sees(self, line: str) -> str | None:
        """A heading with ``Local Address:Port``, or a row that starts with a state."""
        text = line.strip(BLANKS)
        if text.startswith(_FIRST_WORDS):
            return None if SYNTAX.matcher("row")(text) is None else "it has a row of ss"
        if text.startswith(_HEADINGS) and "Local Address:Port" in text:
            return "it has the heading of ss"
        return None

    def begin(self, input_name: str) -> SsReading:
        """Start with a new input."""
        return SsReading(input_name)


class SsReading(TableReading):
    """All tables of ``ss`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_SS)
        self._endpoint = Endpoints().of
        self._values = SYNTAX.matcher("row")
        self._values_without_state = SYNTAX.matcher("row_without_state")
        self._owner = SYNTAX.matcher("owner")
        self._owner_before_3_14 = SYNTAX.matcher("owner_before_3_14")

    def _row(self, number: int, text: str) -> Socket | str | None:
        values = self._values(text)
        if values is None:
            if text[:1].isdecimal() and self._values_without_state(text) is not None:
                return _NO_STATE
            return None
        (
            state,
            recv_q,
            send_q,
            address,
            port,
            peer_address,
            peer_port,
            owners,
            timer,
            timer_left,
            retransmits,
            inode,
        ) = values
        return Socket(
            _STATES[state],
            self._endpoint(address, port),
            self._endpoint(peer_address, peer_port),
            int(recv_q) if recv_q else None,
            int(send_q) if send_q else None,
            self._owners(owners) if owners else (),
            Evidence(self._input, number, number),
            int(inode) or None if inode else None,
            Timer(intern(timer), _seconds(timer_left), int(retransmits or 0)) if timer else None,
        )

    def _owners(self, text: str) -> tuple[Owner, ...]:
        parts = text.split("),(")
        found = [self._owner(part) or self._owner_before_3_14(part) for part in parts]
        owners = [
            Owner(int(pid), intern(name[1:-1]), int(fd)) for name, pid, fd in filter(None, found)
        ]
        return tuple(owners if len(owners) == 1 else dict.fromkeys(owners))

    def _frozen(self, table: Table) -> SocketTable:
        sockets = table.sockets
        states = table.states()
        if TcpState.CLOSE in states and states <= _ANY_PROTOCOL and "Netid" not in table.header:
            sockets = []  # ss -uan: UDP looks like this, and prints its protocol nowhere
        owners_recorded = any(socket.owners for socket in sockets)
        if not owners_recorded:
            sockets = [socket._replace(owners=NOT_RECORDED) for socket in sockets]
        time_wait, listeners = _listed(table, states)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="ss",
            sockets=tuple(sockets),
            owners_recorded=owners_recorded,
            queues_recorded=all(socket.recv_q is not None for socket in sockets[:1]),
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
        )


def _listed(table: Table, states: frozenset[TcpState]) -> tuple[bool, bool]:
    """Whether TIME_WAIT and LISTEN would be there if there were any.

    Without the command, ``-a`` shows in that listeners stand beside connections. Where lines
    were left out, nothing follows from what is not there.
    """
    buckets = not states.isdisjoint({TcpState.TIME_WAIT, TcpState.SYN_RECV})
    listeners = TcpState.LISTEN in states
    if table.elided:
        return buckets, listeners
    asked = command_of(table.command, "ss")
    if asked:
        every = "a" in asked.flags and not asked.filtered
        return buckets or every, listeners or every or ("l" in asked.flags and not asked.filtered)
    connections = states - {TcpState.LISTEN, TcpState.CLOSE}
    return buckets or bool(table.header and listeners and connections), listeners


def _seconds(text: str | None) -> float | None:
    values = SYNTAX.matcher("duration")(text) if text else None
    if values is None:
        return None
    minutes, more_seconds, seconds, milliseconds = values
    if minutes:
        return 60.0 * int(minutes) + int(more_seconds or 0)
    if seconds:
        return float(seconds)
    # Before iproute2 6.11 seconds are printed with this unit too, but they have a dot.
    return float(milliseconds) if "." in milliseconds else int(milliseconds) / 1000
