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

from collections.abc import Sequence
from sys import intern
from typing import Final

from hangscope.facts import InputKind, Owner, SocketTable, TcpState
from hangscope.readers.commands import command_of
from hangscope.readers.sockets.bsd_netstat import STATES
from hangscope.readers.sockets.columnar import Column, ColumnarReading
from hangscope.readers.sockets.columns import (
    FAMILY_CODES,
    NOBODY,
    STATE_CODES,
    Codes,
    SocketColumns,
)
from hangscope.readers.sockets.tables import Table
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("sockstat")

_CODES: Final = {name: STATE_CODES[state] for name, state in STATES.items()}
_LISTEN: Final = STATE_CODES[TcpState.LISTEN]
_UNKNOWN: Final = STATE_CODES[TcpState.UNKNOWN]
_IPV4: Final = FAMILY_CODES["IPv4"]
_IPV6: Final = FAMILY_CODES["IPv6"]
_WITHOUT_STATE: Final = "row_without_state"
_NOT_OF_SOCKSTAT: Final = "not a row of sockstat"


class Sockstat:
    """The reader."""

    name = "sockstat"
    kind = InputKind.SOCKET_TABLE
    initials = None

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


class SockstatReading(ColumnarReading):
    """All tables of ``sockstat`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_SOCKSTAT, ("row", _WITHOUT_STATE))

    def _opened(self) -> None:
        self._groups = Codes(self._group).__getitem__

    def _add(
        self,
        columns: SocketColumns,
        lines: Sequence[int],
        rule: str,
        values: Sequence[Column],
    ) -> None:
        if rule == _WITHOUT_STATE:
            port, peer, peer_port = values[-3:]
            listens = [
                ends[1:] == ("*", "*") and ends[0] != "*"
                for ends in zip(port, peer, peer_port, strict=True)
            ]
            told = [_LISTEN if listens_here else _UNKNOWN for listens_here in listens]
        else:
            told = [_CODES[state] for state in values[-1]]
        nobody, command, pid, fd, protocol, host, port, peer, peer_port, *_ = values
        columns.add_rows(
            lines,
            told,
            (_IPV6 if one.endswith("6") else _IPV4 for one in protocol),
        )
        columns.add_ends(host, port, peer, peer_port)
        columns.add_no_queues()
        columns.add_owners(map(self._groups, zip(nobody, command, pid, strict=True)), fd)
        columns.add_inodes(None)
        columns.add_timers(None)

    def _group(self, values: tuple[str, str, str]) -> int:
        nobody, command, pid = values
        return NOBODY if nobody else self._columns.group((Owner(int(pid), intern(command)),))

    def _frozen(self, table: Table) -> SocketTable:
        columns = self._columns
        columns.share(columns.keys_of_owned(), is_set=False)
        time_wait, listeners = _listed(table)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="sockstat",
            sockets=columns.frozen(owners_recorded=True),
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
