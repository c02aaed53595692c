"""Threads that burn a processor each and do not come out of one call.

What it is: an endless or very long loop: a regular expression that backtracks, a search that
doubles with each element, a loop whose end never comes, or a batch of enormous size.

How it is recognised: in every one of several dumps a thread is in the same method of the
application, called from the same lines, and between them it used most of a processor (``cpu=`` of
the dumps, or the row of its native id in ``top -H``).

What it is mistaken for: a busy server (whose threads move from one thing to the next), a spinning
collector (its threads are the VM's own), or a wait (which uses no processor).

What to do now: restart the process, or take the input away that it works on: a Java thread cannot
be ended from outside.

What to do for good: bound the input and the work; let the loop end on interruption; expressions
without nested repetition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.busy_threads import Spin, burn_much, cite, spins
from hangscope.diagnosis.hash_map_loop import is_in_map, rings
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation
from hangscope.waits import Certainty

ID = "runaway-thread"
KIND = Kind.BUSY
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(
        When.NOW,
        "Find what these threads work on (the quoted frames tell the method) and take that input"
        " away, or restart the process: a Java thread cannot be ended from outside.",
    ),
    Remedy(
        When.LASTING,
        "Bound the work: limit the input, let the loop end on interruption or after a time, and"
        " use expressions without nested repetition.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a method in which threads of one JVM burn processors."""
    places: dict[tuple[str, str], list[Spin]] = {}
    told = {spin.thread.node for found in rings(interpretation) for spin in found}
    for spin in spins(interpretation):
        if spin.thread.node not in told:
            places.setdefault((spin.jvm.scope, spin.frame.method), []).append(spin)
    for found in places.values():
        if burn_much(found):
            yield _finding(interpretation, found)


def _finding(interpretation: Interpretation, found: Sequence[Spin]) -> Finding:
    telling = Telling(interpretation)
    nodes = [spin.thread.node for spin in found]
    one = found[0]
    method = one.frame.method
    it = "it" if len(found) == 1 else "them"
    burn = "burns a processor" if len(found) == 1 else "burn a processor each"
    who = telling.label(nodes[0]) if len(found) == 1 else plural(len(found), "thread")
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=f"{who} {burn} in {method}, and no dump shows {it} elsewhere.",
        explanation=f"{used(one)}{_map(interpretation, one)}",
        subjects=telling.subjects(nodes),
        chain=(),
        rests_on=(one_call(one),),
        citations=tuple(citation for spin in found[:10] for citation in cite(spin)),
        remedies=REMEDIES,
        refuted_by=(
            f"a later dump (jstack PID) that shows {it} elsewhere: then the work is long, but it"
            " ends"
        ),
    )


def _map(interpretation: Interpretation, spin: Spin) -> str:
    if not is_in_map(interpretation, spin):
        return ""
    return (
        f" Each time it is within {spin.callee}: if several threads change that map without a lock,"
        " it may have a ring that never ends."
    )


def used(spin: Spin) -> str:
    """What was measured, as a sentence."""
    course = spin.course
    dumps = f"{len(course.shots)} dumps"
    over = f" over {course.seconds:,.0f} s" if course.seconds is not None else ""
    if course.used_s is None:
        return (
            f"{dumps}{over} show the same call, and top tells {course.share:.0%} of a processor"
            f' for "{spin.thread.name}".'
        )
    return (
        f'{dumps}{over} show the same call; in that time "{spin.thread.name}" used'
        f" {course.used_s:,.1f} s of processor time, never less than {course.share:.0%} of one"
        " processor."
    )


def one_call(spin: Spin) -> str:
    """The inference in it, in words."""
    return (
        f"That {spin.frame.method} is one and the same call in all {len(spin.course.shots)} dumps"
        " is inferred: its callers are the same, down to the line"
    )
