"""Where threads of one protocol may read from: their process's connections, by endpoint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, TcpState
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.far_ends import FarEnd
from hangscope.interpret.hosts import Host
from hangscope.interpret.proxies import Passed, Relay, relays
from hangscope.interpret.sockets import HostSockets, Row, Service, is_loopback
from hangscope.knowledge import Knowledge
from hangscope.waits import Node, NodeKind

_HTTP = "http"
_JDBC = "jdbc"
TRANSLATED = ", which is "
"""Stands in the name of connections between the peer's address and the one that it goes by."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Connections of a group of threads, or of a proxy, to one endpoint."""

    endpoint: Endpoint
    rows: tuple[Row, ...]
    service: Service | None
    """The service that they reach, on whichever host; None when no input shows it."""
    jvm: Jvm | None
    """The process behind the service, if its dump is given."""
    unread: tuple[Row, ...]
    """Rows whose far end is seen and has not read the request, or not even accepted."""
    read: tuple[Row, ...]
    """Rows whose far end is seen and has read all that was sent."""
    far_ends: tuple[Row, ...]
    """The mirrored rows, as far as a table shows them."""
    node: Node
    host: Host
    """Whose sockets the rows are."""
    far_host: Host | None = None
    """Where the service is, if it is seen."""
    followed: str = ""
    """How the far ends were found where nothing states it, in words."""
    translations: tuple[Evidence, ...] = ()
    """Lines of connection trackers that tell where they lead."""
    relays: tuple[Relay, ...] = ()
    """The processes of a proxy that accepted them; empty when they reach no known proxy."""

    @property
    def unseen(self) -> int:
        """Rows whose far end no table shows, or shows without queues."""
        return len(self.rows) - len(self.unread) - len(self.read)

    @property
    def underway(self) -> bool:
        """Whether something sent has not arrived: unacknowledged here, and unread nowhere."""
        seen = {(end.peer, end.local): end for end in self.far_ends}
        ends = [(row, seen.get((row.local, row.peer))) for row in self.rows]
        return any(row.send_q and end is not None and end.recv_q == 0 for row, end in ends)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the far ends are in the tables of another host."""
        return self.far_host is not None and self.far_host is not self.host

    def last(self) -> Iterator[Destination]:
        """Itself, or where the proxies behind it lead."""
        if not self.relays:
            yield self
        for relay in self.relays:
            for behind in relay.upstream:
                yield from behind.last()


def candidates(
    sockets: HostSockets,
    knowledge: Knowledge,
    jvm: Jvm,
    protocol: str,
    threads: Sequence[Thread],
) -> list[Row]:
    """Outbound connections that the threads may be reading: open, empty, right protocol."""
    established = TcpState.ESTABLISHED
    mine = [
        row
        for row in sockets.outbound
        if row.state is established
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


def destinations(
    case: Case, host: Host, scope: str, rows: Iterable[Row], passed: Passed = frozenset()
) -> tuple[Destination, ...]:
    """``rows`` by their remote endpoint, with what the tables show of the far ends.

    Args:
        case: The case.
        host: Whose sockets the rows are.
        scope: Names their process.
        rows: Connections that it opened.
        passed: Processes of proxies on the way here.
    """
    by_peer: dict[Endpoint, list[tuple[Row, FarEnd | None]]] = defaultdict(list)
    for row in rows:
        by_peer[row.peer].append((row, case.far_ends.of(host, row)))
    by_service = (
        _by_service(of) for _, of in sorted(by_peer.items(), key=lambda item: str(item[0]))
    )
    return tuple(
        _destination(case, (host, scope), part, passed, several=len(parts) > 1)
        for parts in by_service
        for part in parts
    )


def _by_service(
    rows: Iterable[tuple[Row, FarEnd | None]],
) -> list[list[tuple[Row, FarEnd | None]]]:
    """A virtual address may stand for several services; rows that nothing shows are by themselves.

    On one host an address and port mean one service, whether a row is seen to reach it or not.
    """
    parts: dict[tuple[str, Service | None] | None, list[tuple[Row, FarEnd | None]]] = {}
    for row, end in rows:
        seen = end is not None and end.service is not None
        key = (end.host.name, end.service) if end and seen else None
        parts.setdefault(key, []).append((row, end))
    return list(parts.values())


def _destination(
    case: Case,
    process: tuple[Host, str],
    found: Sequence[tuple[Row, FarEnd | None]],
    passed: Passed,
    *,
    several: bool,
) -> Destination:
    host, scope = process
    rows = tuple(row for row, _ in found)
    peer, first = rows[0].peer, found[0][1]
    service = first.service if first else None
    behind = None
    if first is not None and service is not None:
        behind = case.jvm_of((owner.pid for owner in service.owners), first.host)
        there = [jvm for jvm in case.jvms if jvm.host is first.host]
        if behind is None and not service.owners and len(there) == 1:
            behind = there[0]
    far = [(row, end.row if end else None) for row, end in found]
    unread = tuple(row for row, end in far if end and (end.recv_q or end.unaccepted))
    read = tuple(row for row, end in far if end and _is_read(row, end))
    plural = "connection" if len(rows) == 1 else "connections"
    key = f"{len(rows)} {plural} to {peer}"
    if several:
        key += f" ({first.host.of_it(str(service.endpoint))})" if first and service else " (unseen)"
    far_ends = tuple(end for _, end in far if end)
    if peer not in (known_as := {end.local for end in far_ends}) and len(known_as) == 1:
        key += f"{TRANSLATED}{known_as.pop()}"
    ends = [end for _, end in found if end]
    return Destination(
        peer,
        rows,
        service,
        behind,
        unread,
        read,
        far_ends,
        Node(NodeKind.CONNECTION, key, scope),
        host,
        first.host if first else None,
        next((end.inference for end in ends if end.inference), ""),
        tuple(line for end in ends for line in end.translations),
        relays(case, destinations, first.host, far_ends, passed)
        if first and behind is None and len(far_ends) == len(rows)
        else (),
    )


def _is_read(row: Row, end: Row) -> bool:
    """Whether all that was sent has come and was read."""
    return end.recv_q == 0 and not end.unaccepted and not row.send_q


def outside(destination: Destination) -> Node:
    """The node of a peer whose process no input shows."""
    name = str(destination.endpoint)
    if destination.service and destination.service.owners:
        owner = destination.service.owners[0]
        name += f" ({owner.command}, pid {owner.pid})"
    if destination.far_host is not None and (
        destination.is_elsewhere or is_loopback(destination.endpoint.address)
    ):
        name = destination.far_host.of_it(name)
    return Node(NodeKind.OUTSIDE, name)
