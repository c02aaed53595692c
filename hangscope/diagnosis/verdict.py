"""The verdict: the one finding that explains the others, and which are its effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hangscope.diagnosis import (
    accept_queue_overflow,
    acceptor_missing,
    close_wait_pile_up,
    connect_hang,
    connection_limit_reached,
    connection_pool_exhausted,
    file_descriptor_exhaustion,
    finalizer_blocked,
    half_open_connection,
    healthy,
    http_client_pool_exhausted,
    inconclusive,
    lock_deadlock,
    slow_database,
    slow_http_dependency,
    thread_leak,
    virtual_thread_pinning,
)
from hangscope.diagnosis.model import Finding, Kind, SubjectType, Verdict
from hangscope.interpret import Interpretation

_HANGS = (Kind.DEADLOCK, Kind.EXHAUSTION, Kind.SLOW_DEPENDENCY, Kind.CONTENTION)
_RANK = (*_HANGS, Kind.BUSY, Kind.INCONCLUSIVE, Kind.LEAK, Kind.HEALTHY)
_KEEP_FROM_ACCEPTING = (
    connection_limit_reached.ID,
    acceptor_missing.ID,
    file_descriptor_exhaustion.ID,
)
_SLOW_HTTP = (slow_http_dependency.ID, connect_hang.ID)
_HOLD_NOBODY = (thread_leak.ID,)
"""Findings about threads that are idle."""
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


def settles(finding: Finding) -> bool:
    """Whether ``finding`` says why a service hangs."""
    return finding.kind in _HANGS and finding.id not in _HOLD_NOBODY


def weight(finding: Finding) -> int:
    """Threads that a finding holds up."""
    if finding.id in _HOLD_NOBODY:
        return 0
    counted = (SubjectType.THREAD, SubjectType.POOL)
    return sum(subject.count for subject in finding.subjects if subject.type in counted)


def _order(finding: Finding) -> tuple[int, int, int, str]:
    held = weight(finding) * (_OUTWEIGHED if finding.kind is Kind.DEADLOCK else 1)
    if settles(finding):
        return 0, -held, _RANK.index(finding.kind), finding.id
    kind = Kind.LEAK if finding.id in _HOLD_NOBODY else finding.kind
    return 1, _RANK.index(kind), -held, finding.id


def _cause(
    interpretation: Interpretation, finding: Finding, findings: Sequence[Finding]
) -> str | None:
    """The finding that explains ``finding``, if one of ``findings`` does."""
    others = [f for f in findings if f is not finding]
    if finding.id == close_wait_pile_up.ID:
        return _hang_behind(interpretation, finding, others)
    if finding.id in (file_descriptor_exhaustion.ID, connection_limit_reached.ID):
        hang = _hang_behind(interpretation, finding, others)
        return hang or _pile_behind(finding, others)
    if finding.id == accept_queue_overflow.ID:
        return _unaccepting(finding, others, _KEEP_FROM_ACCEPTING)
    if finding.id == connect_hang.ID:
        return _unaccepting(finding, others, (*_KEEP_FROM_ACCEPTING, accept_queue_overflow.ID))
    if finding.id == http_client_pool_exhausted.ID and _in_driver(interpretation, finding):
        return next((f.id for f in others if f.id in _SLOW_HTTP), None)
    if finding.id == connection_pool_exhausted.ID and _in_driver(interpretation, finding):
        return next((f.id for f in others if f.id == slow_database.ID), None)
    if finding.id == finalizer_blocked.ID:
        mine = _named(finding)
        return next((f.id for f in others if f.kind in _HANGS and mine & _named(f)), None)
    if finding.id == virtual_thread_pinning.ID:
        held = _threads(finding)
        return next((f.id for f in others if f.id == lock_deadlock.ID and held & _threads(f)), None)
    if finding.kind is Kind.SLOW_DEPENDENCY and finding.id != half_open_connection.ID:
        dead = [f for f in others if f.id == half_open_connection.ID]
        return next((f.id for f in dead if _endpoints(f) & _endpoints(finding)), None)
    if finding.kind is Kind.CONTENTION and finding.chain:
        end = finding.chain[-1].target
        return next((f.id for f in others if end in {s.name for s in f.subjects}), None)
    return None


def _hang_behind(
    interpretation: Interpretation, finding: Finding, others: Sequence[Finding]
) -> str | None:
    """The hang of the pools whose connections ``finding`` is about."""
    held = _pools_behind(interpretation, finding)
    return next((f.id for f in others if f.kind in _HANGS and held & _pools(f)), None)


def _pile_behind(finding: Finding, others: Sequence[Finding]) -> str | None:
    """The pile of sockets that takes most of what ``finding`` says is used up."""
    groups = [s.name for s in finding.subjects if s.type is SubjectType.SOCKET_GROUP]
    endpoints = _endpoints(finding)
    for other in others:
        piled = {s.name for s in other.subjects if s.type is SubjectType.SOCKET_GROUP}
        if other.kind is Kind.LEAK and (
            set(groups[:1]) & piled
            or any(one.endswith(f" on {e}") for e in endpoints for one in piled)
        ):
            return other.id
    return None


def _unaccepting(finding: Finding, others: Sequence[Finding], causes: Sequence[str]) -> str | None:
    """Which of ``causes`` keeps the connections from being accepted that ``finding`` is about."""
    for cause in causes:
        for other in others:
            if other.id == cause and (
                _listening(finding) & _listening(other) or _processes(finding) & _processes(other)
            ):
                return cause
    return None


def _endpoints(finding: Finding) -> set[str]:
    return {s.name for s in finding.subjects if s.type is SubjectType.ENDPOINT}


def _processes(finding: Finding) -> set[str]:
    """The processes that ``finding`` as a whole is about; or those of its endpoints."""
    whole = {s.name for s in finding.subjects if s.type is SubjectType.PROCESS}
    if whole:
        return whole
    if finding.id != accept_queue_overflow.ID:
        return set()
    return {s.process for s in finding.subjects if s.process is not None}


def _named(finding: Finding) -> set[tuple[SubjectType, str, str | None]]:
    return {(s.type, s.name, s.process) for s in finding.subjects}


def _threads(finding: Finding) -> set[tuple[str, str | None]]:
    return {(s.name, s.process) for s in finding.subjects if s.type is SubjectType.THREAD}


def _pools(finding: Finding) -> set[tuple[str, str | None]]:
    return {(s.name, s.process) for s in finding.subjects if s.type is SubjectType.POOL}


def _listening(finding: Finding) -> set[tuple[str, str]]:
    """Endpoints with the host that they are of: several may listen on the same."""
    return {
        (s.name, (s.process or "").partition(" on ")[2])
        for s in finding.subjects
        if s.type is SubjectType.ENDPOINT
    }


def _pools_behind(interpretation: Interpretation, pile: Finding) -> set[tuple[str, str | None]]:
    """The pools that serve the endpoint of ``pile``, or whose connections are its first group."""
    groups = [s for s in pile.subjects if s.type is SubjectType.SOCKET_GROUP][:1]
    endpoints = [s for s in pile.subjects if s.type is SubjectType.ENDPOINT]
    return {
        (pool.name, interpretation.case.process(pool.jvm.scope))
        for pool in interpretation.pools
        for service in pool.services
        for subject in (*groups, *endpoints)
        if subject.name == str(service.endpoint) or subject.name.endswith(f" on {service.endpoint}")
        if (subject.process or "").endswith(pool.jvm.host.of_it(""))
    }


def _in_driver(interpretation: Interpretation, finding: Finding) -> bool:
    names = {subject.name for subject in finding.subjects}
    return any(pool.in_driver for pool in interpretation.leases if pool.name in names)
