"""Claims of connections: in whose hands a request is that was sent on one of them.

Its far end says it: unread, it needs a free worker; read, it is in the hands of a busy one, or of a
proxy, which waits for an answer itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.interpret.destinations import Destination, outside
from hangscope.interpret.pools import ServerPool, endpoint_node
from hangscope.interpret.proxies import Relay
from hangscope.interpret.sockets import spans
from hangscope.waits import Certainty, Claim, Need, Until

_SHOWN_ROWS = 20
"""Spans of the table that a claim cites; the group's node states the whole count."""


def claims(destination: Destination, pools: Sequence[ServerPool]) -> Iterator[Claim]:
    """What the connections to ``destination`` wait for, and the proxies on the way."""
    cited = (*spans(destination.rows)[:_SHOWN_ROWS], *destination.translations[:_SHOWN_ROWS])
    if destination.relays:
        yield _relayed(destination)
        for relay in destination.relays:
            if relay.upstream:
                yield _upstream(relay)
            for behind in relay.upstream:
                yield from claims(behind, pools)
        return
    jvm, service = destination.jvm, destination.service
    if jvm is None or service is None:
        yield Claim(
            destination.node,
            Need.ALL,
            (outside(destination),),
            "waits for an answer from",
            Certainty.PROVEN,
            Until.NEVER,
            cited,
        )
        return
    targets = []
    serving = [pool for pool in pools if pool.jvm is jvm and service in pool.services]
    if destination.unread or destination.unseen:
        targets.append(endpoint_node(jvm, service))
    if destination.read or destination.unseen:
        targets.extend(pool.busy_node for pool in serving if pool.busy)
    if not targets:
        targets.append(endpoint_node(jvm, service))
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


def _relayed(destination: Destination) -> Claim:
    """The connections end at a proxy's processes."""
    on = [relay.node for relay in destination.relays if relay.upstream]
    on += [relay.itself for relay in destination.relays if relay.free]
    inference = "; ".join(_followed(destination))
    return Claim(
        destination.node,
        Need.ANY,
        tuple(on),
        "was accepted by",
        Certainty.INFERRED if inference else Certainty.PROVEN,
        Until.NEVER,
        spans(destination.far_ends)[:_SHOWN_ROWS],
        inference,
    )


def _upstream(relay: Relay) -> Claim:
    """A proxy answers what is answered to it."""
    rows = [row for behind in relay.upstream for row in behind.rows]
    leads = " or ".join(str(behind.endpoint) for behind in relay.upstream)
    one = len(rows) == 1
    return Claim(
        relay.node,
        Need.ANY,
        (*(behind.node for behind in relay.upstream), *([relay.itself] if relay.free else [])),
        "passes requests on over",
        Certainty.INFERRED,
        Until.UNKNOWN,
        spans(rows)[:_SHOWN_ROWS],
        f"{relay.name} answers a request with what it is answered upstream: its"
        f" {len(rows)} upstream connection{'' if one else 's'} {'leads' if one else 'lead'} to"
        f" {leads} (which one belongs to which request is not recorded)",
    )
