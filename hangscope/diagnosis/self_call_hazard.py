"""Not a deadlock yet: a circle of calls while workers are still free.

What it is: requests of a service are waiting for answers of the same service, or round a circle
of services. Each one takes a second worker. While workers are free that works.

How it is recognised: a cycle of the wait graph runs through an endpoint, and did not survive the
reduction: a free worker, or one that can go on, dissolves it.

What it is mistaken for: a deadlock (nothing is stuck), or nothing at all.

What to do now: nothing.

What to do for good: as for a self-call deadlock: take the circle out before load closes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, agree, identities, inferences, plural
from hangscope.interpret import Interpretation
from hangscope.interpret.pools import ServerPool
from hangscope.waits import Certainty, Node

ID = "self-call-hazard"
KIND = Kind.HEALTHY
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(
        When.LASTING,
        "Take the circle out before load closes it: call the code directly, or serve the inner"
        " calls from a pool of their own; set timeouts on them.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a circle, told from the first pool in it that waits for itself."""
    graph = interpretation.graph
    told: set[Node] = set()
    for pool in interpretation.pools:
        if any(graph.path(pool.busy_node, node) for node in told):
            continue
        behind = graph.behind(pool.node) | graph.behind(pool.busy_node)
        callers = [
            worker.node
            for worker in pool.busy
            if worker.node not in graph.stuck and worker.node in behind
        ]
        if callers and len(callers) < len(pool.workers):
            told.add(pool.busy_node)
            yield _finding(interpretation, pool, callers)


def _finding(interpretation: Interpretation, pool: ServerPool, callers: list[Node]) -> Finding:
    telling = Telling(interpretation)
    graph = interpretation.graph
    through = pool.node if graph.path(callers[0], pool.node) else pool.busy_node
    path = (*graph.path(callers[0], through), *graph.claims_of(through))
    rests_on = inferences(path, identities(interpretation, path))
    calling = frozenset(callers)
    others = [worker for worker in pool.workers if worker.node not in calling]
    wait = agree("waits", len(callers))
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=(
            f"Not a deadlock yet: {plural(len(callers), 'worker')} of {pool.name} {wait} for"
            f" answers of the same pool while {plural(len(others), 'other worker')} can still go"
            " on."
        ),
        explanation=(
            f"{plural(len(pool.workers), 'worker')}: {len(pool.idle)} idle, {len(pool.busy)} busy,"
            f" of which {len(callers)} {wait} for an answer that comes back to this pool."
            f" {plural(len(others), 'more request')} of that kind at the same time would close the"
            " circle for good."
        ),
        subjects=telling.subjects(callers),
        chain=telling.steps(path, callers),
        rests_on=rests_on,
        citations=telling.cite_threads(callers),
        remedies=REMEDIES,
        refuted_by=(
            "a table of the same moment (ss -tanp) in which these connections lead to another"
            " process"
        ),
    )
