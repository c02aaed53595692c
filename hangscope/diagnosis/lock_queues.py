"""Crowds behind locks, which the findings of contention share out by what the lock guards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hangscope.diagnosis.abandoned_lock import abandoned_locks
from hangscope.diagnosis.blame import crowd
from hangscope.diagnosis.dump_forms import showing
from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, inferences
from hangscope.facts import ThreadDump
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.lock_lines import LockWait, lock_waits
from hangscope.interpret.pools import IDLE
from hangscope.interpret.read_holds import HELD_FOR_READING, READ_WRITE
from hangscope.interpret.remembered import remembered
from hangscope.knowledge import Activity, Purpose
from hangscope.waits import Certainty, Claim, Node, NodeKind, Until

MANY = 5
"""Threads behind one thing that are many whatever else there is."""
_NAMED = 3
"""Threads that may hold a lock which are told one by one."""


_FIND_OWNER = Remedy(
    When.NOW,
    "Find out who holds the lock: a second dump with -l a few seconds later (jstack -l PID) shows"
    " another owner if it is handed on, and none again if its owner has ended.",
)


@dataclass(frozen=True, slots=True)
class LockQueue:
    """A lock with a crowd behind it that is in no deadlock and not abandoned."""

    lock: Node
    waits: tuple[LockWait, ...]
    owners: tuple[Node, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The threads that wait."""
        return tuple(wait.thread.node for wait in self.waits)

    @property
    def command(self) -> str:
        """Takes a dump that shows them."""
        return showing(wait.thread for wait in self.waits)

    def is_for(self, purpose: Purpose) -> bool:
        """Whether all that wait want the lock for one purpose."""
        return all(purpose in wait.thread.profile.purposes for wait in self.waits)


@remembered
def lock_queues(interpretation: Interpretation) -> tuple[LockQueue, ...]:
    """Every lock behind which so many threads wait that the service suffers from it."""
    return tuple(_lock_queues(interpretation))


def _lock_queues(interpretation: Interpretation) -> Iterator[LockQueue]:
    threads = Telling(interpretation).threads
    queues: dict[Node, list[LockWait]] = {}
    for view in (view for jvm in interpretation.case.jvms for view in jvm.views):
        for wait in lock_waits(view):
            if wait.thread.profile.activity not in IDLE and wait.thread.node not in view.moved:
                queues.setdefault(wait.lock, []).append(wait)
    told = {*interpretation.graph.stuck, *abandoned_locks(interpretation)}
    cut = {jvm.scope for jvm in interpretation.case.jvms if all(v.unseen for v in jvm.views)}
    for lock, waits in sorted(queues.items()):
        if lock in told or not is_many(interpretation, [wait.thread.node for wait in waits]):
            continue
        claims = interpretation.graph.claims_of(lock)
        owners = [n for claim in claims if claim.relation != HELD_FOR_READING for n in claim.on]
        if lock.scope in cut and not any(node in threads for node in owners):
            continue  # who holds it may be in the part that is missing, and in a deadlock
        # A group of acceptors queues on a lock by design: its owner accepts.
        if not any(node in threads and threads[node].profile.activity in IDLE for node in owners):
            yield LockQueue(lock, tuple(waits), tuple(owners))


def is_many(interpretation: Interpretation, nodes: Sequence[Node]) -> bool:
    """Whether these threads are so many that what holds them up is worth a finding."""
    return len(nodes) >= MANY or crowd(interpretation, nodes) is not None


def contention(
    interpretation: Interpretation,
    telling: Telling,
    queue: LockQueue,
    *,
    finding: str,
    layer: Layer,
    headline: str,
    remedies: tuple[Remedy, ...],
) -> Finding:
    """The finding that threads queue behind one lock, as a chain to where its owner's wait ends.

    Args:
        interpretation: The case.
        telling: Words for it.
        queue: The lock and those behind it.
        finding: The finding's id.
        layer: Whom to call.
        headline: One sentence, to which it is added who holds the lock.
        remedies: What to do; where nobody is told to hold it, he is looked for now instead.
    """
    nodes, lock = queue.nodes, queue.lock
    path = _way(interpretation, nodes[0], queue.owners)
    inferred = any(claim.certainty is Certainty.INFERRED for claim in path)
    owner = telling.threads.get(queue.owners[0]) if queue.owners else None
    read = any(claim.relation == HELD_FOR_READING for claim in path)
    lines = tuple(Citation(wait.line, f"{lock.key} is waited for") for wait in queue.waits[:10])
    held = f', held by "{owner.name}".' if owner else "; its owner is not recorded."
    jvm = queue.waits[0].jvm
    return Finding(
        id=finding,
        kind=Kind.CONTENTION,
        layer=layer,
        certainty=Certainty.INFERRED if inferred else Certainty.PROVEN,
        permanent=_permanent(telling, path),
        headline=headline + held,
        explanation=(
            _explanation(telling, path) if owner else _ownerless(telling, queue, path, jvm.dump)
        ),
        subjects=telling.subjects({lock, *nodes, *queue.owners, *_ended_at(path)}),
        chain=telling.steps(path, nodes),
        rests_on=inferences(path, [jvm.identity.inference]) if inferred else (),
        citations=(*lines, *telling.cite_threads(queue.owners)),
        remedies=remedies if owner or read else (_FIND_OWNER, *_lasting(remedies)),
        refuted_by=(
            f"a second dump ({queue.command}) in which the threads of this queue have gone on, or"
            " the lock has another owner at other work"
        ),
    )


def _lasting(remedies: Sequence[Remedy]) -> tuple[Remedy, ...]:
    return tuple(remedy for remedy in remedies if remedy.when is When.LASTING)


def _way(interpretation: Interpretation, waiter: Node, owners: Sequence[Node]) -> tuple[Claim, ...]:
    """From a waiter to the lock, its owner, and on to where the owner's own wait ends."""
    graph = interpretation.graph
    ways = graph.ways(waiter)
    through = [way for way in ways if any(owner == c.waiter for c in way for owner in owners)]
    if through:
        return max(through, key=len)
    direct = [way for way in ways if way]
    return min(direct, key=len) if direct else tuple(graph.claims_of(waiter))


def _ended_at(path: Sequence[Claim]) -> Sequence[Node]:
    """What the owner waits for in the end; one of those that may read under it is nobody's end."""
    return () if path[-1].relation == HELD_FOR_READING else path[-1].on[:1]


def _ownerless(telling: Telling, queue: LockQueue, path: Sequence[Claim], dump: ThreadDump) -> str:
    """Why no owner is told, and who may be it."""
    for claim in path:
        if claim.relation == HELD_FOR_READING:
            return (
                "It is held for reading, and no dump tells who reads; some thread that could hold"
                f" it can go on, so that the queue may move.{_suspects(telling, queue, claim)}"
            )
    if dump.format == "hotspot" and not dump.synchronizers_recorded:
        return (
            "The dump does not say who owns it: owners of java.util.concurrent locks are"
            " printed only with -l."
        )
    shared = queue.waits[0].entry.class_name.startswith(READ_WRITE)
    reading = "it is held for reading, of which no dump tells by whom, or " if shared else "it is "
    return (
        f"The dump does not say who owns it: {reading}on its way from one owner to the next, or its"
        " owner is no thread that the dump shows. A second dump tells which."
    )


def _suspects(telling: Telling, queue: LockQueue, claim: Claim) -> str:
    """The threads that may read under the lock and do not wait for it themselves."""
    free = [node for node in claim.on if node in telling.threads and node not in queue.nodes]
    if not free:
        return ""
    told = "; ".join(telling.describe(telling.threads[node]) for node in free[:_NAMED])
    more = f"; and {len(free) - _NAMED:,} more" if len(free) > _NAMED else ""
    return f" Those of them that do not wait for it: {told}{more}."


def _explanation(telling: Telling, path: Sequence[Claim]) -> str:
    last = path[-1].on[0]
    thread = telling.threads.get(last)
    if thread is not None:
        return _at(telling, thread)
    if last.kind is NodeKind.OUTSIDE:
        return (
            f"The owner itself waits for {last.key}, and everybody behind the lock with it. The"
            " locks alone are no deadlock: an answer, or a failure, of that peer sets the queue"
            " moving."
        )
    return f"The owner itself waits for {last.key}, and everybody behind the lock with it."


def _permanent(telling: Telling, path: Sequence[Claim]) -> bool | None:
    """Whether a timeout ends it, where the owner reads from somebody who does not answer."""
    readers = [telling.threads[c.waiter] for c in path if c.waiter in telling.threads]
    if path[-1].on[0].kind is not NodeKind.OUTSIDE or not readers:
        return None
    io = readers[-1].profile.io
    return None if io is None else {"yes": False, "no": True}.get(io.timed)


def _at(telling: Telling, owner: Thread) -> str:
    """What an owner does that waits for no lock, and what that means for the queue."""
    doing = telling.describe(owner)
    if owner.profile.io is not None:
        return f"The owner: {doing}. Until that call returns, nobody in the queue goes on."
    if owner.profile.activity is Activity.RUNNING or owner.until is not Until.NEVER:
        return f"The owner can go on by itself: {doing}. The queue moves one at a time."
    return (
        f"Whom the owner waits for is not recorded: {doing}. Until that wait ends, nobody in the"
        " queue goes on."
    )
