"""Connections wait to be accepted, and the thread that accepted them is gone.

What it is: an error (out of memory, mostly) has ended a server's acceptor thread. The port stays
open, the kernel goes on making connections, and nobody ever takes one.

How it is recognised: a dump that is whole shows the connector's other threads and no acceptor,
while connections wait on its listener.

What it is mistaken for: a network fault, busy workers (they are idle), a connector that was never
started (its port would be closed).

What to do now: restart the process; look for an OutOfMemoryError in its log.

What to do for good: cure the error; let the JVM end with it (-XX:+ExitOnOutOfMemoryError).
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
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.accepting import acceptors_of
from hangscope.interpret.sockets import Service
from hangscope.waits import Certainty

ID = "acceptor-missing"
KIND = Kind.EXHAUSTION
LAYER = Layer.WAS

REMEDIES = (
    Remedy(
        When.NOW,
        "Restart the process: no server starts a second acceptor by itself. Its log tells what"
        " ended the first (look for OutOfMemoryError at the time of the last request).",
    ),
    Remedy(
        When.LASTING,
        "Cure the error that ended it, and let the JVM end with such errors instead of living on"
        " without the thread: -XX:+ExitOnOutOfMemoryError, or -XX:OnOutOfMemoryError.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a listener whose acceptor should be in the dump and is not."""
    sockets = interpretation.case.sockets
    if sockets is None:
        return
    for jvm in interpretation.case.jvms:
        if jvm.unseen:
            continue
        beside = {t.profile.port: t for t in jvm.threads if t.profile.with_acceptor}
        for service in sockets.services:
            thread = beside.get(service.endpoint.port)
            if thread is None or service.endpoint.port is None or service.inferred:
                continue
            ours = service.owned_by(jvm.pid) if jvm.pid and service.owners else True
            waiting = [row for row in sockets.accepted(service) if row.unaccepted]
            if ours and (service.queued or waiting) and not acceptors_of(jvm, service):
                yield _finding(interpretation, jvm, service, thread)


def _finding(
    interpretation: Interpretation,
    jvm: Jvm,
    service: Service,
    beside: Thread,
) -> Finding:
    telling = Telling(interpretation)
    process = interpretation.case.process(jvm.scope)
    sockets = interpretation.case.sockets
    rows = sockets.accepted(service) if sockets else ()
    waiting = [row for row in rows if row.unaccepted]
    queued = service.queued or len(waiting)
    accepted = len(rows) - len(waiting)
    always = (
        f'beside "{beside.name}" the server always runs a thread that accepts for the same port,'
        f" and {jvm.dump.evidence.input}, which is whole, shows none{jvm.taken_as_whole}"
    )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=True,
        headline=(
            f"{plural(queued, 'connection')} wait on {service.endpoint} to be accepted, and the"
            " thread that accepts them is gone."
        ),
        explanation=(
            f"The port is open and the kernel goes on making connections; {accepted:,} were"
            " accepted before the thread ended. No timeout brings it back."
        ),
        subjects=(
            Subject(SubjectType.ENDPOINT, str(service.endpoint), process),
            Subject(
                SubjectType.SOCKET_GROUP, f"not accepted on {service.endpoint}", process, queued
            ),
        ),
        chain=(),
        rests_on=tuple(filter(None, (always, jvm.identity.inference))),
        citations=(
            Citation(service.evidence, f"{service.endpoint} is listened on"),
            *telling.cite_threads([beside.node]),
            *cite_rows(waiting, f"not accepted on {service.endpoint}"),
        ),
        remedies=REMEDIES,
        refuted_by="a dump (jstack PID) that shows an acceptor of this port",
    )
