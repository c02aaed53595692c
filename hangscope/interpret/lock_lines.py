"""What the lock lines under frames say: who waits for a lock, and who holds one.

HotSpot's lines mislead: ``- locked <x>`` under ``Object.wait`` on the same x is a monitor that was
released (some forms print it so even of the monitor that is waited on); ``- waiting on <x>`` waits
for a notification, not for x's owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Identity,
    JavaThread,
    LockAction,
    LockLine,
    Monitors,
    ThreadDump,
    ThreadState,
)
from hangscope.interpret.case import Jvm, Thread
from hangscope.interpret.remembered import remembered
from hangscope.waits import Node, NodeKind

_OWNABLE = "java.util.concurrent.locks.Reentrant"
"""Only the Sync of ReentrantLock and of ReentrantReadWriteLock's write lock has an owner."""
_NOT_HELD = frozenset(
    {LockAction.WAITING_ON, LockAction.WAITING_TO_RELOCK, LockAction.WAITING_TO_LOCK}
)
"""A thread whose lines say this of a monitor does not hold it, whatever other lines say."""


@dataclass(frozen=True, slots=True)
class LockWait:
    """A thread that waits to get a lock."""

    jvm: Jvm
    thread: Thread
    lock: Node
    line: Evidence
    monitor: bool
    entry: LockLine
    """The line itself."""


@remembered
def lock_waits(jvm: Jvm) -> tuple[LockWait, ...]:
    """Every thread of ``jvm`` that waits to get a lock; not those that wait for a notification.

    None where the dump's lock lines are unreliable, or not there.
    """
    return tuple(_lock_waits(jvm))


def _lock_waits(jvm: Jvm) -> Iterator[LockWait]:
    if jvm.dump.monitors is not Monitors.RECORDED:
        return
    for thread, lines in _lines(jvm):
        for index, entry in lines:
            if entry.address is not None and _wants(thread.java, entry):
                yield LockWait(
                    jvm,
                    thread,
                    lock_node(jvm, entry.address, entry.class_name),
                    thread.java.line_of(index),
                    monitor=entry.action is not LockAction.PARKING,
                    entry=entry,
                )
                break


def held_locks(jvm: Jvm) -> Iterator[tuple[Thread, Node, Evidence]]:
    """Every lock that a thread of ``jvm`` holds, by its own lines; none where they do not count."""
    if jvm.dump.monitors is Monitors.RECORDED:
        for thread, lines in _lines(jvm):
            for line, evidence in _held(jvm.dump, thread.java, lines):
                if line.address is not None:
                    yield thread, lock_node(jvm, line.address, line.class_name), evidence


def lock_node(jvm: Jvm, address: int, class_name: str) -> Node:
    """The node of an object, as one dump names it.

    An address means nothing beyond that dump; an identity hash is unique only with the class.
    """
    if jvm.dump.identity is Identity.HASH:
        return Node(NodeKind.LOCK, f"{class_name}@{address:x}", jvm.scope)
    return Node(NodeKind.LOCK, f"{class_name} <{address:#018x}>", jvm.scope)


@remembered
def _lines(jvm: Jvm) -> tuple[tuple[Thread, Sequence[tuple[int, LockLine]]], ...]:
    """The lock lines among the entries of each stack, with their places."""
    return tuple(
        (thread, [(i, e) for i, e in enumerate(thread.java.entries) if isinstance(e, LockLine)])
        for thread in jvm.threads
    )


def _wants(thread: JavaThread, line: LockLine) -> bool:
    if line.action is LockAction.PARKING:
        owned = line.owner is not None or line.owner_id is not None
        return owned or line.class_name.startswith(_OWNABLE)
    if line.action is LockAction.WAITING_TO_RELOCK:
        # JDK 9 to 11 print it for every thread in wait(); a BLOCKED one wants the monitor back.
        return thread.state is ThreadState.BLOCKED
    if line.action is LockAction.WAITING_ON:
        # A notified thread re-enters: BLOCKED under Object.wait wants the monitor back.
        return thread.state is ThreadState.BLOCKED
    return line.action is LockAction.WAITING_TO_LOCK


def _held(
    dump: ThreadDump, thread: JavaThread, lines: Sequence[tuple[int, LockLine]]
) -> Iterator[tuple[LockLine, Evidence]]:
    seen = {_object(dump, entry) for _, entry in lines if entry.action in _NOT_HELD}
    for index, entry in lines:
        if entry.action is LockAction.LOCKED and _object(dump, entry) not in seen:
            seen.add(_object(dump, entry))
            yield entry, thread.line_of(index)
    if thread.synchronizers is not NOT_RECORDED:
        for entry, line in zip(thread.synchronizers, thread.synchronizer_lines, strict=True):
            yield entry, Evidence(thread.evidence.input, line, line)


def _object(dump: ThreadDump, line: LockLine) -> tuple[int | None, str]:
    """What tells one object from another: its address, or its class and identity hash."""
    return line.address, line.class_name if dump.identity is Identity.HASH else ""
