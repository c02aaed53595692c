"""Models of dumps and of tables, and the texts that tools would print of dumps."""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Address
from typing import NamedTuple

from hypothesis import strategies as st

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, Owner, Socket, TcpState


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


_END = st.builds(
    Endpoint,
    st.integers(1, 2**32 - 1).map(lambda number: str(IPv4Address(number))),
    st.integers(1, 65535),
    st.none(),
)
_OWNER = st.builds(
    Owner,
    pid=st.integers(1, 10**6),
    command=st.sampled_from(["java", "nginx: worker", "a b", "sshd", "LISTEN 1"]),
    fd=st.integers(1, 9999),
)
rows = st.lists(
    st.builds(
        Socket,
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
        owners=st.tuples(_OWNER),
        evidence=st.just(Evidence("written", 1, 1)),
        inode=st.integers(1, 2**31),
        timer=st.none(),
        family=st.sampled_from(["IPv4", "IPv6"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row.inode,
)
"""What every tool prints of connections."""


def psutil_text(model: list[Socket]) -> str:
    """What capturing writes."""
    lines: list[dict[str, object]] = [{"hangscope": "sockets/1"}]
    for row in model:
        assert row.owners is not NOT_RECORDED
        lines += [
            {
                "fd": owner.fd,
                "family": 10,
                "type": 1,
                "laddr": ["::ffff:" + row.local.address, row.local.port],
                "raddr": list(row.peer[:2]),
                "status": row.state.value,
                "pid": owner.pid,
                "command": owner.command,
                "recv_q": row.recv_q,
                "send_q": row.send_q,
                "inode": row.inode,
            }
            for owner in row.owners
        ]
    return "\n".join(map(json.dumps, lines)) + "\n"
