"""What dumps of other forms than HotSpot's allow to conclude, alone and together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hangscope.facts import (
    DeadlockMember,
    DeadlockReport,
    Evidence,
    Frame,
    Identity,
    JavaThread,
    LockAction,
    LockLine,
    Monitors,
    ThreadDump,
    ThreadState,
)
from hangscope.interpret import Case, assemble
from hangscope.interpret.futures import claims as task_claims
from hangscope.interpret.identity import same_jvm
from hangscope.interpret.lock_lines import lock_waits
from hangscope.interpret.locks import claims
from hangscope.interpret.pools import server_pools
from hangscope.knowledge import load
from hangscope.waits import Certainty, NodeKind
from hangscope.waits.graph import WaitGraph

KNOWLEDGE = load()
A = Frame("com.acme.A.run", "A.java:7")
B = Frame("com.acme.B.run", "B.java:9")
SYNC = "java.util.concurrent.locks.ReentrantLock$NonfairSync"
BLOCKED, WAITING = ThreadState.BLOCKED, ThreadState.WAITING


def thread(
    name: str,
    id: int | None,  # noqa: A002 - the fact's name
    *entries: Frame | LockLine,
    state: ThreadState | None = BLOCKED,
    virtual: bool = False,
    tid: int | None = None,
    cpu_ms: float | None = None,
    input: str = "dump.json",  # noqa: A002 - the fact's name
) -> JavaThread:
    line = 10 * (id or 1)
    return JavaThread(
        name,
        True,
        Evidence(input, line, line + len(entries)),
        id=id,
        tid=tid,
        cpu_ms=cpu_ms,
        state=state,
        entries=entries,
        entry_lines=tuple(range(line + 1, line + 1 + len(entries))),
        virtual=virtual,
    )


def wants(
    address: int, owner: str | None = None, owner_id: int | None = None, of: str = "com.acme.Lock"
) -> LockLine:
    return LockLine(LockAction.WAITING_TO_LOCK, address, of, owner, owner_id)


def holds(address: int, of: str = "com.acme.Lock") -> LockLine:
    return LockLine(LockAction.LOCKED, address, of)


def dump(
    *threads: JavaThread,
    format: str = "dump-to-file-json",  # noqa: A002 - the fact's name
    monitors: Monitors = Monitors.RECORDED,
    identity: Identity = Identity.HASH,
    atomic: bool = False,
    pid: int | None = None,
    captured: str | None = None,
    deadlocks: tuple[DeadlockReport, ...] = (),
    jdk: int | None = 25,
) -> ThreadDump:
    return ThreadDump(
        Evidence(threads[0].evidence.input, 1, 999),
        threads,
        deadlocks,
        captured=captured,
        vm="25.0.3+9-LTS",
        jdk_feature=jdk,
        pid=pid,
        ended=True,
        format=format,
        monitors=monitors,
        identity=identity,
        atomic=atomic,
    )


def graph(*dumps: ThreadDump) -> WaitGraph:
    return WaitGraph(claims(assemble(dumps, [], KNOWLEDGE)))


def stuck_threads(found: WaitGraph) -> set[str]:
    return {node.key for node in found.stuck if node.kind is NodeKind.THREAD}


CROSSED = (
    thread("a", 1, A, wants(2), holds(1)),
    thread("b", 2, B, wants(1), holds(2)),
)


def test_a_cycle_of_threads_seen_at_moments_of_their_own_is_inferred() -> None:
    (core,) = graph(dump(*CROSSED)).cores
    assert core.certainty is Certainty.INFERRED
    assert any("at a moment of its own" in claim.inference for claim in core.claims)
    (core,) = graph(dump(*CROSSED, atomic=True)).cores
    assert core.certainty is Certainty.PROVEN


def test_two_dumps_that_agree_prove_what_one_infers() -> None:
    (core,) = graph(dump(*CROSSED), dump(*CROSSED)).cores
    assert core.certainty is Certainty.PROVEN


def test_a_thread_that_wants_another_lock_in_the_second_dump_proves_nothing() -> None:
    other = thread("a", 1, A, wants(3), holds(1))
    (core,) = graph(dump(other, CROSSED[1]), dump(*CROSSED)).cores
    assert core.certainty is Certainty.INFERRED


def test_addresses_prove_nothing_over_two_dumps_of_several_moments() -> None:
    found = graph(*(dump(*CROSSED, identity=Identity.ADDRESS, format="javacore") for _ in range(2)))
    assert [core.certainty for core in found.cores] == [Certainty.INFERRED]


def test_an_owner_is_stated_by_its_id_even_where_threads_share_its_name() -> None:
    found = graph(
        dump(
            thread("w", 1, A, wants(2, "w", 2)),
            thread("w", 2, A, wants(1, "w", 1)),
            thread("w", 3, A),
            atomic=True,
        )
    )
    (core,) = found.cores
    assert core.certainty is Certainty.PROVEN
    assert {node.key for node in core.threads} == {"w #1", "w #2"}


def test_an_owner_stated_by_a_name_that_threads_share_may_be_any_of_them() -> None:
    waits = thread("a", 1, A, wants(2, "w"), holds(1))
    stuck = thread("w", 2, B, wants(1, "a"))
    free = thread("w", 3, A, state=ThreadState.RUNNABLE)
    assert stuck_threads(graph(dump(waits, stuck, free, atomic=True))) == set()
    also = free._replace(entries=(A, wants(1, "a")), entry_lines=(31, 32), state=BLOCKED)
    assert stuck_threads(graph(dump(waits, stuck, also, atomic=True))) == {"a", "w #2", "w #3"}


def test_a_name_in_a_dump_that_is_cut_may_be_that_of_a_thread_beyond() -> None:
    whole = dump(
        thread("a", 1, A, wants(2, "b"), holds(1)), thread("b", 2, B, wants(1, "a")), atomic=True
    )
    assert stuck_threads(graph(whole)) == {"a", "b"}
    assert stuck_threads(graph(replace(whole, ended=False))) == set()


@pytest.mark.parametrize("owner", [("gone", None), (None, 77), ("b", 77)])
def test_an_owner_that_the_dump_does_not_list_can_act(
    owner: tuple[str | None, int | None],
) -> None:
    found = graph(
        dump(thread("a", 1, A, wants(2, *owner), holds(1)), thread("b", 2, B, wants(1, "a")))
    )
    assert found.stuck == frozenset()


def test_where_lines_differ_any_of_the_owners_may_be_the_one() -> None:
    """Not of one moment: the lock was passed on between the looks at two threads."""
    found = graph(
        dump(
            thread("a", 1, A, wants(2, "c", 3), holds(1)),
            thread("b", 2, B, wants(1), holds(2)),
            thread("c", 3, B, state=ThreadState.RUNNABLE),
        )
    )
    assert found.stuck == frozenset()


def test_parking_on_what_an_owner_is_stated_of_is_a_lock_wait() -> None:
    park = LockLine(LockAction.PARKING, 5, "com.acme.OwnLock$Sync", None, 2)
    (jvm,) = assemble([dump(thread("a", 1, A, park), thread("b", 2, B))], [], KNOWLEDGE).jvms
    assert [wait.thread.name for wait in lock_waits(jvm)] == ["a"]
    (jvm,) = assemble([dump(thread("a", 1, A, park._replace(owner_id=None)))], [], KNOWLEDGE).jvms
    assert not list(lock_waits(jvm))


def test_equal_hashes_of_two_classes_are_two_objects() -> None:
    found = graph(
        dump(
            thread("a", 1, A, wants(2), holds(1, of="com.acme.Other")),
            thread("b", 2, B, wants(1), holds(2)),
            atomic=True,
        )
    )
    assert found.cores == ()
    of_wait = LockLine(LockAction.WAITING_ON, 1, "com.acme.Other")
    waits = thread("a", 1, A, of_wait, holds(1), state=WAITING)
    held = graph(dump(waits, thread("b", 2, B, wants(1)), atomic=True)).claims
    assert [(claim.waiter.key, claim.relation) for claim in held] == [
        ("b", "waits to lock"),
        ("com.acme.Lock@1", "is held by"),
    ]


def test_a_monitor_that_is_waited_on_is_not_held_although_it_is_listed() -> None:
    """JDK 25 lists it (JDK-8361926)."""
    of_wait = LockLine(LockAction.WAITING_ON, 1, "com.acme.Lock")
    waits = thread("a", 1, A, holds(1), of_wait, state=WAITING)
    assert [c.relation for c in graph(dump(waits, thread("b", 2, B, wants(1)))).claims] == [
        "waits to lock"
    ]


@pytest.mark.parametrize("monitors", [Monitors.UNRELIABLE, Monitors.NOT_RECORDED])
def test_lines_that_do_not_count_make_no_claim_and_the_jvms_report_does(
    monitors: Monitors,
) -> None:
    assert graph(dump(*CROSSED, monitors=monitors)).claims == ()
    members = tuple(
        DeadlockMember(name, "monitor", address, "com.acme.Lock", by, Evidence("dump.json", 5, 6))
        for name, address, by in (("a", 2, "b"), ("b", 1, "a"))
    )
    report = DeadlockReport(members, Evidence("dump.json", 4, 9))
    (core,) = graph(dump(*CROSSED, monitors=monitors, deadlocks=(report,))).cores
    assert core.certainty is Certainty.PROVEN
    assert {node.key for node in core.threads} == {"a", "b"}


def test_what_the_jvm_reports_is_proven_whatever_the_moments() -> None:
    """Ignition's gateway lists the ids of what the JVM found."""
    members = tuple(
        DeadlockMember(name, "monitor", address, "com.acme.Lock", by, Evidence("dump.json", 5, 6))
        for name, address, by in (("a", 2, "b"), ("b", 1, "a"))
    )
    report = DeadlockReport(members, Evidence("dump.json", 4, 9))
    (core,) = graph(dump(*CROSSED, deadlocks=(report,))).cores
    assert core.certainty is Certainty.PROVEN


def print_of(*threads: JavaThread) -> ThreadDump:
    """``Thread.print`` of the same JVM."""
    own = (t._replace(tid=4096 + (t.id or 0), nid=t.id) for t in threads)
    return dump(
        *own, format="hotspot", identity=Identity.ADDRESS, atomic=True, pid=7, captured=None
    )


def case(*dumps: ThreadDump) -> Case:
    return assemble(dumps, [], KNOWLEDGE)


@pytest.mark.parametrize("turned", [False, True])
def test_two_forms_of_dump_of_one_jvm_are_one_jvm(turned: bool) -> None:
    pair = (print_of(*CROSSED), dump(*CROSSED, pid=7))
    (jvm,) = case(*(reversed(pair) if turned else pair)).jvms
    assert jvm.dump.format == "hotspot"
    assert [view.dump.format for view in jvm.views] == ["hotspot", "dump-to-file-json"]
    assert jvm.scope == "pid 7"
    assert not jvm.moved
    (core,) = WaitGraph(claims(case(*pair))).cores
    assert core.certainty is Certainty.PROVEN
    assert sum(node.kind is NodeKind.LOCK for node in core.nodes) == 2


def test_an_address_and_a_hash_of_one_number_are_not_one_lock() -> None:
    """Each form alone shows no circle: joined by number there would be one."""
    printed = print_of(
        thread("a", 1, A, wants(2), holds(1)),
        thread("b", 2, B, state=ThreadState.RUNNABLE),
    )
    filed = dump(
        thread("a", 1, A, state=None),
        thread("b", 2, B, wants(1), holds(2), state=None),
        pid=7,
    )
    assert graph(printed, filed).cores == ()
    assert graph(filed, printed).cores == ()


def test_a_thread_that_another_form_shows_elsewhere_moved() -> None:
    elsewhere = (
        CROSSED[0],
        thread("b", 2, Frame("com.acme.B.run", "B.java:10"), state=ThreadState.RUNNABLE),
    )
    found = case(print_of(*CROSSED), dump(*elsewhere, pid=7))
    assert {node.key for node in found.jvms[0].moved} == {"b"}
    assert WaitGraph(claims(found)).cores == ()


def test_forms_that_print_less_of_a_frame_do_not_make_threads_move() -> None:
    native = Frame("java.lang.Object.wait0", "Native Method")
    hidden = Frame("com.acme.A$$Lambda/0x1.run", "Unknown Source")
    run_with = Frame("java.lang.Thread.runWith", "Thread.java:1487")
    printed = thread("a", 1, native, A, hidden, run_with, B)
    shorter = thread("a", 1, Frame("com.acme.A.run", "Unknown Source"), B)
    (jvm,) = case(print_of(printed), dump(shorter, pid=7)).jvms
    assert not jvm.moved


def test_virtual_threads_that_one_form_alone_shows_are_joined() -> None:
    platform = thread("p", 1, A, wants(2), holds(1))
    virtual = thread("v", 9, B, wants(1), holds(2), virtual=True)
    printed = print_of(thread("p", 1, A, wants(8), holds(9)))
    (jvm,) = case(printed, dump(platform, virtual, pid=7)).jvms
    assert [t.name for t in jvm.everyone] == ["p", "v"]
    assert not jvm.moved
    (core,) = graph(printed, dump(platform, virtual, pid=7)).cores
    assert {node.key for node in core.threads} == {"p", "v"}


def test_two_threads_of_one_name_in_two_forms_stay_two() -> None:
    first = print_of(thread("pool-1", 1, A), *(thread(f"t{n}", n, A) for n in range(2, 9)))
    second = dump(thread("pool-1", 50, A), *(thread(f"t{n}", n, A) for n in range(2, 9)), pid=7)
    (jvm,) = case(first, second).jvms
    names = {t.name for t in jvm.everyone}
    assert {"pool-1 #1", "pool-1 #50"} <= names


def test_other_pids_are_other_jvms_whatever_their_threads() -> None:
    assert not same_jvm(dump(*CROSSED, pid=7), dump(*CROSSED, pid=8))
    assert same_jvm(dump(*CROSSED, pid=7), dump(*CROSSED))


def test_jvms_of_one_kind_start_with_the_same_threads_and_are_not_one() -> None:
    common = [thread(f"jdk-{n}", n, A) for n in range(1, 6)]
    one = dump(*common, *(thread(f"http-nio-8080-exec-{n}", 20 + n, A) for n in range(5)))
    two = dump(*common, *(thread(f"http-nio-8081-exec-{n}", 20 + n, A) for n in range(5)))
    assert not same_jvm(one, two)
    assert len(case(one, two).jvms) == 2


def test_dumps_in_local_time_and_in_utc_stay_in_the_order_given() -> None:
    first = dump(*CROSSED, captured="2026-11-22 12:00:00", pid=7)
    second = dump(*CROSSED, captured="2026-11-22 03:00:01Z", pid=7)
    (jvm,) = case(first, second).jvms
    assert jvm.dump is second


WORKER = (
    Frame("sun.nio.ch.SocketDispatcher.read0", "Native Method"),
    Frame("com.acme.Call.run", "Call.java:3"),
    Frame("org.apache.catalina.core.StandardWrapperValve.invoke", "StandardWrapperValve.java:1"),
)


def test_virtual_threads_are_no_pool_of_workers() -> None:
    threads = [
        thread(f"tomcat-handler-{n}", 10 + n, *WORKER, virtual=True, state=WAITING)
        for n in range(3)
    ]
    assert server_pools(case(dump(*threads))) == ()
    as_platform = [t._replace(virtual=False) for t in threads]
    (pool,) = server_pools(case(dump(*as_platform)))
    assert len(pool.workers) == 3


GET = (
    Frame("jdk.internal.misc.Unsafe.park", "Native Method"),
    Frame("java.util.concurrent.locks.LockSupport.park", "LockSupport.java:211"),
    Frame("java.util.concurrent.FutureTask.awaitDone", "FutureTask.java:500"),
    Frame("java.util.concurrent.FutureTask.get", "FutureTask.java:190"),
    Frame("com.acme.Task.call", "Task.java:5"),
    Frame("java.util.concurrent.FutureTask.run", "FutureTask.java:317"),
    Frame("java.util.concurrent.ThreadPoolExecutor.runWorker", "ThreadPoolExecutor.java:1144"),
    Frame("java.util.concurrent.ThreadPoolExecutor$Worker.run", "ThreadPoolExecutor.java:642"),
)


def test_tasks_may_be_run_by_virtual_threads_that_the_dump_omits() -> None:
    workers = [thread(f"pool-1-thread-{n}", n, *GET, state=WAITING) for n in (1, 2)]
    carrier = thread("VirtualThread-unparker", 30, state=WAITING)

    def stuck(*threads: JavaThread) -> set[str]:
        return stuck_threads(WaitGraph(task_claims(case(print_of(*threads)))))

    assert stuck(*workers) == {"pool-1-thread-1", "pool-1-thread-2"}
    assert stuck(*workers, carrier) == set()


def test_a_dump_that_looks_whole_wherever_it_is_cut_calls_no_pool_stuck() -> None:
    workers = [thread(f"pool-1-thread-{n}", n, *GET, state=WAITING) for n in (1, 2)]

    def found(form: str) -> WaitGraph:
        return WaitGraph(task_claims(case(dump(*workers, format=form))))

    assert stuck_threads(found("jhsdb")) == set()
    assert stuck_threads(found("dump-to-file-json")) == {"pool-1-thread-1", "pool-1-thread-2"}
    (core,) = found("dump-to-file").cores
    assert any("no last line that says" in claim.inference for claim in core.claims)


def test_without_a_state_a_wait_may_have_a_timeout() -> None:
    workers = [thread(f"pool-1-thread-{n}", n, *GET, state=None) for n in (1, 2)]
    found = WaitGraph(task_claims(case(dump(*workers))))
    assert [core.permanent for core in found.cores] == [None]
