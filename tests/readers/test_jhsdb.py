"""jhsdb jstack, jstack -F and -m: threads, locks that may be wrong, deadlocks, C frames."""

from __future__ import annotations

import re
from pathlib import Path

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
    NotUnderstood,
    ThreadState,
)
from hangscope.readers import ReadError, UnreadableInput

from .reading import dump_of, read
from .test_dump_to_file import check
from .test_hotspot import JNI, TITLE, WORKER

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "jhsdb"
ATTACHED = (
    "Attaching to process ID 1562, please wait...\nDebugger attached successfully.\n"
    "Server compiler detected.\nJVM version is 17.0.15+6\nDeadlock Detection:\n\n"
)
NONE = "No deadlocks found.\n\n"
REPORT = """\
Found one Java-level deadlock:
=============================

"rl-2":
 waiting for ownable synchronizer 0x00000000ffd1ac50, (a a/b/Lock$Sync),
 which is held by "worker "1"
of 2"
"worker "1"
of 2":
  waiting to lock Monitor@0x00007f30480016e0 (Object@0x00000000ffd1aa18, a java/lang/Object),
  which is held by "rl-2"

Found a total of 1 deadlock.

"""
WAITER = """\
"Finalizer" #3 daemon prio=8 tid=0x00007f30d80ada00 nid=0x626 in Object.wait() [0x00007f30dce0b000]
   java.lang.Thread.State: WAITING (on object monitor)
   JavaThread state: _thread_blocked
 - java.lang.Object.wait(long) @bci=0 (Interpreted frame)
	- waiting on <0x00000000ffd02f40> (a java/lang/ref/ReferenceQueue$Lock)
 - a.B$$Lambda$1+0x00007f306c000a08.run(int, a.C) @bci=59, line=155 (Compiled frame)

Locked ownable synchronizers:
    - <0x00000000ffd1ac50>, (a java/util/concurrent/ThreadPoolExecutor$Worker)

"""
OLD = """\
Thread 26011: (state = BLOCKED)


Thread t@15: (state = IN_NATIVE)
 - java.net.SocketInputStream.socketRead0(java.io.FileDescriptor, int) @bci=0 (Interpreted frame)
 - java.lang.Object.wait(long) @bci=-1107318896 (Interpreted frame)


"""
MIXED = """\
----------------- 5833 -----------------
0x00007fbf62ebb72f	__GI_accept + 0x4f
0x00007fbf61e1af4f	LinuxAttachListener::dequeue() + 0x4f
----------------- 22426 -----------------
"stdin" #37 daemon prio=5 tid=0x00007ffaf410bd30 nid=22426 runnable [0x00007ffaa34fe000]
   java.lang.Thread.State: RUNNABLE
   JavaThread state: _thread_in_native
0x00007ffafd8002ec	__libc_read + 0x4c
0x00007ffae3945084	java.io.FileInputStream.read0() + 0x4 (Native method)
0x00007ffae3945085	* java.io.FileInputStream.readBytes(byte[], int, int) bci:0 (Interpreted frame)
* java.io.FileInputStream.read() bci:24 line:281 (Compiled frame)
0x00007ffae3938fa6	<StubRoutines (initialstubs)>
0x00007ffafc823840	JavaCalls::call_helper(JavaValue*) + 0x2b0
"""


def test_what_a_dump_says() -> None:
    dump = dump_of(ATTACHED + NONE + WAITER)
    assert (dump.format, dump.pid, dump.vm, dump.jdk_feature) == ("jhsdb", 1562, "17.0.15+6", 17)
    assert (dump.monitors, dump.ended, dump.atomic) == (Monitors.UNRELIABLE, True, True)
    assert dump.synchronizers_recorded
    assert dump.evidence == Evidence("input.txt", 1, 17)
    (thread,) = dump.threads
    assert (thread.name, thread.id, thread.daemon, thread.priority) == ("Finalizer", 3, True, 8)
    assert (thread.tid, thread.nid) == (0x00007F30D80ADA00, 0x626)
    assert (thread.os_state, thread.state) == ("in Object.wait()", ThreadState.WAITING)
    assert thread.state_detail == "on object monitor"
    assert thread.entries == (
        Frame("java.lang.Object.wait", ""),
        LockLine(LockAction.WAITING_ON, 0xFFD02F40, "java.lang.ref.ReferenceQueue$Lock"),
        Frame("a.B$$Lambda$1/0x00007f306c000a08.run", "line 155"),
    )
    assert list(thread.entry_lines) == [12, 13, 14]
    assert thread.synchronizers == (
        LockLine(LockAction.LOCKED, 0xFFD1AC50, "java.util.concurrent.ThreadPoolExecutor$Worker"),
    )
    assert list(thread.synchronizer_lines) == [17]


def test_deadlocks_come_first() -> None:
    (report,) = dump_of(ATTACHED + REPORT + WAITER).deadlocks
    name = 'worker "1"\nof 2'
    assert report.evidence == Evidence("input.txt", 7, 17)
    assert report.members == (
        DeadlockMember(
            "rl-2",
            "ownable synchronizer",
            0xFFD1AC50,
            "a.b.Lock$Sync",
            name,
            Evidence("input.txt", 10, 13),
        ),
        DeadlockMember(
            name, "monitor", 0xFFD1AA18, "java.lang.Object", "rl-2", Evidence("input.txt", 14, 17)
        ),
    )


def test_a_lock_of_the_vm_has_no_object() -> None:
    raw = re.sub(r"\(Object@.*?\)", "(raw monitor)", REPORT)
    members = dump_of(ATTACHED + raw + WAITER).deadlocks[0].members
    assert (members[1].waits_for, members[1].address) == ("JVM TI raw monitor", None)


def test_before_jdk_9_threads_have_no_names_and_no_locks() -> None:
    dump = dump_of(ATTACHED.replace("17.0.15+6", "25.144-b01") + NONE + OLD)
    assert (dump.jdk_feature, dump.monitors, dump.ended) == (8, Monitors.NOT_RECORDED, True)
    blocked, reading = dump.threads
    assert (blocked.name, blocked.nid, blocked.os_state) == ("", 26011, "BLOCKED")
    assert (reading.nid, reading.os_state, reading.state) == (15, "IN_NATIVE", None)
    assert reading.is_java
    assert reading.synchronizers is NOT_RECORDED
    assert [frame.method for frame in reading.frames()] == [
        "java.net.SocketInputStream.socketRead0",
        "java.lang.Object.wait",
    ]


def test_mixed_mode_shows_the_system_call() -> None:
    dump = dump_of(ATTACHED + NONE + MIXED)
    vm, stdin = dump.threads
    assert (vm.is_java, vm.nid, vm.name) == (False, 5833, "")
    assert [frame.method for frame in vm.native] == [
        "__GI_accept",
        "LinuxAttachListener::dequeue()",
    ]
    assert (stdin.is_java, stdin.nid, stdin.name) == (True, 22426, "stdin")
    assert [frame.method for frame in stdin.native] == ["__libc_read"]
    assert stdin.entries == (
        Frame("java.io.FileInputStream.read0", "Native Method"),
        Frame("java.io.FileInputStream.readBytes", ""),
        Frame("java.io.FileInputStream.read", "line 281"),
    )
    assert stdin.evidence == Evidence("input.txt", 12, 21)
    assert dump.ended


def test_mixed_mode_before_jdk_9_has_no_headers() -> None:
    """A thread with Java frames is a Java thread even so."""
    text = MIXED.replace(MIXED[MIXED.index('"stdin"') : MIXED.index("0x00007ffafd8002ec")], "")
    assert [thread.is_java for thread in dump_of(ATTACHED + text).threads] == [False, True]


def test_a_fault_of_the_tool_is_told_once() -> None:
    fault = (
        "\nError occurred during stack walking:\n"
        "sun.jvm.hotspot.utilities.AssertionFailure: must have non-zero frame size\n"
        "\tat jdk.hotspot.agent/sun.jvm.hotspot.utilities.Assert.that(Assert.java:32)\n"
        "Caused by: java.lang.NullPointerException\n\t... 3 more\n"
    )
    facts = read(ATTACHED + NONE + OLD.replace("BLOCKED)\n", "BLOCKED)\n" + fault, 1) + WAITER)
    assert len(facts.dumps[0].threads) == 3
    (span,) = facts.not_understood
    assert (span.first_line, span.last_line) == (11, 11)
    assert "the tool failed" in span.why


def test_a_dump_without_its_head_is_a_dump() -> None:
    assert [len(read(text).dumps[0].threads) for text in (WAITER, OLD, MIXED)] == [1, 2, 2]


def test_several_dumps_and_a_dump_of_the_jvm_itself() -> None:
    log = "2026-11-22 10:00:00,123 INFO started\n"
    facts = read(
        f"{ATTACHED}{NONE}{WAITER}{log}{ATTACHED}{NONE}{OLD}{TITLE}{WORKER}{JNI}{ATTACHED}{MIXED}"
    )
    assert [dump.format for dump in facts.dumps] == ["jhsdb", "jhsdb", "hotspot", "jhsdb"]
    assert [len(dump.threads) for dump in facts.dumps] == [1, 2, 1, 2]
    assert facts.not_understood == ()


def test_a_damaged_line_costs_itself() -> None:
    facts = read(ATTACHED + NONE + WAITER.replace("@bci=0 (Interp", "@bci=0 ((Interp") + OLD)
    assert facts.not_understood == (NotUnderstood(12, 12, "not a line of a dump of jhsdb"),)
    assert list(facts.dumps[0].threads[0].entry_lines) == [13, 14]
    facts = read(ATTACHED + NONE + WAITER.replace('" #3', '" 3') + OLD)
    assert [thread.nid for thread in facts.dumps[0].threads] == [26011, 15]
    assert [span.first_line for span in facts.not_understood] == [9, 10, 16]


def test_a_title_alone_is_no_dump() -> None:
    with pytest.raises(UnreadableInput, match="without threads"):
        read(ATTACHED)


@pytest.mark.parametrize("jdk", ["jdk17", "jdk25"])
@pytest.mark.parametrize("name", ["jhsdb-jstack", "jhsdb-jstack-locks", "jhsdb-jstack-mixed"])
def test_real_dumps_have_the_threads_that_the_jvm_itself_lists(jdk: str, name: str) -> None:
    text = (REAL / jdk / f"{name}.txt").read_text("utf-8")
    dump = dump_of(text)
    itself = (REAL / jdk / "jstack-l.txt").read_text("utf-8")
    listed = {int(found, 0) for found in re.findall(r"nid=(0x[0-9a-f]+|\d+)", itself)}
    nids = [thread.nid for thread in dump.threads if thread.name]
    assert len(nids) == len(set(nids)) == text.count(" prio=") > 10
    assert set(nids) <= listed
    ours = {"right then left", "lock holder", "lock waiter", "waiter", "reader"}
    names = {thread.name for thread in dump.threads}
    assert names >= ours | {'left "then"\nright', "main"}
    (report,) = dump.deadlocks
    assert {member.thread for member in report.members} == {'left "then"\nright', "right then left"}
    assert {member.held_by for member in report.members} == {
        member.thread for member in report.members
    }
    assert dump.synchronizers_recorded == ("locks" in name)


LINES = sorted({*(ATTACHED + NONE + REPORT + WAITER + OLD + MIXED).split("\n"), "...", "log line"})


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=8))), st.data())
@settings(max_examples=300, deadline=None)
def test_any_lines_give_facts_or_a_read_error(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    text = text[data.draw(st.integers(0, len(text))) :]
    try:
        facts = read(text)
    except ReadError:
        return
    last_line = text.count("\n") + 1
    for dump in facts.dumps:
        for report in dump.deadlocks:
            assert report.members
            assert 1 <= report.evidence.first_line <= report.evidence.last_line <= last_line
    for span in facts.not_understood:
        assert 1 <= span.first_line <= span.last_line <= last_line
    if all(dump.threads for dump in facts.dumps):
        check(facts, last_line)
