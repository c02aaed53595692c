"""Every worker of a server is busy, and what they do has no single end.

What it is: requests come faster than the workers finish them. No deadlock and no one dependency
holds most of them up: each works, or waits for something else.

How it is recognised: no worker of the pool is idle, requests stand unread on its port in numbers,
and no end of waits, lock or library has half of the workers behind it.

What it is mistaken for: a deadlock, one slow dependency (when one is slow, most workers are in it).

What to do now: see what most of them do; take load off.

What to do for good: make that faster, or add workers (if CPU, memory and database allow) or
instances; set timeouts, so that slow requests end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hangscope.diagnosis.crowds import share
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, cite_rows, plural
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.ledger import ledger
from hangscope.interpret.pools import ServerPool
from hangscope.interpret.sockets import Row
from hangscope.knowledge import Activity
from hangscope.waits import Certainty

ID = "worker-pool-exhausted"
KIND = Kind.EXHAUSTION
LAYER = Layer.WAS
_FEWEST = 3
_MOST = 0.5
_QUEUE = 0.1
"""Of the workers: as many requests at least that wait; fewer have just come."""
_TOLD = 3
_SLEEP = "sleep"

REMEDIES = (
    Remedy(
        When.NOW,
        "Take load off (at the load balancer, or a second instance) and take a second dump ten"
        " seconds later: what the same workers still do is what takes long.",
    ),
    Remedy(
        When.LASTING,
        "Make faster what most of them do, and give every outbound call a timeout. More workers"
        " help only where CPU, memory and the database have room.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a pool that is used up by work of many kinds."""
    for pool in interpretation.pools:
        full = len(pool.workers) >= _FEWEST and not pool.idle
        certain = not pool.jvm.unseen and not pool.growth
        if full and certain and not _has_one_end(interpretation, pool):
            waiting = _waiting(interpretation, pool)
            if len(waiting) >= max(_FEWEST, _QUEUE * len(pool.workers)):
                yield _finding(interpretation, pool, waiting)


def _waiting(interpretation: Interpretation, pool: ServerPool) -> list[Row]:
    """Requests on the pool's services that no worker has taken up."""
    sockets = interpretation.case.sockets
    if sockets is None:
        return []
    return [row for service in pool.services for row in ledger(sockets, service).waiting]


def _has_one_end(interpretation: Interpretation, pool: ServerPool) -> bool:
    """Whether half of the workers, or more, wait for one thing, known or not."""
    graph = interpretation.graph
    workers = {worker.node for worker in pool.workers}
    most = _MOST * len(workers)
    if len(workers & graph.stuck) >= most:
        return True
    if any(len(workers & set(end.threads)) >= most for end in graph.ends):
        return True
    alike = Counter(_wait(worker) for worker in pool.workers if not _by_itself(worker))
    return any(count >= most for count in alike.values())


def _by_itself(worker: Thread) -> bool:
    """Whether nobody else is needed for it to go on."""
    profile = worker.profile
    sleeps = profile.primitive is not None and profile.primitive.id == _SLEEP
    return profile.activity is Activity.RUNNING or sleeps


def _wait(worker: Thread) -> tuple[Activity, str | None, str | None]:
    profile = worker.profile
    return (
        profile.activity,
        profile.wait.id if profile.wait else None,
        profile.primitive.id if profile.primitive else None,
    )


def _finding(interpretation: Interpretation, pool: ServerPool, waiting: list[Row]) -> Finding:
    telling = Telling(interpretation)
    doing = Counter(telling.describe(worker).split('" ', 1)[-1] for worker in pool.workers)
    told = "; ".join(share(count, what) for what, count in doing.most_common(_TOLD))
    rest = len(doing) - _TOLD
    more = f"; and {plural(rest, 'other thing')}" if rest > 0 else ""
    setting = pool.workers[0].profile.pool_key
    waits = Counter(_wait(worker) for worker in pool.workers if not _by_itself(worker))
    inference = (
        f"nothing that somebody else has to end holds up half of the {len(pool.workers)} workers:"
        f" {len(pool.workers) - waits.total()} compute or sleep, and of the others"
        f" {max(waits.values(), default=0)} at most wait alike"
    )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=(
            f"All {plural(len(pool.workers), 'worker')} of {pool.name} are busy, with no single"
            f" cause, and {plural(len(waiting), 'request')} wait for one."
        ),
        explanation=(
            f"{told[:1].upper()}{told[1:]}{more}."
            f"{f' The pool is sized by {setting}.' if setting else ''}"
        ),
        subjects=telling.subjects([worker.node for worker in pool.workers]),
        chain=(),
        rests_on=tuple(filter(None, (inference, pool.inference, pool.jvm.identity.inference))),
        citations=(
            *telling.cite_threads(worker.node for worker in pool.workers),
            *cite_rows(waiting, "requests that no worker has taken up"),
        ),
        remedies=REMEDIES,
        refuted_by="a second dump (jstack PID) in which workers of this pool are idle",
    )
