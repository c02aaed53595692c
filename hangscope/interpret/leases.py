"""Connection pools: who waits for a connection, who holds one, and claims on the holders.

A dump does not say who holds a pooled connection. It is worked out: threads in a driver hold one
each; so do threads that wait for a second one below a method which, on other threads, is seen to
borrow one itself. The sockets say how many connections there are. Only when the holders found
are as many as the connections is the pool claimed to wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hangscope.facts import Evidence, TcpState
from hangscope.interpret.borrowing import borrowers_of, borrowings, nested
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.skew import Skew, skew
from hangscope.interpret.sockets import HostSockets, Row, spans
from hangscope.knowledge import Activity, Knowledge, Role
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_JDBC = "jdbc"
_HTTP = "http"
_WORKS = frozenset({Activity.REPLY, Activity.WRITE})
_WORKS_FOR_HTTP = _WORKS | {Activity.CONNECT, Activity.HANDSHAKE}
"""An HTTP client leases a connection before it opens it."""
_WAITS_MEANWHILE = frozenset(
    {
        Activity.REPLY,
        Activity.CONNECT,
        Activity.HANDSHAKE,
        Activity.WRITE,
        Activity.LEASE,
        Activity.OTHER_WAIT,
    }
)
"""What a thread may wait for while it keeps a connection that it has borrowed."""


@dataclass(frozen=True)
class LeasePool:
    """A pool of connections that threads wait for."""

    jvm: Jvm
    library: str
    kind: str
    """``jdbc``, ``http``, …"""
    name: str
    waiting: tuple[Thread, ...]
    in_driver: tuple[Thread, ...]
    """Threads at work in a driver: each holds a connection."""
    nested: tuple[Thread, ...]
    """Waiting threads that hold a connection already, by their stacks."""
    elsewhere: tuple[Thread, ...]
    """Threads at something else below a method that borrows: each may hold a connection."""
    borrower: str | None
    """The application method that borrows the first connection of a nested thread."""
    connections: tuple[Row, ...] | None
    """The pool's sockets; None when no table shows them."""
    skew: Skew
    """How far apart the dump and the table are."""

    @property
    def node(self) -> Node:
        """A free connection of this pool."""
        return Node(NodeKind.CONNECTION_POOL, self.name, self.jvm.scope)

    @property
    def where(self) -> str:
        """Whose code works with a connection, in words."""
        return "the client" if self.kind == _HTTP else "a driver"

    @property
    def holders(self) -> tuple[Thread, ...]:
        """Every thread found to hold a connection."""
        return (*self.in_driver, *self.nested)

    @property
    def unknown_holders(self) -> int | None:
        """Connections whose holder was not found; None when their number is not known."""
        if self.connections is None:
            return None
        return max(0, len(self.connections) - len(self.holders))

    @property
    def unknown_node(self) -> Node:
        """Whoever holds the connections that no thread was found to hold."""
        return Node(NodeKind.OUTSIDE, f"unseen holders of {self.name}", self.jvm.scope)

    def evidence(self) -> tuple[Evidence, ...]:
        """The sockets, or the waiters where there are none."""
        if self.connections:
            return spans(self.connections)
        return (self.waiting[0].top(),)


def lease_pools(case: Case) -> tuple[LeasePool, ...]:
    """Every connection pool that some thread waits for, one a library and process."""
    pools = []
    for jvm in case.jvms:
        waiting: dict[tuple[str, str], list[Thread]] = {}
        for thread in jvm.everyone:
            wait = thread.profile.wait
            if thread.profile.activity is Activity.LEASE and wait and thread.node not in jvm.moved:
                waiting.setdefault((wait.library, wait.kind), []).append(thread)
        for (library, kind), threads in sorted(waiting.items()):
            pools.append(_pool(case, jvm, library, kind, threads))
    return tuple(pools)


def claims(pools: Sequence[LeasePool]) -> Iterator[Claim]:
    """What threads that wait for a connection need, and what the pool needs from its holders."""
    for pool in pools:
        for thread in pool.waiting:
            yield Claim(
                thread.node,
                Need.ALL,
                (pool.node,),
                "waits for a connection of",
                Certainty.PROVEN,
                thread.until,
                (thread.top(),),
            )
        on = [thread.node for thread in pool.holders]
        on.extend(thread.node for thread in pool.elsewhere)
        if pool.unknown_holders != 0 or pool.elsewhere:
            on.append(pool.unknown_node)
        on.extend(pool.skew.unseen)
        yield Claim(
            pool.node,
            Need.ANY,
            tuple(on),
            "has all its connections held by",
            Certainty.INFERRED,
            Until.NEVER,
            (
                *pool.evidence(),
                *(thread.top() for thread in (*pool.holders, *pool.elsewhere)),
            ),
            _reasoning(pool),
        )


def _reasoning(pool: LeasePool) -> str:
    found = []
    if pool.in_driver:
        found.append(f"{len(pool.in_driver)} threads are at work in {pool.where}")
    if pool.nested:
        found.append(
            f"{len(pool.nested)} threads wait for a second connection below {pool.borrower},"
            " which borrows one itself on other threads"
        )
    if pool.elsewhere:
        found.append(
            f"{len(pool.elsewhere)} threads are at something else below a method that borrows one"
            " on other threads, and may hold it meanwhile"
        )
    if pool.connections is None:
        found.append("how many connections it has is not recorded")
    else:
        found.append(f"it has {len(pool.connections)} open connections{pool.skew.remark}")
    if pool.unknown_holders:
        found.append(f"nobody is seen to use {pool.unknown_holders} of them in {pool.where}")
    return f"{pool.name}: " + "; ".join(found)


def _pool(case: Case, jvm: Jvm, library: str, kind: str, waiting: Sequence[Thread]) -> LeasePool:
    waits = {thread.node for thread in waiting}
    in_driver = tuple(
        thread
        for thread in jvm.everyone
        if thread.node not in jvm.moved
        and thread.node not in waits
        and _holds_one(case.knowledge, thread, kind, library)
    )
    asked = borrowings(case.knowledge, waiting)
    borrower, holding_one = nested(case.knowledge, waiting, asked)
    elsewhere = _elsewhere(jvm, borrowers_of(asked), (*waiting, *in_driver))
    ports = {port for t in jvm.everyone if t.profile.wait for port in t.profile.wait.ports}
    connections = _connections(jvm.host.sockets, case.knowledge, jvm, kind, ports)
    names = _names(jvm, library)
    whose = library.removesuffix(" pool")
    if len(names) > 1:  # which of them a thread waits for is not recorded
        name, connections = f"the {whose} pools {', '.join(sorted(names))}", None
    else:
        name = names.pop() if names else f"the {whose} pool"
    holding = [thread.node for thread in (*in_driver, *holding_one)]
    apart = (
        skew(jvm.host.sockets, jvm, holding, connections)
        if jvm.host.sockets and connections
        else Skew(None, jvm.scope)
    )
    return LeasePool(
        jvm,
        library,
        kind,
        name,
        tuple(waiting),
        in_driver,
        holding_one,
        elsewhere,
        borrower,
        connections,
        apart,
    )


def _elsewhere(
    jvm: Jvm, borrowers: AbstractSet[str], counted: Sequence[Thread]
) -> tuple[Thread, ...]:
    """Who waits for something else below a method that, on waiting threads, borrows."""
    left_out = {thread.node for thread in counted} | jvm.moved
    return tuple(
        thread
        for thread in jvm.everyone
        if thread.profile.activity in _WAITS_MEANWHILE
        and thread.node not in left_out
        and any(frame.method in borrowers for frame in thread.java.frames())
    )


def _holds_one(knowledge: Knowledge, thread: Thread, kind: str, library: str) -> bool:
    """Whether a thread is at work with a connection that may be of this pool.

    Any pool may lend any JDBC driver's connections; an HTTP client lends its own only, and to
    threads that may not have opened theirs yet, or are in the code that takes the answer.
    """
    wait = thread.profile.wait
    if kind == _HTTP:
        client = library.removesuffix(" pool")
        if wait is not None and wait.kind == kind and thread.profile.activity in _WORKS_FOR_HTTP:
            return wait.library.startswith(client)
        return any(knowledge.is_borrow(frame.method) for frame in thread.java.frames())
    return wait is not None and wait.kind == kind and thread.profile.activity in _WORKS


def _names(jvm: Jvm, library: str) -> set[str]:
    """The names of the library's pools in this process, as far as helper threads carry them."""
    return {
        thread.profile.pool
        for thread in jvm.everyone
        if thread.profile.role is Role.BACKGROUND
        and thread.profile.pool is not None
        and thread.profile.server is not None
        and thread.profile.server in library.lower()
    }


def _connections(
    sockets: HostSockets | None, knowledge: Knowledge, jvm: Jvm, kind: str, ports: set[int]
) -> tuple[Row, ...] | None:
    if kind not in (_JDBC, _HTTP) or sockets is None:
        return None
    if sockets.owners_recorded and jvm.pid is None:
        return None
    if kind == _HTTP and not sockets.owners_recorded:
        return None  # whoever calls over HTTP has such connections
    may_be = {_JDBC: (_JDBC,), _HTTP: (_HTTP, None)}[kind]
    rows = tuple(
        row
        for row in sockets.outbound
        if row.state in (TcpState.ESTABLISHED, TcpState.CLOSE_WAIT)
        and (row.owned_by(jvm.pid) if sockets.owners_recorded else True)
        and (row.peer.port in ports or knowledge.protocol_of_port(row.peer.port or 0) in may_be)
    )
    return rows or None
