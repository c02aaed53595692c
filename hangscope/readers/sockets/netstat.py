"""Tables of ``netstat`` (net-tools on Linux, busybox), with any of ``-t -a -n -p -o -e -W``.

::

    Proto Recv-Q Send-Q Local Address      Foreign Address      State      PID/Program name
    tcp        0      0 10.41.249.26:8080  10.51.31.150:16011   CLOSE_WAIT 27836/java

Its Send-Q of a listener is always 0, for it does not know the backlog. Without ``-W`` it cuts
long IPv6 addresses to something that looks like another address; those end in ``…`` here, so
that they match nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sys import intern
from typing import Final

from hangscope.facts import InputKind, Owner, SocketTable, TcpState, Timer
from hangscope.facts.socket_rows import NO_PORT
from hangscope.readers.commands import command_of
from hangscope.readers.sockets.columnar import Column, ColumnarReading
from hangscope.readers.sockets.columns import (
    FAMILY_CODES,
    NOBODY,
    STATE_CODES,
    UNTOLD,
    Codes,
    SocketColumns,
)
from hangscope.readers.sockets.tables import Table
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("netstat")

STATES: Final = {state.value: state for state in TcpState if state is not TcpState.UNKNOWN} | {
    word: state
    for state, words in {
        TcpState.ESTABLISHED: "VERBUNDEN ESTABELECIDA SPOJENO ESTABLERT ETABLERAD",
        TcpState.SYN_SENT: "SYN_ENVIADO SYNSENT",
        TcpState.SYN_RECV: "SYN_RECEBIDO SYNRECV",
        TcpState.FIN_WAIT1: "ESPERA_FIN1 FINWAIT1",
        TcpState.FIN_WAIT2: "ESPERA_FIN2 FINWAIT2",
        TcpState.CLOSE: "FECHAR ZAVŘEN STÄNG TANCAMENT",
        TcpState.CLOSE_WAIT: "ESPERANDO_FECHAR CLOSEWAIT STÄNG_VÄNTA",
        TcpState.LAST_ACK: "ÚLTIMO_ACK LASTACK",
        TcpState.LISTEN: "OUÇA NASLOUCHÁ ESCOLTA LYSSNAR",
        TcpState.CLOSING: "FECHANDO ZAVÍRÁ STÄNGER",
    }.items()
    for word in words.split()
}
"""The states, and what net-tools' translations (de, pt_BR, cs, ca, sv) make of them."""
STATES["POSLEDNÍ ACK"] = TcpState.LAST_ACK

_CODES: Final = {name: STATE_CODES[state] for name, state in STATES.items()}
_IPV4: Final = FAMILY_CODES["IPv4"]
_IPV6: Final = FAMILY_CODES["IPv6"]
_TIMERS: Final = {
    "probe": "persist",
    "unkn-4": "persist",
    "ein": "on",
    "オン": "on",
    "zapnut": "on",
    "em": "on",
    "käib": "on",
    "キープアライブ": "keepalive",
    "時間待ち": "timewait",
    "プローブ": "persist",
}
"""Names of timers as ss has them; ``off`` and its translations are no timer at all."""
_RUNNING: Final = frozenset({"on", "keepalive", "timewait", "persist"})

_WIDTH: Final = 22
"""Characters of an address and its port together, when they may have been cut."""
_FIRST_WORDS: Final = ("Active", "Akti", "Connexions", "Conexões", "稼働中", "(No", "netstat:")
_INITIALS: Final = frozenset("tP") | {word[0] for word in _FIRST_WORDS}
"""Of lines that are seen."""
_NOT_OF_NETSTAT: Final = "not a row of netstat"
_HAVE_OWNERS: Final = frozenset({TcpState.LISTEN, TcpState.ESTABLISHED, TcpState.CLOSE_WAIT})


class Netstat:
    """The reader."""

    name = "netstat"
    kind = InputKind.SOCKET_TABLE
    initials = _INITIALS

    def sees(self, line: str) -> str | None:
        """A title, a heading with ``Recv-Q``, or a row that starts with ``tcp``."""
        text = line.strip(BLANKS)
        if text[:1] not in _INITIALS:
            return None
        if text.startswith("tcp"):
            return None if SYNTAX.matcher("row")(text) is None else "it has a row of netstat"
        if text.startswith("Proto ") and "Recv-Q" in text and "Local Address" in text:
            is_own = SYNTAX.matcher("header")(text) is not None
            return "it has the heading of netstat" if is_own else None
        if text.startswith(_FIRST_WORDS) and _is_heading(text):
            return "it has the title of netstat"
        return None

    def begin(self, input_name: str) -> NetstatReading:
        """Start with a new input."""
        return NetstatReading(input_name)


def _is_heading(text: str) -> bool:
    return any(SYNTAX.matcher(rule)(text) is not None for rule in ("title", "remark"))


class NetstatReading(ColumnarReading):
    """All tables of ``netstat`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_NETSTAT)

    def _opened(self) -> None:
        self._owners = Codes(self._owners_of).__getitem__
        self._timers = Codes(self._timer).__getitem__

    def _add(
        self,
        columns: SocketColumns,
        lines: Sequence[int],
        rule: str,  # noqa: ARG002 - there is one kind of row
        values: Sequence[Column],
    ) -> None:
        protocol, recv_q, send_q, address, port, peer_address, peer_port, state, *owned = values
        inode, no_program, pid, program, *timer = owned
        states = list(map(_CODES.__getitem__, state))
        columns.add_rows(lines, states, self._families_of(protocol, address))
        columns.add_ends(address, port, peer_address, peer_port)
        columns.add_queues(recv_q, send_q)
        columns.add_owners(map(self._owners, zip(no_program, pid, program, strict=True)))
        columns.add_inodes(inode)
        columns.add_timers(map(self._timers, zip(*timer, strict=True)) if any(timer[0]) else None)

    def _families_of(self, protocols: Column, addresses: Column) -> Iterable[int]:
        """IPv6 is told by the protocol, and busybox tells it by the address alone."""
        return (
            _IPV6 if protocol == "tcp6" or ":" in address else _IPV4
            for protocol, address in zip(protocols, addresses, strict=True)
        )

    def _owners_of(self, values: tuple[str, ...]) -> int:
        no_program, pid, program = values
        if pid and program:
            return self._columns.group((Owner(int(pid), intern(program)),))
        return NOBODY if no_program else UNTOLD

    def _timer(self, values: tuple[str, ...]) -> int:
        name, seconds, retransmits, probes = values
        timer = _timer(name, seconds, retransmits, probes) if name else None
        return self._columns.timer(timer)

    def _frozen(self, table: Table) -> SocketTable:
        columns = self._columns
        columns.hide_listeners_backlog()  # netstat does not know it and prints 0
        _mark_cut_addresses(columns)
        states = table.states()
        owners_recorded = "PID/Program" in table.header or columns.tells_owners()
        if owners_recorded and not states.isdisjoint(_HAVE_OWNERS) and not columns.has_owner():
            owners_recorded = False  # there must be some: netstat was not run as root
        elif table.remarks:  # "not all processes could be identified": "-" is no answer then
            columns.forget_missing_owners()
        time_wait, listeners = _listed(table, states)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="netstat",
            sockets=columns.frozen(owners_recorded=owners_recorded),
            owners_recorded=owners_recorded,
            queues_recorded=True,
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
        )


def _timer(name: str, seconds: str, retransmits: str, probes: str) -> Timer | None:
    kind = _TIMERS.get(name, name)
    if kind not in _RUNNING:
        return None
    return Timer(intern(kind), float(seconds), int(probes) or int(retransmits))


def _listed(table: Table, states: frozenset[TcpState]) -> tuple[bool, bool]:
    """Whether TIME_WAIT and LISTEN would be there if there were any: ``-l`` and ``-a`` tell."""
    buckets, listeners = TcpState.TIME_WAIT in states, TcpState.LISTEN in states
    connections = bool(states - {TcpState.LISTEN, TcpState.CLOSE})
    if table.elided:
        return buckets, listeners
    asked = command_of(table.command, "netstat")
    if asked:
        only = "l" in asked.flags and "a" not in asked.flags
        every = not asked.filtered
        return buckets or (every and not only), listeners or (
            every and bool(asked.flags & {"a", "l"})
        )
    if "(servers and established)" in table.title:
        return True, True
    if "(only servers)" in table.title:
        return buckets, True
    if "(w/o servers)" in table.title:
        return True, listeners
    return buckets or (connections and bool(table.header)), listeners


def _mark_cut_addresses(columns: SocketColumns) -> None:
    """Put an ellipsis after the addresses that may have been cut."""
    v6 = {code for code, address in enumerate(columns.addresses) if ":" in address}
    if not v6:
        return

    def width(address: str, port: int) -> int:
        if ":" not in address:
            return 0
        printed = "*" if port == NO_PORT else columns.service(port) or str(port)
        return len(address) + len(printed)

    ends = {end for end in columns.ends() if end[0] in v6}
    if max(width(columns.addresses[code], port) for code, port in ends) == _WIDTH:
        columns.rewrite_ends(
            lambda address, port: address + "…" if width(address, port) == _WIDTH else address
        )
