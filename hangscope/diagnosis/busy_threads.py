"""Threads that burn a processor and do not come out of one call, from dump to dump."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hangscope.diagnosis.model import Citation
from hangscope.facts import Frame, JavaThread, ThreadState
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.courses import Course, courses, threads_of
from hangscope.knowledge import Activity, Knowledge, Role

_BUSY = 0.4
"""Of one processor, from each dump to the next: threads may queue for processors."""
_PART = 0.2
"""The same for each of several threads that do the same: they queue behind each other."""
_LONG_S = 2.0
"""Processor time, from the first dump to the last, that is no short call any more."""
_SEVERAL = 3
_APART_S = 10.0
"""Two dumps are enough if they are that far apart."""


@dataclass(frozen=True, slots=True)
class Spin:
    """A thread that burns a processor in one call of its own code."""

    jvm: Jvm
    thread: Thread
    course: Course
    frame: Frame
    """The topmost frame of the application."""
    callee: str | None
    """The method that it calls, if it is the same one in every dump, from the same line."""


def spins(interpretation: Interpretation) -> Iterator[Spin]:
    """Every thread that all dumps show in one call, with a processor used up between them."""
    case = interpretation.case
    for jvm in case.jvms:
        for thread, course in threads_of(jvm, courses(case, jvm)):
            if thread.profile.role is Role.JVM or not _burns(course):
                continue
            if thread.profile.activity is not Activity.RUNNING or thread.profile.io is not None:
                continue
            calls = [call for shot in course.shots if (call := _call(case.knowledge, shot))]
            if len(calls) == len(course.shots) and _one_call(case.knowledge, calls):
                yield Spin(jvm, thread, course, calls[-1].at, _one_callee(calls))


def burn_much(found: Sequence[Spin]) -> bool:
    """Whether threads that do the same use up a processor, or what they get of one."""
    return sum(spin.course.share for spin in found) >= _BUSY


def cite(spin: Spin) -> Iterator[Citation]:
    """The thread in each dump, down to the frame that it does not leave."""
    for shot in spin.course.shots:
        index = next(
            (
                i
                for i, entry in enumerate(shot.entries)
                if isinstance(entry, Frame) and entry.method == spin.frame.method
            ),
            0,
        )
        evidence = shot.evidence._replace(last_line=shot.entry_lines[index])
        cpu = "" if shot.cpu_ms is None else f", {shot.cpu_ms / 1000:,.1f} s of processor time"
        yield Citation(evidence, f'"{shot.name}" in {spin.frame.method}{cpu}')
    if spin.course.top is not None:
        share = f"{spin.course.share:.0%} of a processor"
        yield Citation(spin.course.top, f"{share} (tid {spin.course.shots[-1].nid})")


def _burns(course: Course) -> bool:
    if course.share < _PART or (course.used_s is not None and course.used_s < _LONG_S):
        return False
    if any(shot.state not in (ThreadState.RUNNABLE, None) for shot in course.shots):
        return False
    return len(course.shots) >= _SEVERAL or (course.seconds or 0) >= _APART_S


class _Call(NamedTuple):
    called: Frame | None
    """What the application's topmost frame calls; None where that is on top itself."""
    at: Frame
    callers: tuple[Frame, ...]


def _call(knowledge: Knowledge, shot: JavaThread) -> _Call | None:
    """Where the application is; None where no frame is its own.

    A carrier, or a library's own loop, is in one place whatever it works on.
    """
    frames = tuple(shot.frames())
    own = (i for i, frame in enumerate(frames) if knowledge.is_application(frame.method))
    index = next(own, None)
    if index is None:
        return None
    return _Call(frames[index - 1] if index else None, frames[index], frames[index + 1 :])


def _one_call(knowledge: Knowledge, calls: Sequence[_Call]) -> bool:
    """One method, called from the same lines; where it is within itself may differ.

    What it calls is no other library each time: a method that leads to all the work there is, such
    as a handler of requests, is on the stack whatever is being done.
    """
    if not len({call.at.method for call in calls}) == len({call.callers for call in calls}) == 1:
        return False
    called = {call.called.method for call in calls if call.called}
    return len(called) <= 1 or all(map(knowledge.is_platform, called))


def _one_callee(calls: Sequence[_Call]) -> str | None:
    """The one method that all are in, called from one line."""
    called = {call.called.method if call.called else None for call in calls}
    lines = {call.at.location for call in calls}
    return called.pop() if len(called) == len(lines) == 1 else None
