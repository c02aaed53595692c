"""The collector uses more of the processors than the program.

What it is: the heap is all but full of objects that are still used, so that each collection frees
little and the next follows at once. Threads hardly move, and the service looks hung.

How it is recognised: from each dump to the next one of the threads that collect while the program
stands still worked for more than a quarter of the time (``cpu=`` against ``elapsed=``), and all of
them together more than twice what all Java threads did.

What it is mistaken for: a hang of threads (whose stacks show allocations here and there), a
collector that works beside the program (its marking threads are not counted), or one collection
that somebody asked for between two dumps (``jmap -histo:live``, ``GC.class_histogram``).

What to do now: restart the process with a larger heap (``-Xmx``); take a heap histogram
(``jcmd PID GC.class_histogram``) before.

What to do for good: find what is kept (heap dump), bound caches and result sets, and size the heap
for what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.interpret import Interpretation, Jvm
from hangscope.interpret.courses import Course, courses
from hangscope.waits import Certainty

ID = "gc-thrashing"
KIND = Kind.BUSY
LAYER = Layer.JVM
_COLLECTS = "gc-pause"
"""The entry for names of threads that work only while the program stands still."""
_STOPPED = 0.25
"""Share of the time that the busiest of these worked: the program stood still for at least that."""
_TWICE = 2.0
"""Times the processor time of the program itself."""
_QUOTED = 10
_TWO = 2
_ASKED_FOR = (
    "That these collections go on, and are no single one that somebody asked for between the two"
    " dumps (jmap -histo:live, GC.class_histogram), is inferred: a third dump decides it"
)

REMEDIES = (
    Remedy(
        When.NOW,
        "Take a heap histogram (jcmd PID GC.class_histogram), then restart the process, with a"
        " larger heap (-Xmx) if there is memory for it.",
    ),
    Remedy(
        When.LASTING,
        "Find what fills the heap in a heap dump (-XX:+HeapDumpOnOutOfMemoryError), bound caches"
        " and result sets, and size the heap for what is left.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a JVM whose collector outweighs its program."""
    knowledge = interpretation.case.knowledge
    for jvm in interpretation.case.jvms:
        known = [c for c in courses(interpretation.case, jvm) if c.used_s is not None]
        collectors = [
            course
            for course in known
            if not course.shots[-1].is_java
            and _COLLECTS in knowledge.profile(course.shots[-1]).entries
        ]
        program = sum(course.used_s or 0 for course in known if course.shots[-1].is_java)
        collected = sum(course.used_s or 0 for course in collectors)
        if _stopped(collectors) >= _STOPPED and collected >= _TWICE * program:
            yield _finding(interpretation, jvm, collectors, collected, program)


def _stopped(collectors: Sequence[Course]) -> float:
    """The least share of the time that the program stood still, from any dump to the next."""
    intervals = zip(*(course.shares for course in collectors), strict=True)
    return min((max(shares) for shares in intervals), default=0.0)


def _finding(
    interpretation: Interpretation,
    jvm: Jvm,
    collectors: Sequence[Course],
    collected: float,
    program: float,
) -> Finding:
    seconds = max(course.seconds or 0 for course in collectors)
    stopped = max(course.used_s or 0 for course in collectors)
    process = interpretation.case.process(jvm.scope)
    once = len(collectors[0].shots) == _TWO
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if once else Certainty.PROVEN,
        permanent=None,
        headline=(
            f"The collector used {collected:,.1f} s of processor time in {seconds:,.0f} s, and all"
            f" Java threads together {program:,.1f} s: the heap is too full."
        ),
        explanation=(
            f"The program stood still for at least {stopped:,.1f} of these {seconds:,.0f} s. Its"
            " threads are not stuck, they are stopped: what the stacks show is chance."
        ),
        subjects=(Subject(SubjectType.PROCESS, process or jvm.scope, process),),
        chain=(),
        rests_on=(_ASKED_FOR,) if once else (),
        citations=tuple(
            Citation(
                shot.evidence,
                f'"{shot.name}" had used {(shot.cpu_ms or 0) / 1000:,.1f} s of processor time',
            )
            for course in collectors[:_QUOTED]
            for shot in (course.shots[0], course.shots[-1])
        ),
        remedies=REMEDIES,
        refuted_by=(
            "a log of the collector (jcmd PID VM.log what=gc output=gc.log) with long pauses"
            " between collections"
        ),
    )
