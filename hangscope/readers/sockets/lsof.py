"""Tables of ``lsof -i``, ``lsof -p PID`` and the like.

::

    COMMAND   PID USER   FD   TYPE    DEVICE SIZE/OFF NODE NAME
    java    27836  app 1712r  IPv4 844147418      0t0  TCP 10.0.0.1:webcache->10.0.0.2:60494 (…)

It lists file descriptors: rows of one socket (same inode) are one socket with several owners
here, and what no process has open (TIME_WAIT, the accept queue) is never there.
"""

from __future__ import annotations

from collections.abc import Sequence
from sys import intern
from typing import Final

from hangscope.facts import InputKind, Owner, SocketTable, TcpState
from hangscope.readers.commands import command_of
from hangscope.readers.sockets.columnar import Column, ColumnarReading
from hangscope.readers.sockets.columns import FAMILY_CODES, STATE_CODES, Codes, SocketColumns
from hangscope.readers.sockets.tables import Table
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("lsof")

STATES: Final = {state.value: state for state in TcpState} | {
    "CLOSED": TcpState.CLOSE,
    "SYN_RCVD": TcpState.SYN_RECV,
    "FIN_WAIT_1": TcpState.FIN_WAIT1,
    "FIN_WAIT_2": TcpState.FIN_WAIT2,
}
_CODES: Final = {name: STATE_CODES[state] for name, state in STATES.items()}
_NOT_OF_LSOF: Final = "not a row of lsof"
_WITHOUT_STATE: Final = "row_without_state"
"""A row as ``-T`` without ``s`` prints it."""


class Lsof:
    """The reader."""

    name = "lsof"
    kind = InputKind.SOCKET_TABLE
    initials = None

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


class LsofReading(ColumnarReading):
    """All tables of ``lsof`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_LSOF, ("row", _WITHOUT_STATE))

    def _opened(self) -> None:
        self._groups = Codes(self._group).__getitem__
        self._addresses_of_kernel: dict[int, str] = {}
        """What stands in place of an inode, by the index of the row."""

    def _add(
        self,
        columns: SocketColumns,
        lines: Sequence[int],
        rule: str,
        values: Sequence[Column],
    ) -> None:
        process, pid, fd, family, device, address, port, peer, peer_port, *more = values
        untold = ("UNKNOWN",) * len(lines), ("",) * len(lines), ("",) * len(lines)
        state, *queues = untold if rule == _WITHOUT_STATE else more
        if not all(map(str.isdecimal, device)):
            device = self._inodes(len(columns), device)
        columns.add_rows(
            lines, map(_CODES.__getitem__, state), map(FAMILY_CODES.__getitem__, family)
        )
        columns.add_ends(address, port, _with_any(peer), _with_any(peer_port))
        columns.add_queues(*queues)
        if not all(map(str.isdecimal, fd)):
            fd = ["" if one.startswith("*") else one for one in fd]
        columns.add_owners(map(self._groups, zip(process, pid, strict=True)), fd)
        columns.add_inodes(device)
        columns.add_timers(None)

    def _inodes(self, first: int, devices: Column) -> Column:
        for row, device in enumerate(devices, first):
            if not device.isdecimal():
                self._addresses_of_kernel[row] = device
        return [device if device.isdecimal() else "" for device in devices]

    def _group(self, values: tuple[str, str]) -> int:
        process, pid = values
        return self._columns.group((Owner(int(pid), intern(process)),))

    def _frozen(self, table: Table) -> SocketTable:
        columns = self._columns
        queues = columns.prints_queues()
        address = self._addresses_of_kernel.get
        inodes = columns.inodes()
        columns.share(
            [inode or address(row) for row, inode in enumerate(inodes)]
            if self._addresses_of_kernel
            else inodes,
            is_set=True,
        )
        columns.hide_listeners_backlog()
        return SocketTable(
            evidence=table.evidence(self._input),
            format="lsof",
            sockets=columns.frozen(owners_recorded=True),
            owners_recorded=True,
            queues_recorded=queues,
            time_wait_recorded=False,
            listeners_recorded=_lists_listeners(table),
        )


def _with_any(ends: Column) -> Column:
    """A listener has no other end."""
    return [end or "*" for end in ends] if "" in ends else ends


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
