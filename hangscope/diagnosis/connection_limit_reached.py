"""A server has as many connections as it may have.

What it is: the acceptor itself waits for a connection to end (Tomcat: maxConnections) before it
accepts another; new ones wait in the accept queue, and nobody answers them.

How it is recognised: the acceptor's stack is in the limit's latch, and connections wait on its
port.

What it is mistaken for: busy workers (they may all be idle), a full accept queue alone.

What to do now: see who has the connections: clients that keep idle ones, or requests that hang.

What to do for good: shorter keep-alive timeouts, or a higher maxConnections, where idle clients
fill it; else cure what the requests wait for.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.model import (
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import Telling, cite_rows, plural
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.accepting import acceptors, waits_for_a_slot
from hangscope.interpret.ledger import Entry, Ledger, ledger
from hangscope.interpret.pools import ServerPool
from hangscope.interpret.sockets import Service
from hangscope.waits import Certainty

ID = "connection-limit-reached"
KIND = Kind.EXHAUSTION
LAYER = Layer.WAS
_MOST = 0.5

REMEDIES = (
    Remedy(
        When.NOW,
        "See who has the connections (by remote address in ss): idle clients that keep theirs open"
        " can be closed at the load balancer; if the requests hang, cure that first.",
    ),
    Remedy(
        When.LASTING,
        "Where idle connections fill it: shorten keepAliveTimeout and connectionTimeout, or raise"
        " maxConnections (Tomcat: 8192 by default) together with the limit of open files.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding an acceptor that waits for a slot while connections wait for it."""
    sockets = interpretation.case.sockets
    for jvm in interpretation.case.jvms:
        for acceptor in acceptors(jvm):
            if not waits_for_a_slot(acceptor) or acceptor.node in jvm.moved:
                continue
            service = _service(interpretation, jvm, acceptor)
            rows = ledger(sockets, service) if sockets and service else None
            if rows is None or rows.service.queued != 0:
                yield _finding(interpretation, jvm, acceptor, rows)


def _service(interpretation: Interpretation, jvm: Jvm, acceptor: Thread) -> Service | None:
    sockets, port = interpretation.case.sockets, acceptor.profile.port
    found = [] if sockets is None else [s for s in sockets.services if s.endpoint.port == port]
    return next((s for s in found if not s.owners or s.owned_by(jvm.pid or -1)), None)


def _finding(
    interpretation: Interpretation, jvm: Jvm, acceptor: Thread, rows: Ledger | None
) -> Finding:
    telling = Telling(interpretation)
    process = interpretation.case.process(jvm.scope)
    port = acceptor.profile.port
    unknown = f"port {port}" if port else acceptor.profile.pool or acceptor.name
    where = str(rows.service.endpoint) if rows else unknown
    queue = rows.rows(Entry.ACCEPT_QUEUE, Entry.ABANDONED_IN_QUEUE) if rows else ()
    pools = [p for p in interpretation.pools if rows and rows.service in p.services]
    said = [f'"{acceptor.name}" waits for a free slot before it accepts another.']
    said.extend(_holders(rows, len(queue), pools))
    waiting = f", and {plural(len(queue), 'connection')} wait to be accepted" if queue else ""
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.PROVEN,
        permanent=None,
        headline=f"{where} has as many connections as its server allows{waiting}.",
        explanation=" ".join(said),
        subjects=(Subject(SubjectType.ENDPOINT, where, process),),
        chain=(),
        rests_on=(),
        citations=(
            *telling.cite_threads([acceptor.node]),
            *cite_rows(queue, f"not accepted on {where}"),
        ),
        remedies=REMEDIES,
        refuted_by="a dump a moment later (jstack PID) that shows it in accept()",
    )


def _holders(rows: Ledger | None, queued: int, pools: list[ServerPool]) -> Iterator[str]:
    """Who has the connections, by the ledger and by what the workers do."""
    if rows is None:
        yield "Who has the connections is not recorded: a socket table would tell."
        return
    held = rows.total - queued
    told = "; ".join(
        f"{len(of):,} {entry.value}"
        for entry, of in rows.entries.items()
        if entry not in (Entry.ACCEPT_QUEUE, Entry.ABANDONED_IN_QUEUE)
    )
    yield f"Of the {plural(held, 'connection')} that it has: {told}."
    workers = sum(len(pool.workers) for pool in pools)
    busy = sum(len(pool.busy) for pool in pools)
    idle = len(rows.rows(Entry.READ)) - busy
    if workers and not busy:
        yield f"All {plural(workers, 'worker')} are idle."
    if idle > _MOST * held:
        yield f"At least {idle:,} of them are idle: clients hold them open without a request."
