"""Dumps of OpenJ9's jstack and jcmd."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import NOT_RECORDED, Evidence, Frame, Identity, LockAction, LockLine
from hangscope.readers import ReadError, read_input, recognise
from hangscope.readers.content.source import Source

from .reading import dump_of, read

TITLE = """\
JRE 17 Linux amd64-64-Bit Compressed References 20221018_325 (JIT enabled, AOT enabled)
OpenJ9   - e04a7f6c1
OMR      - 85a21674f
JCL      - 32d2c409a33 based on jdk-17.0.5+8

"""
ABOVE = "2024-11-18T12:20:39.414123\nVirtual machine: 4711 JVM information:\n"
THREADS = """\
"worker-1" prio=5 Id=21 BLOCKED on org.acme.Fork@1b2c3d owned by "worker-2" Id=22
\tat app//org.acme.Philosopher.run(Philosopher.java:39)
\t- locked org.acme.Fork@4d5e6f
\tat java.base@17.0.5/java.lang.Thread.run(Thread.java:857)

"timer" prio=5 Id=23 WAITING
\tat java.base@17.0.5/java.lang.Object.wait(Native Method)
\tat java.base@17.0.5/java.util.TimerThread.run(Timer.java:5)
\t- locked java.util.TaskQueue@7

"""
OWNERS = """\
"worker-2" Id=22 RUNNABLE
\tat org.acme.Philosopher.run(Philosopher.java:39)

\tLocked ownable synchronizers: 1
\t- java.util.concurrent.locks.ReentrantLock$NonfairSync@28a418fc

"""


def test_a_dump() -> None:
    dump = dump_of(ABOVE + TITLE + THREADS)
    assert dump.format == "openj9-text"
    assert (dump.captured, dump.pid, dump.jdk_feature) == ("2024-11-18 12:20:39", 4711, 17)
    assert dump.identity is Identity.HASH
    assert dump.evidence == Evidence("input.txt", 1, 16)
    first, second = dump.threads
    assert (first.name, first.id, first.priority) == ("worker-1", 21, 5)
    assert first.evidence == Evidence("input.txt", 8, 11)
    assert first.entries == (
        LockLine(LockAction.WAITING_TO_LOCK, 0x1B2C3D, "org.acme.Fork", "worker-2", 22),
        Frame("org.acme.Philosopher.run", "Philosopher.java:39"),
        LockLine(LockAction.LOCKED, 0x4D5E6F, "org.acme.Fork"),
        Frame("java.lang.Thread.run", "Thread.java:857"),
    )
    assert first.entry_lines == (8, 9, 10, 11)
    assert first.synchronizers is NOT_RECORDED
    assert second.entries[-1] == LockLine(LockAction.WAITING_ON, 7, "java.util.TaskQueue")


def test_ownable_synchronizers() -> None:
    dump = dump_of(TITLE + OWNERS)
    name = "java.util.concurrent.locks.ReentrantLock$NonfairSync"
    assert dump.synchronizers_recorded
    assert dump.threads[0].synchronizers == (LockLine(LockAction.LOCKED, 0x28A418FC, name),)
    assert dump.threads[0].synchronizer_lines == (10,)


def test_two_in_one_file_and_text_around() -> None:
    facts = read(f"a log line\n{ABOVE}{TITLE}{THREADS}bye\n{ABOVE}{TITLE}{OWNERS}bye\n")
    assert [len(dump.threads) for dump in facts.dumps] == [2, 1]
    assert facts.not_understood == ()
    assert facts.dumps[1].pid == 4711


def test_java_version_is_no_dump() -> None:
    facts = read(
        "Eclipse OpenJ9 VM 17.0.5.0 (build openj9-0.35.0, JRE 17 Linux amd64-64-Bit 2022 (JIT enabled, AOT enabled)\n"
        "OpenJ9   - e04a7f6c1\nOMR      - 85a21674f\nsome log\nESTAB 0 0 10.0.0.1:1 10.0.0.2:2\n"
    )
    assert (facts.format, facts.dumps, facts.not_understood) == ("ss", (), ())


@pytest.mark.parametrize("line", ["JRE 11 is old", "OpenJ9   - ", '"main" Id=1 RUNNABLE'])
def test_other_lines_are_not_its_title(line: str) -> None:
    found = recognise([line])
    assert found is None or found.reader.name != "openj9-text"


def test_damage_costs_its_thread() -> None:
    facts = read(TITLE + THREADS.replace('"timer" prio=5 Id=23 WAITING', '"timer" prio=5 Id'))
    (dump,) = facts.dumps
    assert [thread.name for thread in dump.threads] == ["worker-1"]
    assert [(one.first_line, one.last_line) for one in facts.not_understood] == [(11, 11), (12, 14)]


def test_names_with_line_feeds() -> None:
    dump = dump_of(TITLE + '"two\nlines" prio=5 Id=3 RUNNABLE\n\tat a.b.C.d(C.java:1)\n')
    assert [thread.name for thread in dump.threads] == ["two\nlines"]


LINES = (ABOVE + TITLE + THREADS + OWNERS).split("\n")


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=8)), max_size=30))
@settings(max_examples=300, deadline=None)
def test_lines_in_any_order_give_facts_or_a_read_error(lines: list[str]) -> None:
    text = "\n".join([LINES[2], *lines])
    last = text.count("\n") + 1
    try:
        facts = read_input(Source.from_bytes("x", text.encode("utf-8", "surrogatepass")))
    except ReadError:
        return
    for dump in facts.dumps:
        assert 1 <= dump.evidence.first_line <= dump.evidence.last_line <= last
        for thread in dump.threads:
            if dump.format == "openj9-text":  # others tell a wait above the stack
                assert list(thread.entry_lines) == sorted(thread.entry_lines)
            for line in thread.entry_lines:
                assert thread.evidence.first_line <= line <= thread.evidence.last_line
