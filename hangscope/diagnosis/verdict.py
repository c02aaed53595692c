"""The verdict: the one finding that explains the others, and which are its effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hangscope.diagnosis import (
    close_wait_pile_up,
    connection_pool_exhausted,
    entropy_wait,
    healthy,
    inconclusive,
    lock_and_row_deadlock,
    output_blocked,
    slow_database,
    slow_name_lookup,
)
from hangscope.diagnosis.model import Finding, Kind, SubjectType, Verdict
from hangscope.interpret import Interpretation

_HANGS = (Kind.DEADLOCK, Kind.EXHAUSTION, Kind.SLOW_DEPENDENCY, Kind.CONTENTION)
_RANK = (*_HANGS, Kind.BUSY, Kind.INCONCLUSIVE, Kind.LEAK, Kind.HEALTHY)
_ENDS = frozenset({output_blocked.ID, slow_name_lookup.ID, entropy_wait.ID})
"""Findings whose chain ends with the thread that everybody waits for."""
_OUTWEIGHED = 2
"""A deadlock is the verdict unless something else holds more than this many times its threads."""


def ordered(interpretation: Interpretation, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Causes before effects, the weightiest first, with ``effect_of`` filled in."""
    causes = sorted(findings, key=_order)
    linked = [replace(f, effect_of=_cause(interpretation, f, causes)) for f in causes]
    return tuple(sorted(linked, key=lambda f: f.effect_of is not None))


def decide(findings: Sequence[Finding], *, sound: bool) -> Verdict:
    """The verdict over ``findings`` in their order.

    Args:
        findings: All of them, the explaining one first.
        sound: Whether the dumps show pools that are free; without it nothing is called healthy.
    """
    if not findings or (findings[0].kind is Kind.HEALTHY and not sound):
        return Verdict(
            Kind.INCONCLUSIVE,
            None,
            None,
            None,
            "The inputs do not show why the service hangs; what would is listed below.",
        )
    first = findings[0]
    general = first.id in (healthy.ID, inconclusive.ID)
    if general:
        return Verdict(first.kind, first.id, None, None, first.headline)
    return Verdict(first.kind, first.id, first.layer, first.certainty, first.headline)


def weight(finding: Finding) -> int:
    """Threads that a finding holds up."""
    counted = (SubjectType.THREAD, SubjectType.POOL)
    return sum(subject.count for subject in finding.subjects if subject.type in counted)


def _order(finding: Finding) -> tuple[int, int, int, str]:
    hang = finding.kind in _HANGS
    held = weight(finding) * (_OUTWEIGHED if finding.kind is Kind.DEADLOCK else 1)
    rank = _RANK.index(finding.kind)
    return (0, -held, rank, finding.id) if hang else (1, rank, -held, finding.id)


def _cause(
    interpretation: Interpretation, finding: Finding, findings: Sequence[Finding]
) -> str | None:
    """The finding that explains ``finding``, if one of ``findings`` does."""
    others = [f for f in findings if f is not finding]
    if finding.id == close_wait_pile_up.ID:
        held = _pools_behind(interpretation, finding)
        return next((f.id for f in others if f.kind in _HANGS and held & _pools(f)), None)
    if finding.id == connection_pool_exhausted.ID and _in_driver(interpretation, finding):
        return next((f.id for f in others if f.id == slow_database.ID), None)
    if finding.id == connection_pool_exhausted.ID:
        peers = _peers_of_holders(interpretation, finding)
        return next(
            (f.id for f in others if f.kind is Kind.SLOW_DEPENDENCY and peers & _names(f)), None
        )
    if finding.id == slow_database.ID:
        peers = {s.name for s in finding.subjects if s.type is SubjectType.ENDPOINT}
        circles = (f for f in others if f.id == lock_and_row_deadlock.ID)
        return next((f.id for f in circles if peers & _names(f)), None)
    if finding.kind is Kind.CONTENTION and finding.chain:
        end = finding.chain[-1].target
        ends = [f.id for f in others if f.id in _ENDS and f.chain and f.chain[-1].target == end]
        named = [f.id for f in others if end in _names(f)]
        return next(iter((*ends, *named)), None)
    return None


def _names(finding: Finding) -> set[str]:
    return {subject.name for subject in finding.subjects}


def _pools(finding: Finding) -> set[tuple[str, str | None]]:
    return {(s.name, s.process) for s in finding.subjects if s.type is SubjectType.POOL}


def _pools_behind(interpretation: Interpretation, pile: Finding) -> set[tuple[str, str | None]]:
    """The pools that serve the endpoint whose connections pile up."""
    names = {subject.name for subject in pile.subjects}
    return {
        (pool.name, interpretation.case.process(pool.jvm.scope))
        for pool in interpretation.pools
        for service in pool.services
        if f"CLOSE_WAIT on {service.endpoint}" in names
    }


def _peers_of_holders(interpretation: Interpretation, finding: Finding) -> set[str]:
    """Where those wait in the end who may hold a connection of the pool meanwhile."""
    names = _names(finding)
    holders = {
        thread.node
        for pool in interpretation.leases
        if pool.name in names
        for thread in pool.elsewhere
    }
    return {end.node.key for end in interpretation.graph.ends if holders & {*end.threads}}


def _in_driver(interpretation: Interpretation, finding: Finding) -> bool:
    names = {subject.name for subject in finding.subjects}
    return any(pool.in_driver for pool in interpretation.leases if pool.name in names)
