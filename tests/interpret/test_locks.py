"""Locks: who waits, who owns, and the lines that mislead."""

from __future__ import annotations

import pytest

from hangscope.facts import (
    NOT_RECORDED,
    DeadlockMember,
    DeadlockReport,
    Evidence,
    Frame,
    JavaThread,
    LockAction,
    LockLine,
    NotRecorded,
    ThreadDump,
    ThreadState,
)
from hangscope.interpret import Jvm, assemble
from hangscope.interpret.case import Case
from hangscope.interpret.lock_lines import lock_waits
from hangscope.interpret.locks import claims, owners_of_locks
from hangscope.knowledge import load
from hangscope.waits.graph import WaitGraph

KNOWLEDGE = load()
WAIT = Frame("java.lang.Object.wait", "Native Method")
PARK = Frame("jdk.internal.misc.Unsafe.park", "Native Method")
WORK = Frame("com.acme.Work.run", "Work.java:7")
SYNC = "java.util.concurrent.locks.ReentrantLock$NonfairSync"


def thread(
    name: str,
    line: int,
    state: ThreadState,
    *entries: Frame | LockLine,
    owns: tuple[LockLine, ...] | NotRecorded = NOT_RECORDED,
) -> JavaThread:
    lines = tuple(range(line + 2, line + 2 + len(entries)))
    owned = () if owns is NOT_RECORDED else tuple(range(line + 50, line + 50 + len(owns)))
    return JavaThread(
        name=name,
        is_java=True,
        evidence=Evidence("dump.txt", line, line + 1 + len(entries)),
        id=line,
        tid=line,
        state=state,
        entries=entries,
        entry_lines=lines,
        synchronizers=owns,
        synchronizer_lines=owned,
    )


def monitor(action: LockAction, address: int) -> LockLine:
    return LockLine(action, address, "java.lang.Object")


def case(*threads: JavaThread, deadlocks: tuple[DeadlockReport, ...] = ()) -> Case:
    dump = ThreadDump(Evidence("dump.txt", 1, 999), threads, deadlocks)
    return assemble([dump], [], KNOWLEDGE)


def jvm(*threads: JavaThread, deadlocks: tuple[DeadlockReport, ...] = ()) -> Jvm:
    return case(*threads, deadlocks=deadlocks).jvms[0]


def waits_of(of: Jvm) -> set[str]:
    return {wait.thread.name for wait in lock_waits(of)}


def owners_in(of: Jvm) -> set[str]:
    return {node.key for owners in owners_of_locks(of).values() for node, _ in owners}


def test_a_blocked_thread_waits_for_the_thread_that_locked() -> None:
    of = jvm(
        thread("A", 10, ThreadState.BLOCKED, WORK, monitor(LockAction.WAITING_TO_LOCK, 1)),
        thread("B", 20, ThreadState.RUNNABLE, WORK, monitor(LockAction.LOCKED, 1)),
    )
    assert waits_of(of) == {"A"}
    assert owners_in(of) == {"B"}
    (wait,) = lock_waits(of)
    assert str(wait.line) == "dump.txt:13"


@pytest.mark.parametrize("released", [LockAction.WAITING_ON, LockAction.WAITING_TO_RELOCK])
def test_a_monitor_is_released_in_object_wait_although_the_frame_says_locked(
    released: LockAction,
) -> None:
    of = jvm(
        thread(
            "waiter",
            10,
            ThreadState.WAITING,
            WAIT,
            monitor(released, 1),
            WORK,
            monitor(LockAction.LOCKED, 1),
            monitor(LockAction.LOCKED, 2),
        )
    )
    assert waits_of(of) == set()
    assert [lock.key for lock in owners_of_locks(of)] == ["java.lang.Object <0x0000000000000002>"]


@pytest.mark.parametrize("action", [LockAction.WAITING_ON, LockAction.WAITING_TO_RELOCK])
def test_a_notified_thread_wants_its_monitor_back(action: LockAction) -> None:
    notified = thread("A", 10, ThreadState.BLOCKED, WAIT, monitor(action, 1))
    assert waits_of(jvm(notified)) == {"A"}


@pytest.mark.parametrize(
    "blocker",
    [
        "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject",
        "java.util.concurrent.CountDownLatch$Sync",
        "java.util.concurrent.FutureTask",
        "java.util.concurrent.Semaphore$NonfairSync",
        "java.lang.String",
    ],
)
def test_parking_on_something_without_an_owner_is_no_lock_wait(blocker: str) -> None:
    parked = thread("A", 10, ThreadState.WAITING, PARK, LockLine(LockAction.PARKING, 1, blocker))
    assert waits_of(jvm(parked)) == set()


def test_the_owner_of_a_reentrant_lock_is_listed_with_l() -> None:
    lock = LockLine(LockAction.PARKING, 1, SYNC)
    owned = LockLine(LockAction.LOCKED, 1, SYNC)
    of = jvm(
        thread("A", 10, ThreadState.WAITING, PARK, lock, owns=()),
        thread("B", 100, ThreadState.RUNNABLE, WORK, owns=(owned,)),
    )
    assert waits_of(of) == {"A"}
    assert owners_in(of) == {"B"}


def test_without_l_the_jvms_own_deadlock_report_names_the_owner() -> None:
    lock = LockLine(LockAction.PARKING, 1, SYNC)
    member = DeadlockMember(
        "A", "ownable synchronizer", 1, SYNC, "B", Evidence("dump.txt", 500, 502)
    )
    report = DeadlockReport((member,), Evidence("dump.txt", 498, 520))
    of = jvm(
        thread("A", 10, ThreadState.WAITING, PARK, lock),
        thread("B", 20, ThreadState.WAITING, PARK, lock._replace(address=2)),
        deadlocks=(report,),
    )
    assert owners_in(of) == {"B"}


def test_an_eliminated_lock_is_owned_by_nobody() -> None:
    of = jvm(thread("A", 10, ThreadState.RUNNABLE, WORK, monitor(LockAction.ELIMINATED, 1)))
    assert owners_in(of) == set()


def test_a_thread_blocked_on_a_monitor_it_holds_further_down_waits_for_nobody() -> None:
    """Seen in the wild: a race of the dump, not a deadlock of a thread with itself."""
    of = case(
        thread(
            "A",
            10,
            ThreadState.BLOCKED,
            WORK,
            monitor(LockAction.WAITING_TO_LOCK, 1),
            WORK,
            monitor(LockAction.LOCKED, 1),
        )
    )
    assert WaitGraph(claims(of)).cores == ()


def test_threads_that_share_a_name_are_told_apart() -> None:
    of = jvm(*(thread("A", line, ThreadState.RUNNABLE, WORK) for line in (10, 20)))
    assert [t.name for t in of.threads] == ["A #10", "A #20"]
