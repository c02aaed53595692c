"""What tools would print of given sockets, whose own families have to be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address

from hangscope.facts import NOT_RECORDED, Endpoint, Owner, Socket, TcpState, Timer

_OF_SS = {
    TcpState.ESTABLISHED: "ESTAB",
    TcpState.FIN_WAIT1: "FIN-WAIT-1",
    TcpState.FIN_WAIT2: "FIN-WAIT-2",
    TcpState.CLOSE: "UNCONN",
}
_TIMERS_OF_PROC = ("off", "on", "keepalive", "timewait", "persist")


def ss_text(sockets: Iterable[Socket]) -> str:
    """``ss -tanpeo``; of a listener, a backlog that no tool told is 4096, Linux' own limit."""
    lines = ["State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process"]
    for one in sockets:
        state = _OF_SS.get(one.state, one.state.value.replace("_", "-"))
        backlog = 4096 if one.send_q is None else one.send_q
        local, peer = (_end_of_ss(end, one.family) for end in (one.local, one.peer))
        lines.append(
            f"{state:<10} {one.recv_q:<6} {backlog:<6} {local} {peer}"
            f"{_users(one)}{_timer_of_ss(one.timer)}"
            + (f" ino:{one.inode} sk:1 <->" if one.inode else "")
        )
    return "\n".join(lines) + "\n"


def netstat_text(sockets: Iterable[Socket]) -> str:
    """``netstat -tanpeo``: of several owners it knows one, and no backlog."""
    lines = [
        "Active Internet connections (servers and established)",
        "Proto Recv-Q Send-Q Local Address  Foreign Address  State  User  Inode  PID/Program name",
    ]
    for one in sockets:
        local, peer = (_end_of_netstat(end, one.family) for end in (one.local, one.peer))
        send_q = 0 if one.state is TcpState.LISTEN else one.send_q
        first = _owners(one)[:1]
        owner = f"{first[0].pid}/{first[0].command}" if first else "-"
        timer = one.timer or Timer("off", 0, 0)
        lines.append(
            f"{'tcp6' if one.family == 'IPv6' else 'tcp':<5} {one.recv_q:6d} {send_q:6d}"
            f" {local:<23} {peer:<23} {one.state.value:<11} 1000       {one.inode or 0:<10}"
            f" {owner:<20} {timer.kind} ({timer.seconds or 0:.2f}/{timer.retransmits}/0)"
        )
    return "\n".join(lines) + "\n"


def lsof_text(sockets: Iterable[Socket], *, queues: bool = True) -> str:
    """``lsof -nP -iTCP``, or with ``-Tqs``: what some process has open."""
    lines = ["COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME"]
    for number, one in enumerate(sockets, 1):
        listens = one.state is TcpState.LISTEN
        peer = "" if listens else f"->{_end_of_lsof(one.peer)}"
        told = f" QR={one.recv_q} QS={0 if listens else one.send_q}" if queues else ""
        for owner in _owners(one):
            command = owner.command.replace(" ", "\\x20")
            lines.append(
                f"{command:<9} {owner.pid} root {owner.fd or number}u  {one.family}"
                f" {one.inode or number}      0t0  TCP {_end_of_lsof(one.local)}{peer}"
                f" ({one.state.value}{told})"
            )
    return "\n".join(lines) + "\n"


def proc_text(sockets: Sequence[Socket], family: str = "IPv4") -> str:
    """``/proc/net/tcp``, or ``tcp6``, of a little-endian machine."""
    lines = ["  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"]
    for number, one in enumerate(sockets):
        local, peer = (_end_of_proc(end, family) for end in (one.local, one.peer))
        send_q = 0 if one.state is TcpState.LISTEN else one.send_q
        timer = one.timer or Timer("off", 0, 0)
        lines.append(
            f"{number:4d}: {local} {peer} {list(TcpState).index(one.state) + 1:02X}"
            f" {send_q:08X}:{one.recv_q:08X}"
            f" {_TIMERS_OF_PROC.index(timer.kind):02X}:{round((timer.seconds or 0) * 100):08X}"
            f" {timer.retransmits:08X}  1000        0 {one.inode or 0} 1 0 20"
        )
    return "\n".join(lines) + "\n"


def _owners(socket: Socket) -> tuple[Owner, ...]:
    return () if socket.owners is NOT_RECORDED else socket.owners


def _users(socket: Socket) -> str:
    named = ",".join(f'("{o.command}",pid={o.pid},fd={o.fd or 0})' for o in _owners(socket))
    return f" users:({named})" if named else ""


def _timer_of_ss(timer: Timer | None) -> str:
    if timer is None:
        return ""
    left = "" if timer.seconds is None else f"{round(timer.seconds * 1000)}ms"
    return f" timer:({timer.kind},{left},{timer.retransmits})"


def _port(end: Endpoint) -> str:
    return end.service or ("*" if end.port is None else str(end.port))


def _end_of_ss(end: Endpoint, family: str | None) -> str:
    address = end.address
    if ":" in address:
        address = f"[{address}]"
    elif family == "IPv6" and not end.is_wildcard:
        address = f"[::ffff:{address}]"
    return f"{address}:{_port(end)}"


def _end_of_netstat(end: Endpoint, family: str | None) -> str:
    any_address = "::" if family == "IPv6" else "0.0.0.0"  # noqa: S104 - text of a table
    return f"{any_address if end.is_wildcard else end.address}:{_port(end)}"


def _end_of_lsof(end: Endpoint) -> str:
    if end.is_wildcard:
        return f"*:{_port(end)}"
    return f"[{end.address}]:{_port(end)}" if ":" in end.address else f"{end.address}:{_port(end)}"


def _end_of_proc(end: Endpoint, family: str) -> str:
    if family == "IPv4":
        packed = IPv4Address(0 if end.is_wildcard else end.address).packed
    elif end.is_wildcard:
        packed = bytes(16)
    else:
        text = end.address if ":" in end.address else f"::ffff:{end.address}"
        packed = IPv6Address(text).packed
    words = (packed[at : at + 4][::-1].hex().upper() for at in range(0, len(packed), 4))
    return f"{''.join(words)}:{end.port or 0:04X}"
