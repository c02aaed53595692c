"""Tables of ``ss`` (iproute2), with any columns that ``-t -a -l -n -p -o -e -i -m`` print.

::

    State  Recv-Q Send-Q  Local Address:Port   Peer Address:Port Process
    LISTEN 3      100                 *:8080              *:*     users:(("java",pid=27836,fd=52))
    ESTAB  159    0      [::ffff:127.0.0.1]:8080 [::ffff:127.0.0.1]:37352 users:((…))

What the text does not say: whether ``-p`` was given (owners count as recorded if any row has
one) and whether ``-a`` was (see ``_listed``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from sys import intern
from typing import Final

from hangscope.facts import InputKind, Owner, SocketTable, TcpState, Timer
from hangscope.readers.commands import command_of
from hangscope.readers.sockets.columnar import Column, ColumnarReading
from hangscope.readers.sockets.columns import (
    NOBODY,
    STATE_CODES,
    Codes,
    SocketColumns,
)
from hangscope.readers.sockets.tables import Table
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("ss")

_NOT_PRINTED: Final = "?"
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
    _NOT_PRINTED: TcpState.UNKNOWN,
}
"""What stands in the column, and ``?`` where there is no such column."""
_ASKED: Final = {name.lower(): name for name in _STATES} | {
    "established": "ESTAB",
    "closed": "UNCONN",
    "unconnected": "UNCONN",
    "listening": "LISTEN",
    "syn-rcv": "SYN-RECV",
}
"""The states as ss takes them in a filter (ss(8), STATE-FILTER)."""
_CODES: Final = {name: STATE_CODES[state] for name, state in _STATES.items()}
_ANY_PROTOCOL: Final = frozenset({TcpState.ESTABLISHED, TcpState.CLOSE})
"""States that rows of UDP and of raw sockets have as well."""
_HEADINGS: Final = ("Netid", "State", "Recv-Q", "Local Address:Port")
_FIRST_WORDS: Final = (*(name for name in _STATES if name != _NOT_PRINTED), "tcp")
_INITIALS: Final = frozenset("0123456789") | {word[0] for word in (*_HEADINGS, *_FIRST_WORDS)}
"""Of lines that are seen."""

_NOT_OF_SS: Final = "not a row of ss"
_WITHOUT_STATE: Final = "row_without_state"


class Ss:
    """The reader."""

    name = "ss"
    kind = InputKind.SOCKET_TABLE
    initials = _INITIALS

    def sees(self, line: str) -> str | None:
        """A heading with ``Local Address:Port``, or a row that starts with a state."""
        text = line.strip(BLANKS)
        if text[:1] not in _INITIALS:
            return None
        if text.partition(" ")[0].isdecimal() and text.count(":") > 1:
            bare = SYNTAX.matcher(_WITHOUT_STATE)(text)
            return None if bare is None else "it has a row of ss without a state"
        if text.startswith(_FIRST_WORDS):
            return None if SYNTAX.matcher("row")(text) is None else "it has a row of ss"
        if text.startswith(_HEADINGS) and "Local Address:Port" in text:
            return "it has the heading of ss"
        return None

    def begin(self, input_name: str) -> SsReading:
        """Start with a new input."""
        return SsReading(input_name)


class SsReading(ColumnarReading):
    """All tables of ``ss`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_SS, ("row", _WITHOUT_STATE))
        self._owner = SYNTAX.matcher("owner")
        self._owner_before_3_14 = SYNTAX.matcher("owner_before_3_14")

    def _opened(self) -> None:
        self._groups = Codes(self._group).__getitem__
        self._timers = Codes(self._timer).__getitem__

    def _add(
        self,
        columns: SocketColumns,
        lines: Sequence[int],
        rule: str,
        values: Sequence[Column],
    ) -> None:
        if rule == _WITHOUT_STATE:
            values = [(_asked_state(self._command),) * len(lines), *values]
        state, recv_q, send_q, address, port, peer_address, peer_port, *owned = values
        owner, fd, owners, *timer, inode = owned
        columns.add_rows(lines, map(_CODES.__getitem__, state))
        columns.add_ends(address, port, peer_address, peer_port)
        columns.add_queues(recv_q, send_q)
        groups: Iterable[int] = map(self._groups, owner)
        if any(owners):
            groups = (
                columns.group(self._owners_of(text)) if text else group
                for text, group in zip(owners, groups, strict=True)
            )
        columns.add_owners(groups, fd)
        columns.add_inodes(inode)
        columns.add_timers(map(self._timers, zip(*timer, strict=True)) if any(timer[0]) else None)

    def _group(self, owner: str) -> int:
        """The group of the one owner, which is printed but for its descriptor."""
        if not owner:
            return NOBODY
        return self._columns.group(self._owners_of(f"{owner},fd=0"))

    @property
    def _command(self) -> str:
        """What was typed to get the table that is open."""
        return self._table.command if self._table else ""

    def _owners_of(self, text: str) -> tuple[Owner, ...]:
        parts = text.split("),(")
        found = [self._owner(part) or self._owner_before_3_14(part) for part in parts]
        owners = [
            Owner(int(pid), intern(name[1:-1]), int(fd)) for name, pid, fd in filter(None, found)
        ]
        return tuple(owners if len(owners) == 1 else dict.fromkeys(owners))

    def _timer(self, values: tuple[str, ...]) -> int:
        kind, left, retransmits = values
        if not kind:
            return 0
        return self._columns.timer(Timer(intern(kind), _seconds(left), int(retransmits)))

    def _frozen(self, table: Table) -> SocketTable:
        columns = self._columns
        states = table.states()
        if TcpState.CLOSE in states and states <= _ANY_PROTOCOL and "Netid" not in table.header:
            # ss -uan: UDP looks like this, and prints its protocol nowhere
            columns = SocketColumns(self._input)
        owners_recorded = columns.has_owner()
        sockets = columns.frozen(owners_recorded=owners_recorded)
        time_wait, listeners = _listed(table, states)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="ss",
            sockets=sockets,
            owners_recorded=owners_recorded,
            queues_recorded=all(socket.recv_q is not None for socket in sockets[:1]),
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
        )


def _asked_state(command: str) -> str:
    """The one state that ``command`` asks for."""
    words = command.split()
    asked = [after for word, after in pairwise(words) if word == "state"]
    return _ASKED.get(asked[0].lower(), _NOT_PRINTED) if len(asked) == 1 else _NOT_PRINTED


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


def _seconds(text: str) -> float | None:
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
