"""Claims of read-write locks on those who may hold them for reading.

No dump tells who reads under a lock. A lock that is waited for and that nobody holds for writing is
held for reading, or is on its way to the next owner; a second dump in which those who wait have not
moved rules the latter out. Then it is held by ANY of the threads with code of the application on
their stacks that are not at rest. Threads that left a read lock behind cannot release it either.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.lock_lines import LockWait, lock_waits
from hangscope.interpret.locks import owners_of_locks
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Knowledge, Role
from hangscope.waits import Certainty, Claim, Need, Node, Until

HELD_FOR_READING = "is held for reading by one of"
READ_WRITE = "java.util.concurrent.locks.ReentrantReadWriteLock$"
_TAKES = "java.util.concurrent.locks."


def claims(case: Case) -> Iterator[Claim]:
    """Who may hold the read-write locks that are waited for and have no owner."""
    for jvm in case.jvms:
        for view in jvm.views:
            yield from _claims_by(case.knowledge, view)


def _claims_by(knowledge: Knowledge, jvm: Jvm) -> Iterator[Claim]:
    if not _tells_every_owner(jvm):
        return
    queues: dict[Node, list[LockWait]] = {}
    for wait in lock_waits(jvm):
        if wait.entry.class_name.startswith(READ_WRITE) and wait.thread.node not in jvm.moved:
            queues.setdefault(wait.lock, []).append(wait)
    if not queues:
        return
    owned = owners_of_locks(jvm)
    for lock, waits in queues.items():
        if lock not in owned:
            yield _claim(knowledge, jvm, lock, waits)


def _tells_every_owner(jvm: Jvm) -> bool:
    """Whether a lock that no thread owns is free or held for reading, and not just handed over."""
    dump = jvm.dump
    return (
        dump.synchronizers_recorded
        and dump.atomic
        and dump.ended
        and jvm.missing == 0
        and jvm.is_past_handovers
    )


def _claim(knowledge: Knowledge, jvm: Jvm, lock: Node, waits: list[LockWait]) -> Claim:
    of_application = all(_taken_by_application(knowledge, wait.thread) for wait in waits)
    holders = [
        thread for thread in jvm.everyone if _may_hold(thread, of_application=of_application)
    ]
    one = len(holders) == 1
    whose = f"with code of the application on {'its stack' if one else 'their stacks'} "
    among = "the only thread" if one else f"one of the {len(holders)} threads"
    return Claim(
        lock,
        Need.ANY,
        (*(thread.node for thread in holders), *jvm.unseen, *jvm.unseen_virtual),
        HELD_FOR_READING,
        Certainty.INFERRED,
        Until.NEVER,
        tuple(wait.line for wait in waits),
        f"Nobody owns the lock, and those who wait for it have not moved for {jvm.watched_s:.0f} s:"
        f" it is held for reading. Its holder is {among} {whose if of_application else ''}that"
        f" {'is' if one else 'are'} not at rest",
    )


def _may_hold(thread: Thread, *, of_application: bool) -> bool:
    profile = thread.profile
    if profile.activity in IDLE or profile.role is Role.JVM:
        return False
    return not of_application or profile.application_frame is not None


def _taken_by_application(knowledge: Knowledge, thread: Thread) -> bool:
    """Whether the application itself, not a library on its behalf, asks for the lock."""
    seen = False
    for frame in thread.java.frames():
        if frame.method.startswith(_TAKES):
            seen = True
        elif seen:
            return knowledge.is_application(frame.method)
    return False
