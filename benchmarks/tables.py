"""Large socket tables of varied connections, in the columns of each tool."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from dumps import FIXTURES

_CASE: Final = FIXTURES / "tomcat-self-call"
_OTHER: Final = FIXTURES / "tomcat-self-call-two-pools"
_PORT: Final = re.compile(r":\d{5}\b")


class Connection(NamedTuple):
    """What the tools print of a connection; the states as Linux' netstat calls them."""

    state: str
    local: str
    local_port: int
    peer: str
    peer_port: int
    recv_q: int
    send_q: int
    pid: int
    fd: int
    inode: int
    number: int
    """Which one it is."""


Row = Callable[[Connection], str]


class Format(NamedTuple):
    """A tool's table: what stands above the rows, and a row."""

    head: str
    row: Row


_STATES: Final = ("ESTABLISHED",) * 12 + ("TIME_WAIT",) * 5 + ("CLOSE_WAIT",) * 2 + ("SYN_SENT",)


def connections(count: int, seed: int = 20) -> Iterator[Connection]:
    """As a busy host has them: 16,384 peers, few owners, most queues empty."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    bits = chance.getrandbits
    for number in range(count):
        some = bits(48)
        state = _STATES[some % len(_STATES)]
        yield Connection(
            state,
            "10.77.0.1",
            8080 if some & 32 else 32768 + (some >> 8) % 28000,
            f"10.78.{(some >> 16) & 63}.{(some >> 24) & 255}",
            5432 if not some & 32 else 32768 + (some >> 20) % 28000,
            (some >> 30) % 500 if state == "CLOSE_WAIT" else 0,
            (some >> 30) % 9000 if not some % 50 else 0,
            0 if state == "TIME_WAIT" else 21000 + (some >> 33) % 40,
            number % 65000 + 3,
            0 if state == "TIME_WAIT" else 100_000 + number,
            number,
        )


_OF_SS: Final = {"ESTABLISHED": "ESTAB", "TIME_WAIT": "TIME-WAIT", "CLOSE_WAIT": "CLOSE-WAIT"}


def _ss(one: Connection) -> str:
    state = _OF_SS.get(one.state, one.state.replace("_", "-"))
    local, peer = f"{one.local}:{one.local_port}", f"{one.peer}:{one.peer_port}"
    users = f'users:(("java",pid={one.pid},fd={one.fd}))' if one.pid else ""
    return f"{state:10} {one.recv_q:<6} {one.send_q:<6} {local:>22} {peer:>22} {users}\n"


def _netstat(one: Connection) -> str:
    return f"{_netstat_start(one)} {_netstat_end(one)}"


def _netstat_all(one: Connection) -> str:
    return f"{_netstat_start(one)} 1000       {one.inode:<10} {_netstat_end(one)}"


def _netstat_start(one: Connection) -> str:
    local, peer = f"{one.local}:{one.local_port}", f"{one.peer}:{one.peer_port}"
    return f"tcp    {one.recv_q:6} {one.send_q:6} {local:23} {peer:23} {one.state:11}"


def _netstat_end(one: Connection) -> str:
    owner = f"{one.pid}/java" if one.pid else "-"
    return f"{owner:20} off (0.00/0/0)\n"


def _lsof(one: Connection) -> str:
    state = "FIN_WAIT2" if one.state == "TIME_WAIT" else one.state
    node = 100_000 + one.number
    name = f"{one.local}:{one.local_port}->{one.peer}:{one.peer_port} ({state})"
    return f"java    {one.pid or 21000} root {one.fd:4}u  IPv6 {node:7}      0t0  TCP {name}\n"


_NUMBERS: Final = {"ESTABLISHED": "01", "SYN_SENT": "02", "TIME_WAIT": "06", "CLOSE_WAIT": "08"}


def _hexadecimal(address: str) -> str:
    return "".join(f"{int(part):02X}" for part in reversed(address.split(".")))


def _proc_net_tcp(one: Connection) -> str:
    return (
        f"{one.inode % 10**6:4}: {_hexadecimal(one.local)}:{one.local_port:04X}"
        f" {_hexadecimal(one.peer)}:{one.peer_port:04X} {_NUMBERS[one.state]}"
        f" {one.send_q:08X}:{one.recv_q:08X} 00:00000000 00000000  1000        0 {one.inode}"
        " 1 0000000000000000 20 4 30 10 -1\n"
    )


def _windows(one: Connection) -> str:
    local, peer = f"{one.local}:{one.local_port}", f"{one.peer}:{one.peer_port}"
    return f"  TCP    {local:22} {peer:22} {one.state:15} {one.pid}\n"


def _first_lines(name: str, count: int) -> str:
    lines = (_OTHER / name).read_text().split("\n")
    return "\n".join(lines[:count]) + "\n"


SS: Final = Format(_first_lines("sockets.txt", 1), _ss)
SS_ALL: Final = Format("Netid " + SS.head, lambda one: f"tcp   {_ss(one)}")
NETSTAT: Final = Format(_first_lines("sockets-netstat.txt", 2), _netstat)
NETSTAT_ALL: Final = Format(
    NETSTAT.head.replace("State       ", "State       User       Inode      "), _netstat_all
)
LSOF: Final = Format(_first_lines("sockets-lsof.txt", 1), _lsof)
PROC_NET_TCP: Final = Format(
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
    "  timeout inode\n",
    _proc_net_tcp,
)
WINDOWS: Final = Format(
    "\nActive Connections\n\n"
    "  Proto  Local Address          Foreign Address        State           PID\n",
    _windows,
)


def write_table(path: Path, rows: int, form: Format) -> int:
    """A table of ``rows`` rows; returns ``rows``."""
    with path.open("w", newline="") as out:
        out.write(form.head)
        out.writelines(map(form.row, connections(rows)))
    return rows


def table_of(rows: int) -> str:
    """A capture's table with its clients' connections repeated until there are ``rows``."""
    header, *lines = (_CASE / "sockets.txt").read_text().rstrip("\n").split("\n")
    made = list(lines)
    outbound = next(line for line in lines if '"java"' in line and _PORT.search(line, 0, 50))
    accepted = next(line for line in lines if line.startswith("ESTAB  148"))
    port = 20_000
    while len(made) < rows:
        made += [_PORT.sub(f":{port}", line, count=1) for line in (outbound, accepted)]
        port += 1
    return "\n".join([header, *made[:rows]]) + "\n"
