"""A peer that nobody sees and that may be a proxy in front of the very service that calls it."""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.facts import TcpState
from hangscope.interpret import Case, Interpretation
from hangscope.interpret.destinations import Destination
from hangscope.interpret.half_open import half_open
from hangscope.interpret.replies import ReplyGroup
from hangscope.interpret.sockets import Service, is_loopback

_HTTP = "http"


def may_return(
    interpretation: Interpretation, group: ReplyGroup, destination: Destination
) -> Service | None:
    """The service of the callers themselves that their calls to ``destination`` may come back to.

    They may where the peer is on a usual port of the web, and requests from its address, as many as
    threads wait for it, stand on a port of the process that called.
    """
    sockets = destination.host.sockets
    if sockets is None or destination.service is not None:
        return None
    port = destination.endpoint.port
    if port is None or interpretation.case.knowledge.protocol_of_port(port) != _HTTP:
        return None
    readers = group.readers_of(destination)
    for service in _services(interpretation, group):
        from_there = sum(
            row.state is TcpState.ESTABLISHED and row.peer.address == destination.endpoint.address
            for row in sockets.accepted(service)
        )
        if from_there >= readers > 0:
            return service
    return None


def returning(
    interpretation: Interpretation,
) -> Iterator[tuple[ReplyGroup, Destination, Service]]:
    """Every peer that may be a proxy in front of its own callers."""
    for group in interpretation.replies:
        for destination in group.destinations:
            service = may_return(interpretation, group, destination)
            if service is not None:
                yield group, destination, service


def unclear_peers(interpretation: Interpretation) -> Iterator[Destination]:
    """Peers that may be one of the services given, or a proxy in front of one.

    A host whose dump is given without its table may be any peer that no table shows. A service on
    one of the hosts given that its table does not list is missing from that table, or gone.
    """
    case = interpretation.case
    yield from (destination for _, destination, _ in returning(interpretation))
    for group in interpretation.replies:
        for destination in group.destinations:
            yield from (last for last in destination.last() if _should_be_listed(case, last))
    if any(jvm.host.sockets is None for jvm in case.jvms):
        for group in interpretation.replies:
            for destination in group.destinations:
                yield from (last for last in destination.last() if last.service is None)


def _should_be_listed(case: Case, to: Destination) -> bool:
    """Whether the peer is on one of the hosts given, whose table does not show the service."""
    address = to.endpoint.address
    if to.service is not None or half_open(case, to).rows:
        return False
    if is_loopback(address):
        return to.host.sockets is not None
    return any(
        host.sockets is not None and address in host.sockets.addresses for host in case.hosts
    )


def _services(interpretation: Interpretation, group: ReplyGroup) -> Iterator[Service]:
    for pool in interpretation.pools:
        if pool.jvm is group.jvm:
            yield from pool.services
