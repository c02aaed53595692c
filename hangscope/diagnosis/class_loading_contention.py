"""Threads queue for classes.

What it is: class loaders, archives and service lookups work under locks, and a class is initialised
by one thread alone. When the one at work is slow (a slow disk or network file system, a remote code
base, an initialiser that calls out), everybody who needs a class of it waits.

How it is recognised: a crowd behind a lock that is wanted by a class loader's code, or behind a
class that another thread initialises, which can still go on.

What it is mistaken for: a deadlock, or a hang of whatever the stacks show below.

What to do now: look at what the owner does: the quoted stack tells.

What to do for good: look classes and services up once, not for each request; do nothing slow in a
static initialiser; use class loaders that are parallel capable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hangscope.diagnosis.lock_queues import contention, is_many, lock_queues
from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.class_initialization import class_node, line_of_class, waits_for_class
from hangscope.knowledge import Purpose
from hangscope.waits import Certainty, Node

ID = "class-loading-contention"
KIND = Kind.CONTENTION
LAYER = Layer.JVM

REMEDIES = (
    Remedy(
        When.NOW,
        "Deal with what the owner does or waits for: its stack is quoted. The queue then drains.",
    ),
    Remedy(
        When.LASTING,
        "Look classes, resources and services up once and keep them; do nothing slow and call"
        " nobody in a static initialiser; register class loaders as parallel capable.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a class loader's lock, or a class, with a crowd behind it."""
    telling = Telling(interpretation)
    for queue in lock_queues(interpretation):
        if queue.is_for(Purpose.CLASS_LOADING):
            yield contention(
                interpretation,
                telling,
                queue,
                finding=ID,
                layer=LAYER,
                headline=(
                    f"{plural(len(queue.waits), 'thread')} queue to load classes, behind one lock"
                    f" ({queue.lock.key})"
                ),
                remedies=REMEDIES,
            )
    for jvm in interpretation.case.jvms:
        if jvm.unseen:
            continue  # what the initialiser waits for may be in the part that is missing
        for node, waiters in sorted(_waits_for_classes(jvm).items()):
            nodes = [waiter.node for waiter in waiters]
            if node not in interpretation.graph.stuck and is_many(interpretation, nodes):
                yield _initialised(interpretation, telling, jvm, node, waiters)


def _waits_for_classes(jvm: Jvm) -> Mapping[Node, list[Thread]]:
    queues: dict[Node, list[Thread]] = {}
    for thread in jvm.everyone:
        if waits_for_class(thread) and thread.node not in jvm.moved:
            queues.setdefault(class_node(jvm, thread), []).append(thread)
    return queues


def _initialised(
    interpretation: Interpretation,
    telling: Telling,
    jvm: Jvm,
    node: Node,
    waiters: list[Thread],
) -> Finding:
    graph = interpretation.graph
    nodes = [waiter.node for waiter in waiters]
    path = max(graph.ways(nodes[0]), key=len, default=tuple(graph.claims_of(nodes[0])))
    owners = [owner for claim in graph.claims_of(node) for owner in claim.on]
    inferred = any(claim.certainty is Certainty.INFERRED for claim in path)
    doing = [telling.describe(telling.threads[n]) for n in owners if n in telling.threads]
    said = f"Who initialises it: {'; '.join(doing[:3])}." if doing else "Nobody is seen at it."
    lines = tuple(Citation(line_of_class(waiter), f"{node.key} is needed") for waiter in waiters)
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if inferred else Certainty.PROVEN,
        permanent=None,
        headline=(
            f"{plural(len(nodes), 'thread')} wait until another one has initialised {node.key}."
        ),
        explanation=f"{said} As far as the dump shows, that thread can go on.",
        subjects=telling.subjects({node, *nodes, *owners}),
        chain=telling.steps(path, nodes),
        rests_on=inferences(path, [jvm.identity.inference]) if inferred else (),
        citations=(*lines[:10], *telling.cite_threads(owners)),
        remedies=REMEDIES,
        refuted_by="a second dump (jstack PID) in which these threads have gone on",
    )
