"""What ``jc`` makes of ``ss``, ``netstat`` and ``/proc/net/tcp``: their rows as JSON objects.

It keeps each tool's own names for states, and it keeps less than the tool printed: of a process
that has a socket open twice, one descriptor (jc 1.25). UDP and UNIX sockets stand among the rows.
"""

from __future__ import annotations

from typing import Any, Final

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    InputKind,
    Owner,
    Socket,
    SocketTable,
    TcpState,
    Timer,
)
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_reading import Dialect
from hangscope.readers.json_texts.json_rows import ANY, STATES, JsonTable, number_of, owner_of
from hangscope.readers.json_texts.json_walk import Shape

_BY_NUMBER: Final = {
    1: TcpState.ESTABLISHED,
    2: TcpState.SYN_SENT,
    3: TcpState.SYN_RECV,
    4: TcpState.FIN_WAIT1,
    5: TcpState.FIN_WAIT2,
    6: TcpState.TIME_WAIT,
    7: TcpState.CLOSE,
    8: TcpState.CLOSE_WAIT,
    9: TcpState.LAST_ACK,
    10: TcpState.LISTEN,
    11: TcpState.CLOSING,
    12: TcpState.SYN_RECV,
}
"""Linux: include/net/tcp_states.h; 12 is TCP_NEW_SYN_RECV."""
_TIMERS: Final = {1: "on", 2: "keepalive", 3: "timewait", 4: "persist"}
_TICKS_A_SECOND: Final = 100


class JcSs(JsonTable):
    """``jc --ss``."""

    name = "jc-ss"

    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row."""
        if row["netid"] != "tcp":
            return None
        state = STATES[row["state"]]
        told: dict[str, Any] = row.get("process") or row.get("opts") or {}
        opts: dict[str, Any] = row.get("opts") or told
        processes: dict[str, Any] = told.get("process_id") or {}
        return Socket(
            state,
            self.endpoint(str(row["local_address"]), str(row["local_port"])),
            self.endpoint(str(row["peer_address"]), str(row["peer_port"])),
            number_of(row.get("recv_q")),
            number_of(row.get("send_q")),
            tuple(
                Owner(int(pid), str(one["user"]), number_of(one.get("file_descriptor")))
                for pid, one in processes.items()
            ),
            evidence,
            number_of(opts.get("inode_number")) or None,
        )

    def frozen(self) -> SocketTable:
        """The table; ``-a`` shows in that listeners stand beside connections."""
        states = self.states()
        listeners = TcpState.LISTEN in states
        connections = states - {TcpState.LISTEN, TcpState.CLOSE}
        return self.table(
            owners=self.has_owners(),
            queues=True,
            time_wait=TcpState.TIME_WAIT in states or bool(listeners and connections),
            listeners=listeners,
        )


class JcNetstat(JsonTable):
    """``jc --netstat``, of Linux, macOS, the BSDs and Windows."""

    name = "jc-netstat"

    def begun(self) -> None:
        """Forget what was seen in the table before."""
        self._owners = False

    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row."""
        protocol = str(row.get("proto", "")).lower()
        if not protocol.startswith("tcp"):
            return None
        address = _plain(row["local_address"])
        state = STATES[str(row["state"]).upper()]
        self._owners |= "program_name" in row or "pid" in row
        send_q = number_of(row.get("send_q"))
        family = row.get("network_protocol")
        return Socket(
            state,
            self.endpoint(address, _port(row["local_port"])),
            ANY
            if state is TcpState.LISTEN
            else self.endpoint(_plain(row["foreign_address"]), _port(row["foreign_port"])),
            number_of(row.get("recv_q")),
            None if state is TcpState.LISTEN else send_q,
            owner_of(row.get("pid"), _program(row.get("program_name")), None),
            evidence,
            number_of(row.get("inode")) or None,
            None,
            "IPv6" if family == "ipv6" or ":" in address else "IPv4",
        )

    def frozen(self) -> SocketTable:
        """The table; ``-a`` shows in that listeners stand beside connections."""
        states = self.states()
        listeners = TcpState.LISTEN in states
        return self.table(
            owners=self._owners and self.has_owners(),
            queues=any(socket.recv_q is not None for socket in self.sockets[:1]),
            time_wait=TcpState.TIME_WAIT in states or bool(states - {TcpState.LISTEN}),
            listeners=listeners,
        )


class JcProcNetTcp(JsonTable):
    """``jc --proc-net-tcp``."""

    name = "jc-proc-net-tcp"

    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row."""
        state = _BY_NUMBER[int(row["state"], 16)]
        kind = _TIMERS.get(int(row.get("timer_active", 0)))
        address = str(row["local_address"])
        send_q = int(row["tx_queue"], 16)
        return Socket(
            state,
            self.endpoint(address, _port(row["local_port"])),
            self.endpoint(str(row["remote_address"]), _port(row["remote_port"])),
            int(row["rx_queue"], 16),
            None if state is TcpState.LISTEN else send_q,
            NOT_RECORDED,
            evidence,
            number_of(row.get("inode")) or None,
            _timer(kind, row) if kind else None,
            "IPv6" if ":" in address else "IPv4",
        )

    def frozen(self) -> SocketTable:
        """The table: all sockets of one family."""
        return self.table(owners=False, queues=True, time_wait=True, listeners=True)


def _timer(kind: str, row: dict[str, Any]) -> Timer:
    ticks = int(row["jiffies_until_timer_expires"], 16)
    probes = int(row["unanswered_0_window_probes"])
    return Timer(kind, ticks / _TICKS_A_SECOND, probes or int(row["unrecovered_rto_timeouts"], 16))


def _plain(address: Any) -> str:
    """An IPv6 address without brackets, which Windows and old net-tools print."""
    return str(address).strip("[]")


def _program(name: Any) -> str:
    """Windows has names in brackets, and a sentence where there is none."""
    text = str(name or "")
    return text[1:-1] if text.startswith("[") else "" if " ownership " in text else text


def _port(value: Any) -> str:
    text = str(value)
    return "*" if text == "0" else text


def _fits_ss(head: Head) -> bool:
    return not head.path and {"netid", "state", "recv_q", "send_q"} <= head.keys


def _fits_netstat(head: Head) -> bool:
    if head.path:
        return False
    keys = head.keys
    return {"proto", "local_address", "foreign_address"} <= keys or {"proto", "refcnt"} <= keys


def _fits_proc_net_tcp(head: Head) -> bool:
    return not head.path and {"entry", "tx_queue", "rx_queue", "state"} <= head.keys


JC_SS: Final = Dialect(
    name=JcSs.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(),
    tells=frozenset({"netid"}),
    fits=_fits_ss,
    begin=JcSs,
)
JC_NETSTAT: Final = Dialect(
    name=JcNetstat.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(),
    tells=frozenset({"foreign_address", "refcnt"}),
    fits=_fits_netstat,
    begin=JcNetstat,
)
JC_PROC_NET_TCP: Final = Dialect(
    name=JcProcNetTcp.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(),
    tells=frozenset({"tx_queue"}),
    fits=_fits_proc_net_tcp,
    begin=JcProcNetTcp,
)
