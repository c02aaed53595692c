"""What is not recorded of the other ends of connections: proxies, translations, unseen peers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from hangscope.diagnosis import half_open_connection
from hangscope.diagnosis.model import Gap, Kind, Verdict
from hangscope.diagnosis.returning import returning, unlisted_ports
from hangscope.diagnosis.telling import plural
from hangscope.interpret import Interpretation
from hangscope.interpret.arrivals import in_flight
from hangscope.interpret.destinations import Destination


def peers_not_seen(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    """Every gap about the other ends that matters for ``verdict``."""
    kinds: tuple[Callable[[Interpretation, Verdict], Iterator[Gap]], ...] = (
        _proxies,
        _returning,
        _filtered,
        _far_ends,
    )
    for kind in kinds:
        yield from kind(interpretation, verdict)


def _proxies(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    """Proxies that may hold requests themselves, for all that their sockets show."""
    if verdict.kind in (Kind.DEADLOCK, Kind.HEALTHY):
        return
    for group in interpretation.replies:
        for to in group.destinations:
            taken = sum(relay.taken for relay in to.relays)
            passed = in_flight(to.relays, interpretation.pools)
            if taken > passed:
                yield Gap(
                    f"The proxy at {to.endpoint} has {plural(taken, 'connection')} of clients and"
                    f" {plural(passed, 'request')} upstream that are sure: the others are idle, or"
                    " it holds their requests itself.",
                    f"whether the calls of {group.jvm.scope} wait in the proxy or behind it",
                    f"ss -tanpi sport = :{to.endpoint.port}   (there; a large lastrcv: idle)",
                )


def _quoted(to: Destination) -> str:
    """For a command: tables may print any text for an address."""
    return shlex.quote(str(to.endpoint))


def _returning(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for group, to, service in returning(interpretation):
        yield Gap(
            f"Requests from the address of {to.endpoint} stand on {service.endpoint}:"
            f" {group.jvm.scope} may be calling itself through a proxy there.",
            "whether the service waits for itself: the proxy's own sockets lead on",
            f"ss -tanp > proxy.txt   (as root, on the host of {_quoted(to)}; give it with --host)",
        )


def _filtered(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    """Tables that were asked for some ports alone, or lost rows."""
    if verdict.kind in (Kind.DEADLOCK, Kind.HEALTHY):
        return
    for group in interpretation.replies:
        ports = sorted(unlisted_ports(group.jvm)) if group.destinations else []
        if ports:
            named = " and ".join(map(str, ports))
            yield Gap(
                f"The socket table shows nothing on port {named}, which the threads of"
                f" {group.jvm.scope} are named after: it was filtered, or is cut.",
                "whether the calls of these threads come back to the service itself",
                "ss -tanp > sockets.txt   (as root, without a filter)",
            )


def _far_ends(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    """Connections of which no table shows the other end, although several hosts are given."""
    if verdict.finding == half_open_connection.ID or not any(
        host.name for host in interpretation.case.hosts
    ):
        return
    for group in interpretation.replies:
        for to in (last for d in group.destinations for last in d.last()):
            if to.service is None and not to.far_ends:
                count = plural(len(to.rows), "connection")
                yield Gap(
                    f"The other end of the {count} of {to.node.scope} to {to.endpoint} is in no"
                    " table: peer not seen, NAT or proxy?",
                    "who holds these requests: if they come back to one of these services, it waits"
                    " for itself",
                    f"ss -tanp on the host of {_quoted(to)}; conntrack -L where addresses are"
                    " translated   (as root)",
                )
