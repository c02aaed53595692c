"""Virtual threads that wait without leaving their carriers stop all others.

What it is: virtual threads run on a few carriers (as many as there are processors). One that waits
within ``synchronized`` (before JDK 24), below a native frame or in a class initialiser keeps its
carrier; when each carrier is kept so, no other virtual thread runs, be it only to release what the
first ones wait for.

How it is recognised: every carrier has mounted a virtual thread that is parked on it
(``parkOnCarrierThread``) or blocked, and virtual threads that could run, or have not begun, have
no carrier. ``Thread.print`` tells who is mounted, ``Thread.dump_to_file`` shows the others.

What it is mistaken for: an idle JVM (``jstack`` shows no virtual thread that waits), a slow
dependency, or a deadlock of locks: it is one only if the holder of what is waited for has no
carrier either.

What to do now: restart the process if the same ones still hold the carriers some seconds later;
more carriers (``-Djdk.virtualThreadScheduler.parallelism`` and ``maxPoolSize``) put it off.

What to do for good: JDK 24 or later, where ``synchronized`` pins nothing; before, ``ReentrantLock``
in its place around anything that waits; no waiting in class initialisers or below native code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

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
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.carriers import Carriers
from hangscope.knowledge import Activity
from hangscope.waits import Certainty, Claim, Node, NodeKind, Until

ID = "virtual-thread-pinning"
KIND = Kind.CONTENTION
LAYER = Layer.JVM
_UNPINNED = 24
"""Since this release ``synchronized`` pins nothing (JEP 491)."""

_MORE = "More carriers (-Djdk.virtualThreadScheduler.parallelism and maxPoolSize) put it off."
_RESTART = Remedy(When.NOW, f"Restart the process. {_MORE}")
_LOOK_AGAIN = Remedy(
    When.NOW,
    "Take the same dumps again some seconds later. If the same virtual threads still hold the"
    f" carriers, restart the process: those that are ready are not run until then. {_MORE}",
)
_BEFORE = Remedy(
    When.LASTING,
    "Run on JDK 24 or later, where synchronized pins nothing; before that, use ReentrantLock in"
    " its place around anything that waits.",
)
_ALWAYS = Remedy(
    When.LASTING,
    "Do not wait in class initialisers or below native frames: both pin in every release.",
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a JVM all of whose carriers are held by virtual threads that wait."""
    telling = Telling(interpretation)
    for pool in interpretation.carriers:
        if pool.held:
            yield _finding(interpretation, telling, pool)


def _finding(interpretation: Interpretation, telling: Telling, pool: Carriers) -> Finding:
    nodes = [thread.node for thread in pool.pinned]
    claims = _way(interpretation, pool)
    permanent = _permanent(interpretation, nodes)
    carriers, ready = len(pool.threads), len(pool.ready)
    process = interpretation.case.process(pool.jvm.scope)
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=permanent,
        headline=(
            f"Each of the {carriers} carriers of virtual threads is held by one that waits;"
            f" {plural(ready, 'other')} could run and {'has' if ready == 1 else 'have'} no carrier."
        ),
        explanation=f"{_doing(telling, pool.pinned)}{_whom(interpretation, telling, pool)}",
        subjects=(
            *telling.subjects(nodes),
            Subject(SubjectType.THREAD, "virtual threads without a carrier", process, ready),
            Subject(SubjectType.POOL, pool.name, process, carriers),
        ),
        chain=telling.steps(claims, nodes),
        rests_on=inferences(claims, [pool.jvm.identity.inference]),
        citations=(*_carrying(pool), *telling.cite_threads(nodes)),
        remedies=remedies(pool, sure=permanent is True),
        refuted_by=(
            "a dump a few seconds later (jcmd PID Thread.print) that shows other virtual threads on"
            " these carriers"
        ),
    )


def remedies(pool: Carriers, *, sure: bool) -> tuple[Remedy, ...]:
    """What helps against pinning, by the release and by whether it is sure not to end."""
    feature = pool.jvm.dump.jdk_feature
    old = feature is None or feature < _UNPINNED
    return (_RESTART if sure else _LOOK_AGAIN, *((_BEFORE,) if old else ()), _ALWAYS)


def _way(interpretation: Interpretation, pool: Carriers) -> tuple[Claim, ...]:
    """From one that is ready to the carriers, and to what those wait for who hold them."""
    graph = interpretation.graph
    (first,) = (c for c in graph.claims_of(pool.ready[0].node) if pool.node in c.on)
    (second,) = graph.claims_of(pool.node)
    further = graph.claims_of(second.on[0])
    return (first, second, *further[:1])


def _permanent(interpretation: Interpretation, pinned: list[Node]) -> bool | None:
    """Known only where what they wait for is."""
    graph = interpretation.graph
    if all(node in graph.stuck for node in pinned):
        return None if any(core.permanent is None for core in graph.cores) else True
    claims = [claim for node in pinned for claim in graph.claims_of(node)]
    return False if claims and all(c.until is Until.DEADLINE for c in claims) else None


def _doing(telling: Telling, pinned: tuple[Thread, ...]) -> str:
    doing = Counter(_word(telling, telling.threads[thread.node]) for thread in pinned)
    told = (
        f"1 that {word}" if count == 1 else f"{count}, each of which {word}"
        for word, count in doing.most_common(3)
    )
    return f"Who holds them: {'; '.join(told)}."


def _word(telling: Telling, thread: Thread) -> str:
    """What it does, without its name."""
    if thread.profile.activity is Activity.RUNNING:  # before JDK 25 no state tells better
        index = thread.profile.application_frame
        frame = thread.frame(index) if index is not None else None
        where = f" in {frame.method}" if frame else ""
        return f"stands still{where} (no processor time from one dump to the next)"
    said = telling.describe(thread)
    return said.split('" ', 1)[-1] if said.startswith('"') else said


def _whom(interpretation: Interpretation, telling: Telling, pool: Carriers) -> str:
    """Who has to run for the carriers to be freed, as far as it is recorded."""
    graph = interpretation.graph
    locks = {n for t in pool.pinned for c in graph.claims_of(t.node) for n in c.on}
    locks = {node for node in locks if node.kind is NodeKind.LOCK}
    owners = {owner for lock in locks for claim in graph.claims_of(lock) for owner in claim.on}
    waiting = owners & {thread.node for thread in pool.ready}
    if waiting:
        whom = ", ".join(telling.label(node) for node in sorted(waiting))
        return f" What they wait for is held by {whom}, which has no carrier to run on."
    if owners:
        return ""
    return (
        " Who holds what they wait for is not recorded: if it is a virtual thread that is not"
        " mounted, it has no carrier to run on, and this never ends by itself."
    )


def _carrying(pool: Carriers) -> Iterator[Citation]:
    for carrier in pool.threads:
        mounted = pool.mounted.get(carrier.node)
        whom = f"virtual thread #{mounted.java.id}" if mounted else "a virtual thread"
        evidence = carrier.java.evidence
        last = min(evidence.first_line + 1, evidence.last_line)
        lines = evidence._replace(last_line=last)
        yield Citation(lines, f'"{carrier.name}" has mounted {whom}')
