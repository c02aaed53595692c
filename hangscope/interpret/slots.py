"""Claims of acceptors that wait for a free slot: one connection more only when another one ends.

A connection that stands in the accept queue then needs two things: a slot, and a free worker. Who
could free a slot is known where as many workers are busy as there are connections: each has one in
its hands. Where there are more connections, some are idle, and their clients may close them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.facts import TcpState
from hangscope.interpret.accepting import acceptors_of, waits_for_a_slot
from hangscope.interpret.case import Jvm
from hangscope.interpret.pools import ServerPool, endpoint_node
from hangscope.interpret.sockets import HostSockets, Row, Service, spans
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_SHOWN_ROWS = 20


def slot_node(jvm: Jvm, service: Service) -> Node:
    """Being accepted by ``service``, which has as many connections as it may have."""
    return Node(NodeKind.ENDPOINT, f"a slot of {service.endpoint}", jvm.scope)


def out_of_slots(jvm: Jvm, service: Service) -> bool:
    """Whether everybody who accepts for ``service`` waits for a connection to end."""
    accepting = acceptors_of(jvm, service)
    return bool(accepting) and all(
        waits_for_a_slot(one) and one.node not in jvm.moved for one in accepting
    )


def claims(pools: Sequence[ServerPool]) -> Iterator[Claim]:
    """What a slot needs, and what an acceptor that waits for one needs."""
    for pool in pools:
        sockets = pool.jvm.host.sockets
        for service in pool.services:
            if sockets is None or not out_of_slots(pool.jvm, service):
                continue
            accepting = acceptors_of(pool.jvm, service)
            slot = slot_node(pool.jvm, service)
            where = (service.evidence, *(one.top() for one in accepting))
            yield Claim(
                slot,
                Need.ALL,
                tuple(one.node for one in accepting),
                "is given only by",
                Certainty.PROVEN,
                Until.NEVER,
                where,
            )
            yield Claim(
                slot,
                Need.ALL,
                (endpoint_node(pool.jvm, service),),
                "is served by way of",
                Certainty.PROVEN,
                Until.NEVER,
                where,
            )
            held = _held(sockets, service)
            alone = len([p for p in pools if service in p.services]) == len(pool.services) == 1
            own = alone and sockets.owners_recorded and len(held) == len(pool.busy)
            taken = _connections(pool.jvm, service, len(held))
            cited = spans(held)[:_SHOWN_ROWS]
            for one in accepting:
                yield Claim(
                    one.node,
                    Need.ALL,
                    (taken,),
                    "waits for the end of one of",
                    Certainty.PROVEN,
                    one.until,
                    (one.top(), *cited),
                )
            yield Claim(
                taken,
                Need.ANY,
                (pool.busy_node,) if own else (_clients(pool.jvm, service),),
                "ends with the work of" if own else "may be ended by",
                Certainty.INFERRED,
                Until.NEVER,
                cited or where,
                _reasoning(pool, service, len(held), own=own),
            )


def _held(sockets: HostSockets, service: Service) -> list[Row]:
    """The connections that take a slot."""
    return [
        row
        for row in sockets.accepted(service)
        if row.state in (TcpState.ESTABLISHED, TcpState.CLOSE_WAIT) and not row.unaccepted
    ]


def _connections(jvm: Jvm, service: Service, count: int) -> Node:
    """The connections that take all slots."""
    what = f"{count} connection{'' if count == 1 else 's'} of {service.endpoint}"
    return Node(NodeKind.CONNECTION, what, jvm.scope)


def _clients(jvm: Jvm, service: Service) -> Node:
    """Clients that may close their connections by themselves."""
    return Node(NodeKind.OUTSIDE, f"the clients of {service.endpoint}", jvm.scope)


def _reasoning(pool: ServerPool, service: Service, held: int, *, own: bool) -> str:
    if own:
        return (
            f"{service.endpoint} has {held} connections and {pool.name} has as many busy workers:"
            " each has one of them in its hands (none carries several requests, as HTTP/2 would)"
        )
    return (
        f"{service.endpoint} has {held} connections, and {len(pool.busy)} workers of {pool.name}"
        " are busy: the clients of the others may close theirs"
    )
