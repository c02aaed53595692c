"""What the deadlock findings share: which core is which, and the proof of a core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hangscope.diagnosis.model import Citation, Step, Subject
from hangscope.diagnosis.telling import Telling, inferences
from hangscope.interpret import Interpretation
from hangscope.waits import Certainty, Claim, Node, NodeKind
from hangscope.waits.graph import Core


@dataclass(frozen=True, slots=True)
class Proof:
    """What every finding about a core says in the same way."""

    chain: tuple[Step, ...]
    citations: tuple[Citation, ...]
    subjects: tuple[Subject, ...]
    rests_on: tuple[str, ...]
    certainty: Certainty


def cores_of(interpretation: Interpretation, kinds: str) -> Iterator[Core]:
    """The cores of one finding, told by the kinds of node in them."""
    for core in interpretation.graph.cores:
        if _kind(core) == kinds:
            yield core


def _kind(core: Core) -> str:
    kinds = {node.kind for node in core.nodes}
    if NodeKind.ENDPOINT in kinds or NodeKind.POOL in kinds:
        scopes = {node.scope for node in core.nodes if node.kind is NodeKind.THREAD}
        return "self-call" if len(scopes) == 1 else "mutual-call"
    if NodeKind.CONNECTION_POOL in kinds:
        return "connection-pool"
    if NodeKind.SYNCHRONIZER in kinds:
        return "executor"
    return "lock"


def proof(
    interpretation: Interpretation, telling: Telling, core: Core, start: Node | None = None
) -> Proof:
    """The cycle as a chain, the stacks of its threads, and what it rests on.

    Args:
        interpretation: Where the core comes from.
        telling: Words for it.
        core: The core.
        start: Where the chain begins and ends; the first thread of the core if not given.
    """
    cycle = interpretation.graph.cycle(core, start or core.threads()[0])
    scopes = {node.scope for node in core.nodes}
    identities = [jvm.identity.inference for jvm in interpretation.case.jvms if jvm.scope in scopes]
    rests_on = inferences(core.claims, identities) if _inferred(core) else ()
    return Proof(
        telling.steps(cycle, core.nodes),
        telling.cite_threads(core.threads()),
        telling.subjects((*core.nodes, *core.victims)),
        rests_on,
        core.certainty,
    )


def _inferred(core: Core) -> bool:
    return core.certainty is Certainty.INFERRED


def waiting_claim(core: Core, node: Node) -> Claim:
    """What ``node`` of ``core`` waits for."""
    return next(claim for claim in core.claims if claim.waiter == node)


def threads_of_pool(telling: Telling, nodes: Iterable[Node]) -> dict[str, int]:
    """How many of ``nodes`` are threads of which pool; most first."""
    counts: dict[str, int] = {}
    for node in nodes:
        thread = telling.threads.get(node)
        if thread is not None:
            name = thread.profile.pool or thread.name
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def breaks(permanent: bool | None) -> str:
    """Whether time alone ends it, in words."""
    if permanent is None:
        return "The inputs do not tell whether a timeout can break it."
    if permanent:
        return "No timeout can break it: it lasts until the process is restarted."
    return "It breaks when the timeouts fire, and forms again under the next load."
