"""Tables of ``netstat`` (net-tools on Linux, busybox), with any of ``-t -a -n -p -o -e -W``.

::

    Proto Recv-Q Send-Q Local Address      Foreign Address      State      PID/Program name
    tcp        0      0 10.41.249.26:8080  10.51.31.150:16011   CLOSE_WAIT 27836/java

Its Send-Q of a listener is always 0, for it does not know the backlog. Without ``-W`` it cuts
long IPv6 addresses to something that looks like another address; those end in ``…`` here, so
that they match nothing.
"""

from __future__ import annotations

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
    Timer,
)
from hangscope.readers.commands import command_of
from hangscope.readers.endpoints import Endpoints
from hangscope.readers.lines import BLANKS, LineSyntax
from hangscope.readers.tables import Table, TableReading

SYNTAX: Final = LineSyntax("netstat")

STATES: Final = {state.value: state for state in TcpState} | {
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
_NOT_OF_NETSTAT: Final = "not a row of netstat"
_HAVE_OWNERS: Final = frozenset({TcpState.LISTEN, TcpState.ESTABLISHED, TcpState.CLOSE_WAIT})


class Netstat:
    """The reader."""

    name = "netstat"
    kind = InputKind.SOCKET_TABLE

    def sees(self, line: str) -> str | None:
        """A title, a heading with ``Recv-Q``, or a row that starts with ``tcp``."""
        text = line.strip(BLANKS)
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


class NetstatReading(TableReading):
    """All tables of ``netstat`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_NETSTAT)
        self._endpoint = Endpoints().of
        self._values = SYNTAX.matcher("row")

    def _row(self, number: int, text: str) -> Socket | str | None:
        values = self._values(text)
        if values is None:
            return None
        (
            protocol,
            recv_q,
            send_q,
            address,
            port,
            peer_address,
            peer_port,
            state_name,
            inode,
            no_program,
            pid,
            program,
            timer,
            seconds,
            retransmits,
            probes,
        ) = values
        state = STATES[state_name]
        owners: tuple[Owner, ...] | NotRecorded = () if no_program else NOT_RECORDED
        if pid:
            owners = (Owner(int(pid), intern(program)),)
        return Socket(
            state,
            self._endpoint(address, port),
            self._endpoint(peer_address, peer_port),
            int(recv_q),
            None if state is TcpState.LISTEN else int(send_q),
            owners,
            Evidence(self._input, number, number),
            int(inode) or None if inode else None,
            _timer(timer, seconds, int(retransmits), int(probes)) if timer else None,
            "IPv6" if protocol == "tcp6" or ":" in address else "IPv4",
        )

    def _frozen(self, table: Table) -> SocketTable:
        sockets = _without_cut_addresses(table.sockets)
        states = table.states()
        owners_recorded = "PID/Program" in table.header or any(
            socket.owners is not NOT_RECORDED for socket in sockets
        )
        if owners_recorded and _owners_hidden(sockets, states):
            owners_recorded = False
            sockets = [socket._replace(owners=NOT_RECORDED) for socket in sockets]
        elif table.remarks:  # "not all processes could be identified": "-" is no answer then
            sockets = [
                socket if socket.owners else socket._replace(owners=NOT_RECORDED)
                for socket in sockets
            ]
        time_wait, listeners = _listed(table, states)
        return SocketTable(
            evidence=table.evidence(self._input),
            format="netstat",
            sockets=tuple(sockets),
            owners_recorded=owners_recorded,
            queues_recorded=True,
            time_wait_recorded=time_wait,
            listeners_recorded=listeners,
        )


def _timer(name: str, seconds: str, retransmits: int, probes: int) -> Timer | None:
    kind = _TIMERS.get(name, name)
    return (
        Timer(intern(kind), _number(seconds), probes or retransmits) if kind in _RUNNING else None
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _owners_hidden(sockets: list[Socket], states: frozenset[TcpState]) -> bool:
    """Whether not one owner is shown though there must be some: netstat was not run as root."""
    return not states.isdisjoint(_HAVE_OWNERS) and not any(
        socket.owners for socket in sockets if socket.owners is not NOT_RECORDED
    )


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


def _without_cut_addresses(sockets: list[Socket]) -> list[Socket]:
    """``sockets``, where an address that may have been cut is marked with an ellipsis."""
    widths = {_width(end) for socket in sockets for end in (socket.local, socket.peer)}
    if max(widths, default=0) != _WIDTH:
        return sockets
    return [
        socket._replace(local=_marked(socket.local), peer=_marked(socket.peer))
        for socket in sockets
    ]


def _width(end: Endpoint) -> int:
    if ":" not in end.address:
        return 0
    return len(end.address) + len(end.service or str(end.port or "*"))


def _marked(end: Endpoint) -> Endpoint:
    return end._replace(address=end.address + "…") if _width(end) == _WIDTH else end
