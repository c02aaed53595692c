"""Accepted connections whose clients are gone pile up in CLOSE_WAIT.

What it is: clients gave up and closed; the process never got round to closing its end, and the
kernel keeps the socket for ever. Each one holds a file descriptor.

How it is recognised: CLOSE_WAIT rows on the port of a listener. Their Recv-Q says how far each
request got: the unread end of the stream counts as one byte.

What it is mistaken for: the cause. It is nearly always the effect of threads that wait for
something else. Where the workers are idle it is not: then the server, or code that parks requests
without a thread, never looks at these connections again.

What to do now: find out what the workers wait for; restarting the process is the only way to
free the sockets.

What to do for good: cure the cause; closing code is at fault only where Recv-Q is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.crowds import stalled
from hangscope.diagnosis.model import (
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.over_time import earlier_rows, grown
from hangscope.diagnosis.telling import Telling, cite_rows, plural
from hangscope.facts import TcpState
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.growth import half_closed
from hangscope.interpret.ledger import CLOSE_WAIT_ENTRIES, Entry, Ledger, ledgers
from hangscope.interpret.pools import IDLE
from hangscope.interpret.sockets import Role
from hangscope.waits import Certainty

ID = "close-wait-pile-up"
KIND = Kind.LEAK
LAYER = Layer.WAS
_FEWEST = 5
"""Fewer are clients that happened to leave at this moment."""
_MOST = 0.5
_MANY = 50
"""So many are a pile whatever else is open."""

REMEDIES = (
    Remedy(
        When.NOW,
        "Do not tune the kernel: no setting ends CLOSE_WAIT. The sockets go when the process closes"
        " them or ends; find out what its workers wait for before it is restarted.",
    ),
    Remedy(
        When.LASTING,
        "Cure what keeps the workers from their requests. Only where the ledger shows connections"
        " that were seen to end and not closed is closing code itself at fault.",
    ),
)
_PARKED = (
    Remedy(
        When.NOW,
        "Do not tune the kernel and do not add workers: neither ends CLOSE_WAIT. Restart the"
        " process when it can be spared: until then each of these sockets keeps a file descriptor.",
    ),
    Remedy(
        When.LASTING,
        "Give parked requests a timeout (AsyncContext.setTimeout, DeferredResult) and complete"
        " them on timeout and error. If the application parks none, it is the server's fault:"
        " look for it among those that the next version of the server mends.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a listener with a pile of CLOSE_WAIT behind it."""
    for ledger in ledgers(interpretation.case.sockets):
        count = len(ledger.close_wait)
        if count < _FEWEST:
            continue
        open_rows = sum(
            row.state is TcpState.ESTABLISHED for e in ledger.entries.values() for row in e
        )
        if count >= _MOST * (count + open_rows) or count >= _MANY:
            yield _finding(interpretation, ledger)


def _finding(interpretation: Interpretation, ledger: Ledger) -> Finding:
    service = ledger.service
    telling = Telling(interpretation)
    workers = [
        worker
        for pool in interpretation.pools
        if service in pool.services
        for worker in pool.workers
    ]
    held = [worker for worker in workers if stalled(worker)]
    free = bool(workers) and all(worker.profile.activity in IDLE for worker in workers)
    count = len(ledger.close_wait)
    group = half_closed(str(service.endpoint), Role.ACCEPTED)
    told = [
        f"{len(rows):,} {entry.value}"
        for entry, rows in ledger.entries.items()
        if entry in CLOSE_WAIT_ENTRIES
    ]
    rests_on = (
        (f"{service.endpoint} is a service: no listener is in the table, but its clients share it",)
        if service.inferred
        else ()
    )
    owner = f"pid {service.owners[0].pid}" if service.owners else None
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if rests_on else Certainty.PROVEN,
        permanent=True,
        headline=(
            f"{plural(count, 'connection')} to {service.endpoint} stand in CLOSE_WAIT: the clients"
            " are gone and the service has not closed them."
        ),
        explanation=(
            f"Of {plural(ledger.total, 'connection')} on {service.endpoint}: {'; '.join(told)}."
            f" {_of_nobody(workers) if free else _meaning(ledger)}"
            f"{'' if free else _workers(telling, workers, held)}{_growth(interpretation, group)}"
        ),
        subjects=(Subject(SubjectType.SOCKET_GROUP, group, owner, count),),
        chain=(),
        rests_on=rests_on,
        citations=(
            *cite_rows(ledger.close_wait, group),
            *earlier_rows(interpretation, group),
            *telling.cite_threads(worker.node for worker in held[:1]),
        ),
        remedies=_PARKED if free else REMEDIES,
        refuted_by="a table with listeners (ss -tlnp) that has none on this port",
    )


def _of_nobody(workers: Sequence[Thread]) -> str:
    """What it means that nobody works on any of these connections."""
    who = "The only worker is" if len(workers) == 1 else f"All {len(workers):,} workers are"
    return (
        f"{who} idle: no thread is held up, and this is no deadlock. The server itself, or code"
        " that parks requests without a thread (asynchronous servlets, long polling), does not"
        " look at connections whose clients are gone."
    )


def _growth(interpretation: Interpretation, group: str) -> str:
    said = grown(interpretation, group)
    return f" {said}" if said else ""


def _workers(telling: Telling, workers: Sequence[Thread], held: Sequence[Thread]) -> str:
    """What the workers do whose clients gave up."""
    if not workers:
        return ""
    if not held:
        return f" None of its {plural(len(workers), 'worker')} is held up in this dump."
    waits = "waits" if len(held) == 1 else "wait"
    return (
        f" {len(held)} of the {plural(len(workers), 'worker')} in the dump {waits}:"
        f" {telling.describe(held[0])}."
    )


def _meaning(ledger: Ledger) -> str:
    unread = len(ledger.rows(Entry.ABANDONED_UNREAD, Entry.ABANDONED_IN_QUEUE))
    served = len(ledger.rows(Entry.ABANDONED_SERVED))
    seen = len(ledger.rows(Entry.NOT_CLOSED))
    if seen > max(unread, served):
        return (
            "The application has seen most of them end and did not close: a fault of its own code."
        )
    if unread or served:
        return "No worker came to look at them: the workers are held up by something else."
    return "Whether their requests were ever read is not recorded in this table."
