"""Most workers wait on connections that nobody holds at the other end any more.

What it is: the peer has died or restarted, or a firewall has forgotten the connection, and the
packet that would have said so never came. The own kernel keeps the connection as ESTABLISHED, and
a read on it waits for an answer that nobody will send.

How it is recognised: the connections are ESTABLISHED in the own table and absent from the peer's,
which is given, whole and of the same moment (the service is not among its listeners, or all other
connections between the hosts given are in it); or the kernel sends the same segment again and again
and nothing is acknowledged (ss -o: timer:(on,…,5) and more).

What it is mistaken for: a slow service (a look at it shows that it has nothing to do), or a leak.

What to do now: restart the process, or close the dead connections (ss -K); look at the firewall.

What to do for good: read timeouts on every call, TCP keep-alive below the firewall's idle timeout,
validation of pooled connections before they are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hangscope.diagnosis.addressing import for_ss
from hangscope.diagnosis.blame import Crowd, hanging_on, slow_dependency
from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import cite_rows, plural
from hangscope.interpret import Interpretation
from hangscope.interpret.destinations import Destination, outside
from hangscope.interpret.half_open import UNANSWERED, HalfOpen, half_open
from hangscope.interpret.replies import ReplyGroup
from hangscope.waits import Certainty, Node

ID = "half-open-connection"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.NETWORK
_MOST = 0.5
_LISTENERS = 3
"""Lines of the peer's table that are quoted to show that it lists what there is."""

_CLOSE = (
    "Close the dead connections, so that the reads on them fail:"
    " ss -K dst {address} dport = :{port} (as root; it cuts every connection of this host to that"
    " port), or restart the process."
)

REMEDIES = (
    Remedy(
        When.NOW,
        "Look at the way between the hosts: a firewall or load balancer that drops packets of"
        " connections it has forgotten, a host that went away without a word.",
    ),
    Remedy(
        When.LASTING,
        "Set a read timeout on every call; switch TCP keep-alive on and set it (tcp_keepalive_time,"
        " or the client's own option) below the idle timeout of every firewall on the way; let the"
        " pool test a connection before it lends it.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding an endpoint most of whose connections are half open."""
    protocols = {group.protocol for group in interpretation.replies}
    for group, end, behind in hanging_on(interpretation, protocols, unseen=False):
        for destination in group.destinations:
            if outside(destination) == end:
                found = half_open(interpretation.case, destination)
                if len(found.rows) > _MOST * len(destination.rows):
                    yield _finding(interpretation, group, (end, behind), destination, found)


def _finding(
    interpretation: Interpretation,
    group: ReplyGroup,
    blamed: tuple[Node, Crowd],
    destination: Destination,
    found: HalfOpen,
) -> Finding:
    end, behind = blamed
    told = slow_dependency(
        interpretation,
        group,
        end,
        behind,
        finding=ID,
        layer=LAYER,
        what="other end of half-open connections to",
        remedies=(_close(destination), *REMEDIES),
    )
    waits = "waits" if len(behind.threads) == 1 else "wait"
    count = plural(len(found.rows), "connection")
    return replace(
        told,
        certainty=Certainty.INFERRED,
        permanent=False if found.unanswered else None,
        headline=(
            f"{plural(len(behind.threads), 'thread')} {waits} on connections to {end.key} that"
            f" nobody answers at the other end: {count} {'is' if len(found.rows) == 1 else 'are'}"
            " half open."
        ),
        explanation=" ".join(_explained(destination, found)),
        rests_on=tuple(dict.fromkeys((*told.rests_on, *_taken_for_granted(destination, found)))),
        citations=(
            *cite_rows(found.unanswered, f"sent again and again to {destination.endpoint}"),
            *cite_rows(found.gone, f"ESTABLISHED here, to {destination.endpoint}"),
            *(
                Citation(line, "the peer's table lists its sockets, and none of these")
                for line in found.listening[:_LISTENERS]
            ),
            *told.citations,
        ),
        refuted_by="; or ".join(_refuted(found)),
    )


def _close(destination: Destination) -> Remedy:
    endpoint = destination.endpoint
    return Remedy(When.NOW, _CLOSE.format(address=for_ss(endpoint), port=endpoint.port))


def _explained(destination: Destination, found: HalfOpen) -> Iterator[str]:
    all_of = plural(len(destination.rows), "connection")
    if found.unanswered:
        least = min(row.timer.retransmits for row in found.unanswered if row.timer)
        yield (
            f"On {len(found.unanswered)} of the {all_of} to {destination.endpoint} the kernel has"
            f" sent the same segment {least} times or more and nothing was acknowledged."
            " Linux gives up after some 15 minutes (tcp_retries2); until then the threads wait."
        )
    if found.gone and found.peer is not None:
        listens = found.peer.sockets and found.peer.sockets.service_of(destination.endpoint)
        dead = "" if listens else f" Nothing listens on port {destination.endpoint.port} there."
        yield (
            f"{len(found.gone)} of the {all_of} to {destination.endpoint} are ESTABLISHED on"
            f" {destination.host.name} and not in the table of {found.peer.name}, whose address it"
            f" is: nobody will answer, and without keep-alive nobody will notice.{dead}"
        )


def _refuted(found: HalfOpen) -> Iterator[str]:
    if found.unanswered:
        yield "a later table (ss -tanpo) in which these counts have fallen back to 0"
    if found.gone and found.peer is not None:
        yield f"a later table (ss -tanp) of {found.peer.name} that shows these connections"


def _taken_for_granted(destination: Destination, found: HalfOpen) -> Iterator[str]:
    if found.unanswered:
        yield (
            f"nothing that was acknowledged is sent {UNANSWERED} times and more:"
            f" {destination.endpoint} does not answer"
        )
    if found.gone and found.peer is not None:
        yield (
            f"the tables of {destination.host.name} and {found.peer.name} are of one moment, and"
            f" that of {found.peer.name} is whole: it lists its listeners and other connections;"
            f" {destination.endpoint.address} is that host and no other with the same address"
        )
