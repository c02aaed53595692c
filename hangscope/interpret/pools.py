"""Server pools: which worker threads serve which port, and claims on a free or a busy one.

A connection to a service needs a worker. Unread, it needs a free one: ANY of the pool, idle ones
included. Read, it is in the hands of a worker that is busy now, and an idle one
can't help. No allowance is made for a pool that grows when a request comes: where one is in
flight while no worker is idle, either a worker has it or the pool made no new one for it.
A pool that the server tunes by itself may grow later, and is never called stuck.

An event loop is no worker: it serves many connections and waits for none. One that does wait, for a
call of its handler, serves nobody meanwhile. A request that it has read may be anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.sockets import HostSockets, Service
from hangscope.knowledge import Activity, Role
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

IDLE = frozenset({Activity.IDLE, Activity.ACCEPTING, Activity.POLLING})
"""What a worker does that could take a request now."""


_BLOCKS = frozenset(
    {Activity.REPLY, Activity.HANDSHAKE, Activity.CONNECT, Activity.LEASE, Activity.OTHER_WAIT}
)
"""What an event loop should never do."""


@dataclass(frozen=True)
class ServerPool:
    """The worker threads of one pool and the services that they serve."""

    jvm: Jvm
    name: str
    workers: tuple[Thread, ...]
    services: tuple[Service, ...]
    inference: str
    """Why these services are this pool's; empty when the thread names state the port."""
    event_loops: bool = False
    """Whether its threads are event loops: what they have read need not be in their hands."""

    @property
    def node(self) -> Node:
        """A free worker of this pool."""
        return Node(NodeKind.POOL, self.name, self.jvm.scope)

    @property
    def busy_node(self) -> Node:
        """A worker of this pool that is busy now."""
        return Node(NodeKind.POOL, f"a busy worker of {self.name}", self.jvm.scope)

    @property
    def growth(self) -> tuple[Node, ...]:
        """A thread that a server which tunes its pool may add by itself: it sets the pool free."""
        if not any(worker.profile.self_tuning for worker in self.workers):
            return ()
        added = f"a thread that the server may add to {self.name} by itself"
        return (Node(NodeKind.OUTSIDE, added, self.jvm.scope),)

    @property
    def busy(self) -> tuple[Thread, ...]:
        """Workers that have a task."""
        return tuple(w for w in self.workers if w.profile.activity not in IDLE)

    @property
    def idle(self) -> tuple[Thread, ...]:
        """Workers that wait for one."""
        return tuple(w for w in self.workers if w.profile.activity in IDLE)


def server_pools(case: Case) -> tuple[ServerPool, ...]:
    """The server pools of every JVM, largest first."""
    pools = [pool for jvm in case.jvms for pool in _pools_of(jvm, jvm.host.sockets)]
    return tuple(sorted(pools, key=lambda p: (-len(p.workers), p.jvm.scope, p.name)))


def endpoint_node(jvm: Jvm, service: Service) -> Node:
    """The listening socket of ``service``."""
    return Node(NodeKind.ENDPOINT, str(service.endpoint), jvm.scope)


def claims(pools: Sequence[ServerPool]) -> Iterator[Claim]:
    """What an endpoint needs (its pool), and what a pool needs (a worker)."""
    for pool in pools:
        for service in pool.services:
            inference = pool.inference
            yield Claim(
                endpoint_node(pool.jvm, service),
                Need.ALL,
                (pool.node,),
                "is served only by",
                Certainty.INFERRED if inference else Certainty.PROVEN,
                Until.NEVER,
                (service.evidence, pool.workers[0].header),
                inference,
            )
        yield _worker_claim(pool, pool.node, pool.workers, "needs a free one of")
        if pool.busy and not pool.event_loops:
            yield _worker_claim(pool, pool.busy_node, pool.busy, "is one of")


def _worker_claim(pool: ServerPool, node: Node, workers: Sequence[Thread], relation: str) -> Claim:
    if node == pool.busy_node:
        inference = (
            f"A request that was read is in the hands of a busy worker of {pool.name}"
            " (the server does not park requests without a thread)"
        )
    elif pool.event_loops:
        inference = (
            f"The {len(workers)} event loops of {pool.name} are all that serve it: such a group"
            " does not grow"
        )
    else:
        inference = (
            f"The {len(workers)} threads of {pool.name} are all that serve it: had the pool been"
            " able to grow, it would have made a new one for the request that waits"
        )
    return Claim(
        node,
        Need.ANY,
        (*(worker.node for worker in workers), *pool.jvm.unseen, *pool.growth),
        relation,
        Certainty.INFERRED,
        Until.NEVER,
        tuple(worker.header for worker in workers),
        inference + pool.jvm.taken_as_whole,
    )


def _pools_of(jvm: Jvm, sockets: HostSockets | None) -> Iterator[ServerPool]:
    workers: dict[str, list[Thread]] = {}
    ports: dict[str, set[int]] = {}
    loops = _blocked_event_loops(jvm)
    for thread in jvm.everyone:
        profile = thread.profile
        if profile.pool is None or thread.java.virtual:  # a new one is made for each request
            continue
        if profile.role is Role.WORKER or profile.pool in loops:
            workers.setdefault(profile.pool, []).append(thread)
        if profile.port is not None:
            ports.setdefault(profile.pool, set()).add(profile.port)
    own = [] if sockets is None else [s for s in sockets.services if _is_own(s, jvm, ports)]
    named = {port for pool in workers for port in ports.get(pool, ())}
    nameless = len(workers.keys() - ports.keys())
    for pool, threads in workers.items():
        served, inference = _services(pool, ports, own, named, nameless)
        if pool in loops and len(served) > 1:  # each may have event loops of its own
            served, inference = (), ""
        elif inference and pool in loops:
            inference += "; event loops that only poll beside it are taken to accept for it"
        yield ServerPool(jvm, pool, tuple(threads), served, inference, pool in loops)


def _blocked_event_loops(jvm: Jvm) -> frozenset[str]:
    """Groups of event loops one of which waits in code of the application."""
    return frozenset(
        thread.profile.pool
        for thread in jvm.everyone
        if thread.profile.pool is not None
        and thread.profile.role is Role.POLLER
        and thread.profile.application_frame is not None
        and thread.profile.activity in _BLOCKS
    )


def _is_own(service: Service, jvm: Jvm, ports: dict[str, set[int]]) -> bool:
    if jvm.pid is not None and service.owners:
        return service.owned_by(jvm.pid)
    return any(service.endpoint.port in of for of in ports.values())


def _services(
    pool: str, ports: dict[str, set[int]], own: Sequence[Service], named: set[int], nameless: int
) -> tuple[tuple[Service, ...], str]:
    if pool in ports:
        return tuple(s for s in own if s.endpoint.port in ports[pool]), ""
    left = tuple(s for s in own if s.endpoint.port not in named)
    if left and nameless <= 1:
        return left, (
            f"{pool} serves {', '.join(str(s.endpoint) for s in left)}:"
            " it is this process's only worker pool without a port in its name"
        )
    return (), ""
