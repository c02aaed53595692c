"""Crowds behind a call of the operating system that names no peer: the resolver, a device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hangscope.diagnosis.blame import Crowd, crowd
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.waits import Certainty


@dataclass(frozen=True, slots=True)
class NativeHang:
    """Threads in such a call, and all that wait for them, so many that the service hangs."""

    jvm: Jvm
    calling: tuple[Thread, ...]
    behind: Crowd


def hanging_in(
    interpretation: Interpretation, calls: Callable[[Thread], bool]
) -> Iterator[NativeHang]:
    """The processes most of whose workers wait, directly or not, for a call of such threads."""
    for jvm in interpretation.case.jvms:
        calling = [t for t in jvm.everyone if calls(t) and t.node not in jvm.moved]
        if not calling:
            continue
        graph = interpretation.graph
        waiting = {node for thread in calling for node in graph.behind(thread.node)}
        behind = crowd(interpretation, {*(thread.node for thread in calling), *waiting})
        if behind is not None:
            yield NativeHang(jvm, tuple(calling), behind)


def native_wait(
    interpretation: Interpretation,
    hang: NativeHang,
    *,
    finding: str,
    layer: Layer,
    what: str,
    doing: tuple[str, str],
    inference: str,
    remedies: tuple[Remedy, ...],
) -> Finding:
    """The finding that most workers wait for one call of the operating system.

    Args:
        interpretation: The case.
        hang: Who is in the call and who waits.
        finding: The finding's id.
        layer: Whom to call.
        what: What they wait for, in words.
        doing: What those in the call do, of one and of several.
        inference: What the stacks do not tell and was concluded.
        remedies: What to do.
    """
    telling = Telling(interpretation)
    graph = interpretation.graph
    calling = [thread.node for thread in hang.calling]
    threads = [node for node in hang.behind.threads if node in telling.threads]
    through = [node for node in threads if node not in calling]
    ways = [graph.path(node, end) for node in through for end in calling]
    path = max(ways, key=len, default=())
    said = f"{plural(len(calling), 'thread')} {doing[len(calling) > 1]}."
    if through:
        verb = "waits" if len(through) == 1 else "wait"
        said += f" {plural(len(through), 'more thread')} {verb} for that."
    return Finding(
        id=finding,
        kind=Kind.SLOW_DEPENDENCY,
        layer=layer,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=f"{plural(len(threads), 'thread')} wait for {what}.",
        explanation=said,
        subjects=telling.subjects({*threads, *(claim.waiter for claim in path)}),
        chain=telling.steps(path, through),
        rests_on=(inference, *inferences(path, [hang.jvm.identity.inference])),
        citations=(*telling.cite_threads(calling), *telling.cite_threads(through)),
        remedies=remedies,
        refuted_by=(
            "a second dump (jstack PID) in which other threads are in these calls, or none"
        ),
    )
