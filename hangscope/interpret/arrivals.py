"""Claims of connections: in whose hands a request is that was sent on one of them.

Its far end says it: unread, it needs a free worker; read, it is in the hands of a busy one, or of a
proxy, which waits for an answer itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.facts import TcpState
from hangscope.interpret.destinations import Destination, outside
from hangscope.interpret.hosts import Host
from hangscope.interpret.pools import ServerPool, endpoint_node
from hangscope.interpret.proxies import Relay
from hangscope.interpret.slots import out_of_slots, slot_node
from hangscope.interpret.sockets import Service, spans
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_SHOWN_ROWS = 20
"""Spans of the table that a claim cites; the group's node states the whole count."""


def claims(destination: Destination, pools: Sequence[ServerPool]) -> Iterator[Claim]:
    """What the connections to ``destination`` wait for, and the proxies on the way."""
    cited = (*spans(destination.rows)[:_SHOWN_ROWS], *destination.translations[:_SHOWN_ROWS])
    if destination.relays:
        yield from _relayed(destination, pools)
        return
    jvm, service = destination.jvm, destination.service
    if jvm is None or service is None:
        yield Claim(
            destination.node,
            Need.ALL,
            (outside(destination),),
            "leads to",
            Certainty.PROVEN,
            Until.NEVER,
            cited,
        )
        return
    targets = []
    serving = [pool for pool in pools if pool.jvm is jvm and service in pool.services]
    if destination.unread or destination.unseen:
        none_accepted = all(row.unaccepted for row in destination.far_ends if row.recv_q != 0)
        if serving and none_accepted and not destination.unseen and out_of_slots(jvm, service):
            targets.append(slot_node(jvm, service))
        else:
            targets.append(endpoint_node(jvm, service))
    if destination.read or destination.unseen:
        targets.extend(pool.busy_node for pool in serving if pool.busy)
    if not targets:
        targets.append(endpoint_node(jvm, service))
    if destination.underway:
        targets.append(Node(NodeKind.OUTSIDE, f"the network to {destination.endpoint}"))
    inference = "; ".join(filter(None, (_read(destination), *_followed(destination))))
    mirrors = spans(destination.far_ends)[:_SHOWN_ROWS]
    lines = (*mirrors, *destination.translations[:_SHOWN_ROWS])
    yield Claim(
        destination.node,
        Need.ANY,
        tuple(targets),
        _relation(destination),
        Certainty.INFERRED if inference else Certainty.PROVEN,
        Until.NEVER,
        lines if mirrors else cited,
        inference,
    )


def _read(destination: Destination) -> str:
    """Why the far ends say who has the requests; empty where they state it."""
    unread, read = len(destination.unread), len(destination.read)
    if destination.unseen:
        return (
            f"The far end of {destination.unseen} of the connections to {destination.endpoint}"
            " is not in the table, or without its queue: their requests may be read or unread"
        )
    if unread and not read:
        return ""
    if read == 1:
        return (
            f"1 of the requests to {destination.endpoint} was read at the far end: it is in the"
            " hands of a busy worker"
        )
    return (
        f"{read} of the requests to {destination.endpoint} were read at the far end:"
        " they are in the hands of busy workers"
    )


def _followed(destination: Destination) -> Iterator[str]:
    """What joining the two ends takes for granted."""
    if destination.followed:
        yield destination.followed
    if destination.is_elsewhere and destination.far_host is not None:
        yield (
            f"the sockets of {destination.host.name} and of {destination.far_host.name} are taken"
            " to be of one moment"
        )


def _relation(destination: Destination) -> str:
    if destination.unseen:
        return "ends at"
    if not destination.read:
        return "ends unread at"
    return "ends at" if destination.unread else "was read by"


def _relayed(destination: Destination, pools: Sequence[ServerPool]) -> Iterator[Claim]:
    """The connections end at a proxy's processes, and these wait for those behind them."""
    ours = [relay for relay in destination.relays if relay.ours]
    accounted = in_flight(destination.relays, pools) >= sum(r.taken for r in destination.relays)
    inference = "; ".join(_followed(destination))
    yield Claim(
        destination.node,
        Need.ANY,
        tuple(relay.node for relay in ours),
        "was accepted by",
        Certainty.INFERRED if inference else Certainty.PROVEN,
        Until.NEVER,
        spans(destination.far_ends)[:_SHOWN_ROWS],
        inference,
    )
    for relay in ours:
        yield _upstream(relay, accounted=accounted)
        for behind in relay.upstream:
            yield from claims(behind, pools)


def in_flight(relays: Sequence[Relay], pools: Sequence[ServerPool]) -> int:
    """How many requests are upstream at least: an idle connection looks like one that was read.

    Of those that a service has read, at least as many as its busy workers outnumber the requests
    that others may have sent; of those at a next proxy, as many as that one has passed on.
    """
    by_service: dict[tuple[Host, Service], list[Destination]] = {}
    for behind in (behind for relay in relays for behind in relay.upstream):
        if behind.far_host is not None and behind.service is not None:
            by_service.setdefault((behind.far_host, behind.service), []).append(behind)
    count = 0
    for (host, service), of in by_service.items():
        read = sum(len(behind.read) for behind in of)
        if of[0].relays:
            most = in_flight(of[0].relays, pools)
        else:
            busy = sum(len(p.busy) for p in pools if p.jvm is of[0].jvm and service in p.services)
            most = busy - (_read_on(host, service) - read)
        count += sum(len(behind.unread) for behind in of) + max(0, min(read, most))
    return count


def _read_on(host: Host, service: Service) -> int:
    """Connections on a service, of any client, with nothing left to read."""
    rows = host.sockets.accepted(service) if host.sockets else ()
    return sum(
        row.state is TcpState.ESTABLISHED and row.recv_q == 0 and not row.unaccepted for row in rows
    )


def _upstream(relay: Relay, *, accounted: bool) -> Claim:
    """A proxy answers what is answered to it, unless it may have work of its own."""
    rows = [row for behind in relay.upstream for row in behind.rows]
    leads = " or ".join(str(behind.endpoint) for behind in relay.upstream)
    free = relay.works or not accounted or not rows
    one = len(rows) == 1
    how = (
        f"its {len(rows)} upstream connection{'' if one else 's'} {'leads' if one else 'lead'} to"
        f" {leads} (which one belongs to which request is not recorded)"
    )
    if free:
        how += ", or it has not passed it on at all"
    return Claim(
        relay.node,
        Need.ANY,
        (*(behind.node for behind in relay.upstream), *([relay.itself] if free else [])),
        "passes requests on over",
        Certainty.INFERRED,
        Until.UNKNOWN,
        spans(rows or relay.ours)[:_SHOWN_ROWS],
        f"{relay.name} answers a request with what it is answered upstream: {how}",
    )
