"""The TCP sockets that a live process can see, with owners and queues, one JSON object a line.

psutil tells owners everywhere; on Linux ``/proc/PID/net/tcp`` and ``tcp6`` tell queues and
inodes, and are of the process's own network namespace, which may not be ours.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from hangscope.capture.errors import CaptureError
from hangscope.facts import Endpoint, Socket, TcpState
from hangscope.readers import ReadError, read_input
from hangscope.readers.content.source import Source

_FAMILIES = {"tcp": 2, "tcp6": 10}
"""AF_INET and AF_INET6 on Linux (include/linux/socket.h)."""


def take_sockets(pid: int) -> bytes:
    """Every TCP socket of the network namespace of ``pid``, as JSON Lines.

    Raises:
        CaptureError: The system lets us see neither psutil's list nor ``/proc``.
    """
    # With the host's own zone: a thread dump prints local time, and no zone.
    now = datetime.now(UTC).astimezone().isoformat()
    header = {"hangscope": "sockets/1", "captured": now, "pid": pid}
    rows = _from_proc(pid) if Path(f"/proc/{pid}/net/tcp").exists() else _from_psutil()
    lines = [json.dumps(header), *(json.dumps(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _from_psutil() -> Iterator[dict[str, Any]]:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied as error:
        raise CaptureError(
            "the system shows its sockets only to the superuser: run hangscope as root"
        ) from error
    for one in connections:
        yield {
            "fd": one.fd,
            "family": int(one.family),
            "type": int(one.type),
            "laddr": list(one.laddr),
            "raddr": list(one.raddr),
            "status": str(one.status),
            "pid": one.pid,
        }


def _from_proc(pid: int) -> Iterator[dict[str, Any]]:
    by_inode = _inodes_of(pid)
    for name, family in _FAMILIES.items():
        path = Path(f"/proc/{pid}/net/{name}")
        try:
            facts = read_input(Source.from_bytes(path.name, path.read_bytes()))
        except (ReadError, OSError):
            continue  # tcp6 is missing where IPv6 is off, and a file of only a header has no row
        for table in facts.tables:
            for socket in table.sockets:
                yield _row(socket, family, by_inode)


def _row(socket: Socket, family: int, by_inode: dict[int, tuple[int, str, int]]) -> dict[str, Any]:
    owner = by_inode.get(socket.inode or 0)
    return {
        "fd": owner[2] if owner else -1,
        "family": family,
        "type": 1,
        "laddr": _address(socket.local),
        "raddr": [] if socket.state is TcpState.LISTEN else _address(socket.peer),
        "status": socket.state.value,
        "pid": owner[0] if owner else None,
        "command": owner[1] if owner else None,
        "recv_q": socket.recv_q,
        "send_q": socket.send_q,
        "inode": socket.inode,
    }


def _address(endpoint: Endpoint) -> list[Any]:
    return [endpoint.address, endpoint.port or 0]


def _inodes_of(pid: int) -> dict[int, tuple[int, str, int]]:
    """Which process has which socket, by inode, of all processes that we may look into."""
    owners: dict[int, tuple[int, str, int]] = {}
    for process in psutil.process_iter(["name"]):
        command = process.info["name"] or ""
        try:
            descriptors = list(os.scandir(f"/proc/{process.pid}/fd"))
        except OSError:
            if process.pid == pid:
                raise CaptureError(
                    f"the open files of process {pid} can't be seen:"
                    " run hangscope as its owner or as root"
                ) from None
            continue
        for descriptor in descriptors:
            try:
                target = str(Path(descriptor.path).readlink())
            except OSError:
                continue  # closed since it was listed
            if target.startswith("socket:["):
                owners.setdefault(int(target[8:-1]), (process.pid, command, int(descriptor.name)))
    return owners
