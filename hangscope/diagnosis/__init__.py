"""Diagnosis: stuck cores, blame and facts become findings, one module a finding.

Each module's docstring is its manual page; its ``ID`` is the finding's id with hyphens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hangscope.diagnosis import (
    close_wait_leak,
    close_wait_pile_up,
    connection_pool_deadlock,
    connection_pool_exhausted,
    executor_starvation_deadlock,
    half_open_connection,
    healthy,
    inconclusive,
    lock_convoy,
    lock_deadlock,
    mutual_call_deadlock,
    self_call_deadlock,
    self_call_hazard,
    slow_database,
    slow_http_dependency,
    time_wait_harmless,
)
from hangscope.diagnosis.gaps import gaps
from hangscope.diagnosis.model import Diagnosis, Finding, Kind, on_host
from hangscope.diagnosis.summary import summarise
from hangscope.diagnosis.verdict import decide, ordered
from hangscope.interpret import Interpretation

__all__ = ["FINDINGS", "Diagnosis", "diagnose"]

Rule = Callable[[Interpretation], Iterator[Finding]]

FINDINGS: tuple[Rule, ...] = (
    self_call_deadlock.find,
    mutual_call_deadlock.find,
    connection_pool_deadlock.find,
    executor_starvation_deadlock.find,
    lock_deadlock.find,
    connection_pool_exhausted.find,
    half_open_connection.find,
    slow_database.find,
    slow_http_dependency.find,
    lock_convoy.find,
    self_call_hazard.find,
    close_wait_pile_up.find,
    close_wait_leak.find,
    time_wait_harmless.find,
)
OF_ONE_HOST: frozenset[Rule] = frozenset(
    {close_wait_pile_up.find, close_wait_leak.find, time_wait_harmless.find}
)
"""Those that look at the sockets of one host: each host is asked by itself."""
_SETTLES = frozenset({Kind.DEADLOCK, Kind.EXHAUSTION, Kind.SLOW_DEPENDENCY, Kind.CONTENTION})


def _asked(rule: Rule, interpretation: Interpretation) -> Iterator[Finding]:
    """What a rule finds; with several hosts it is said on which."""
    hosts = interpretation.case.hosts
    if rule not in OF_ONE_HOST or len(hosts) == 1:
        yield from rule(interpretation)
        return
    for host in hosts:
        for finding in rule(interpretation.of(host)):
            yield on_host(finding, host.name)


def diagnose(interpretation: Interpretation) -> Diagnosis:
    """Every finding, the verdict over them, what was not recorded, and the numbers."""
    findings = [finding for rule in FINDINGS for finding in _asked(rule, interpretation)]
    if not any(finding.kind in _SETTLES for finding in findings):
        findings.extend(inconclusive.find(interpretation))
    sound = tuple(healthy.find(interpretation))
    told = ordered(interpretation, findings or sound)
    verdict = decide(told, sound=bool(sound))
    return Diagnosis(verdict, told, gaps(interpretation, verdict), summarise(interpretation))
