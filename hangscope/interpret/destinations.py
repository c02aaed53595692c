"""Where threads of one protocol may read from: their process's connections, by endpoint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hangscope.facts import NOT_RECORDED, Endpoint, TcpState
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.sockets import HostSockets, Row, Service
from hangscope.knowledge import Knowledge
from hangscope.waits import Node, NodeKind

_HTTP = "http"
_JDBC = "jdbc"


@dataclass(frozen=True, slots=True)
class Destination:
    """Connections of a group of threads to one endpoint."""

    endpoint: Endpoint
    rows: tuple[Row, ...]
    service: Service | None
    """The service of this host that they reach; None when they lead away."""
    jvm: Jvm | None
    """The process behind the service, if its dump is given."""
    unread: tuple[Row, ...]
    """Rows whose far end is on this host and has not read the request, or not even accepted."""
    read: tuple[Row, ...]
    """Rows whose far end is on this host and has read all that was sent."""
    far_ends: tuple[Row, ...]
    """The mirrored rows, as far as a table shows them."""
    node: Node

    @property
    def unseen(self) -> int:
        """Rows whose far end no table shows, or shows without queues."""
        return len(self.rows) - len(self.unread) - len(self.read)


def candidates(
    sockets: HostSockets,
    knowledge: Knowledge,
    jvm: Jvm,
    protocol: str,
    threads: Sequence[Thread],
) -> list[Row]:
    """Outbound connections that the threads may be reading: open, empty, right protocol."""
    mine = [
        row
        for row in sockets.outbound
        if row.state is TcpState.ESTABLISHED
        and not row.recv_q
        and _may_own(row, jvm, owners=sockets.owners_recorded)
    ]
    usual = {port for t in threads if t.profile.wait for port in t.profile.wait.ports}
    if protocol == _JDBC:
        databases = [row for row in mine if row.peer.port in usual]
        if databases:
            return databases
    return [
        row
        for row in mine
        if knowledge.protocol_of_port(row.peer.port or 0) in (None, protocol, _HTTP)
        or row.peer.port in usual
    ]


def _may_own(row: Row, jvm: Jvm, *, owners: bool) -> bool:
    if owners and jvm.pid is not None:
        return row.owned_by(jvm.pid)
    return not owners or row.owners is NOT_RECORDED


def destinations(case: Case, jvm: Jvm, rows: Iterable[Row]) -> tuple[Destination, ...]:
    """``rows`` of ``jvm`` by their remote endpoint, with what the table shows of the far ends."""
    by_peer: dict[Endpoint, list[Row]] = defaultdict(list)
    for row in rows:
        by_peer[row.peer].append(row)
    return tuple(
        _destination(case, jvm, peer, tuple(of)) for peer, of in sorted(by_peer.items(), key=str)
    )


def _destination(case: Case, jvm: Jvm, peer: Endpoint, rows: tuple[Row, ...]) -> Destination:
    sockets = case.sockets
    assert sockets is not None  # noqa: S101 - rows come from it
    service = sockets.reached(rows[0])
    behind = case.jvm_of(owner.pid for owner in service.owners) if service else None
    if service and behind is None and not service.owners and len(case.jvms) == 1:
        behind = case.jvms[0]
    far = [(row, sockets.mirror(row)) for row in rows]
    unread = tuple(row for row, end in far if end and (end.recv_q or end.unaccepted))
    read = tuple(row for row, end in far if end and end.recv_q == 0 and not end.unaccepted)
    plural = "connection" if len(rows) == 1 else "connections"
    node = Node(NodeKind.CONNECTION, f"{len(rows)} {plural} to {peer}", jvm.scope)
    far_ends = tuple(end for _, end in far if end)
    return Destination(peer, rows, service, behind, unread, read, far_ends, node)


def outside(destination: Destination) -> Node:
    """The node of a peer whose process no input shows."""
    name = str(destination.endpoint)
    if destination.service and destination.service.owners:
        owner = destination.service.owners[0]
        name += f" ({owner.command}, pid {owner.pid})"
    return Node(NodeKind.OUTSIDE, name)
