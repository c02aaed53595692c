"""Output of PowerShell's ``Get-NetTCPConnection``: its table, ``Format-List`` and CSV.

::

    LocalAddress LocalPort RemoteAddress RemotePort State       AppliedSetting OwningProcess
    ------------ --------- ------------- ---------- -----       -------------- -------------
    10.0.0.4     50123     20.1.2.3      443        Established Internet       5678

Microsoft documents the properties (MSFT_NetTCPConnection). Where the window is narrow it cuts
addresses; those end in ``…`` here, so that they match nothing. It knows no queues and no
names of processes; what no process owns (TIME_WAIT) has the process id 0.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Final

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    InputKind,
    NotRecorded,
    Owner,
    Socket,
    SocketTable,
    TcpState,
)
from hangscope.readers.interface import Lines, Surroundings
from hangscope.readers.sockets.endpoints import Endpoints
from hangscope.readers.sockets.tables import Table, TableReading
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("get_net_tcp_connection")

_BY_NUMBER: Final = (
    ("Closed", TcpState.CLOSE),
    ("Listen", TcpState.LISTEN),
    ("SynSent", TcpState.SYN_SENT),
    ("SynReceived", TcpState.SYN_RECV),
    ("Established", TcpState.ESTABLISHED),
    ("FinWait1", TcpState.FIN_WAIT1),
    ("FinWait2", TcpState.FIN_WAIT2),
    ("CloseWait", TcpState.CLOSE_WAIT),
    ("Closing", TcpState.CLOSING),
    ("LastAck", TcpState.LAST_ACK),
    ("TimeWait", TcpState.TIME_WAIT),
    ("DeleteTCB", TcpState.CLOSE),
)
"""The states, from 1, as MIB_TCP_STATE counts them."""
STATES: Final = (
    dict(_BY_NUMBER)
    | {str(number): state for number, (_, state) in enumerate(_BY_NUMBER, 1)}
    | {"Bound": TcpState.CLOSE, "100": TcpState.CLOSE}
)
"""The states, by their names and by their numbers."""

_NAMES: Final = ("LocalAddress", "LocalPort", "RemoteAddress", "RemotePort", "State")
_OF_ADDRESSES: Final = frozenset("0123456789abcdefABCDEF:")
_IN_ADDRESSES: Final = frozenset(".:…")
_STARTS: Final = ("LocalAddress", "State ", "AppliedSetting ", "OwningProcess ", "#TYPE ")
_INITIALS: Final = _OF_ADDRESSES | {word[0] for word in _STARTS}
"""Of lines that are seen, unless they are CSV."""
_CUT: Final = ("...", "…")
_SEPARATORS: Final = ",;"
_LONGEST_PORT: Final = 5
_LONGEST_PID: Final = 18
_NOT_OF_POWERSHELL: Final = "not a row of Get-NetTCPConnection"
_INCOMPLETE: Final = "a connection without its addresses, its ports or its state"


class GetNetTcpConnection:
    """The reader."""

    name = "get-net-tcp-connection"
    kind = InputKind.SOCKET_TABLE
    initials = None

    def sees(self, line: str) -> str | None:
        """Headings of a table or of CSV, the first property of a list, or a row."""
        text = line.strip(BLANKS)
        if text[:1] not in _INITIALS and '"LocalAddress' not in text:
            return None
        if text.startswith(_STARTS):
            return _why_of_start(text)
        if "LocalAddress" in text and SYNTAX.matcher("csv_header")(text) is not None:
            return "it has the heading of Get-NetTCPConnection as CSV"
        if (
            text[:1] in _OF_ADDRESSES
            and not _IN_ADDRESSES.isdisjoint(text.partition(" ")[0])
            and SYNTAX.matcher("row")(text) is not None
        ):
            return "it has a row of Get-NetTCPConnection"
        return None

    def begin(self, input_name: str) -> GetNetTcpConnectionReading:
        """Start with a new input."""
        return GetNetTcpConnectionReading(input_name)


_NAMED: Final = ("header", "field", "csv_header")


def _why_of_start(text: str) -> str | None:
    if text.startswith("#TYPE "):
        return "it is of Get-NetTCPConnection" if "MSFT_NetTCPConnection" in text else None
    if text.startswith("LocalAddress"):
        named = any(SYNTAX.matcher(rule)(text) is not None for rule in _NAMED)
        return "it has the names of Get-NetTCPConnection" if named else None
    field = SYNTAX.matcher("field")(text)
    if field is None or (field[0] == "State" and field[1] not in STATES):
        return None
    if field[0] == "OwningProcess" and not (field[1] or "").isdecimal():
        return None
    return "it has a property of Get-NetTCPConnection"


class GetNetTcpConnectionReading(TableReading):
    """All output of ``Get-NetTCPConnection`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_POWERSHELL)
        self._endpoint = Endpoints().of
        self._values = SYNTAX.matcher("row")
        self._property = SYNTAX.matcher("field")
        self._heads_csv = SYNTAX.matcher("csv_header")
        self._columns: tuple[str, ...] = ()
        """The headings of CSV, if it is CSV."""
        self._separator = ","
        self._block: dict[str, str] = {}
        """The properties of the connection that is being listed."""
        self._block_from = self._block_to = 0

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of it."""
        super().feed(lines, around)
        self._end_block()

    def _opened(self) -> None:
        self._columns = ()

    def _row(self, number: int, text: str) -> Socket | str | None:
        values = self._values(text)
        if values is not None:
            address, port, peer, peer_port, state, pid = values
            evidence = Evidence(self._input, number, number)
            local, remote = self._end(address, port), self._end(peer, peer_port)
            return self._socket(local, remote, STATES[state], pid, evidence)
        if self._columns and text:
            return self._of_csv(number, text)
        field = self._property(text)
        if field is not None:
            self._note(number, field[0], field[1] or "")
            return ""
        self._end_block()
        if text.startswith(('"', *_NAMES)):
            return self._headed_csv(number, text)
        return None

    def _note(self, number: int, name: str, value: str) -> None:
        """One property of a connection."""
        if name in self._block or number != self._block_to + 1:
            self._end_block()
        if not self._block:
            self._block_from = number
        self._block[name] = value
        self._block_to = number

    def _end_block(self) -> None:
        """All properties of one connection are known."""
        if not self._block:
            return
        block, self._block = self._block, {}
        socket = self._of(block, Evidence(self._input, self._block_from, self._block_to))
        if socket is None or self._table is None:
            self._spans.extend(self._block_from, self._block_to, _INCOMPLETE)
        else:
            self._table.sockets.append(socket)

    def _headed_csv(self, number: int, text: str) -> str | None:
        """Whether ``text`` is the heading of CSV: what its columns are is noted then."""
        if self._heads_csv(text) is None:
            return None
        separator = next((one for one in _SEPARATORS if one in text), ",")
        columns = _cells(text, separator)
        if not set(_NAMES) <= set(columns):
            return "a connection cannot be told without its addresses, ports and its state"
        if self._table is not None and self._table.sockets:
            self._close()
        if self._table is None:
            self._open(number, Surroundings())
        self._columns, self._separator = columns, separator
        return ""

    def _of_csv(self, number: int, text: str) -> Socket | str | None:
        cells = _cells(text, self._separator)
        if len(cells) != len(self._columns):
            return None
        if cells == self._columns:
            self._close()
            return self._headed_csv(number, text)
        found = self._of(
            dict(zip(self._columns, cells, strict=True)), Evidence(self._input, number, number)
        )
        return _INCOMPLETE if found is None else found

    def _of(self, values: Mapping[str, str], evidence: Evidence) -> Socket | None:
        address, port, peer, peer_port, word = (values.get(name, "") for name in _NAMES)
        state = STATES.get(word)
        pid = values.get("OwningProcess", "")
        if not (address and peer and state) or not (_is_port(port) and _is_port(peer_port)):
            return None
        if not (pid.isascii() and pid.isdecimal() and len(pid) <= _LONGEST_PID):
            pid = ""
        return self._socket(
            self._end(address, port), self._end(peer, peer_port), state, pid, evidence
        )

    def _socket(
        self,
        local: Endpoint,
        peer: Endpoint,
        state: TcpState,
        pid: str | None,
        evidence: Evidence,
    ) -> Socket:
        owners: tuple[Owner, ...] | NotRecorded = NOT_RECORDED
        if pid:
            process = int(pid)
            owners = (Owner(process, ""),) if process else ()
        family = "IPv6" if ":" in local.address else "IPv4"
        return Socket(state, local, peer, None, None, owners, evidence, None, None, family)

    def _end(self, address: str, port: str) -> Endpoint:
        for mark in _CUT:
            if address.endswith(mark):
                return self._endpoint(address.removesuffix(mark) + "…", port)
        return self._endpoint(address, port)

    def _frozen(self, table: Table) -> SocketTable:
        self._end_block()
        states = table.states()
        every = bool(len(states) > 1 and not table.elided)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="get-net-tcp-connection",
            sockets=tuple(table.sockets),
            owners_recorded=any(socket.owners is not NOT_RECORDED for socket in table.sockets),
            queues_recorded=False,
            time_wait_recorded=TcpState.TIME_WAIT in states or every,
            listeners_recorded=TcpState.LISTEN in states,
        )


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_PORT


def _cells(text: str, separator: str) -> tuple[str, ...]:
    """The cells of one line of CSV; none if it is none."""
    try:
        return tuple(next(csv.reader([text], delimiter=separator, strict=True), ()))
    except csv.Error:
        return ()
