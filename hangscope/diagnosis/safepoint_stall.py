"""One thread does not stop where all have to, and the whole JVM waits for it.

What it is: for a collection, a dump and much else the JVM stops all threads at a safepoint. Code
that the compiler translated without a poll (long loops over ``int``, copies of huge arrays) does
not stop before it is done, and all others, already stopped, wait for it.

How it is recognised: only a dump that needs no safepoint shows it (``jhsdb jstack --mixed``): C
frames of threads that are held until a safepoint is over (``WaitBarrier::wait``), while a thread
that runs has no C frame on top: it is in code of Java, where no thread is once it is reached.

What it is mistaken for: a hang of the JVM (``jstack`` does not answer), a long collection (then no
thread is in code of Java), or a deadlock.

What to do now: wait, if the loop is known to end; else restart the process.

What to do for good: ``-XX:+UseCountedLoopSafepoints`` (on by default with G1, Z and Shenandoah),
loops over ``long``, smaller pieces; ``-Xlog:safepoint`` and ``-XX:+SafepointTimeout`` name the
thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.facts import ThreadState
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.knowledge import Knowledge, Role
from hangscope.waits import Certainty

ID = "safepoint-stall"
KIND = Kind.CONTENTION
LAYER = Layer.JVM
_HELD = "safepoint"
_RUNS = "runnable"
_QUOTED = 10

REMEDIES = (
    Remedy(
        When.NOW,
        "Wait, if the loop that this thread runs is known to end; else restart the process: jstack"
        " and jcmd do not answer until then.",
    ),
    Remedy(
        When.LASTING,
        "Run with -XX:+UseCountedLoopSafepoints, or let the loop count in a long or in smaller"
        " pieces; -Xlog:safepoint and -XX:+SafepointTimeout name the thread next time.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a dump that shows threads held at a safepoint, and one that is not."""
    for jvm in interpretation.case.jvms:
        for view in jvm.views:
            held = [t for t in view.threads if _is_held(interpretation.case.knowledge, t)]
            late = [t for t in view.threads if _is_in_java(t)]
            if held and late:
                yield _finding(interpretation, view, held, late)
                break


def _is_held(knowledge: Knowledge, thread: Thread) -> bool:
    return any(knowledge.is_native(_HELD, frame.method) for frame in thread.java.native)


def _is_in_java(thread: Thread) -> bool:
    """Whether it runs with no frame of C on top, in a dump that shows those of others."""
    java = thread.java
    runs = java.state is ThreadState.RUNNABLE and java.os_state.startswith(_RUNS)
    return runs and not java.native and thread.profile.role is not Role.JVM


def _finding(
    interpretation: Interpretation, view: Jvm, held: Sequence[Thread], late: Sequence[Thread]
) -> Finding:
    telling = Telling(interpretation)
    nodes = [thread.node for thread in late]
    who = telling.label(nodes[0]) if len(late) == 1 else plural(len(late), "thread")
    holds = "has" if len(late) == 1 else "have"
    inference = (
        f"That the safepoint waits for {who} is inferred: once one is reached, no thread runs code"
        f" of Java, and in {view.dump.evidence.input} threads that wait have a frame of C on top"
    )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=f"{who} {holds} not stopped at a safepoint, and the whole JVM waits for it.",
        explanation=(
            f"{plural(len(held), 'thread')} {'is' if len(held) == 1 else 'are'} held until a"
            f" safepoint is over, and {who} {holds} no frame of C on top, and so runs code of Java:"
            " it is not reached yet."
        ),
        subjects=telling.subjects(nodes),
        chain=(),
        rests_on=(inference,),
        citations=(
            *(Citation(t.java.evidence, f'"{t.name}" runs code of Java') for t in late[:_QUOTED]),
            *(Citation(t.java.evidence, f'"{t.name}" is held') for t in held[:_QUOTED]),
        ),
        remedies=REMEDIES,
        refuted_by="jstack PID, if that answers at once",
    )
