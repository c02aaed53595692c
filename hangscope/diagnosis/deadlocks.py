"""What the deadlock findings share: which core is which, and the proof of a core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy
from hangscope.diagnosis.over_time import same_for
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.interpret import Interpretation
from hangscope.interpret.read_holds import HELD_FOR_READING
from hangscope.interpret.remembered import remembered
from hangscope.waits import Certainty, Claim, Node, NodeKind
from hangscope.waits.graph import Core, WaitGraph


def cores_of(interpretation: Interpretation, kinds: str) -> Iterator[Core]:
    """The cores of one finding, told by the kinds of node in them."""
    for core, kind in _told_apart(interpretation.graph):
        if kind == kinds:
            yield core


@remembered
def _told_apart(graph: WaitGraph) -> tuple[tuple[Core, str], ...]:
    return tuple((core, _kind(core)) for core in graph.cores)


def _kind(core: Core) -> str:
    kinds = {node.kind for node in core.nodes}
    if NodeKind.ENDPOINT in kinds or NodeKind.POOL in kinds:
        scopes = {node.scope for node in core.nodes if node.kind is NodeKind.THREAD}
        return "self-call" if len(scopes) == 1 else "mutual-call"
    if NodeKind.CONNECTION_POOL in kinds:
        return "connection-pool"
    if NodeKind.SYNCHRONIZER in kinds:
        return "executor"
    if NodeKind.CLASS in kinds:
        return "class-initialization"
    if any(claim.relation == HELD_FOR_READING for claim in core.claims):
        return "read-write-lock"
    return "lock"


def deadlock(
    interpretation: Interpretation,
    telling: Telling,
    core: Core,
    *,
    finding: str,
    headline: str,
    explanation: str,
    refuted_by: str,
    remedies: tuple[Remedy, ...],
    start: Node | None = None,
    more: tuple[Citation, ...] = (),
) -> Finding:
    """The finding that ``core`` is: its cycle as a chain, its stacks, what it rests on.

    Args:
        interpretation: Where the core comes from.
        telling: Words for it.
        core: The core.
        finding: The finding's id.
        headline: One sentence for a manager.
        explanation: The paragraph behind it; whether time alone ends it is added.
        refuted_by: What would show that it is none; told where it is inferred.
        remedies: What to do.
        start: Where the chain begins and ends; the first thread of the core if not given.
        more: Further lines that show it.
    """
    cycle = interpretation.graph.cycle(core, start or core.threads[0])
    scopes = {node.scope for node in core.nodes}
    identities = [jvm.identity.inference for jvm in interpretation.case.jvms if jvm.scope in scopes]
    processes = len({node.scope for node in core.threads})
    inferred = core.certainty is Certainty.INFERRED
    return Finding(
        id=finding,
        kind=Kind.DEADLOCK,
        layer=Layer.APPLICATION,
        certainty=core.certainty,
        permanent=core.permanent,
        headline=headline,
        explanation=" ".join(
            filter(
                None,
                (
                    explanation,
                    same_for(interpretation, core.threads),
                    _breaks(core.permanent, processes),
                ),
            )
        ),
        subjects=telling.subjects((*core.nodes, *core.victims)),
        chain=telling.steps(cycle, core.nodes),
        rests_on=inferences(core.claims, identities) if inferred else (),
        citations=(*telling.cite_threads(core.threads), *more),
        remedies=remedies,
        refuted_by=refuted_by if inferred else "",
    )


def threads_of_pool(telling: Telling, nodes: Iterable[Node]) -> dict[str, int]:
    """How many of ``nodes`` are threads of which pool; most first."""
    counts: dict[str, int] = {}
    for node in nodes:
        thread = telling.threads.get(node)
        if thread is not None:
            name = thread.profile.pool or thread.name
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def behind(core: Core) -> str:
    """How many threads wait for the core without being part of it, as a sentence; or nothing."""
    victims = len(core.victim_threads)
    if not victims:
        return ""
    return f" {plural(victims, 'more thread')} {'waits' if victims == 1 else 'wait'} behind it."


_BY_STRENGTH = (NodeKind.PROCESS, NodeKind.CONNECTION, NodeKind.THREAD, NodeKind.POOL)
"""Whose claims are the most doubtful where they are inferred: a proxy's first."""


def weakest_link(interpretation: Interpretation, telling: Telling, core: Core) -> str:
    """Where a circle over several hosts, or through a proxy, would break first if it is none."""
    hosts = {j.host for j in interpretation.case.jvms if j.scope in {n.scope for n in core.nodes}}
    proxied = any(node.kind is NodeKind.PROCESS for node in core.nodes)
    if len(hosts) == 1 and not proxied:
        return ""
    cycle = interpretation.graph.cycle(core, core.threads[0])
    inferred = [claim for claim in cycle if claim.waiter.kind in _BY_STRENGTH and claim.inference]
    weakest = min(inferred, key=_strength, default=None)
    if weakest is None:
        return ""
    (step,) = telling.steps((weakest,), core.nodes)
    return (
        f" The weakest link is that {step.source} {step.relation} {step.target}. It is"
        f" inferred: {weakest.inference}."
    )


def _strength(claim: Claim) -> tuple[int, int]:
    """The less, the more it takes for granted."""
    return _BY_STRENGTH.index(claim.waiter.kind), -claim.inference.count("; ")


def _breaks(permanent: bool | None, processes: int) -> str:
    """Whether time alone ends it, in words."""
    if permanent is None:
        return "The inputs do not tell whether a timeout can break it."
    if permanent:
        which = "the process" if processes == 1 else "one of the processes"
        return f"No timeout can break it: it lasts until {which} is restarted."
    return "It breaks when the timeouts fire, and forms again under the next load."
