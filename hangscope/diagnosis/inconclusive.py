"""The inputs do not decide it.

What it is: threads wait in numbers, or sockets show a symptom, and what is given fits several
causes.

How it is recognised: no other finding explains the crowd. What most workers do is told, and
which capture decides.

What it is mistaken for: a clean bill of health.

What to do now: take the captures that are named with it.

What to do for good: take a thread dump (twice) and a socket table together, as root, on the
host.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.crowds import (
    NO_POOL,
    WaitingCrowd,
    commonest,
    unserved,
    waiting_crowds,
)
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
from hangscope.diagnosis.over_time import same_for
from hangscope.diagnosis.telling import Telling, agree, cite_rows, identities, inferences, plural
from hangscope.diagnosis.unexplained import Unexplained, unexplained_waits
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.ledger import Entry, Ledger
from hangscope.waits import Certainty, Claim, Node, NodeKind

ID = "inconclusive"
KIND = Kind.INCONCLUSIVE
LAYER = None

REMEDIES = (
    Remedy(When.NOW, "Take the captures that are named here as those that would decide it."),
    Remedy(
        When.LASTING,
        "Take two thread dumps ten seconds apart and a socket table (ss -tanp, as root) together.",
    ),
)

MOVING = (
    Remedy(
        When.NOW,
        "Look at what most workers wait for in each dump, and at the other end of it: the requests"
        " come in faster than these waits end.",
    ),
    Remedy(
        When.LASTING,
        "Make those waits shorter, or admit fewer requests than the workers can answer in time.",
    ),
)
_MOST = 0.5


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """At most one finding: the largest crowd, of threads or of requests, without a cause."""
    crowds = waiting_crowds(interpretation)
    if crowds:
        yield _finding(interpretation, crowds[0])
    elif unexplained := unexplained_waits(interpretation):
        yield _ownerless(interpretation, unexplained)
    else:
        for rows in unserved(interpretation)[:1]:
            yield _unread(interpretation.of(rows.host), rows)


def _ownerless(interpretation: Interpretation, waits: Unexplained) -> Finding:
    """Threads that wait for somebody whom the dump does not name."""
    telling = Telling(interpretation)
    nodes = [thread.node for thread in waits.threads]
    count = len(nodes)
    verb = agree("waits", count) if waits.sure else "may wait"
    return Finding(
        id=ID,
        kind=KIND,
        layer=Layer.APPLICATION,
        certainty=Certainty.PROVEN,
        permanent=None,
        headline=(
            f"{plural(count, 'thread')} {verb} for {waits.what}: whether that ends is not decided."
        ),
        explanation=" ".join(filter(None, (waits.why, same_for(interpretation, nodes)))),
        subjects=telling.subjects(nodes),
        chain=(),
        rests_on=(),
        citations=(
            *(Citation(line, "the line that says so") for line in waits.lines[:10]),
            *telling.cite_threads(nodes),
        ),
        remedies=REMEDIES,
    )


def _unread(interpretation: Interpretation, rows: Ledger) -> Finding:
    """Requests that nobody reads: without a dump, without its workers, or all of them at work."""
    service = rows.service
    telling = Telling(interpretation)
    workers = [
        worker for pool in interpretation.pools if service in pool.services for worker in pool.busy
    ]
    moved = [w for jvm in interpretation.case.jvms for w in workers if w.node in jvm.moved]
    waiting, own = len(rows.waiting), len(rows.rows(Entry.SELF_UNREAD))
    said = ["No worker has read them."]
    if own:
        said.append(
            f"{own:,} of them come from the service itself: if its workers wait for these, it waits"
            " for itself."
        )
    if workers:
        words = [telling.describe(worker) for worker in workers]
        said.append(f"The workers: {commonest(workers, words)}.")
    if moved:
        said.append(
            f"{len(moved)} of the {len(workers)} were elsewhere in the dump before or have used the"
            " processor since: they go on, slowly."
        )
    owner = rows.host.of_it(f"pid {service.owners[0].pid}") if service.owners else None
    return Finding(
        id=ID,
        kind=KIND,
        layer=Layer.WAS,
        certainty=Certainty.PROVEN,
        permanent=None,
        headline=(
            f"{plural(waiting, 'request')} on {rows.name} {agree('stands', waiting)}"
            f" unread{_why_unread(interpretation, workers, moved)}"
        ),
        explanation=" ".join(said),
        subjects=(
            Subject(SubjectType.ENDPOINT, str(service.endpoint), owner),
            *telling.subjects(worker.node for worker in workers),
        ),
        chain=(),
        rests_on=(),
        citations=(
            *cite_rows(rows.waiting, f"unread on {service.endpoint}"),
            *telling.cite_threads(worker.node for worker in workers),
        ),
        remedies=MOVING if moved else REMEDIES,
    )


def _why_unread(
    interpretation: Interpretation, workers: Sequence[Thread], moved: Sequence[Thread]
) -> str:
    if not interpretation.case.jvms:
        return ", and without a thread dump it is not known why."
    if not workers:
        return ", and the dump shows no threads that are known to serve it."
    busy = f" while its {plural(len(workers), 'worker')} {agree('is', len(workers))}"
    if len(moved) > _MOST * len(workers):
        return f"{busy} at work and move: it is slow rather than stuck."
    return f"{busy} at work: whether they go on is not decided."


def _finding(interpretation: Interpretation, crowd: WaitingCrowd) -> Finding:
    telling = Telling(interpretation)
    nodes = [thread.node for thread in crowd.waiting]
    words = [telling.describe(thread) for thread in crowd.waiting]
    end, path = _heaviest_end(interpretation, nodes)
    inferred = any(claim.inference for claim in path)
    said = f"Most: {commonest(crowd.waiting, words)}."
    if end is not None:
        said += f" Followed to its end, the wait leads to {telling.label(end)}"
        said += (
            ", which no input shows."
            if end.kind is NodeKind.OUTSIDE
            else ", which can go on by itself: this is not a deadlock."
        )
    same = same_for(interpretation, nodes)
    if same:
        said += f" {same}"
    return Finding(
        id=ID,
        kind=KIND,
        layer=Layer.APPLICATION,
        certainty=Certainty.INFERRED if inferred else Certainty.PROVEN,
        permanent=None,
        headline=_headline(telling, crowd, end),
        explanation=said,
        subjects=telling.subjects(nodes),
        chain=telling.steps(path, nodes) if path else (),
        rests_on=inferences(path, identities(interpretation, path)) if inferred else (),
        citations=telling.cite_threads(nodes),
        remedies=REMEDIES,
        refuted_by="a second dump (jstack -l PID) in which these threads wait for something else",
    )


def _headline(telling: Telling, crowd: WaitingCrowd, end: Node | None) -> str:
    who = f"{len(crowd.waiting)} of {crowd.workers} threads of {crowd.pool} wait"
    if crowd.pool == NO_POOL:
        who = f"{len(crowd.waiting)} threads wait"
    at_end = telling.threads.get(end) if end is not None else None
    if at_end is None:
        return f"{who}, and the inputs do not decide why."
    whom = f"threads of {at_end.profile.pool}" if at_end.profile.pool else f'"{at_end.name}"'
    return f"{who} for {whom}, which can still go on: slow perhaps, but not a deadlock."


def _heaviest_end(
    interpretation: Interpretation, nodes: list[Node]
) -> tuple[Node | None, tuple[Claim, ...]]:
    """Where most of ``nodes`` wait in the end, and the longest way there."""
    graph = interpretation.graph
    held = set(nodes)
    ends = [(len(held.intersection(end.threads)), end) for end in graph.ends]
    most, heaviest = max(ends, key=lambda one: one[0], default=(0, None))
    if not most or heaviest is None:
        return None, ()
    behind = set(heaviest.threads)
    return heaviest.node, graph.longest_path(filter(behind.__contains__, nodes), heaviest.node)
