"""Claims of threads on monitors and ownable synchronizers, and of these on their owners.

What HotSpot prints, and where it misleads: ``- locked <x>`` under ``Object.wait`` on the same x is
a monitor that was released; ``- waiting on <x>`` waits for a notification, not for x's
owner; the owner of a ``ReentrantLock`` stands only in ``Locked ownable synchronizers``
(``-l``) or in the JVM's own deadlock report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass

from hangscope.facts import (
    NOT_RECORDED,
    DeadlockMember,
    Evidence,
    JavaThread,
    LockAction,
    LockLine,
    ThreadState,
)
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_OWNABLE = "java.util.concurrent.locks.Reentrant"
"""Only the Sync of ReentrantLock and of ReentrantReadWriteLock's write lock has an owner."""


@dataclass(frozen=True, slots=True)
class LockWait:
    """A thread that waits to get a lock."""

    jvm: Jvm
    thread: Thread
    lock: Node
    line: Evidence
    monitor: bool


def claims(case: Case) -> Iterator[Claim]:
    """What blocked threads and held locks wait for."""
    for jvm in case.jvms:
        waits = [wait for wait in lock_waits(jvm) if wait.thread.node not in jvm.moved]
        for wait in waits:
            yield _wait_claim(wait)
        wanted = {wait.lock for wait in waits}
        known = owners_of_locks(jvm)
        told = {wait.thread.node for wait in waits} | (wanted & known.keys())
        yield from _reported_claims(jvm, told)
        for lock, owners in known.items():
            if lock in wanted:
                yield Claim(
                    lock,
                    Need.ANY,
                    tuple(dict.fromkeys(thread.node for thread, _ in owners)),
                    "is held by",
                    Certainty.PROVEN,
                    Until.NEVER,
                    tuple(line for _, line in owners),
                )


def lock_waits(jvm: Jvm) -> Iterator[LockWait]:
    """Every thread of ``jvm`` that waits to get a lock; not those that wait for a notification."""
    for thread in jvm.threads:
        for index, entry in enumerate(thread.java.entries):
            if not isinstance(entry, LockLine) or entry.address is None:
                continue
            if _wants(thread.java, entry):
                yield LockWait(
                    jvm,
                    thread,
                    lock_node(jvm, entry.address, entry.class_name),
                    thread.java.line_of(index),
                    monitor=entry.action is not LockAction.PARKING,
                )
                break


def owners_of_locks(jvm: Jvm) -> dict[Node, list[tuple[Thread, Evidence]]]:
    """The owner of every held lock, with the line that says so."""
    owners: dict[Node, list[tuple[Thread, Evidence]]] = defaultdict(list)
    for thread in jvm.threads:
        for line, evidence in _held(thread.java):
            if line.address is not None:
                owners[lock_node(jvm, line.address, line.class_name)].append((thread, evidence))
    for member in _reported(jvm):
        if member.address is None or member.held_by is None:
            continue
        lock = lock_node(jvm, member.address, member.class_name)
        holders = jvm.by_name.get(member.held_by, ())
        if lock not in owners and len(holders) == 1:
            owners[lock].append((holders[0], member.evidence))
    return owners


def reported_thread(jvm: Jvm, name: str) -> Node:
    """The thread that the JVM's own deadlock report names, be it in the dump's list or not.

    The report knows threads by name alone; a name that several threads share is a node of its own.
    """
    named = jvm.by_name.get(name, ())
    return named[0].node if len(named) == 1 else Node(NodeKind.THREAD, name, jvm.scope)


def _reported_claims(jvm: Jvm, told: Container[Node]) -> Iterator[Claim]:
    """What only the JVM's own report says: the dump's list may be cut, or show no lock lines."""
    for member in _reported(jvm):
        waiter = reported_thread(jvm, member.thread)
        if waiter in jvm.moved or member.held_by is None:
            continue
        if member.address is None:
            name = f"{member.class_name} wanted by {member.thread}"
            lock = Node(NodeKind.LOCK, name, jvm.scope)
        else:
            lock = lock_node(jvm, member.address, member.class_name)
        for node, on, relation in (
            (waiter, lock, "waits to lock"),
            (lock, reported_thread(jvm, member.held_by), "is held by"),
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


def lock_node(jvm: Jvm, address: int, class_name: str) -> Node:
    """The node of the object at ``address``; addresses mean nothing beyond one dump."""
    return Node(NodeKind.LOCK, f"{class_name} <{address:#018x}>", jvm.scope)


def _wait_claim(wait: LockWait) -> Claim:
    timed = wait.thread.java.state is ThreadState.TIMED_WAITING
    return Claim(
        wait.thread.node,
        Need.ALL,
        (wait.lock,),
        "waits to lock",
        Certainty.PROVEN,
        Until.DEADLINE if timed else Until.NEVER,
        (wait.line,),
    )


def _wants(thread: JavaThread, line: LockLine) -> bool:
    if line.action is LockAction.PARKING:
        return line.class_name.startswith(_OWNABLE)
    if line.action is LockAction.WAITING_TO_RELOCK:
        # JDK 9 to 11 print it for every thread in wait(); a BLOCKED one wants the monitor back.
        return thread.state is ThreadState.BLOCKED
    if line.action is LockAction.WAITING_ON:
        # A notified thread re-enters: BLOCKED under Object.wait wants the monitor back.
        return thread.state is ThreadState.BLOCKED
    return line.action is LockAction.WAITING_TO_LOCK


def _held(thread: JavaThread) -> Iterator[tuple[LockLine, Evidence]]:
    released = {
        entry.address
        for entry in thread.entries
        if isinstance(entry, LockLine)
        and entry.action in (LockAction.WAITING_ON, LockAction.WAITING_TO_RELOCK)
    }
    wanted = {
        entry.address
        for entry in thread.entries
        if isinstance(entry, LockLine) and entry.action is LockAction.WAITING_TO_LOCK
    }
    seen: set[int | None] = set()
    for index, entry in enumerate(thread.entries):
        if isinstance(entry, LockLine) and entry.action is LockAction.LOCKED:
            if entry.address in released | wanted | seen:
                continue
            seen.add(entry.address)
            yield entry, thread.line_of(index)
    if thread.synchronizers is not NOT_RECORDED:
        for entry, line in zip(thread.synchronizers, thread.synchronizer_lines, strict=True):
            yield entry, Evidence(thread.evidence.input, line, line)


def _reported(jvm: Jvm) -> Iterator[DeadlockMember]:
    for report in jvm.dump.deadlocks:
        yield from report.members
