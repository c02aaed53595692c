"""Models of dumps and tables, and the texts that tools would print of them."""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Address
from typing import NamedTuple

from hypothesis import strategies as st

from hangscope.facts import TcpState


class Entry(NamedTuple):
    """A frame or a lock line."""

    method: str
    location: str
    lock: str = ""
    address: int = 0


class Thread(NamedTuple):
    """What HotSpot prints of a thread."""

    name: str
    id: int
    daemon: bool
    tid: int
    nid: int
    os_state: str
    state: str
    entries: tuple[Entry, ...]
    owned: tuple[int, ...]


_PART = st.text("abcXYZ$_019", min_size=1, max_size=6)
_ADDRESS = st.integers(1, 2**63)
_NAME = st.text(
    st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]), max_size=20
).filter(lambda name: name.count("\n") < 4 and not re.search(r'\n\s*"', name))
"""What the JVM prints as it is; a quote that starts a line is a thread of its own to any reader."""
_ENTRY = st.builds(
    Entry,
    method=st.lists(_PART, min_size=2, max_size=4).map(".".join),
    location=st.sampled_from(
        ["Foo.java:12", "Native Method", "Unknown Source", "Foo.java", "a b.groovy:1"]
    ),
    lock=st.sampled_from(["", "", "locked", "waiting to lock", "waiting on", "eliminated"]),
    address=_ADDRESS,
)
_THREAD = st.builds(
    Thread,
    name=_NAME,
    id=st.integers(1, 10**6),
    daemon=st.booleans(),
    tid=_ADDRESS,
    nid=st.integers(1, 10**6),
    os_state=st.sampled_from(["runnable", "waiting on condition", "in Object.wait()", "sleeping"]),
    state=st.sampled_from(["RUNNABLE", "BLOCKED (on object monitor)", "WAITING (parking)", "NEW"]),
    entries=st.lists(_ENTRY, max_size=6).map(tuple),
    owned=st.lists(_ADDRESS, max_size=2).map(tuple),
)
threads = st.lists(_THREAD, min_size=1, max_size=5, unique_by=lambda thread: thread.tid)


def dump_text(model: list[Thread], *, owned: bool, smr: bool) -> str:
    """A dump as JDK 17 prints it, with ``-l`` or without."""
    lines = [
        "2026-11-22 03:16:27",
        "Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode):",
        "",
    ]
    if smr:
        tids = ",\n".join(f"0x{thread.tid:016x}" for thread in model)
        lines += ["Threads class SMR info:"]
        lines += [f"_java_thread_list=0x1, length={len(model)}, elements={{", tids, "}", ""]
    for thread in model:
        daemon = " daemon" if thread.daemon else ""
        lines.append(
            f'"{thread.name}" #{thread.id}{daemon} prio=5 os_prio=0 cpu=1.50ms elapsed=2.25s'
            f" tid=0x{thread.tid:016x} nid=0x{thread.nid:x} {thread.os_state}  [0x00007f0000009000]"
        )
        lines.append(f"   java.lang.Thread.State: {thread.state}")
        for entry in thread.entries:
            lines.append(f"\tat {entry.method}({entry.location})")
            if entry.lock:
                lines.append(f"\t- {entry.lock} <0x{entry.address:016x}> (a org.acme.Lock)")
        lines.append("")
        if owned:
            lines.append("   Locked ownable synchronizers:")
            lines += [f"\t- <0x{address:016x}> (a org.acme.Sync)" for address in thread.owned]
            lines += ([] if thread.owned else ["\t- None"]) + [""]
    lines += ["JNI global refs: 24, weak refs: 0", ""]
    return "\n".join(lines)


class Row(NamedTuple):
    """What every tool prints of a connection."""

    state: TcpState
    local: tuple[str, int]
    peer: tuple[str, int]
    recv_q: int
    send_q: int
    pid: int
    command: str
    fd: int
    inode: int


_END = st.tuples(
    st.integers(1, 2**32 - 1).map(lambda number: str(IPv4Address(number))), st.integers(1, 65535)
)
rows = st.lists(
    st.builds(
        Row,
        state=st.sampled_from(
            [
                state
                for state in TcpState
                if state not in {TcpState.LISTEN, TcpState.CLOSE, TcpState.UNKNOWN}
            ]
        ),
        local=_END,
        peer=_END,
        recv_q=st.integers(0, 10**7),
        send_q=st.integers(0, 10**7),
        pid=st.integers(1, 10**6),
        command=st.sampled_from(["java", "nginx: worker", "a b", "sshd", "LISTEN 1"]),
        fd=st.integers(0, 9999),
        inode=st.integers(1, 2**31),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row.inode,
)

_OF_SS = {
    TcpState.ESTABLISHED: "ESTAB",
    TcpState.FIN_WAIT1: "FIN-WAIT-1",
    TcpState.FIN_WAIT2: "FIN-WAIT-2",
}


def ss_text(model: list[Row]) -> str:
    """``ss -tanpe``."""
    lines = ["State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process"]
    for row in model:
        state = _OF_SS.get(row.state, row.state.value.replace("_", "-"))
        lines.append(
            f"{state:<10} {row.recv_q:<6} {row.send_q:<6} [::ffff:{row.local[0]}]:{row.local[1]}"
            f" {row.peer[0]}:{row.peer[1]:<5}"
            f' users:(("{row.command}",pid={row.pid},fd={row.fd})) ino:{row.inode} sk:1 <->'
        )
    return "\n".join(lines) + "\n"


def netstat_text(model: list[Row]) -> str:
    """``netstat -tanpeo``."""
    lines = ["Active Internet connections (servers and established)"]
    lines += [
        f"tcp6  {row.recv_q:6d} {row.send_q:6d} {row.local[0]}:{row.local[1]:<9}"
        f" {row.peer[0]}:{row.peer[1]:<9} {row.state.value:<11} 1000       {row.inode:<10}"
        f" {f'{row.pid}/{row.command}':<20} off (0.00/0/0)"
        for row in model
    ]
    return "\n".join(lines) + "\n"


def lsof_text(model: list[Row]) -> str:
    """``lsof -nP -iTCP -Tqs``."""
    lines = ["COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME"]
    for row in model:
        command = row.command.replace(" ", "\\x20")
        lines.append(
            f"{command:<9} {row.pid} root {row.fd}u  IPv6 {row.inode}      0t0  TCP"
            f" {row.local[0]}:{row.local[1]}->{row.peer[0]}:{row.peer[1]}"
            f" ({row.state.value} QR={row.recv_q} QS={row.send_q})"
        )
    return "\n".join(lines) + "\n"


def proc_text(model: list[Row]) -> str:
    """``/proc/net/tcp`` of a little-endian machine."""

    def end(pair: tuple[str, int]) -> str:
        return f"{IPv4Address(pair[0]).packed[::-1].hex().upper()}:{pair[1]:04X}"

    lines = ["  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"]
    lines += [
        f"{number:4d}: {end(row.local)} {end(row.peer)} {list(TcpState).index(row.state) + 1:02X}"
        f" {row.send_q:08X}:{row.recv_q:08X} 00:00000000 00000000  1000        0 {row.inode} 1 0 20"
        for number, row in enumerate(model)
    ]
    return "\n".join(lines) + "\n"


def psutil_text(model: list[Row]) -> str:
    """What capturing writes."""
    lines = [{"hangscope": "sockets/1"}] + [
        {
            "fd": row.fd,
            "family": 10,
            "type": 1,
            "laddr": ["::ffff:" + row.local[0], row.local[1]],
            "raddr": list(row.peer),
            "status": row.state.value,
            "pid": row.pid,
            "command": row.command,
            "recv_q": row.recv_q,
            "send_q": row.send_q,
            "inode": row.inode,
        }
        for row in model
    ]
    return "\n".join(map(json.dumps, lines)) + "\n"
