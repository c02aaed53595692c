"""A listener's accept queue is full.

What it is: the kernel makes connections, and the process takes them from a queue. When the queue
is full, the kernel drops new connections: clients see connect timeouts, or resets.

How it is recognised: the listener's Recv-Q is at or over its Send-Q (the backlog) in ss.

What it is mistaken for: a firewall or a lost packet (connect timeouts), a slow server.

What to do now: find out why nobody accepts: see what the acceptor does.

What to do for good: cure that; a longer backlog (acceptCount, and net.core.somaxconn above it)
helps against bursts only.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import Telling, cite_rows, plural
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.accepting import acceptors_of, is_ours
from hangscope.interpret.sockets import Service
from hangscope.knowledge import Activity
from hangscope.waits import Certainty

ID = "accept-queue-overflow"
KIND = Kind.EXHAUSTION
LAYER = Layer.WAS
_SHORT = 5
"""The kernel takes one connection more than the backlog says; only a queue longer than this one
counts as full when it is just as long as its backlog."""
_DROPPED = ("TcpExtListenOverflows", "TcpExtListenDrops")

REMEDIES = (
    Remedy(
        When.NOW,
        "See why nobody accepts: what the acceptor thread does, whether the process may have more"
        " files and connections. A restart empties the queue, not the cause.",
    ),
    Remedy(
        When.LASTING,
        "Accept in a thread that does nothing else. Against bursts, raise the backlog (Tomcat:"
        " acceptCount) and net.core.somaxconn with it.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a listener whose queue is full."""
    case = interpretation.case
    for service in case.sockets.services if case.sockets else ():
        if service.backlog is None or service.queued is None or not is_ours(case, service):
            continue
        just_full = service.queued == service.backlog >= _SHORT
        if service.queued > service.backlog > 0 or just_full:
            yield _finding(interpretation, service, service.queued, service.backlog)


def _finding(
    interpretation: Interpretation, service: Service, queued: int, backlog: int
) -> Finding:
    telling = Telling(interpretation)
    sockets = interpretation.case.sockets
    rows = [] if sockets is None else [r for r in sockets.accepted(service) if r.unaccepted]
    jvm = interpretation.case.jvm_of(
        (owner.pid for owner in service.owners), interpretation.case.hosts[0]
    )
    accepting = [] if jvm is None else list(acceptors_of(jvm, service))
    somebody = [] if jvm is None else [t for t in jvm.threads if _accepts(t)]
    said = [f"The queue's limit (backlog) is {backlog:,}; the kernel drops what does not fit."]
    said.extend(_why(telling, accepting, somebody, dump=jvm is not None))
    dropped = [
        counter
        for stated in interpretation.case.processes
        for counter in stated.counters
        if counter.name in _DROPPED and counter.value
    ]
    said.extend(
        f"{counter.name} of the host stands at {counter.value:,} since it started."
        for counter in dropped
    )
    owner = f"pid {service.owners[0].pid}" if service.owners else None
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.PROVEN,
        permanent=None,
        headline=(
            f"The accept queue of {service.endpoint} is full: {plural(queued, 'connection')} wait"
            " in it to be accepted, and new ones are dropped."
        ),
        explanation=" ".join(said),
        subjects=(
            Subject(SubjectType.ENDPOINT, str(service.endpoint), owner),
            Subject(SubjectType.SOCKET_GROUP, f"not accepted on {service.endpoint}", owner, queued),
        ),
        chain=(),
        rests_on=(),
        citations=(
            Citation(service.evidence, f"{service.endpoint} is listened on"),
            *(Citation(counter.evidence, f"{counter.name}") for counter in dropped),
            *cite_rows(rows, f"not accepted on {service.endpoint}"),
            *telling.cite_threads(thread.node for thread in accepting),
        ),
        remedies=REMEDIES,
    )


def _accepts(thread: Thread) -> bool:
    return thread.profile.activity is Activity.ACCEPTING


def _why(
    telling: Telling, accepting: list[Thread], somebody: list[Thread], *, dump: bool
) -> Iterator[str]:
    """What those do who should accept."""
    if accepting:
        yield f"Who should accept: {telling.describe(accepting[0])}."
        if _accepts(accepting[0]) and accepting[0].profile.primitive is None:
            yield "It accepts: more may come at once than it can take."
    elif dump and not somebody:
        yield (
            "No thread of the process is in accept() in this dump: whoever should be is at"
            " something else, or gone."
        )
    elif dump:
        yield "Which thread accepts there is not known by its name."
