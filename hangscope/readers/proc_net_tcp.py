"""Linux' ``/proc/net/tcp`` and ``/proc/net/tcp6``: every socket of a network namespace.

::

    sl local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
     0: 00000000:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000   0       0 161925

It knows inodes but no owners, and of a listener the accept queue but not the backlog. Tables of
other families (``udp``, ``raw``, ``unix``) are known as such, and have no sockets here.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    InputKind,
    Socket,
    SocketTable,
    TcpState,
    Timer,
)
from hangscope.readers.endpoints import folded
from hangscope.readers.lines import BLANKS, LineSyntax
from hangscope.readers.tables import Table, TableReading

SYNTAX: Final = LineSyntax("proc_net_tcp")

_INITIALS: Final = frozenset("0123456789sN")
"""Of lines that are seen."""
_STATES: Final = {
    0x01: TcpState.ESTABLISHED,
    0x02: TcpState.SYN_SENT,
    0x03: TcpState.SYN_RECV,
    0x04: TcpState.FIN_WAIT1,
    0x05: TcpState.FIN_WAIT2,
    0x06: TcpState.TIME_WAIT,
    0x07: TcpState.CLOSE,
    0x08: TcpState.CLOSE_WAIT,
    0x09: TcpState.LAST_ACK,
    0x0A: TcpState.LISTEN,
    0x0B: TcpState.CLOSING,
    0x0C: TcpState.SYN_RECV,
    0x0D: TcpState.CLOSE,
}
"""Linux' include/net/tcp_states.h; 0C is a request that is no full socket yet, 0D only bound."""
_TIMERS: Final = {1: "on", 2: "keepalive", 3: "timewait", 4: "persist"}
_TICKS_A_SECOND: Final = 100
_LENGTH_OF_IPV4: Final = 8

_NOT_OF_PROC: Final = "not a row of /proc/net/tcp"
_NO_STATE: Final = "its state is not one of TCP's"


class ProcNetTcp:
    """The reader."""

    name = "proc-net-tcp"
    kind = InputKind.SOCKET_TABLE

    def sees(self, line: str) -> str | None:
        """The heading, or a row: a number, a colon, addresses in hexadecimal."""
        text = line.strip(BLANKS)
        if text[:1] not in _INITIALS:
            return None
        if text.startswith("sl ") and "local_address" in text:
            return "it has the heading of /proc/net/tcp"
        if text.startswith("Num ") and "RefCount Protocol Flags" in text:
            return "it has the heading of /proc/net/unix"
        if text.partition(": ")[0].isdecimal():
            return None if SYNTAX.matcher("row")(text) is None else "it has a row of /proc/net/tcp"
        return None

    def begin(self, input_name: str) -> ProcNetTcpReading:
        """Start with a new input."""
        return ProcNetTcpReading(input_name)


class ProcNetTcpReading(TableReading):
    """All tables of this kind in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_PROC)
        self._values = SYNTAX.matcher("row")
        self._addresses: dict[str, str] = {}
        """Of the table: as printed, and as a little-endian machine means them."""

    def _opened(self) -> None:
        self._addresses = {}

    def _address(self, text: str) -> str:
        found = self._addresses.get(text)
        if found is None:
            found = self._addresses[text] = _address(text, "little")
        return found

    def _row(self, number: int, text: str) -> Socket | str | None:
        values = self._values(text)
        if values is None:
            return None
        (
            address,
            port,
            peer_address,
            peer_port,
            state_number,
            send_q,
            recv_q,
            timer,
            ticks,
            retransmits,
            probes,
            inode,
        ) = values
        state = _STATES.get(int(state_number, 16))
        if state is None:
            return _NO_STATE
        kind = _TIMERS.get(int(timer, 16))
        return Socket(
            state,
            Endpoint(self._address(address), int(port, 16) or None),
            Endpoint(self._address(peer_address), int(peer_port, 16) or None),
            int(recv_q, 16),
            None if state is TcpState.LISTEN else int(send_q, 16),
            NOT_RECORDED,
            Evidence(self._input, number, number),
            int(inode) or None,
            Timer(kind, int(ticks, 16) / _TICKS_A_SECOND, int(probes) or int(retransmits, 16))
            if kind
            else None,
            "IPv4" if len(address) == _LENGTH_OF_IPV4 else "IPv6",
        )

    def _frozen(self, table: Table) -> SocketTable:
        if "drops" in table.header:  # /proc/net/udp and raw: the same columns and one more
            table.sockets.clear()
        sockets = table.sockets
        if _is_big_endian(self._addresses):
            big = {little: _address(text, "big") for text, little in self._addresses.items()}
            sockets = [
                socket._replace(
                    local=socket.local._replace(address=big[socket.local.address]),
                    peer=socket.peer._replace(address=big[socket.peer.address]),
                )
                for socket in sockets
            ]
        return SocketTable(
            evidence=table.evidence(self._input),
            format="proc-net-tcp",
            sockets=tuple(sockets),
            owners_recorded=False,
            queues_recorded=True,
            time_wait_recorded=not table.elided,
            listeners_recorded=not table.elided,
        )


def _is_big_endian(addresses: Iterable[str]) -> bool:
    """Which machine printed this: loopback and mapped addresses look different on each."""
    little = any(a == "0100007F" or a[16:24] == "FFFF0000" for a in addresses)
    big = any(a == "7F000001" or a[16:24] == "0000FFFF" for a in addresses)
    return big and not little


def _address(text: str, order: Literal["little", "big"]) -> str:
    numbers = (int(text[at : at + 8], 16) for at in range(0, len(text), 8))
    packed = b"".join(number.to_bytes(4, order) for number in numbers)
    if len(text) == _LENGTH_OF_IPV4:
        return str(IPv4Address(packed))
    return folded(str(IPv6Address(packed)))
