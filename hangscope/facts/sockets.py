"""What a socket table states: TCP sockets, their two ends, queues and owners.

State names are those of ``netstat`` (net-tools), without the underscores' variants of
other tools. A queue or a backlog that a tool does not print is None; owners that
it does not print are NOT_RECORDED.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from hangscope.facts.evidence import Evidence, NotRecorded

WILDCARDS = frozenset({"*", "0.0.0.0", "::"})  # noqa: S104 - text of a table, nothing is bound


class TcpState(Enum):
    """States of RFC 9293 by the names that Linux' netstat prints."""

    ESTABLISHED = "ESTABLISHED"
    SYN_SENT = "SYN_SENT"
    SYN_RECV = "SYN_RECV"
    FIN_WAIT1 = "FIN_WAIT1"
    FIN_WAIT2 = "FIN_WAIT2"
    TIME_WAIT = "TIME_WAIT"
    CLOSE = "CLOSE"
    CLOSE_WAIT = "CLOSE_WAIT"
    LAST_ACK = "LAST_ACK"
    LISTEN = "LISTEN"
    CLOSING = "CLOSING"
    UNKNOWN = "UNKNOWN"
    """The table does not print it: ``ss state close-wait`` asks for one and names it nowhere."""

    __hash__ = object.__hash__
    """By identity: that of enumerations is Python code, and rows are sorted by their states."""


class Endpoint(NamedTuple):
    """One end of a connection, as every table of one host would name it.

    ``::ffff:a.b.c.d`` is folded into ``a.b.c.d`` and a scope (``%eth0``) is dropped, for a
    JVM's IPv4 sockets are IPv6 sockets and its peers' are not.
    """

    address: str
    port: int | None
    """None when the table prints ``*`` (any), or a service name that stands in ``service``."""
    service: str | None = None
    """The service name printed instead of a number (``webcache``); names are local to a host."""

    @property
    def is_wildcard(self) -> bool:
        """Whether this end stands for every local address."""
        return self.address in WILDCARDS

    def __str__(self) -> str:
        """``127.0.0.1:8080``, ``[::1]:8080``, ``*:8080`` for every local address."""
        port = self.service or ("*" if self.port is None else str(self.port))
        if self.is_wildcard:
            return f"*:{port}"
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{port}"


class Owner(NamedTuple):
    """A process that has the socket open."""

    pid: int
    command: str
    fd: int | None = None


class Timer(NamedTuple):
    """The kernel timer of a socket: ``keepalive (7196.98/0/0)``; seconds left, retransmissions."""

    kind: str
    seconds: float | None
    retransmits: int


class Socket(NamedTuple):
    """One row of a table."""

    state: TcpState
    local: Endpoint
    peer: Endpoint
    recv_q: int | None
    """Bytes not yet read (+1 for an unread FIN); on LISTEN connections not yet accepted."""
    send_q: int | None
    """Bytes not yet acknowledged; on LISTEN the backlog where the tool prints it, else None."""
    owners: tuple[Owner, ...] | NotRecorded
    evidence: Evidence
    inode: int | None = None
    timer: Timer | None = None
    family: str | None = None
    """``IPv4`` or ``IPv6`` where the tool tells the socket's own family."""


@dataclass(frozen=True, slots=True)
class SocketTable:
    """One table of one tool, taken at one moment."""

    evidence: Evidence
    format: str
    """``ss``, ``netstat``, ``lsof``, …"""
    sockets: Sequence[Socket]
    owners_recorded: bool
    """Whether the table has an owner column, or any owner at all."""
    queues_recorded: bool
    """Whether Recv-Q and Send-Q are printed."""
    time_wait_recorded: bool
    """Whether TIME_WAIT sockets would be listed if there were any."""
    listeners_recorded: bool
    """Whether LISTEN sockets would be listed if there were any (``ss -t`` lists none)."""
    captured: str | None = None
