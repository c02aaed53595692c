"""Threads wait for each other's locks.

What it is: a circle of threads, each of which holds a lock that the next one wants: monitors
(``synchronized``), ownable synchronizers (``ReentrantLock``), or both.

How it is recognised: the stuck core holds only threads and locks, by the addresses and owners
that the dump states. What the JVM itself reports is compared with it.

What it is mistaken for: contention (which moves on) or a slow lock holder.

What to do now: restart the process: HotSpot cannot break a monitor deadlock.

What to do for good: take locks in one order everywhere, hold them for less, or use ``tryLock``
with a timeout.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.deadlocks import behind, cores_of, deadlock
from hangscope.diagnosis.dump_forms import form_of
from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation
from hangscope.waits import NodeKind
from hangscope.waits.graph import Core

ID = "lock-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(When.NOW, "Restart the process: nothing else frees threads that deadlock on locks."),
    Remedy(
        When.LASTING,
        "Take these locks in the same order everywhere, or hold only one at a time; the quoted"
        " stacks show both orders.",
    ),
    Remedy(
        When.LASTING,
        "Where the order cannot be fixed, use ReentrantLock.tryLock with a timeout and back off.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core of threads and locks alone."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "lock"):
        threads = len(core.threads())
        locks = sum(node.kind is NodeKind.LOCK for node in core.nodes)
        jvm_says, reported = _jvm_report(interpretation, telling, core)
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=(
                f"{plural(threads, 'thread')} wait for each other's locks"
                f" ({plural(locks, 'lock')}) and will never go on."
            ),
            explanation=f"{jvm_says}{behind(core)}",
            remedies=REMEDIES,
            more=reported,
        )


def _jvm_report(
    interpretation: Interpretation, telling: Telling, core: Core
) -> tuple[str, tuple[Citation, ...]]:
    """Whether the JVM's own deadlock report names the same threads."""
    names, behind_it = (
        {telling.threads[node].java.name if node in telling.threads else node.key for node in nodes}
        for nodes in (core.threads(), core.victim_threads())
    )
    scopes = {node.scope for node in core.nodes}
    dumps = [v.dump for j in interpretation.case.jvms if j.scope in scopes for v in j.views]
    reports = [report for dump in dumps for report in dump.deadlocks]
    for report in reports:
        reported = {member.thread for member in report.members}
        if names <= reported <= names | behind_it:
            whom = "the same threads" if reported == names else "threads that wait behind it"
            says = "the JVM's own report of the same deadlock"
            return f"The JVM itself reports it, with {whom}.", (Citation(report.evidence, says),)
    if reports:
        return "The JVM reports deadlocks too, but not one of exactly these threads.", ()
    if not any(form_of(dump).reports for dump in dumps):
        return "This form of dump carries no report of the JVM's own.", ()
    return "The JVM itself does not report it in this dump.", ()
