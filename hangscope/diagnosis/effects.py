"""Which finding explains another one: a pile of sockets is the effect of what holds the workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from hangscope.diagnosis import (
    accept_queue_overflow,
    acceptor_missing,
    close_wait_pile_up,
    connect_hang,
    connection_limit_reached,
    connection_pool_exhausted,
    entropy_wait,
    file_descriptor_exhaustion,
    finalizer_blocked,
    half_open_connection,
    http_client_pool_exhausted,
    lock_and_row_deadlock,
    lock_deadlock,
    output_blocked,
    slow_database,
    slow_http_dependency,
    slow_name_lookup,
    virtual_thread_pinning,
)
from hangscope.diagnosis.model import HANGS, Finding, Kind, SubjectType
from hangscope.interpret import Interpretation

Rule: TypeAlias = Callable[[Interpretation, Finding, Sequence[Finding]], str | None]
"""From a finding and all the others, the weightiest first, to the id of its cause among them."""

_KEEP_FROM_ACCEPTING = (
    connection_limit_reached.ID,
    acceptor_missing.ID,
    file_descriptor_exhaustion.ID,
)
_SLOW_HTTP = (slow_http_dependency.ID, connect_hang.ID)
_ENDS = frozenset({output_blocked.ID, slow_name_lookup.ID, entropy_wait.ID})
"""Findings whose chain ends with the thread that everybody waits for."""


def cause_of(
    interpretation: Interpretation, finding: Finding, findings: Sequence[Finding]
) -> str | None:
    """The id of the one of ``findings`` that explains ``finding``, if one does."""
    others = [other for other in findings if other is not finding]
    rules = _BY_ID.get(finding.id, _BY_KIND.get(finding.kind, ()))
    causes = (rule(interpretation, finding, others) for rule in rules)
    return next((cause for cause in causes if cause is not None), None)


def _hang_behind(
    interpretation: Interpretation, finding: Finding, others: Sequence[Finding]
) -> str | None:
    """The hang of the pools whose connections ``finding`` is about."""
    held = _pools_behind(interpretation, finding)
    return next((f.id for f in others if f.kind in HANGS and held & _pools(f)), None)


def _pile_behind(_: Interpretation, finding: Finding, others: Sequence[Finding]) -> str | None:
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


def _keeps_from_accepting(
    _: Interpretation, finding: Finding, others: Sequence[Finding]
) -> str | None:
    return _unaccepting(finding, others, _KEEP_FROM_ACCEPTING)


def _full_queue(_: Interpretation, finding: Finding, others: Sequence[Finding]) -> str | None:
    return _unaccepting(finding, others, (*_KEEP_FROM_ACCEPTING, accept_queue_overflow.ID))


def _unaccepting(finding: Finding, others: Sequence[Finding], causes: Sequence[str]) -> str | None:
    """Which of ``causes`` keeps the connections from being accepted that ``finding`` is about."""
    for cause in causes:
        for other in others:
            if other.id == cause and (
                _listening(finding) & _listening(other) or _processes(finding) & _processes(other)
            ):
                return cause
    return None


def _slow_peer(
    interpretation: Interpretation, finding: Finding, others: Sequence[Finding]
) -> str | None:
    """What those wait for that have a connection of an exhausted HTTP client's pool."""
    if not _in_driver(interpretation, finding):
        return None
    return next((f.id for f in others if f.id in _SLOW_HTTP), None)


def _where_holders_wait(
    interpretation: Interpretation, finding: Finding, others: Sequence[Finding]
) -> str | None:
    """What those wait for that have a connection of an exhausted JDBC pool."""
    if _in_driver(interpretation, finding):
        return next((f.id for f in others if f.id == slow_database.ID), None)
    peers = _peers_of_holders(interpretation, finding)
    slow = (f for f in others if f.kind is Kind.SLOW_DEPENDENCY)
    return next((f.id for f in slow if peers & _names(f)), None)


def _row_circle(_: Interpretation, finding: Finding, others: Sequence[Finding]) -> str | None:
    """A circle through a lock and a row, which a database looks slow for."""
    circles = (f for f in others if f.id == lock_and_row_deadlock.ID)
    return next((f.id for f in circles if _endpoints(finding) & _names(f)), None)


def _dead_peer(_: Interpretation, finding: Finding, others: Sequence[Finding]) -> str | None:
    """Connections without another end, which a peer looks slow for."""
    dead = (f for f in others if f.id == half_open_connection.ID)
    return next((f.id for f in dead if _endpoints(f) & _endpoints(finding)), None)


def _hang_of_the_same(_: Interpretation, finding: Finding, others: Sequence[Finding]) -> str | None:
    mine = _named(finding)
    return next((f.id for f in others if f.kind in HANGS and mine & _named(f)), None)


def _deadlock_of_carried(
    _: Interpretation, finding: Finding, others: Sequence[Finding]
) -> str | None:
    held = _threads(finding)
    return next((f.id for f in others if f.id == lock_deadlock.ID and held & _threads(f)), None)


def _end_of_chain(_: Interpretation, finding: Finding, others: Sequence[Finding]) -> str | None:
    """What the thread waits for that everybody else waits for."""
    if not finding.chain:
        return None
    end = finding.chain[-1].target
    ends = [f.id for f in others if f.id in _ENDS and f.chain and f.chain[-1].target == end]
    named = [f.id for f in others if end in _names(f)]
    return next(iter((*ends, *named)), None)


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


def _names(finding: Finding) -> set[str]:
    return {subject.name for subject in finding.subjects}


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


_BY_ID: Mapping[str, tuple[Rule, ...]] = {
    accept_queue_overflow.ID: (_keeps_from_accepting,),
    close_wait_pile_up.ID: (_hang_behind,),
    connect_hang.ID: (_full_queue,),
    connection_limit_reached.ID: (_hang_behind, _pile_behind),
    connection_pool_exhausted.ID: (_where_holders_wait,),
    file_descriptor_exhaustion.ID: (_hang_behind, _pile_behind),
    finalizer_blocked.ID: (_hang_of_the_same,),
    half_open_connection.ID: (),
    http_client_pool_exhausted.ID: (_slow_peer,),
    slow_database.ID: (_row_circle, _dead_peer),
    virtual_thread_pinning.ID: (_deadlock_of_carried,),
}
_BY_KIND: Mapping[Kind, tuple[Rule, ...]] = {
    Kind.SLOW_DEPENDENCY: (_dead_peer,),
    Kind.CONTENTION: (_end_of_chain,),
}
"""For findings without rules of their own."""
