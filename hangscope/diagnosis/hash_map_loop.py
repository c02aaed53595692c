"""A hash map that several threads changed without a lock has a loop, and threads walk it for ever.

What it is: HashMap (up to JDK 7, and its trees since), WeakHashMap (in every release) and kin are
not made for several threads. Two that resize one at the same time can tie a list of it into a
ring; whoever looks there for a key that is not in it walks round for ever, at full speed.

How it is recognised: in every one of several dumps several threads are in a method of the map,
each called from the same line, and between the dumps they used up a processor, or what they got.

What it is mistaken for: any other endless loop, or heavy but lawful use of a map, which moves on:
its calls are short, so that dumps find them in different places.

What to do now: restart the process: the ring does not untie, and each further call is lost too.

What to do for good: ConcurrentHashMap, or a lock around every use, reads included; for weak keys
``Collections.synchronizedMap(new WeakHashMap<>())`` or a cache library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.busy_threads import Spin, burn_much, cite, spins
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation
from hangscope.waits import Certainty

ID = "hash-map-loop"
KIND = Kind.BUSY
LAYER = Layer.APPLICATION
_SIGN = "hash-map"
_DUMPS = 3
_THREADS = 2
"""How many at least are needed to tell a ring from heavy use of a sound map."""

REMEDIES = (
    Remedy(
        When.NOW, "Restart the process: the ring does not untie, and each further call is lost."
    ),
    Remedy(
        When.LASTING,
        "Use ConcurrentHashMap, or hold one lock around every use of the map, reads included; for"
        " weak keys Collections.synchronizedMap(new WeakHashMap<>()) or a cache library.",
    ),
)


def is_in_map(interpretation: Interpretation, spin: Spin) -> bool:
    """Whether the thread is within a map that is not made for several threads, in every dump."""
    knowledge = interpretation.case.knowledge
    return spin.callee is not None and knowledge.has_sign(_SIGN, spin.callee)


def rings(interpretation: Interpretation) -> tuple[tuple[Spin, ...], ...]:
    """Threads of one JVM that do not come out of the same kind of map: several, in several dumps.

    One thread alone may use a map heavily and lawfully: it is told as any other that runs away.
    """
    together: dict[tuple[str, str], list[Spin]] = {}
    for spin in spins(interpretation):
        if is_in_map(interpretation, spin) and len(spin.course.shots) >= _DUMPS:
            of = (spin.callee or "").rpartition(".")[0].partition("$")[0]
            together.setdefault((spin.jvm.scope, of), []).append(spin)
    found = (tuple(group) for group in together.values() if len(group) >= _THREADS)
    return tuple(group for group in found if burn_much(group))


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a JVM and kind of map."""
    for found in rings(interpretation):
        yield _finding(interpretation, found)


def _finding(interpretation: Interpretation, found: Sequence[Spin]) -> Finding:
    telling = Telling(interpretation)
    nodes = [spin.thread.node for spin in found]
    methods = " and ".join(dict.fromkeys(spin.callee or "" for spin in found))
    callers = " and ".join(dict.fromkeys(spin.frame.method for spin in found))
    dumps = len(found[0].course.shots)
    inference = (
        f"That each is one call without end, and not many short ones, is inferred: all {dumps}"
        f" dumps find each of the {len(found)} threads within the map, called from one line"
    )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=(
            f"{plural(len(found), 'thread')} do not come out of {methods}, at full speed: the map"
            " has a ring, tied by changes from several threads at once."
        ),
        explanation=(
            f"The map is used in {callers}. {dumps} dumps show each thread in the same call of the"
            " same line, with a processor, or its part of one, used up in between."
        ),
        subjects=telling.subjects(nodes),
        chain=(),
        rests_on=(inference,),
        citations=tuple(citation for spin in found[:10] for citation in cite(spin)),
        remedies=REMEDIES,
        refuted_by=(
            "a dump (jstack PID) that shows one of them elsewhere, or code that gives each thread a"
            " map of its own"
        ),
    )
