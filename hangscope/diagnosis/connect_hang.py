"""Threads wait for connections that nobody answers.

What it is: the first packet of a connection is dropped without a word: by a firewall, on the way to
a host that is down, or by a full accept queue. Linux tries for about two minutes.

How it is recognised: most workers are in connect(), and the process's sockets are in SYN_SENT.

What it is mistaken for: a slow server (it has not even been reached), a DNS problem (the address is
known by then).

What to do now: see whether the port can be reached from this host at all.

What to do for good: set a connect timeout of a few seconds on every client.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.addressing import for_shells
from hangscope.diagnosis.blame import Crowd, behind_ends, crowd, share
from hangscope.diagnosis.model import (
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import Telling, cite_rows, inferences, plural
from hangscope.interpret import Interpretation
from hangscope.interpret.connects import ConnectGroup, peer_node
from hangscope.interpret.sockets import Row
from hangscope.waits import Certainty, Node

ID = "connect-hang"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.NETWORK
_MOST = 0.5
_UNSEEN = (
    "connecting takes milliseconds where the peer answers or refuses: so many threads are in it at"
    " once only if nobody answers"
)

_TRY = (
    "Try the port from this host ({command}): silence means a firewall rule, a route or a host that"
    " is down; a refusal would have come at once. Tell the network team both addresses and the"
    " port."
)
_LASTING = Remedy(
    When.LASTING,
    "Set a connect timeout of a few seconds on every client, so that an unreachable peer is an"
    " error and not a held worker; a circuit breaker keeps the rest of the workers free.",
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a peer that so many threads connect to that the service hangs on it."""
    ends = behind_ends(interpretation)
    for group in interpretation.connects:
        peers: list[tuple[Node, tuple[Row, ...]]] = [
            (peer_node(peer), rows)
            for peer, rows in group.opening
            if group.connecting_to(peer) >= _MOST * len(group.threads)
        ]
        for node, rows in peers or ([] if group.opening else [(group.unseen, ())]):
            behind = crowd(interpretation, ends.get(node, ()))
            if behind is not None:
                yield _finding(interpretation, group, node, rows, behind)


def _finding(
    interpretation: Interpretation,
    group: ConnectGroup,
    end: Node,
    rows: tuple[Row, ...],
    behind: Crowd,
) -> Finding:
    telling = Telling(interpretation)
    direct = [thread for thread in group.threads if thread.node in behind.threads]
    path = interpretation.graph.path(direct[0].node, end)
    more = len(behind.threads) - len(direct)
    timed = {thread.profile.io.timed if thread.profile.io else "unknown" for thread in direct}
    said = [f"{plural(len(direct), 'thread')} connect to {end.key}."]
    if rows:
        said.append(f"{plural(len(rows), 'socket')} to it wait for the first answer (SYN_SENT).")
    peer = rows[0].peer if rows else None
    command = f"nc -vz {for_shells(peer)} {peer.port}" if peer else "nc -vz HOST PORT"
    own = _own(interpretation, rows)
    said.extend(
        f"That is {service} of this very host: its accept queue is full." for service in own
    )
    if more > 0:
        said.append(f"{plural(more, 'more thread')} wait for these.")
    if timed == {"no"}:
        said.append("None has a connect timeout: the kernel gives up after about two minutes.")
    # Even without a timeout of its own connect() ends: the kernel gives up.
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=False,
        headline=f"{share(behind)} wait for a connection to {end.key}, which does not answer.",
        explanation=" ".join(said),
        subjects=(
            Subject(SubjectType.ENDPOINT, end.key, None),
            *(Subject(SubjectType.ENDPOINT, service, None) for service in own),
            *telling.subjects(behind.threads),
        ),
        chain=telling.steps(path, behind.threads),
        rests_on=(_UNSEEN, *inferences(path, [group.jvm.identity.inference])),
        citations=(
            *telling.cite_threads(thread.node for thread in direct),
            *cite_rows(rows, f"SYN_SENT to {end.key}"),
        ),
        remedies=(Remedy(When.NOW, _TRY.format(command=command)), _LASTING),
        refuted_by=f"a connection to that port that is made at once ({command})",
    )


def _own(interpretation: Interpretation, rows: tuple[Row, ...]) -> list[str]:
    """The service of this host that ``rows`` lead to, if it is one whose queue is full."""
    sockets = interpretation.case.sockets
    service = sockets.reached(rows[0]) if sockets and rows else None
    if service is None or service.queued is None or service.backlog is None:
        return []
    return [str(service.endpoint)] if service.queued >= service.backlog else []
