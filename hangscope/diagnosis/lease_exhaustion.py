"""What the findings on exhausted pools of connections share: who waits, who holds, the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hangscope.diagnosis.blame import crowd
from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy
from hangscope.diagnosis.telling import Telling, agree, plural
from hangscope.facts import ThreadState
from hangscope.interpret import Interpretation
from hangscope.interpret.leases import LeasePool
from hangscope.waits import Certainty

_MANY = 5
"""Threads that wait for a connection and are many whatever else there is."""


def exhausted_pools(interpretation: Interpretation, kind: str) -> Iterator[LeasePool]:
    """The pools of ``kind`` with a crowd waiting for them that are in no deadlock."""
    for pool in interpretation.leases:
        involved = [thread.node for thread in (*pool.waiting, *pool.holders)]
        many = len(pool.waiting) >= _MANY or crowd(interpretation, involved) is not None
        if pool.kind == kind and many and pool.node not in interpretation.graph.stuck:
            yield pool


def exhausted(
    interpretation: Interpretation,
    pool: LeasePool,
    *,
    finding: str,
    leaked: tuple[Remedy, ...],
    in_use: tuple[Remedy, ...],
) -> Finding:
    """The finding that ``pool`` has nothing left to give.

    Args:
        interpretation: The case.
        pool: The pool.
        finding: The finding's id.
        leaked: What to do where nobody is seen to use its connections.
        in_use: What to do where somebody is.
    """
    telling = Telling(interpretation)
    nodes = [thread.node for thread in pool.waiting]
    busy = [thread.node for thread in pool.elsewhere]
    (claim,) = interpretation.graph.claims_of(pool.node)
    waits = interpretation.graph.claims_of(nodes[0])
    sockets = tuple(
        Citation(evidence, f"connections of {pool.name}") for evidence in pool.evidence()[:10]
    )
    return Finding(
        id=finding,
        kind=Kind.EXHAUSTION,
        layer=Layer.APPLICATION,
        certainty=Certainty.INFERRED,
        permanent=_permanent(pool),
        headline=(
            f"{plural(len(nodes), 'thread')} {agree('waits', len(nodes))} for a connection of"
            f" {pool.name}; {_who(pool)}."
        ),
        explanation=_explanation(pool),
        subjects=(*telling.subjects([pool.node, *nodes]),),
        chain=telling.steps((*waits, claim), nodes),
        rests_on=tuple(t for t in (claim.inference, pool.jvm.identity.inference) if t),
        citations=(*telling.cite_threads(nodes), *telling.cite_threads(busy), *sockets),
        remedies=in_use if pool.holders or pool.elsewhere or pool.jvm.unseen else leaked,
        refuted_by=(
            "the pool's own figures (JMX, log) with an idle connection, or a later dump (jstack -l"
            " PID) in which these threads have theirs"
        ),
    )


def _permanent(pool: LeasePool) -> bool | None:
    """False where all holders are seen, and each waits with a timeout: the waiters' is no cure."""
    timed = all(t.profile.io is not None and t.profile.io.timed == "yes" for t in pool.in_driver)
    seen = pool.unknown_holders == 0 and not (pool.nested or pool.elsewhere)
    return False if pool.in_driver and timed and seen else None


def _who(pool: LeasePool) -> str:
    if pool.in_driver:
        count = len(pool.in_driver)
        return f"{plural(count, 'holder')} of one {agree('is', count)} at work in {pool.where}"
    if pool.nested:
        count = len(pool.nested)
        return f"{plural(count, 'holder')} {agree('waits', count)} for a second one"
    if pool.elsewhere:
        doing = Counter(thread.profile.activity for thread in pool.elsewhere)
        ((most, _),) = doing.most_common(1)
        return (
            f"{plural(len(pool.elsewhere), 'thread')} may hold one while they wait for something"
            f" else ({most.value})"
        )
    if pool.connections is not None:
        return f"no thread is seen to use any of its {plural(len(pool.connections), 'connection')}"
    return "who holds its connections is not recorded"


def _explanation(pool: LeasePool) -> str:
    said = []
    if pool.connections is not None:
        count = plural(len(pool.connections), "open connection")
        said.append(
            f"The process has {count} that may be of this pool."
            if pool.kind == "http"
            else f"The pool has {count}."
        )
    if pool.in_driver:
        at_work = len(pool.in_driver)
        have = "has one" if at_work == 1 else "have one each"
        said.append(f"{plural(at_work, 'thread')} at work in {pool.where} {have}.")
    if any(thread.java.state is ThreadState.TIMED_WAITING for thread in pool.waiting):
        said.append(
            "Who waits for one does so with a timeout: that ends in an error, and gives no"
            " connection back."
        )
    if pool.nested:
        said.append(
            f"{plural(len(pool.nested), 'thread')} hold one and wait for another, below"
            f" {pool.borrower}."
        )
    if pool.elsewhere:
        said.append(
            f"{plural(len(pool.elsewhere), 'thread')} wait for something else below a method that"
            " borrows a connection on other threads: they keep it meanwhile, unless that method has"
            " given it back."
        )
    if pool.unknown_holders and len(pool.elsewhere) < pool.unknown_holders:
        said.append(
            f"{plural(pool.unknown_holders, 'connection')} stand open while no thread is in"
            f" {pool.where} with them: {_why_open(pool)}"
        )
    elif pool.unknown_holders is None:
        said.append(
            "How many connections it has is not recorded, so a leak and connections at work cannot"
            " be told apart."
        )
    return " ".join(said)


def _why_open(pool: LeasePool) -> str:
    if pool.in_driver:
        return (
            "these threads may have a second one, or those that wait a first; or threads that do"
            " something else keep them, or they were not given back (a leak)."
        )
    return "they were not given back (a leak), or are kept by threads that do something else."
