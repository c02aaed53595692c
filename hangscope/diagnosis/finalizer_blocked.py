"""A thread that cleans up for all objects waits in the code of one.

What it is: ``finalize`` methods run one after the other in the Finalizer, cleaning actions in
Reference Handler or Cleaner threads. One that waits there (for a lock, a socket, another thread)
stops all others: memory, files and native handles pile up until they run out.

How it is recognised: the thread's stack holds the frame that runs such code (``runFinalizer``,
``CleanerImpl.run``), and above it the thread is blocked, waits or reads from a socket, while it
otherwise waits for references; if there are several dumps, it is so in all of them.

What it is mistaken for: a Finalizer at rest (in ``ReferenceQueue.remove``), or one that is busy
with many objects (which runs).

What to do now: deal with what it waits for; what was held back is then cleaned up.

What to do for good: no locks and no calls in ``finalize`` or cleaning actions; close resources in
the code that uses them.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Activity
from hangscope.waits import Certainty, Claim, Node

ID = "finalizer-blocked"
KIND = Kind.CONTENTION
LAYER = Layer.JVM
_SIGNS = frozenset({"finalizer", "cleaner"})

REMEDIES = (
    Remedy(
        When.NOW,
        "Deal with what this thread waits for (the quoted frames tell it); what was held back is"
        " then cleaned up.",
    ),
    Remedy(
        When.LASTING,
        "Take no locks and make no calls in finalize methods and cleaning actions; close resources"
        " in the code that uses them (try-with-resources).",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a thread that cleans up and waits in the code of an object."""
    for jvm in interpretation.case.jvms:
        for thread in jvm.threads:
            if thread.profile.signs & _SIGNS and _waits(thread) and thread.node not in jvm.moved:
                yield _finding(interpretation, jvm, thread)


def _waits(thread: Thread) -> bool:
    """Whether it waits, and for no references: it is in the code of an object."""
    profile = thread.profile
    waits = profile.activity not in IDLE and profile.activity is not Activity.RUNNING
    return waits and profile.application_frame is not None


def _finding(interpretation: Interpretation, jvm: Jvm, thread: Thread) -> Finding:
    telling = Telling(interpretation)
    path = _way(interpretation, thread.node)
    inferred = any(claim.inference for claim in path)
    index = thread.profile.application_frame
    frame = thread.frame(index) if index is not None else None
    where = f" in {frame.method}" if frame else ""
    end = telling.threads.get(path[-1].on[0]) if path else None
    said = [f"{telling.describe(thread)}; until it goes on, nothing else is cleaned up by it."]
    if end is not None:
        said.append(f"Followed to its end, the wait leads here: {telling.describe(end)}.")
    if jvm.dumps > 1:
        said.append(f"It is there in all {plural(jvm.dumps, 'dump')}.")
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if inferred else Certainty.PROVEN,
        permanent=True if thread.node in interpretation.graph.stuck else None,
        headline=(
            f'"{thread.name}" waits{where}: what other objects hold is not released meanwhile.'
        ),
        explanation=" ".join(said),
        subjects=telling.subjects({thread.node, *(n for claim in path for n in claim.on)}),
        chain=telling.steps(path, [thread.node]) if path else (),
        rests_on=inferences(path, [jvm.identity.inference]) if inferred else (),
        citations=telling.cite_threads([thread.node, *([end.node] if end else [])]),
        remedies=REMEDIES,
        refuted_by="a later dump (jstack PID) that shows it elsewhere",
    )


def _way(interpretation: Interpretation, start: Node) -> tuple[Claim, ...]:
    """The claims from ``start`` on, to a node that waits for nothing or is met again."""
    graph = interpretation.graph
    way: list[Claim] = []
    seen = {start}
    node = start
    while claims := graph.claims_of(node):
        way.append(claims[0])
        node = claims[0].on[0]
        if node in seen:
            break
        seen.add(node)
    return tuple(way)
