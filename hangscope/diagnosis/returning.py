"""A peer that nobody sees and that may be a proxy in front of the very service that calls it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hangscope.facts import Endpoint, TcpState
from hangscope.interpret import Case, Interpretation, Jvm
from hangscope.interpret.destinations import Destination
from hangscope.interpret.half_open import half_open
from hangscope.interpret.hosts import Host
from hangscope.interpret.replies import ReplyGroup
from hangscope.interpret.sockets import Service, is_loopback

_HTTP = "http"


def may_return(
    interpretation: Interpretation, group: ReplyGroup, destination: Destination
) -> Service | None:
    """The service of the callers themselves that their calls to ``destination`` may come back to.

    They may where the peer is on a usual port of the web, nothing tells whose that port is, and
    requests from its address, as many as threads wait for it, stand on a port of the process that
    called.
    """
    sockets = destination.host.sockets
    reached = destination.service
    if sockets is None or destination.jvm is not None or (reached is not None and reached.owners):
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
        if from_there >= readers > 0 and service != reached:
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
    """Peers that may be one of the services given, or a proxy in front of one."""
    case = interpretation.case
    yield from (destination for _, destination, _ in returning(interpretation))
    reached = [
        last
        for group in interpretation.replies
        for destination in group.destinations
        for last in destination.last()
    ]
    given = {to.endpoint for to in reached if to.jvm is not None}
    tracked = {
        one.original: one.reply[0].address for host in case.hosts for one in host.translations
    }
    anybody = {jvm.host for jvm in case.jvms if _has_no_address(jvm.host)}
    in_part = {jvm.host for jvm in case.jvms if unlisted_ports(jvm)}
    for to in reached:
        if to.service is None:
            may_be_any = bool(anybody - {to.host})
            unclear = (
                to.endpoint in given
                or may_be_any
                or to.host in in_part
                or _should_be_listed(case, to, tracked)
            )
        else:
            unclear = to.jvm is None and (_may_be_given(case, to) or _is_proxy(case, to))
        if unclear:
            yield to


def _should_be_listed(
    case: Case, to: Destination, tracked: Mapping[tuple[Endpoint, Endpoint], str]
) -> bool:
    """Whether the peer is on one of the hosts given, whose table does not show the service.

    It is missing from that table, or gone.

    Args:
        case: The case.
        to: The peer.
        tracked: Where connections lead in truth, by their ends, as far as trackers tell.
    """
    if half_open(case, to).rows:
        return False
    if is_loopback(to.endpoint.address):
        return to.host.sockets is not None
    ends = ((row.local, row.peer) for row in to.rows)
    addresses = {to.endpoint.address, *(tracked[pair] for pair in ends if pair in tracked)}
    return any(
        host.sockets is not None and addresses & host.sockets.addresses for host in case.hosts
    )


def _has_no_address(host: Host) -> bool:
    """Whether no table shows an address of the host: it may be any peer that none shows."""
    return host.sockets is None or all(map(is_loopback, host.sockets.addresses))


def unlisted_ports(jvm: Jvm) -> frozenset[int]:
    """Ports that the process serves and on which the table shows nothing: it was asked for others.

    What comes back to the service, through a proxy perhaps, is then not in it.
    """
    sockets = jvm.host.sockets
    if sockets is None:
        return frozenset()
    shown = {service.endpoint.port for service in sockets.services}
    named = (thread.profile.port for thread in jvm.threads)
    return frozenset(port for port in named if port is not None and port not in shown)


def _may_be_given(case: Case, to: Destination) -> bool:
    """Whether the owner of the service is not recorded, and processes of its host are given."""
    unowned = to.service is not None and not to.service.owners
    return unowned and any(jvm.host is to.far_host for jvm in case.jvms)


def _is_proxy(case: Case, to: Destination) -> bool:
    """Whether the service is a known proxy's, and where that leads cannot be followed."""
    owners = to.service.owners if to.service is not None else ()
    return any(case.knowledge.proxy_of_command(owner.command) for owner in owners)


def _services(interpretation: Interpretation, group: ReplyGroup) -> Iterator[Service]:
    for pool in interpretation.pools:
        if pool.jvm is group.jvm:
            yield from pool.services
