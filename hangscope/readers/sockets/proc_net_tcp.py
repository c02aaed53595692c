"""Linux' ``/proc/net/tcp`` and ``/proc/net/tcp6``: every socket of a network namespace.

::

    sl local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
     0: 00000000:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000   0       0 161925

It knows inodes but no owners, and of a listener the accept queue but not the backlog. Tables of
other families (``udp``, ``raw``, ``unix``) are known as such, and have no sockets here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address
from itertools import repeat
from typing import Final, Literal

from hangscope.facts import InputKind, SocketTable, TcpState, Timer
from hangscope.facts.socket_rows import NO_PORT
from hangscope.readers.sockets.columnar import Column, ColumnarReading, known_rows
from hangscope.readers.sockets.columns import (
    FAMILY_CODES,
    STATE_CODES,
    UNTOLD,
    Codes,
    SocketColumns,
)
from hangscope.readers.sockets.endpoints import folded
from hangscope.readers.sockets.tables import Table
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

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

_STATE: Final = 4
"""Place of the state among the values of a row."""
_CODES: Final = {f"{number:02X}": STATE_CODES[state] for number, state in _STATES.items()}
_IPV4: Final = FAMILY_CODES["IPv4"]
_IPV6: Final = FAMILY_CODES["IPv6"]
_HEXADECIMAL: Final = 16
_NO_TIMER: Final = "00"
_PORT_CODES: Final[Codes[str]] = Codes(lambda port: int(port, _HEXADECIMAL) or NO_PORT)

_NOT_OF_PROC: Final = "not a row of /proc/net/tcp"
_NO_STATE: Final = "its state is not one of TCP's"


class ProcNetTcp:
    """The reader."""

    name = "proc-net-tcp"
    kind = InputKind.SOCKET_TABLE
    initials = _INITIALS

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


class ProcNetTcpReading(ColumnarReading):
    """All tables of this kind in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, SYNTAX, _NOT_OF_PROC)

    def _opened(self) -> None:
        self._addresses = Codes(self._address)
        """Numbers of the addresses as they are printed."""
        self._timers = Codes(self._timer).__getitem__

    def _address(self, text: str) -> int:
        return self._columns.address_code(_address(text, "little"))

    def _add(
        self,
        columns: SocketColumns,
        lines: Sequence[int],
        rule: str,  # noqa: ARG002 - there is one kind of row
        values: Sequence[Column],
    ) -> None:
        states = values[_STATE]
        if not _CODES.keys() >= set(states):
            is_known = [state in _CODES for state in states]
            for line, known in zip(lines, is_known, strict=True):
                if not known:
                    self._spans.add(line, _NO_STATE)
            lines, values = known_rows(lines, values, is_known)
        address, port, peer, peer_port, state, send_q, recv_q, *timer, inode = values
        families = (_IPV4 if len(one) == _LENGTH_OF_IPV4 else _IPV6 for one in address)
        columns.add_rows(lines, map(_CODES.__getitem__, state), families)
        code = self._addresses.__getitem__
        columns.add_coded_ends(
            map(code, address),
            map(_PORT_CODES.__getitem__, port),
            map(code, peer),
            map(_PORT_CODES.__getitem__, peer_port),
        )
        columns.add_counted_queues(
            *(map(int, queue, repeat(_HEXADECIMAL)) for queue in (recv_q, send_q))
        )
        columns.add_owners([UNTOLD] * len(lines))
        columns.add_inodes(inode)
        is_timed = timer[0].count(_NO_TIMER) < len(lines)
        columns.add_timers(map(self._timers, zip(*timer, strict=True)) if is_timed else None)

    def _timer(self, values: tuple[str, ...]) -> int:
        number, ticks, retransmits, probes = values
        kind = _TIMERS.get(int(number, _HEXADECIMAL))
        if kind is None:
            return 0
        seconds = int(ticks, _HEXADECIMAL) / _TICKS_A_SECOND
        again = int(probes) or int(retransmits, _HEXADECIMAL)
        return self._columns.timer(Timer(kind, seconds, again))

    def _frozen(self, table: Table) -> SocketTable:
        columns = self._columns
        # /proc/net/udp and raw have the same columns and one more; unix has no rows of this kind.
        is_tcp = "drops" not in table.header and not table.is_empty
        if _is_big_endian(self._addresses):
            for text, code in self._addresses.items():
                columns.addresses[code] = _address(text, "big")
        columns.hide_listeners_backlog()  # it prints 0
        return SocketTable(
            evidence=table.evidence(self._input),
            format="proc-net-tcp",
            sockets=columns.frozen(owners_recorded=False) if is_tcp else (),
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
