"""Diagnosis: stuck cores, blame and facts become findings, one module a finding.

Each module's docstring is its manual page; its ``ID`` is the finding's id with hyphens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hangscope.diagnosis import (
    abandoned_lock,
    class_initialization_deadlock,
    class_loading_contention,
    close_wait_leak,
    close_wait_pile_up,
    connection_pool_deadlock,
    connection_pool_exhausted,
    entropy_wait,
    executor_starvation_deadlock,
    healthy,
    inconclusive,
    lock_and_row_deadlock,
    lock_convoy,
    lock_deadlock,
    logging_bottleneck,
    mutual_call_deadlock,
    output_blocked,
    read_write_lock_deadlock,
    self_call_deadlock,
    self_call_hazard,
    slow_backend,
    slow_database,
    slow_http_dependency,
    slow_name_lookup,
    time_wait_harmless,
)
from hangscope.diagnosis.gaps import gaps
from hangscope.diagnosis.model import Diagnosis, Finding, Kind
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
    read_write_lock_deadlock.find,
    lock_and_row_deadlock.find,
    class_initialization_deadlock.find,
    connection_pool_exhausted.find,
    slow_database.find,
    slow_http_dependency.find,
    slow_backend.find,
    slow_name_lookup.find,
    entropy_wait.find,
    output_blocked.find,
    abandoned_lock.find,
    logging_bottleneck.find,
    class_loading_contention.find,
    lock_convoy.find,
    self_call_hazard.find,
    close_wait_pile_up.find,
    close_wait_leak.find,
    time_wait_harmless.find,
)
_SETTLES = frozenset({Kind.DEADLOCK, Kind.EXHAUSTION, Kind.SLOW_DEPENDENCY, Kind.CONTENTION})


def diagnose(interpretation: Interpretation) -> Diagnosis:
    """Every finding, the verdict over them, what was not recorded, and the numbers."""
    findings = [finding for rule in FINDINGS for finding in rule(interpretation)]
    if not any(finding.kind in _SETTLES for finding in findings):
        findings.extend(inconclusive.find(interpretation))
    sound = tuple(healthy.find(interpretation))
    told = ordered(interpretation, findings or sound)
    verdict = decide(told, sound=bool(sound))
    return Diagnosis(verdict, told, gaps(interpretation, verdict), summarise(interpretation))
