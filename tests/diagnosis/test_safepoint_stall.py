"""A safepoint that is not reached: who is held, and who runs code of Java."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hangscope.diagnosis import diagnose
from hangscope.facts import Frame, JavaThread, ThreadState
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()


def found(change: Callable[[JavaThread], JavaThread]) -> set[str]:
    (dump,) = read_input(Source.from_path(FIXTURES / "safepoint-stall" / "dump.txt")).dumps
    changed = replace(dump, threads=tuple(map(change, dump.threads)))
    told = diagnose(interpret(assemble([changed], [], KNOWLEDGE)))
    return {finding.id for finding in told.findings}


def test_both_sides_are_needed() -> None:
    def in_c(thread: JavaThread) -> JavaThread:
        mine = thread.name == "pricing"
        return thread._replace(native=(Frame("__write", ""),)) if mine else thread

    def not_held(thread: JavaThread) -> JavaThread:
        return thread._replace(native=thread.native[:1])

    assert "safepoint-stall" in found(lambda thread: thread)
    assert "safepoint-stall" not in found(in_c)
    assert "safepoint-stall" not in found(not_held)


def test_a_thread_that_waits_is_not_late_although_its_frames_of_c_are_missing() -> None:
    def waiting(thread: JavaThread) -> JavaThread:
        mine = thread.name == "pricing"
        state = ThreadState.WAITING
        return thread._replace(state=state, os_state="in Object.wait()") if mine else thread

    assert "safepoint-stall" not in found(waiting)


def test_threads_of_the_vm_are_not_late() -> None:
    def of_the_vm(thread: JavaThread) -> JavaThread:
        return thread._replace(name="C2 CompilerThread0") if thread.name == "pricing" else thread

    assert "safepoint-stall" not in found(of_the_vm)
