"""Claims of threads on monitors and ownable synchronizers, and of these on their owners.

Of HotSpot, the owner of a ``ReentrantLock`` stands only in ``Locked ownable synchronizers``
(``-l``) or in the JVM's own deadlock report. Other dumps name the owner where the lock is waited
for; where lock lines are unreliable or not there, only the JVM's own report counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from hangscope.facts import DeadlockMember, Evidence, LockLine
from hangscope.interpret.case import Case, Jvm
from hangscope.interpret.lock_lines import LockWait, held_locks, lock_node, lock_waits
from hangscope.interpret.remembered import remembered
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until


def claims(case: Case) -> Iterator[Claim]:
    """What blocked threads and held locks wait for, by each form of dump that is given."""
    for jvm in case.jvms:
        settled: set[Node] = set()
        for view in jvm.views:
            yield from _claims_by(view, settled)


def _claims_by(jvm: Jvm, settled: set[Node]) -> Iterator[Claim]:
    """The claims that one form of dump allows.

    Args:
        jvm: The process by that form.
        settled: Threads of which another form tells the lock and its owner; added to. The same
            lock would have two names.
    """
    left_out = jvm.moved | settled
    waits = [wait for wait in lock_waits(jvm) if wait.thread.node not in left_out]
    for wait in waits:
        yield _wait_claim(wait)
    wanted = {wait.lock for wait in waits}
    known = owners_of_locks(jvm)
    told = {wait.thread.node for wait in waits} | (wanted & known.keys())
    yield from _reported_claims(jvm, told, settled)
    settled.update(wait.thread.node for wait in waits if wait.lock in known)
    confirmed = {
        (_reported_lock(jvm, member), _reported_thread(jvm, member.held_by))
        for member in _reported(jvm)
        if member.held_by is not None
    }
    for lock, owners in known.items():
        if lock in wanted:
            nodes = tuple(dict.fromkeys(node for node, _ in owners))
            inference = _of_several_moments(
                jvm, [node for node in nodes if (lock, node) not in confirmed]
            )
            yield Claim(
                lock,
                Need.ANY,
                nodes,
                "is held by",
                Certainty.INFERRED if inference else Certainty.PROVEN,
                Until.NEVER,
                tuple(line for _, line in owners),
                inference,
            )


@remembered
def owners_of_locks(jvm: Jvm) -> Mapping[Node, Sequence[tuple[Node, Evidence]]]:
    """The owner of every held lock, with the line that says so.

    The owner's own lines say it, or the line of a thread that waits, or the JVM's own report.
    Where these differ, any of the threads may be the owner.
    """
    owners: dict[Node, list[tuple[Node, Evidence]]] = defaultdict(list)
    for thread, held, evidence in held_locks(jvm):
        owners[held].append((thread.node, evidence))
    stated = {(wait.lock, wait.entry.owner, wait.entry.owner_id): wait for wait in lock_waits(jvm)}
    for wait in stated.values():
        known = {node for node, _ in owners.get(wait.lock, ())}
        for node in _stated_owners(jvm, wait.entry):
            if node not in known:
                owners[wait.lock].append((node, wait.line))
    for member in _reported(jvm):
        if member.address is None or member.held_by is None:
            continue
        lock = lock_node(jvm, member.address, member.class_name)
        holders = jvm.by_name.get(member.held_by, ())
        if lock not in owners and len(holders) == 1:
            owners[lock].append((holders[0].node, member.evidence))
    return dict(owners)


def _stated_owners(jvm: Jvm, line: LockLine) -> Iterable[Node]:
    """Whom a waiting thread's own line names as the owner: by id, or by name without an id.

    Several threads may share the name, one that the dump does not show among them; a thread that
    the dump does not list can act by itself.
    """
    if line.owner_id is not None:
        found = jvm.by_id.get(line.owner_id)
        name = line.owner or f"thread #{line.owner_id}"
        unlisted = f"{name} (#{line.owner_id}, not in the dump)"
        return (found.node if found else Node(NodeKind.THREAD, unlisted, jvm.scope),)
    if line.owner is None:
        return ()
    named = jvm.by_name.get(line.owner, ())
    if not named:
        unlisted = f"{line.owner} (not in the dump)"
        return (Node(NodeKind.THREAD, unlisted, jvm.scope),)
    return (*(thread.node for thread in named), *jvm.unseen)


def _reported_claims(jvm: Jvm, told: Container[Node], settled: Container[Node]) -> Iterator[Claim]:
    """What only the JVM's own report says: the dump's list may be cut, or show no lock lines."""
    waiting = {(wait.thread.java.name, wait.lock): wait.thread.node for wait in lock_waits(jvm)}
    for member in _reported(jvm):
        if member.held_by is None:
            continue
        lock = _reported_lock(jvm, member)
        waiter = waiting.get((member.thread, lock)) or _reported_thread(jvm, member.thread)
        if waiter in jvm.moved or waiter in settled:
            continue
        for node, on, relation in (
            (waiter, lock, "waits to lock"),
            (lock, _reported_thread(jvm, member.held_by), "is held by"),
        ):
            if node not in told:
                yield Claim(
                    node,
                    Need.ALL,
                    (on,),
                    relation,
                    Certainty.PROVEN,
                    Until.NEVER,
                    (member.evidence,),
                )


def _reported_lock(jvm: Jvm, member: DeadlockMember) -> Node:
    if member.address is None:
        name = f"{member.class_name} wanted by {member.thread}"
        return Node(NodeKind.LOCK, name, jvm.scope)
    return lock_node(jvm, member.address, member.class_name)


def _reported_thread(jvm: Jvm, name: str) -> Node:
    """The thread that the JVM's own deadlock report names, be it in the dump's list or not.

    The report knows threads by name alone; a name that several threads share is a node of its own.
    """
    named = jvm.by_name.get(name, ())
    return named[0].node if len(named) == 1 else Node(NodeKind.THREAD, name, jvm.scope)


def _of_several_moments(jvm: Jvm, owners: Iterable[Node]) -> str:
    """The inference that lies in who holds a lock; empty if the dump shows one moment.

    Elsewhere the owner was seen at another moment than those that wait. If an earlier dump shows
    it the same, it held the lock from one to the other.
    """
    if jvm.dump.atomic or all(owner in jvm.steady for owner in owners):
        return ""
    return (
        f"{jvm.dump.evidence.input} shows each thread at a moment of its own: that locks were held"
        " while others waited for them is inferred (a second dump that shows the same proves it)"
    )


def _wait_claim(wait: LockWait) -> Claim:
    return Claim(
        wait.thread.node,
        Need.ALL,
        (wait.lock,),
        "waits to lock",
        Certainty.PROVEN,
        wait.thread.until,
        (wait.line,),
    )


def _reported(jvm: Jvm) -> Iterator[DeadlockMember]:
    for report in jvm.dump.deadlocks:
        yield from report.members
