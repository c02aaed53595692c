"""Tables of BSD's ``netstat`` and of its kin: macOS, FreeBSD, AIX, HP-UX.

::

    Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
    tcp4       0      0  127.0.0.1.8080         127.0.0.1.51234        ESTABLISHED

A port stands behind the last dot. Recv-Q of a listener counts bytes, not the accept queue, which
``-L`` (BSD) and ``-o`` (AIX) print. Owners are in ``-v`` of macOS and in the answers of AIX'
``rmsock``. Under ``-x``, ``-R`` and ``-T`` no state is printed. A table is AIX' if it says so
(PCB/ADDR, ``-o``, ``rmsock``); without these no text tells AIX from BSD. HP-UX prints queues that
"are usually zero" (its manual): queues of a table of plain ``tcp`` that are all zero count as not
printed.
"""

from __future__ import annotations

from dataclasses import replace
from sys import intern
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
from hangscope.readers.interface import Lines, Read, Surroundings
from hangscope.readers.sockets.dot_ports import DotPorts
from hangscope.readers.sockets.rmsock import Holders
from hangscope.readers.sockets.tables import Table, TableReading
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("bsd_netstat")

STATES: Final = {state.value: state for state in TcpState} | {
    "CLOSED": TcpState.CLOSE,
    "SYN_RCVD": TcpState.SYN_RECV,
    "FIN_WAIT_1": TcpState.FIN_WAIT1,
    "FIN_WAIT_2": TcpState.FIN_WAIT2,
}
_FAMILIES: Final = {"4": "IPv4", "6": "IPv6"}
_ANY: Final = Endpoint("*", None)
_NOT_OF_NETSTAT: Final = "not a row of BSD's netstat"
_NO_STATE: Final = "its state is missing, which other rows of the table have"
_FIRST_WORDS: Final = ("tcp", "toe")
_HEADINGS: Final = ("Proto", "Tcpcb", "Socket", "PCB/ADDR", "Listen")
_TITLES: Final = ("Active Internet connections", "Current listen queue sizes")
_INITIALS: Final = frozenset(word[0] for word in (*_FIRST_WORDS, *_HEADINGS, *_TITLES))
"""Of lines that are seen, unless an address comes first."""
_ANSWERS: Final = ("The socket ", "q0len:")


class BsdNetstat:
    """The reader."""

    name = "bsd-netstat"
    kind = InputKind.SOCKET_TABLE
    initials = None

    def sees(self, line: str) -> str | None:
        """A title, a heading, or a row of a TCP socket."""
        text = line.strip(BLANKS)
        if text[:1] not in _INITIALS and " tcp" not in text:
            return None
        if text.startswith(_TITLES) and SYNTAX.matcher("title")(text):
            return "it has the title of BSD's netstat"
        if text.startswith(_HEADINGS) and "Local Address" in text and is_heading(text):
            return "it has the heading of BSD's netstat"
        if (text.startswith(_FIRST_WORDS) or " tcp" in text) and is_row(text):
            return "it has a row of BSD's netstat"
        return None

    def begin(self, input_name: str) -> BsdNetstatReading:
        """Start with a new input."""
        return BsdNetstatReading(input_name)


def is_heading(text: str) -> bool:
    """Whether ``text`` is a heading of such a table."""
    return SYNTAX.matcher("header")(text) is not None and "State" not in text.split()


def is_row(text: str) -> bool:
    """Whether ``text`` is a row of a TCP socket."""
    rules = ("row", "listener", "row_without_state", "row_of_counters")
    return any(SYNTAX.matcher(rule)(text) is not None for rule in rules)


class BsdNetstatReading(TableReading):
    """All such tables in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_NETSTAT)
        self._ends = DotPorts()
        self._values = SYNTAX.matcher("row")
        self._listener = SYNTAX.matcher("listener")
        self._without_state = SYNTAX.matcher("row_without_state")
        self._counters = SYNTAX.matcher("row_of_counters")
        self._holder = SYNTAX.matcher("holder")
        self._kernel_holder = SYNTAX.matcher("kernel_holder")
        self._accept_queue = SYNTAX.matcher("accept_queue")
        self._command = ""
        self._holders = Holders()
        self._pcbs: list[str] = []
        self._pcbs_of_tables: list[list[str] | None] = []
        """Of each table the PCBs of its rows, "" where there is none; None: no table at all."""
        self._protocols: set[str] = set()
        self._of_aix = False
        self._begun = False
        """Whether the first row of the table that is about to be opened is noted already."""

    def _opened(self) -> None:
        if not self._begun:
            self._forget()
        self._begun = False

    def _forget(self) -> None:
        self._ends.clear()
        self._pcbs = []
        self._protocols = set()
        self._of_aix = False

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on; the command tells which socket ``rmsock`` was asked about."""
        self._command = around.command
        super().feed(lines, around)

    def finish(self) -> Read:
        """Close the last table, and give the owners that ``rmsock`` told to all of them."""
        read = super().finish()
        pairs = zip(read.tables, self._pcbs_of_tables, strict=True)
        tables = [self._owned(table, pcbs) for table, pcbs in pairs if pcbs is not None]
        return read._replace(tables=tuple(tables))

    def _row(self, number: int, text: str) -> Socket | str | None:
        values = self._values(text)
        if values is None:
            return self._other_row(number, text)
        pcb, protocol, recv_q, send_q, host, service, peer, peer_service, state_name, *owner = (
            values
        )
        state = STATES[state_name]
        listens = state is TcpState.LISTEN
        row = self._next_row(pcb, protocol)
        return Socket(
            state,
            self._ends.of(host, service, row, is_local=True),
            self._ends.of(peer, peer_service, row, is_local=False),
            None if listens else int(recv_q),
            None if listens else int(send_q),
            _owners(*owner),
            Evidence(self._input, number, number),
            family=_family(protocol, host),
        )

    def _other_row(self, number: int, text: str) -> Socket | str | None:
        if text.startswith(_ANSWERS):
            return self._answer(number, text)
        values = self._listener(text)
        if values is None:
            return self._row_without_state(number, text)
        pcb, protocol, qlen, maxqlen, host, service = values
        row = self._next_row(pcb, protocol or "tcp4")
        return Socket(
            TcpState.LISTEN,
            self._ends.of(host, service, row, is_local=True),
            _ANY,
            int(qlen),
            int(maxqlen),
            NOT_RECORDED,
            Evidence(self._input, number, number),
            family=_family(protocol or "", host),
        )

    def _row_without_state(self, number: int, text: str) -> Socket | str | None:
        """A row of -x, -R or -T; those of the last have counters where others have queues."""
        queues = self._without_state(text)
        values = queues or self._counters(text)
        if values is None:
            return None
        if self._has_states:
            return _NO_STATE
        pcb, protocol, recv_q, send_q, host, service, peer, peer_service = values
        row = self._next_row(pcb, protocol)
        return Socket(
            TcpState.UNKNOWN,
            self._ends.of(host, service, row, is_local=True),
            self._ends.of(peer, peer_service, row, is_local=False),
            int(recv_q) if queues else None,
            int(send_q) if queues else None,
            NOT_RECORDED,
            Evidence(self._input, number, number),
            family=_family(protocol, host),
        )

    @property
    def _has_states(self) -> bool:
        table = self._table
        if table is None:
            return False
        of_rows = (socket.state is not TcpState.UNKNOWN for socket in table.sockets[:1])
        return "(state)" in table.header or any(of_rows)

    def _next_row(self, pcb: str | None, protocol: str) -> int:
        if self._table is None:
            self._forget()
            self._begun = True
        self._protocols.add(protocol)
        self._pcbs.append(pcb or "")
        return len(self._pcbs) - 1

    def _answer(self, number: int, text: str) -> str | None:
        if values := self._accept_queue(text):
            self._of_aix = True
            self._note_queue(number, int(values[0]), int(values[1]))
            return ""
        if values := self._holder(text):
            address, pid, process = values
            self._holders.add(address, (Owner(int(pid), intern(process)),), self._command)
            return ""
        if values := self._kernel_holder(text):
            self._holders.add(values[0], (), self._command)
            return ""
        return None

    def _note_queue(self, number: int, length: int, limit: int) -> None:
        sockets = self._table.sockets if self._table else []
        if sockets and sockets[-1].state is TcpState.LISTEN:
            row = sockets[-1].evidence.first_line
            evidence = Evidence(self._input, row, number)
            sockets[-1] = sockets[-1]._replace(recv_q=length, send_q=limit, evidence=evidence)

    def _frozen(self, table: Table) -> SocketTable:
        sockets = table.sockets
        is_table = sockets or table.title or table.header
        self._pcbs_of_tables.append(self._pcbs if is_table else None)
        beside_pcb = any(self._pcbs)
        self._ends.mark_cut(sockets, beside_pcb=beside_pcb)
        queues = not (_has_counters(sockets) or self._queues_are_blank(sockets))
        if not queues:
            sockets = [socket._replace(recv_q=None, send_q=None) for socket in sockets]
        time_wait, listeners = _listed(table)
        is_aix = self._of_aix or "PCB/ADDR" in table.header
        is_aix = is_aix or (beside_pcb and all(pcb.startswith("f1000") for pcb in self._pcbs))
        return SocketTable(
            evidence=table.evidence(self._input),
            format="aix-netstat" if is_aix else "bsd-netstat",
            sockets=tuple(sockets),
            owners_recorded=any(socket.owners is not NOT_RECORDED for socket in sockets),
            queues_recorded=queues,
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
        )

    def _queues_are_blank(self, sockets: list[Socket]) -> bool:
        return self._protocols == {"tcp"} and not any(
            socket.recv_q or socket.send_q for socket in sockets
        )

    def _owned(self, table: SocketTable, pcbs: list[str]) -> SocketTable:
        if not self._holders or not any(pcbs):
            return table
        sockets = self._holders.joined(table.sockets, pcbs)
        known = any(socket.owners is not NOT_RECORDED for socket in sockets)
        return replace(table, format="aix-netstat", sockets=tuple(sockets), owners_recorded=known)


def _has_counters(sockets: list[Socket]) -> bool:
    """Whether rows have counters in place of their queues."""
    return any(one.state is TcpState.UNKNOWN and one.recv_q is None for one in sockets)


def _owners(
    pid: str | None = None, process: str | None = None, pid_of_process: str | None = None
) -> tuple[Owner, ...] | NotRecorded:
    """The process that used the socket last; 0 is the kernel."""
    number = pid or pid_of_process
    if number is None:
        return NOT_RECORDED
    return (Owner(int(number), intern(process or "")),) if int(number) else ()


def _family(protocol: str, host: str) -> str | None:
    """``tcp46`` takes IPv4 too, and is an IPv6 socket; plain ``tcp`` may be either."""
    return "IPv6" if ":" in host else _FAMILIES.get(protocol[-1:])


def _listed(table: Table) -> tuple[bool, bool]:
    """Whether TIME_WAIT and LISTEN would be there if there were any: the title tells ``-a``."""
    states = table.states()
    if TcpState.UNKNOWN in states:
        return False, False
    buckets, listeners = TcpState.TIME_WAIT in states, TcpState.LISTEN in states
    if table.elided or "|" in table.command:
        return buckets, listeners
    if table.title.startswith("Current listen queue sizes"):
        return False, True
    return buckets or bool(table.title), listeners or "including servers" in table.title
