"""What a form of dump does not record is told, in its own words, and never taken for health."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.facts import (
    Evidence,
    Frame,
    JavaThread,
    LockAction,
    LockLine,
    Monitors,
    ThreadDump,
    ThreadState,
)
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load

KNOWLEDGE = load()
WORK = Frame("com.acme.Work.run", "Work.java:7")
SLEEP = Frame("java.lang.Thread.sleep", "Native Method")
LOCK = (
    Frame("jdk.internal.misc.Unsafe.park", "Native Method"),
    Frame("java.util.concurrent.locks.LockSupport.park", "LockSupport.java:211"),
    Frame("java.util.concurrent.locks.ReentrantLock.lock", "ReentrantLock.java:322"),
    WORK,
)


def thread(
    number: int, *entries: Frame | LockLine, state: ThreadState | None = None, virtual: bool = False
) -> JavaThread:
    line = 10 * number
    return JavaThread(
        f"job-{number}",
        True,
        Evidence("dump.txt", line, line + len(entries)),
        id=number,
        state=state,
        entries=entries,
        entry_lines=tuple(range(line + 1, line + 1 + len(entries))),
        virtual=virtual,
    )


def dump(
    *threads: JavaThread,
    format: str = "dump-to-file",  # noqa: A002 - the fact's name
    monitors: Monitors = Monitors.NOT_RECORDED,
) -> ThreadDump:
    return ThreadDump(
        Evidence("dump.txt", 1, 99),
        threads,
        vm="21.0.8",
        ended=True,
        format=format,
        monitors=monitors,
    )


def told(*dumps: ThreadDump) -> Diagnosis:
    return diagnose(interpret(assemble(dumps, [], KNOWLEDGE)))


def gaps(diagnosis: Diagnosis) -> str:
    return " ".join(gap.what for gap in diagnosis.gaps)


@pytest.mark.parametrize("stack", [(WORK,), LOCK])
def test_a_thread_that_may_be_blocked_is_not_called_healthy(stack: tuple[Frame, ...]) -> None:
    unclear = told(dump(thread(1, *stack), thread(2, SLEEP)))
    assert unclear.verdict.kind.value == "inconclusive"
    assert "1 thread" in unclear.verdict.headline
    assert "a lock that the dump does not record" in unclear.verdict.headline
    assert "Neither locks nor thread states are recorded in dump.txt." in gaps(unclear)


def test_threads_at_rest_are_healthy_whatever_is_not_recorded() -> None:
    sound = told(dump(thread(1, SLEEP), thread(2, SLEEP, virtual=True)))
    assert sound.verdict.kind.value == "healthy"
    assert "Neither locks nor thread states" in gaps(sound)


def test_a_thread_that_runs_by_its_state_is_not_blocked() -> None:
    running = told(dump(thread(1, WORK, state=ThreadState.RUNNABLE)))
    assert running.verdict.kind.value == "healthy"
    assert "No locks are recorded in dump.txt." in gaps(running)


@pytest.mark.parametrize("state", [ThreadState.BLOCKED, ThreadState.WAITING])
def test_a_thread_that_waits_without_a_stack_may_wait_for_a_lock(state: ThreadState) -> None:
    """``jhsdb jstack --mixed`` often shows native frames alone."""
    unclear = told(dump(thread(1, state=state), thread(2, SLEEP), format="jhsdb"))
    assert unclear.verdict.kind.value == "inconclusive"


def test_a_dump_without_any_stack_is_not_called_healthy() -> None:
    unclear = told(dump(thread(1, state=ThreadState.RUNNABLE), format="jhsdb"))
    assert unclear.verdict.kind.value == "inconclusive"


def test_unreliable_lock_lines_are_told() -> None:
    wants = LockLine(LockAction.WAITING_TO_LOCK, 1, "com.acme.Lock")
    holds = LockLine(LockAction.LOCKED, 2, "com.acme.Lock")
    threads = (
        thread(1, WORK, wants, holds, state=ThreadState.BLOCKED),
        thread(2, WORK, wants._replace(address=2), holds._replace(address=1)),
    )
    unclear = told(dump(*threads, format="jhsdb", monitors=Monitors.UNRELIABLE))
    assert not [f for f in unclear.findings if f.id.endswith("deadlock")]
    assert unclear.verdict.kind.value == "inconclusive"
    assert "may be wrong" in gaps(unclear)
    assert any("jstack -l" in gap.command for gap in unclear.gaps)


def test_several_threads_in_class_initialisers_are_not_called_healthy() -> None:
    """Only HotSpot's own dump tells that they wait for each other."""
    initialising = Frame("com.acme.One.<clinit>", "One.java:4")
    threads = [thread(n, initialising, WORK, state=ThreadState.RUNNABLE) for n in (1, 2)]
    both = dump(*threads, monitors=Monitors.RECORDED)
    assert "a class that another thread initialises" in told(both).verdict.headline
    assert told(dump(threads[0], monitors=Monitors.RECORDED)).verdict.kind.value == "healthy"
    assert told(replace(both, format="hotspot")).verdict.kind.value == "healthy"


@pytest.mark.parametrize(
    ("form", "words", "command"),
    [
        ("hotspot", "no last line (JNI global references)", "jstack -l"),
        ("javacore", 'no last line ("END OF DUMP")', "Dump.java"),
        ("jrockit", 'no last line ("END OF THREAD DUMP")', "print_threads"),
        ("dump-to-file-json", "is JSON that breaks off", "Thread.dump_to_file -format=json"),
        ("actuator-json", "is JSON that breaks off", "actuator/threaddump"),
        ("thread-info", "does not tell its end", "jstack -l"),
    ],
)
def test_a_dump_that_may_be_cut_is_told_in_words_of_its_form(
    form: str, words: str, command: str
) -> None:
    whole = dump(thread(1, SLEEP), format=form, monitors=Monitors.RECORDED)
    assert "cut" not in gaps(told(whole))
    cut = told(replace(whole, ended=False))
    (gap,) = [gap for gap in cut.gaps if "cut" in gap.what]
    assert words in gap.what
    assert command in gap.command
    assert cut.verdict.kind.value != "healthy"


def test_json_has_no_title_and_is_no_excerpt() -> None:
    """Spring Boot's Actuator names neither process nor version."""
    whole = replace(dump(thread(1, SLEEP), format="actuator-json"), vm=None)
    assert "excerpt" not in gaps(told(whole))
    assert "excerpt" in gaps(told(replace(whole, format="hotspot")))


@pytest.mark.parametrize(
    ("form", "words", "command"),
    [
        ("hotspot", "was taken without -l", "jstack -l"),
        ("dump-to-file-json", "does not tell who owns every lock", "Thread.print -l"),
        ("javacore", "does not tell who owns every lock", "Dump.java"),
    ],
)
def test_owners_that_are_missing_are_told_in_words_of_the_form(
    form: str, words: str, command: str
) -> None:
    parks = LockLine(LockAction.PARKING, 1, "java.util.concurrent.locks.ReentrantLock$NonfairSync")
    waits = thread(1, LOCK[0], parks, *LOCK[1:], state=ThreadState.WAITING)
    (gap,) = [
        gap
        for gap in told(dump(waits, format=form, monitors=Monitors.RECORDED)).gaps
        if "the owners of 1 java.util.concurrent lock" in gap.what
    ]
    assert words in gap.what
    assert command in gap.command


def test_virtual_threads_are_one_row_of_the_summary_however_many_names_they_have() -> None:
    threads = [thread(n, WORK, state=ThreadState.RUNNABLE, virtual=True) for n in (1, 2)]
    frames = (WORK, Frame("java.lang.VirtualThread.run", "VirtualThread.java:460"))
    threads = [t._replace(entries=frames, entry_lines=(1, 2)) for t in threads]
    (row,) = told(dump(*threads)).summary.pools
    assert (row.name, row.threads) == ("virtual threads", 2)
