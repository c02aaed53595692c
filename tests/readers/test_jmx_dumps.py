"""Dumps of ThreadInfo, JMX tools, native images, Android and JRockit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import NOT_RECORDED, Frame, Identity, LockAction, LockLine, Monitors
from hangscope.facts import ThreadState as State
from hangscope.readers import ReadError

from .reading import dump_of, read

FORMATS = Path(__file__).resolve().parents[2] / "fixtures" / "formats"
INFO = (
    '"m-1" daemon prio=5 Id=12 BLOCKED on java.lang.Object@2f owned by "m-2" Id=13\n'
    "\tat app//Mx.run(Mx.java:9)\n\t-  blocked on java.lang.Object@2f\n"
    "\t-  locked java.lang.Object@45\n\t...\n\n"
    "\tNumber of locked synchronizers = 1\n\t- java.util.X$Sync@5e\n\n"
)
MXBEAN = (
    '"w" - Thread t@7\n   java.lang.Thread.State: WAITING\n'
    "\tat java.base@25/java.lang.Object.wait0(Native Method)\n"
    "\t- parking to wait for <4dc63996> (a java.lang.Object)\n\n"
    "   Locked ownable synchronizers:\n\t- Locked <5f> (a java.util.X)\n\n"
)
NATIVE = (
    'Full thread dump:\n\n"main" #1 daemon thread=0x7f state=WAITING\n'
    "  A  SP 0x1 IP 0x2 size=32    org.acme.Main.main(Main.java:9)\n\n"
    "(no Java thread) thread=0x80\n"
)
ART = (
    "----- pid 4711 at 2026-11-22 03:16:27 -----\nCmd line: org.acme\n\nDALVIK THREADS (2):\n"
    '"main" prio=5 tid=1 Blocked\n  | sysTid=4712 nice=0\n'
    "  native: #00 pc 0007  /lib/libc.so (wait+8)\n  at org.acme.A.b(A.java:1)\n"
    "  - waiting to lock <0x0a> (a org.acme.A) held by thread 9\n\n"
    '"b" daemon prio=5 tid=9 Native\n  at a.B.c(Native method)\n'
    "  - locked <0x0a> (a org.acme.A)\n\n"
    "----- end 4711 -----\n"
)
JROCKIT = (
    "===== FULL THREAD DUMP ===============\nSun Jul 20 17:03:48 2014\n"
    "Oracle JRockit(R) R28.0.0\n\n"
    '"A" id=1 idx=0x4 tid=11 prio=5 alive, blocked, daemon\n'
    "    -- Blocked trying to get lock: java/lang/Object@0x20[fat lock]\n"
    "    at org/acme/A.run(I)V(A.java:1)\n    ^-- Holding lock: java/lang/Object@0x10[thin lock]\n"
    "    -- end of trace\n\n"
    '"(GC)" id=? idx=0x8 tid=12 prio=5 alive, in native\n\n'
    "Circular (deadlocked) lock chains\n=================================\nChain 1:\n"
    '"A" id=1 idx=0x4 tid=11 waiting for java/lang/Object@0x20 held by:\n'
    '"B" id=2 idx=0x5 tid=13 waiting for java/lang/Object@0x10 held by:\n'
    '"A" id=1 idx=0x4 tid=11\n\n===== END OF THREAD DUMP ===============\n'
)
ALL = [INFO, MXBEAN, NATIVE, ART, JROCKIT]


def test_thread_info() -> None:
    dump = dump_of(INFO)
    (thread,) = dump.threads
    assert (dump.format, dump.identity, thread.state) == (
        "thread-info",
        Identity.HASH,
        State.BLOCKED,
    )
    assert (thread.name, thread.id, thread.daemon, thread.priority) == ("m-1", 12, True, 5)
    assert thread.entries == (
        Frame("Mx.run", "Mx.java:9"),
        LockLine(LockAction.WAITING_TO_LOCK, 0x2F, "java.lang.Object", "m-2", 13),
        LockLine(LockAction.LOCKED, 0x45, "java.lang.Object"),
    )
    assert list(thread.entry_lines) == [2, 3, 4]
    assert thread.synchronizers == (LockLine(LockAction.LOCKED, 0x5E, "java.util.X$Sync"),)
    assert thread.evidence[1:] == (1, 8)


def test_what_only_the_first_line_says_is_a_lock_line_of_that_line() -> None:
    (thread,) = dump_of(
        '"a" Id=1 WAITING on a.B@1f owned by "b" Id=2\n\tat a.C.d(E.java:1)\n'
    ).threads
    assert thread.entries[1] == LockLine(LockAction.WAITING_ON, 0x1F, "a.B", "b", 2)
    assert list(thread.entry_lines) == [2, 1]


def test_an_id_that_comes_again_is_of_the_next_dump() -> None:
    assert [len(dump.threads) for dump in read(INFO + "log\n" + INFO).dumps] == [1, 1]


def test_a_wait_that_a_tool_calls_parking() -> None:
    (thread,) = dump_of(MXBEAN).threads
    assert thread.entries[1] == LockLine(LockAction.WAITING_ON, 0x4DC63996, "java.lang.Object")
    assert thread.synchronizers == (LockLine(LockAction.LOCKED, 0x5F, "java.util.X"),)


def test_native_image_records_no_monitors() -> None:
    dump = dump_of(NATIVE)
    assert dump.monitors is Monitors.NOT_RECORDED
    assert [(t.name, t.is_java, t.state) for t in dump.threads] == [
        ("main", True, State.WAITING),
        ("", False, None),
    ]
    assert dump.threads[0].synchronizers is NOT_RECORDED


def test_art() -> None:
    dump = dump_of(ART)
    main, other = dump.threads
    assert (dump.pid, dump.captured, dump.ended, dump.atomic) == (
        4711,
        "2026-11-22 03:16:27",
        True,
        False,
    )
    assert (main.id, main.nid, main.state) == (1, 4712, State.BLOCKED)
    assert main.native == (Frame("wait+8", "/lib/libc.so"),)
    assert main.entries[1] == LockLine(LockAction.WAITING_TO_LOCK, 10, "org.acme.A", None, 9)
    assert other.entries[0] == Frame("a.B.c", "Native Method")


def test_jrockit() -> None:
    dump = dump_of(JROCKIT)
    first, vm = dump.threads
    assert (dump.captured, dump.vm, dump.ended) == (
        "2014-07-20 17:03:48",
        "Oracle JRockit(R) R28.0.0",
        True,
    )
    assert (first.state, first.daemon, first.nid, vm.is_java) == (State.BLOCKED, True, 11, False)
    assert first.entries == (
        Frame("org.acme.A.run", "A.java:1"),
        LockLine(LockAction.WAITING_TO_LOCK, 0x20, "java.lang.Object"),
        LockLine(LockAction.LOCKED, 0x10, "java.lang.Object"),
    )
    assert list(first.entry_lines) == [7, 6, 8]
    (report,) = dump.deadlocks
    assert [(m.thread, m.address, m.held_by) for m in report.members] == [
        ("A", 0x20, "B"),
        ("B", 0x10, "A"),
    ]


@pytest.mark.parametrize("text", ALL)
def test_lost_indentation_and_crlf_change_nothing(text: str) -> None:
    bare = "\r\n".join(line.strip(" \t") for line in text.split("\n"))
    assert read(bare).dumps == read(text).dumps


@pytest.mark.parametrize("name", ["thread_info", "thread_mxbean"])
@pytest.mark.parametrize("jdk", ["17", "25"])
def test_captures_of_real_jvms(name: str, jdk: str) -> None:
    text = (FORMATS / name / f"jdk{jdk}.txt").read_text("utf-8")
    facts = read(text)
    (dump,) = facts.dumps
    assert dump.format == name.replace("_", "-")
    headers = re.findall(r'" - Thread t@\d+$|" (?:daemon )?prio=\d+ Id=\d+ ', text, re.MULTILINE)
    assert len(dump.threads) == len(headers) == 13
    by_name = {thread.name: thread for thread in dump.threads}
    assert 'say "hi"\nthere' in by_name
    waits = {
        name: next(e for e in thread.entries if isinstance(e, LockLine))
        for name, thread in by_name.items()
        if name in {"monitor-1", "lock-1", "object-wait", "latch"}
    }
    assert waits["monitor-1"].action is LockAction.WAITING_TO_LOCK
    assert (waits["lock-1"].action, waits["lock-1"].owner) == (LockAction.PARKING, "lock-2")
    assert waits["object-wait"].action is LockAction.WAITING_ON
    assert waits["latch"].action is LockAction.PARKING


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_nothing_raises_and_evidence_is_within_the_input(data: st.DataObject) -> None:
    pool = [line for text in ALL for line in text.split("\n")]
    lines = data.draw(st.lists(st.sampled_from(pool), max_size=30))
    text = "\n".join(lines)
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(["", '"', "\n", " ", "x", "("])) + text[at:]
    try:
        facts = read(text)
    except ReadError:
        return
    last = text.count("\n") + 1
    for dump in facts.dumps:
        for thread in dump.threads:
            assert 1 <= thread.evidence.first_line <= thread.evidence.last_line <= last
            assert all(thread.evidence.first_line <= n <= last for n in thread.entry_lines)
