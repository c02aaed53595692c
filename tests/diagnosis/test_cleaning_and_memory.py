"""Finalizers that wait, and direct memory that is used up: what counts and what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hangscope.diagnosis import diagnose
from hangscope.diagnosis.model import Finding
from hangscope.facts import Frame, JavaThread, LockAction, LockLine, ThreadDump, ThreadState
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
Change = Callable[[JavaThread], JavaThread]


def dump_of(case: str, change: Change = lambda thread: thread) -> ThreadDump:
    (dump,) = read_input(Source.from_path(FIXTURES / case / "dump.txt")).dumps
    return replace(dump, threads=tuple(map(change, dump.threads)))


def found(*dumps: ThreadDump) -> dict[str, Finding]:
    told = diagnose(interpret(assemble(dumps, [], KNOWLEDGE)))
    return {finding.id: finding for finding in told.findings}


def without_locks(thread: JavaThread) -> JavaThread:
    kept = tuple(e for e in thread.entries if not isinstance(e, LockLine))
    return thread._replace(entries=kept, entry_lines=tuple(thread.entry_lines)[: len(kept)])


def test_a_finalizer_that_runs_is_busy_and_not_blocked() -> None:
    def running(thread: JavaThread) -> JavaThread:
        if thread.name != "Finalizer":
            return thread
        state = ThreadState.RUNNABLE
        return without_locks(thread)._replace(state=state, os_state="runnable")

    assert "finalizer-blocked" in found(dump_of("finalizer-blocked"))
    assert "finalizer-blocked" not in found(dump_of("finalizer-blocked", running))


def test_a_finalizer_that_moved_between_two_dumps_is_not_blocked() -> None:
    def later(thread: JavaThread) -> JavaThread:
        mine = thread.name == "Finalizer"
        return thread._replace(cpu_ms=(thread.cpu_ms or 0) + 500) if mine else thread

    def older(thread: JavaThread) -> JavaThread:
        return thread._replace(elapsed_s=(thread.elapsed_s or 0) + 10)

    blocked = dump_of("finalizer-blocked")
    again = dump_of("finalizer-blocked", older)
    assert "in all 2 dumps" in found(blocked, again)["finalizer-blocked"].explanation
    assert "finalizer-blocked" not in found(blocked, dump_of("finalizer-blocked", later))


def test_a_finalizer_behind_a_deadlock_is_its_effect() -> None:
    """The exporter wants a monitor that a third thread holds, which wants the exporter's."""
    blocked = dump_of("finalizer-blocked")
    finalizer = next(t for t in blocked.threads if t.name == "Finalizer")
    wanted = next(e for e in finalizer.entries if isinstance(e, LockLine))
    other = wanted._replace(address=0x1234)

    def crossed(thread: JavaThread) -> JavaThread:
        if thread.name not in {"exporter", "viewer"}:
            return thread
        wants, holds = (other, wanted) if thread.name == "exporter" else (wanted, other)
        at = Frame("cases.ImageStore.swap", "ImageStore.java:9")
        entries = (at, wants, holds._replace(action=LockAction.LOCKED))
        lines = tuple(thread.entry_lines)[:1] * 3
        return thread._replace(state=ThreadState.BLOCKED, entries=entries, entry_lines=lines)

    told = found(dump_of("finalizer-blocked", crossed))
    assert told["finalizer-blocked"].effect_of == "lock-deadlock"
    assert told["finalizer-blocked"].permanent is True


def test_a_thread_that_gets_its_direct_memory_at_once_is_not_out_of_it() -> None:
    def awake(thread: JavaThread) -> JavaThread:
        if not any("Bits.reserveMemory" in frame.method for frame in thread.frames()):
            return thread
        kept = tuple(e for e in thread.entries if "Thread.sleep" not in getattr(e, "method", ""))
        lines = tuple(thread.entry_lines)[: len(kept)]
        return thread._replace(state=ThreadState.RUNNABLE, entries=kept, entry_lines=lines)

    assert "memory-exhaustion" in found(dump_of("direct-memory-full"))
    assert "memory-exhaustion" not in found(dump_of("direct-memory-full", awake))


def test_a_thread_that_makes_the_error_is_out_of_memory() -> None:
    def failing(thread: JavaThread) -> JavaThread:
        if thread.name != "pool-1-thread-1":
            return thread
        made = Frame("java.lang.OutOfMemoryError.<init>", "OutOfMemoryError.java:58")
        lines = (thread.entry_lines[0], *thread.entry_lines)
        return thread._replace(entries=(made, *thread.entries), entry_lines=lines)

    finding = found(dump_of("direct-memory-free", failing))["memory-exhaustion"]
    assert "OutOfMemoryError" in finding.headline
