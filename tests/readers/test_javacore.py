"""Javacores: monitors and owners joined to threads, deadlocks, damage."""

# ruff: noqa: E501 - tools print lines as long as they like

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import (
    NOT_RECORDED,
    DeadlockMember,
    Evidence,
    Frame,
    LockAction,
    LockLine,
    Monitors,
    ThreadDump,
    ThreadState,
)
from hangscope.readers import ReadError, UnreadableInput, recognise
from hangscope.readers.threads.javacore_lines import SYNTAX, match
from tests.grammars.grammars import pairs

from .reading import dump_of, read

FORK = "org/acme/Fork@0x00000000E5D4AE"
TITLE = """\
NULL           ------------------------------------------------------------------------
0SECTION       TITLE subcomponent dump routine
NULL           ===============================
1TISIGINFO     Dump Event "user" (00004000) received
1TIDATETIMEUTC Date: 2024/11/18 at 18:20:39:414 (UTC)
1TIDATETIME    Date: 2024/11/18 at 12:20:39:414
1TIPREPSTATE   Prep State: 0x84 (exclusive_vm_access+trace_disabled)
0SECTION       ENVINFO subcomponent dump routine
1CIJAVAVERSION JRE 17 Linux amd64-64 (build 17.0.9+9)
1CIPROCESSID   Process ID: 37560 (0x92B8)
"""
LOCKS = f"""\
0SECTION       LOCKS subcomponent dump routine
NULL           ===============================
1LKMONPOOLDUMP Monitor Pool Dump (flat & inflated object-monitors):
2LKMONINUSE      sys_mon_t:0x00002AE3946FAEC8 infl_mon_t: 0x00002AE3946FAF48:
3LKMONOBJECT       {FORK}70: owner "Plato" (J9VMThread:0x00000000000000A1), entry count 1
3LKWAITERQ            Waiting to enter:
3LKWAITER                "Kant" (J9VMThread:0x00000000000000A2)
2LKMONINUSE      sys_mon_t:0x00002AE39829FF38 infl_mon_t: 0x00002AE39829FFB8:
3LKMONOBJECT       {FORK}80: Flat locked by "Kant" (J9VMThread:0x00000000000000A2), entry count 1
3LKWAITERQ            Waiting to enter:
3LKWAITER                "Plato" (J9VMThread:0x00000000000000A1)
2LKMONINUSE      sys_mon_t:0x00002AE3A29FFF38 infl_mon_t: 0x00002AE3A29FFFB8:
3LKMONOBJECT       java/util/TaskQueue@0x00000000E5D4AE90: <unowned>
3LKNOTIFYQ            Waiting to be notified:
3LKWAITNOTIFY            "Timer-0" (J9VMThread:0x00000000000000A3)
1LKREGMONDUMP  JVM System Monitor Dump (registered monitors):
2LKREGMON          VM state notification mutex lock (0x00002AE38008DB08): <unowned>
3LKNOTIFYQ            Waiting to be notified:
3LKWAITNOTIFY            "Timer-0" (J9VMThread:0x00000000000000A3)
"""
DEADLOCK = f"""\
1LKDEADLOCK    Deadlock detected !!!
NULL           ---------------------
2LKDEADLOCKTHR  Thread "Plato" (0x00000000000000A1)
3LKDEADLOCKWTR    is waiting for:
4LKDEADLOCKMON      sys_mon_t:0x00002AE39829FF38 infl_mon_t: 0x00002AE39829FFB8:
4LKDEADLOCKOBJ      {FORK}80
3LKDEADLOCKOWN    which is owned by:
2LKDEADLOCKTHR  Thread "Kant" (0x00000000000000A2)
3LKDEADLOCKWTR    which is waiting for:
4LKDEADLOCKOBJ      java/util/concurrent/locks/ReentrantLock$NonfairSync@0x00000000E5D4AE70
3LKDEADLOCKOWN    which is owned by:
2LKDEADLOCKTHR  Thread "Plato" (0x00000000000000A1)
"""
THREADS = f"""\
0SECTION       THREADS subcomponent dump routine
1XMTHDINFO     Thread Details
NULL
3XMTHREADINFO      "Plato" J9VMThread:0x00000000000000A1, omrthread_t:0x01, java/lang/Thread:0x00E0, state:B, prio=9
3XMJAVALTHREAD            (java/lang/Thread getId:0x1F, isDaemon:true)
3XMTHREADINFO1            (native thread ID:0xD6A, native priority:0x9, native policy:UNKNOWN, vmstate:B, vm thread flags:0x00000281)
3XMCPUTIME               CPU usage total: 0.5 secs, current category="Application"
3XMTHREADBLOCK     Blocked on: {FORK}80 Owned by: "Kant" (J9VMThread:0x00000000000000A2, java/lang/Thread:0x00E1)
3XMHEAPALLOC             Heap bytes allocated since last GC cycle=0 (0x0)
3XMTHREADINFO3           Java callstack:
4XESTACKTRACE                at org/acme/Philosopher.run(Philosopher.java:39(Compiled Code))
5XESTACKTRACE                   (entered lock: {FORK}70, entry count: 1)
4XESTACKTRACE                at java/lang/Thread.run(Thread.java:857)
3XMTHREADINFO3           Native callstack:
4XENATIVESTACK               (0x00002AE37D322962 [libj9prt29.so+0x4f962])
4XENATIVESTACK               clone+0x43 (0x00002AE37BE88643 [libc.so.6+0x101643])
NULL
3XMTHREADINFO      "Kant" J9VMThread:0x00000000000000A2, omrthread_t:0x02, java/lang/Thread:0x00E1, state:B, prio=5
3XMJAVALTHREAD            (java/lang/Thread getId:0x20, isDaemon:false)
3XMTHREADINFO3           Java callstack:
4XESTACKTRACE                at org/acme/Philosopher.run(Philosopher.java:39)
NULL
3XMTHREADINFO      "Timer-0" J9VMThread:0x00000000000000A3, omrthread_t:0x03, java/lang/Thread:0x00E2, state:CW, prio=5
3XMTHREADBLOCK     Waiting on: java/util/TaskQueue@0x00000000E5D4AE90 Owned by: <unowned>
3XMTHREADINFO3           Java callstack:
4XESTACKTRACE                at java/lang/Object.wait(Native Method)
5XESTACKTRACE                   (entered lock: java/util/TaskQueue@0x00000000E5D4AE90, entry count: 1)
NULL
3XMTHREADINFO      Anonymous native thread
3XMTHREADINFO1            (native thread ID:0xD2, native priority: 0x0, native policy:UNKNOWN)
NULL
"""
CLASSES = """\
0SECTION       CLASSES subcomponent dump routine
3CLTEXTCLASS   \t\t\tjava/util/Hashtable(0x00000000015A2900)
"""
END = """\
0SECTION       Javadump End section
NULL           ---------------------- END OF DUMP -------------------------------------
"""
WHOLE = TITLE + LOCKS + DEADLOCK + THREADS + CLASSES + END

LINES = [pair.text for pair in pairs() if pair.grammar == "javacore"]


def line_of(text: str, part: str) -> int:
    (number,) = [n for n, line in enumerate(text.split("\n"), 1) if part in line]
    return number


def threads_only(*lines: str) -> ThreadDump:
    return dump_of("0SECTION       THREADS subcomponent dump routine\n" + "\n".join(lines))


def header(name: str, tid: int, state: str = "R") -> str:
    return (
        f'3XMTHREADINFO      "{name}" J9VMThread:{tid:#018x}, omrthread_t:0x1,'
        f" java/lang/Thread:0xE0, state:{state}, prio=5"
    )


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_tag_tells_what_kind_of_line_it_is(data: st.DataObject) -> None:
    """Only the kinds of its tag are asked for a line, whatever else it is."""
    line = data.draw(st.sampled_from(LINES))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(line)))
        piece = data.draw(st.sampled_from(["", " ", "\n", '"', "(", "1", "X", "3XMTHREADINFO "]))
        line = line[:at] + piece + line[at + data.draw(st.integers(0, 3)) :]
    text = line.strip(" \t")
    assert match(text) == SYNTAX.match(text)


def test_what_is_said_of_the_dump() -> None:
    dump = dump_of(WHOLE)
    assert dump.format == "javacore"
    assert dump.captured == "2024-11-18 18:20:39Z"
    assert (dump.vm, dump.jdk_feature) == ("JRE 17 Linux amd64-64 (build 17.0.9+9)", 17)
    assert (dump.pid, dump.ended, dump.atomic) == (37560, True, True)
    assert dump.monitors is Monitors.RECORDED
    assert dump.evidence == Evidence("input.txt", 2, WHOLE.count("\n"))


def test_a_thread_with_all_its_lines() -> None:
    thread = dump_of(WHOLE).threads[0]
    first = line_of(WHOLE, '3XMTHREADINFO      "Plato"')
    assert (thread.name, thread.id, thread.daemon, thread.priority) == ("Plato", 31, True, 9)
    assert (thread.tid, thread.nid, thread.cpu_ms, thread.os_state) == (0xA1, 0xD6A, 500.0, "B")
    assert thread.state is ThreadState.BLOCKED
    assert thread.evidence == Evidence("input.txt", first, first + 12)
    assert thread.entries == (
        LockLine(LockAction.WAITING_TO_LOCK, 0xE5D4AE80, "org.acme.Fork", "Kant", 32),
        Frame("org.acme.Philosopher.run", "Philosopher.java:39"),
        LockLine(LockAction.LOCKED, 0xE5D4AE70, "org.acme.Fork"),
        Frame("java.lang.Thread.run", "Thread.java:857"),
    )
    assert list(thread.entry_lines) == [first + 4, first + 7, first + 8, first + 9]
    assert thread.native == (
        Frame("0x00002AE37D322962", "libj9prt29.so+0x4f962"),
        Frame("clone", "libc.so.6+0x101643"),
    )
    assert thread.synchronizers is NOT_RECORDED


def test_what_only_the_monitors_say_is_told_of_the_thread_with_their_lines() -> None:
    thread = dump_of(WHOLE).threads[1]
    assert thread.entries == (
        LockLine(LockAction.WAITING_TO_LOCK, 0xE5D4AE70, "org.acme.Fork", "Plato", 31),
        Frame("org.acme.Philosopher.run", "Philosopher.java:39"),
        LockLine(LockAction.LOCKED, 0xE5D4AE80, "org.acme.Fork"),
    )
    assert thread.entry_lines[0] == line_of(WHOLE, '3LKWAITER                "Kant"')
    assert thread.entry_lines[2] == line_of(WHOLE, "Flat locked by")


def test_a_thread_that_waits_to_be_notified_does_not_hold_the_monitor() -> None:
    thread = dump_of(WHOLE).threads[2]
    assert thread.state is ThreadState.WAITING
    assert thread.entries == (
        LockLine(LockAction.WAITING_ON, 0xE5D4AE90, "java.util.TaskQueue"),
        Frame("java.lang.Object.wait", "Native Method"),
    )


def test_an_anonymous_thread_runs_no_java() -> None:
    thread = dump_of(WHOLE).threads[3]
    assert (thread.name, thread.is_java, thread.nid, thread.state) == ("", False, 0xD2, None)


def test_a_mixed_deadlock() -> None:
    (report,) = dump_of(WHOLE).deadlocks
    first = line_of(WHOLE, "1LKDEADLOCK ")
    assert report.evidence == Evidence("input.txt", first, first + 11)
    assert report.members == (
        DeadlockMember(
            "Plato",
            "monitor",
            0xE5D4AE80,
            "org.acme.Fork",
            "Kant",
            Evidence("input.txt", first + 2, first + 6),
        ),
        DeadlockMember(
            "Kant",
            "ownable synchronizer",
            0xE5D4AE70,
            "java.util.concurrent.locks.ReentrantLock$NonfairSync",
            "Plato",
            Evidence("input.txt", first + 7, first + 10),
        ),
    )


def test_two_chains_and_one_of_the_vm_s_own_monitors() -> None:
    chain = DEADLOCK.split("\n", 2)[2]
    system = chain.replace(f"4LKDEADLOCKOBJ      {FORK}80", "4LKDEADLOCKREG      VM lock (0x01):")
    reports = dump_of(TITLE + LOCKS + DEADLOCK + system + THREADS + END).deadlocks
    assert [len(report.members) for report in reports] == [2, 2]
    assert reports[1].members[0].waits_for == "JVM system monitor"
    assert reports[1].members[0].class_name == "VM lock"


def test_who_has_a_lock_of_java_util_concurrent() -> None:
    sync = "java/util/concurrent/locks/ReentrantLock$NonfairSync@0x00000000000000E9"
    dump = threads_only(
        header("a", 1, "P"),
        f'3XMTHREADBLOCK     Parked on: {sync} Owned by: "b" (J9VMThread:0x02, java/lang/Thread:0xE0)',
        "4XESTACKTRACE                at java/util/concurrent/locks/LockSupport.parkNanos(X.java:1)",
        header("b", 2),
        "3XMJAVALTHREAD            (java/lang/Thread getId:0x2, isDaemon:true)",
    )
    name = "java.util.concurrent.locks.ReentrantLock$NonfairSync"
    waiter, owner = dump.threads
    assert waiter.entries[0] == LockLine(LockAction.PARKING, 0xE9, name, "b", 2)
    assert (waiter.state, waiter.state_detail) == (ThreadState.TIMED_WAITING, "parking")
    assert owner.synchronizers == (LockLine(LockAction.LOCKED, 0xE9, name),)
    assert owner.synchronizer_lines == (3,)
    assert dump.synchronizers_recorded


def test_who_initialises_a_class() -> None:
    dump = threads_only(
        header("a", 1, "CW"),
        "3XMTHREADBLOCK     Waiting on: java/lang/J9VMInternals$ClassInitializationLock@0xE9"
        ' Owned by: <unowned> Initializing thread: "b"',
    )
    assert dump.threads[0].entries == (LockLine(LockAction.CLASS_INITIALIZATION, 0xE9, "", "b"),)


def test_virtual_threads_mounted_and_not() -> None:
    dump = threads_only(
        header("mounted", 1),
        "3XMJAVALTHREAD            (java/lang/Thread getId:0x1D, isDaemon:false)",
        "3XMTHREADINFO4           Type: Virtual, java/lang/CarrierThread:0x02",
        "1XMVTHDINFO    Unmounted Threads",
        '3XMVTHDINFO        "worker-1" [mounted] J9VMContinuation:0x1, java/lang/Thread:0xE1',
        "3XMVTHDINFO1             Type: Carrier, J9VMThread:0x01, java/lang/VirtualThread:0xE2",
        '3XMVTHDINFO        "" J9VMContinuation:0x1, java/lang/Thread:0xE1',
        "3XMVTHDINFO1             Type: Virtual",
        "3XMTHREADINFO3           Java callstack:",
        "4XESTACKTRACE                at java/lang/Thread.sleep(Thread.java:599)",
    )
    assert [thread.virtual for thread in dump.threads] == [True, False, True]
    assert [thread.carrying for thread in dump.threads] == [None, 29, None]
    assert dump.threads[2].entries == (Frame("java.lang.Thread.sleep", "Thread.java:599"),)


def test_threads_of_the_jit_run_no_java() -> None:
    dump = threads_only(
        header("JIT Compilation Thread-000", 1),
        '3XMCPUTIME               CPU usage total: 0.1 secs, current category="JIT"',
        "3XMTHREADINFO3           No Java callstack associated with this thread",
    )
    assert not dump.threads[0].is_java


@pytest.mark.parametrize(
    ("line", "atomic"),
    [
        ("1TIPREPINFO    Exclusive VM access not taken: data may not be consistent", False),
        ("1TIPREPSTATE   Prep State: 0x80 (trace_disabled)", False),
        ("1TIPREPSTATE   Prep State: 0x84 (exclusive_vm_access+trace_disabled)", True),
    ],
)
def test_whether_the_jvm_stood_still(line: str, *, atomic: bool) -> None:
    assert threads_only(line, header("a", 1)).atomic is atomic


def test_ibm_1_4_calls_threads_by_numbers() -> None:
    dump = dump_of("""\
0SECTION       LK subcomponent dump routine
2LKMONINUSE      sys_mon_t:0x0028E8D0 infl_mon_t: 0x00000000:
3LKMONOBJECT       java.lang.Object@9B3D78/9B3D80: Flat locked by thread ident 0x08, entry count 1
3LKNOTIFYQ            Waiting to be notified:
3LKWAITNOTIFY            "Thread-1" (0x22AAACA8)
2LKFLATMON         ident 0x08 "Thread-2" (0x22AAAED0) ee 0x22AAAD48
0SECTION       XM subcomponent dump routine
2XMFULLTHDDUMP Full thread dump Classic VM (J2RE 1.4.0 IBM Windows 32 build cn140, native threads):
3XMTHREADINFO      "Thread-2" (TID:0x910660, sys_thread_t:0x22AAAED0, state:CW, native ID:0x274) prio=5
4XESTACKTRACE          at org.acme.A.run(A.java:24)
3XMTHREADINFO      "Thread-1" (TID:0x9106C0, sys_thread_t:0x22AAACA8, state:CW, native ID:0x700) prio=5
""")
    assert (dump.jdk_feature, [thread.nid for thread in dump.threads]) == (4, [0x274, 0x700])
    assert dump.threads[0].entries[-1] == LockLine(LockAction.LOCKED, 0x9B3D78, "java.lang.Object")
    assert dump.threads[1].entries == (
        LockLine(LockAction.WAITING_TO_LOCK, 0x9B3D78, "java.lang.Object", "Thread-2"),
    )


def test_the_current_thread_is_listed_twice_and_is_one() -> None:
    dump = threads_only(
        "1XMCURTHDINFO  Current Thread Details",
        header("main", 1),
        "1XMTHDINFO     All Thread Details",
        header("main", 1),
        header("other", 2),
    )
    assert [thread.name for thread in dump.threads] == ["main", "other"]


def test_names_with_quotes_and_line_feeds() -> None:
    dump = threads_only(header('say "hi" (x)', 1), header("two\nlines", 2), header("last", 3))
    assert [thread.name for thread in dump.threads] == ['say "hi" (x)', "two\nlines", "last"]
    assert dump.threads[1].evidence == Evidence("input.txt", 3, 4)


def test_two_in_one_file_with_a_log_between() -> None:
    facts = read(f"{WHOLE}2026-11-22 10:00:00 INFO up\n\n{WHOLE}")
    assert [len(dump.threads) for dump in facts.dumps] == [4, 4]
    assert facts.not_understood == ()


def test_the_second_begins_with_its_title_though_the_first_is_cut() -> None:
    facts = read(TITLE + LOCKS + THREADS + "a log line\n" + WHOLE)
    assert [dump.ended for dump in facts.dumps] == [False, True]
    assert facts.not_understood == ()


def test_foreign_lines_within_are_told() -> None:
    lines = WHOLE.split("\n")
    at = line_of(WHOLE, "Native callstack")
    facts = read("\n".join([*lines[:at], "2026-11-22 10:00:00 INFO up", *lines[at:]]))
    (span,) = facts.not_understood
    assert (span.first_line, span.last_line) == (at + 1, at + 1)
    (dump,) = facts.dumps
    assert [len(thread.native) for thread in dump.threads] == [2, 0, 0, 0]


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ('3XMTHREADINFO      "Kant"', "first line of a thread"),
        ("3XMTHREADBLOCK     Blocked", "damaged line"),
        ("4XESTACKTRACE                at java/lang/Thread.run", "damaged line"),
        ("3LKMONOBJECT       org/acme/Fork@0x00000000E5D4AE80", "damaged line"),
    ],
)
def test_a_damaged_line_is_told_and_costs_no_more(part: str, why: str) -> None:
    at = line_of(WHOLE, part)
    lines = WHOLE.split("\n")
    lines[at - 1] = part
    facts = read("\n".join(lines))
    assert facts.not_understood[0].first_line == at
    assert facts.not_understood[0].why.startswith(why) or why in facts.not_understood[0].why
    (dump,) = facts.dumps
    assert len(dump.threads) == 4 - part.startswith("3XMTHREADINFO ")


def test_tags_to_come_are_understood() -> None:
    text = WHOLE.replace("3XMHEAPALLOC ", "3XMNEWLINE9 ").replace("1LKREGMONDUMP ", "1LKNEWDUMP ")
    assert dump_of(text).threads == dump_of(WHOLE).threads


def test_lost_blanks_do_not_matter() -> None:
    squeezed = "\r\n".join(" ".join(line.split()) for line in WHOLE.split("\n"))
    assert dump_of(squeezed).threads == dump_of(WHOLE).threads


def test_a_dump_cut_anywhere_invents_nothing() -> None:
    whole = dump_of(WHOLE)
    names = {thread.name for thread in whole.threads}
    locks = {lock for t in whole.threads for lock in t.entries if isinstance(lock, LockLine)}
    known = {(lock.action, lock.address, lock.class_name) for lock in locks}
    for cut in range(0, len(WHOLE), 7):
        try:
            facts = read(WHOLE[:cut])
        except ReadError:
            continue
        for dump in facts.dumps:
            assert not dump.ended or cut >= WHOLE.index("END OF DUMP")
            assert {thread.name for thread in dump.threads} <= names
            for thread in dump.threads:
                for lock in thread.entries:
                    if isinstance(lock, LockLine):
                        assert (lock.action, lock.address, lock.class_name) in known


def test_a_dump_without_threads_is_told() -> None:
    with pytest.raises(UnreadableInput, match="a javacore without threads"):
        read(TITLE + CLASSES)


@pytest.mark.parametrize(
    "line",
    ["2XL shirts are sold out", "NULL", "2CLICK here", "1 XMTHDINFO", "0SECTIONS", "3XM"],
)
def test_other_lines_are_nobody_s(line: str) -> None:
    assert recognise([line]) is None


LINES = WHOLE.split("\n")


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=8)), max_size=40), st.data())
@settings(max_examples=400, deadline=None)
def test_lines_in_any_order_give_facts_or_a_read_error(
    lines: list[str], data: st.DataObject
) -> None:
    text = "\n".join(lines)
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(["", "\n", '"', "0x", "(", "9" * 30])) + text[at:]
    try:
        facts = read(text)
    except ReadError:
        return
    last = text.count("\n") + 1
    for dump in facts.dumps:
        for thread in dump.threads:
            assert len(thread.entries) == len(thread.entry_lines)
            assert all(1 <= line <= last for line in thread.entry_lines)
            assert 1 <= thread.evidence.first_line <= thread.evidence.last_line <= last
        assert 1 <= dump.evidence.first_line <= dump.evidence.last_line <= last
