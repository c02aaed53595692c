"""Diagnosis: stuck cores, blame and facts become findings, one module a finding.

Each module's docstring is its manual page; its ``ID`` is the finding's id with hyphens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hangscope.diagnosis import (
    abandoned_lock,
    accept_queue_overflow,
    acceptor_missing,
    class_initialization_deadlock,
    class_loading_contention,
    close_wait_leak,
    close_wait_pile_up,
    connect_hang,
    connection_limit_reached,
    connection_pool_deadlock,
    connection_pool_exhausted,
    entropy_wait,
    ephemeral_port_exhaustion,
    executor_starvation_deadlock,
    file_descriptor_exhaustion,
    fin_wait_pile_up,
    finalizer_blocked,
    gc_thrashing,
    half_open_connection,
    hash_map_loop,
    healthy,
    http_client_pool_exhausted,
    inconclusive,
    lock_and_row_deadlock,
    lock_convoy,
    lock_deadlock,
    logging_bottleneck,
    memory_exhaustion,
    mutual_call_deadlock,
    output_blocked,
    peer_does_not_read,
    read_write_lock_deadlock,
    runaway_thread,
    safepoint_stall,
    self_call_deadlock,
    self_call_hazard,
    slow_backend,
    slow_database,
    slow_http_dependency,
    slow_name_lookup,
    thread_leak,
    time_wait_harmless,
    virtual_thread_pinning,
    worker_pool_exhausted,
)
from hangscope.diagnosis.addressing import addressed
from hangscope.diagnosis.crowds import waiting_crowds
from hangscope.diagnosis.gaps import gaps
from hangscope.diagnosis.merging import merged
from hangscope.diagnosis.model import Diagnosis, Finding, on_host
from hangscope.diagnosis.summary import summarise
from hangscope.diagnosis.verdict import decide, ordered, settles, weight
from hangscope.interpret import Interpretation

__all__ = ["FINDINGS", "Diagnosis", "diagnose", "merged"]

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
    http_client_pool_exhausted.find,
    half_open_connection.find,
    slow_database.find,
    slow_http_dependency.find,
    connect_hang.find,
    peer_does_not_read.find,
    worker_pool_exhausted.find,
    slow_backend.find,
    slow_name_lookup.find,
    entropy_wait.find,
    output_blocked.find,
    abandoned_lock.find,
    logging_bottleneck.find,
    class_loading_contention.find,
    lock_convoy.find,
    file_descriptor_exhaustion.find,
    connection_limit_reached.find,
    acceptor_missing.find,
    accept_queue_overflow.find,
    ephemeral_port_exhaustion.find,
    thread_leak.find,
    virtual_thread_pinning.find,
    finalizer_blocked.find,
    safepoint_stall.find,
    memory_exhaustion.find,
    gc_thrashing.find,
    hash_map_loop.find,
    runaway_thread.find,
    self_call_hazard.find,
    close_wait_pile_up.find,
    close_wait_leak.find,
    fin_wait_pile_up.find,
    time_wait_harmless.find,
)
OF_ONE_HOST: frozenset[Rule] = frozenset(
    {
        accept_queue_overflow.find,
        acceptor_missing.find,
        close_wait_leak.find,
        close_wait_pile_up.find,
        connect_hang.find,
        connection_limit_reached.find,
        ephemeral_port_exhaustion.find,
        file_descriptor_exhaustion.find,
        fin_wait_pile_up.find,
        peer_does_not_read.find,
        time_wait_harmless.find,
        worker_pool_exhausted.find,
    }
)
"""Those that look at the sockets of one host: each host is asked by itself."""


def _asked(rule: Rule, interpretation: Interpretation) -> Iterator[Finding]:
    """What a rule finds; with several hosts it is said on which."""
    hosts = interpretation.case.hosts
    if rule not in OF_ONE_HOST or (len(hosts) == 1 and not hosts[0].name):
        yield from rule(interpretation)
        return
    for host in hosts:
        for finding in rule(interpretation.of(host)):
            yield on_host(finding, host.name)


def diagnose(interpretation: Interpretation) -> Diagnosis:
    """Every finding, the verdict over them, what was not recorded, and the numbers."""
    findings = [finding for rule in FINDINGS for finding in _asked(rule, interpretation)]
    settling = [finding for finding in findings if settles(finding)]
    unexplained = not any(map(weight, settling)) and waiting_crowds(interpretation)
    if not settling or unexplained:
        findings.extend(inconclusive.find(interpretation))
    sound = tuple(healthy.find(interpretation))
    told = ordered(interpretation, findings or sound)
    verdict = decide(told, sound=bool(sound))
    diagnosis = Diagnosis(verdict, told, gaps(interpretation, verdict), summarise(interpretation))
    return addressed(interpretation, diagnosis)
