"""Many threads queue behind one lock.

What it is: a lock that is held for long, by a thread that works or itself waits (for a socket,
say), lets the others through one at a time, or not at all until it goes on.

How it is recognised: threads that wait to lock one address; its owner and what that one waits
for, as a chain.

What it is mistaken for: a deadlock (the owner can go on), or a slow dependency of every thread
(only the owner waits for it).

What to do now: deal with what the owner waits for.

What to do for good: do not hold a lock while calling out; hold it for less; split it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.abandoned_lock import abandoned_locks
from hangscope.diagnosis.blame import crowd
from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    When,
)
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.facts import ThreadDump
from hangscope.interpret import Interpretation
from hangscope.interpret.lock_lines import LockWait, lock_waits
from hangscope.interpret.pools import IDLE
from hangscope.waits import Certainty, Claim, Node, NodeKind

ID = "lock-convoy"
_MANY = 5
"""Threads behind one lock that are many whatever else there is."""

REMEDIES = (
    Remedy(When.NOW, "Deal with what the lock's owner does or waits for; the queue then drains."),
    Remedy(
        When.LASTING,
        "Do not hold this lock while calling out or doing slow work: copy what is needed, release"
        " it, then call; or split it so that unrelated requests do not share it.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a lock with a crowd behind it that is in no deadlock."""
    telling = Telling(interpretation)
    queues: dict[Node, list[LockWait]] = {}
    views = [view for jvm in interpretation.case.jvms for view in jvm.views]
    for view in views:
        for wait in lock_waits(view):
            if wait.thread.profile.activity not in IDLE and wait.thread.node not in view.moved:
                queues.setdefault(wait.lock, []).append(wait)
    told = {*interpretation.graph.stuck, *abandoned_locks(interpretation)}
    for lock, waits in sorted(queues.items()):
        if lock in told:
            continue
        nodes = [wait.thread.node for wait in waits]
        if len(waits) >= _MANY or crowd(interpretation, nodes) is not None:
            owners = [n for claim in interpretation.graph.claims_of(lock) for n in claim.on]
            if not any(_idle(telling, owner) for owner in owners):
                yield _finding(interpretation, telling, lock, waits, owners)


def _idle(telling: Telling, owner: Node) -> bool:
    """A group of acceptors queues on a lock by design: its owner accepts."""
    thread = telling.threads.get(owner)
    return thread is not None and thread.profile.activity in IDLE


def _finding(
    interpretation: Interpretation,
    telling: Telling,
    lock: Node,
    waits: Sequence[LockWait],
    owners: Sequence[Node],
) -> Finding:
    nodes = [wait.thread.node for wait in waits]
    path = _way(interpretation, nodes[0], owners)
    inferred = any(claim.certainty is Certainty.INFERRED for claim in path)
    identity = waits[0].jvm.identity.inference
    owner = telling.threads.get(owners[0]) if owners else None
    lines = tuple(Citation(wait.line, f"{lock.key} is waited for") for wait in waits[:10])
    headline = f"{plural(len(waits), 'thread')} queue behind one lock ({lock.key})"
    if owner is None:
        headline += "; its owner is not recorded."
    else:
        headline += f', held by "{owner.name}".'
    return Finding(
        id=ID,
        kind=Kind.CONTENTION,
        layer=Layer.APPLICATION,
        certainty=Certainty.INFERRED if inferred else Certainty.PROVEN,
        permanent=None,
        headline=headline,
        explanation=_explanation(telling, path, None if owner else waits[0].jvm.dump),
        subjects=telling.subjects({lock, *nodes, *owners, *path[-1].on[:1]}),
        chain=telling.steps(path, nodes),
        rests_on=inferences(path, [identity]) if inferred else (),
        citations=(*lines, *telling.cite_threads(owners)),
        remedies=REMEDIES,
    )


def _way(interpretation: Interpretation, waiter: Node, owners: Sequence[Node]) -> tuple[Claim, ...]:
    """From a waiter to the lock, its owner, and on to where the owner's own wait ends."""
    graph = interpretation.graph
    ends = [end.node for end in graph.ends if waiter in end.threads]
    ways = [graph.path(waiter, end) for end in ends]
    through = [way for way in ways if any(owner == c.waiter for c in way for owner in owners)]
    if through:
        return max(through, key=len)
    direct = [way for way in ways if way]
    return min(direct, key=len) if direct else tuple(graph.claims_of(waiter))


def _explanation(telling: Telling, path: Sequence[Claim], ownerless: ThreadDump | None) -> str:
    if ownerless is not None:
        if ownerless.format == "hotspot" and not ownerless.synchronizers_recorded:
            return (
                "The dump does not say who owns it: owners of java.util.concurrent locks are"
                " printed only with -l."
            )
        return (
            "The dump does not say who owns it: it is on its way from one owner to the next, or its"
            " owner is no thread that the dump shows. A second dump tells which."
        )
    last = path[-1].on[0]
    thread = telling.threads.get(last)
    if thread is not None:
        return (
            f"The owner is not blocked: {telling.describe(thread)}. The queue moves one at a time."
        )
    if last.kind is NodeKind.OUTSIDE:
        return (
            f"The owner itself waits for {last.key}, and everybody behind the lock with it. It is"
            " not a deadlock: an answer, or a failure, of that peer sets the queue moving."
        )
    return f"The owner itself waits for {last.key}, and everybody behind the lock with it."
