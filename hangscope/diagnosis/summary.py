"""The numbers of the whole input: threads by state and pool, sockets by state and service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from hangscope.diagnosis.model import Count, EndpointSummary, PoolSummary, Summary
from hangscope.diagnosis.over_time import cpu_summaries, growth_summaries, moments
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.carriers import standing
from hangscope.interpret.ledger import ledgers_of
from hangscope.knowledge import Activity, Role

_POOLS = frozenset({Role.WORKER, Role.EXECUTOR})


def summarise(interpretation: Interpretation) -> Summary:
    """Count everything once."""
    case = interpretation.case
    states = Counter(
        thread.java.state.value if thread.java.state else "not recorded"
        for jvm in case.jvms
        for thread in jvm.everyone
    )
    sockets: Counter[str] = Counter()
    for of in case.sockets_of_hosts:
        sockets.update({state.value: len(rows) for state, rows in of.by_state.items()})
    return Summary(
        threads_by_state=_counts(states),
        pools=tuple(
            pool
            for jvm in case.jvms
            for pool in (
                *_pools(jvm, case.process(jvm.scope)),
                *_event_loops(interpretation, jvm, case.process(jvm.scope)),
                *_virtual(interpretation, jvm, case.process(jvm.scope)),
            )
        ),
        sockets_by_state=_counts(sockets),
        endpoints=tuple(_endpoints(interpretation)),
        cpu=tuple(cpu_summaries(case)),
        moments=tuple(moments(case)),
        growth=tuple(growth_summaries(case)),
    )


def _counts(counter: Counter[str]) -> tuple[Count, ...]:
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(label, count) for label, count in ranked)


def _pools(jvm: Jvm, process: str | None) -> Iterable[PoolSummary]:
    pools: dict[tuple[str, str], list[Thread]] = {}
    for thread in jvm.everyone:
        pool = None if thread.java.virtual else thread.profile.pool
        if pool is not None and thread.profile.role in _POOLS:
            key = (thread.profile.role.value, pool)
            pools.setdefault(key, []).append(thread)
    for (role, name), threads in sorted(pools.items(), key=lambda item: (-len(item[1]), item[0])):
        activities = Counter(_activity(thread) for thread in threads)
        yield PoolSummary(name, role, process, len(threads), _counts(activities))


def _event_loops(
    interpretation: Interpretation, jvm: Jvm, process: str | None
) -> Iterator[PoolSummary]:
    """Groups of event loops that serve requests themselves: pollers by name, workers by trade."""
    for pool in interpretation.pools:
        if pool.jvm is jvm and not any(w.profile.role in _POOLS for w in pool.workers):
            activities = Counter(map(_activity, pool.workers))
            yield PoolSummary(
                pool.name, Role.WORKER.value, process, len(pool.workers), _counts(activities)
            )


def _virtual(
    interpretation: Interpretation, jvm: Jvm, process: str | None
) -> Iterator[PoolSummary]:
    """Virtual threads have no pool: how many stand how to their carriers."""
    words = Counter(word for _, word in standing(interpretation.carriers, jvm))
    if words:
        yield PoolSummary("virtual threads", "virtual", process, words.total(), _counts(words))


def _activity(thread: Thread) -> str:
    wait = thread.profile.wait
    primitive = thread.profile.primitive
    activity = thread.profile.activity.value
    if wait is not None:
        return f"{activity}: {wait.library}"
    waiting = thread.profile.activity is Activity.OTHER_WAIT
    return f"{activity}: {primitive.id}" if primitive and waiting else activity


def _endpoints(interpretation: Interpretation) -> Iterator[EndpointSummary]:
    for rows in ledgers_of(interpretation.case.hosts):
        owners = rows.service.owners
        owner = f"{owners[0].command} (pid {owners[0].pid})" if owners else None
        yield EndpointSummary(
            rows.name,
            owner,
            rows.total,
            tuple(Count(entry.value, len(of)) for entry, of in rows.entries.items()),
        )
