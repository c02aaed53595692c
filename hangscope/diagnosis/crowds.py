"""Crowds: workers that wait, whatever for; what is left to say when no finding explains them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.accepting import is_ours
from hangscope.interpret.futures import waits_for_task
from hangscope.interpret.ledger import Ledger, ledgers_of
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Activity, Role

_FOR_ANYTHING = frozenset({Role.EXECUTOR, Role.UNKNOWN})
NO_POOL = "no server pool"
"""Stands for the pool of a crowd in a process without one."""
_FEWEST = 3
_MOST = 0.5
_SPARE = 0.1
"""A pool with more idle workers than this share of it still answers."""
_CROWD = 5
_OUTWARD = frozenset(
    {Activity.REPLY, Activity.CONNECT, Activity.HANDSHAKE, Activity.LEASE, Activity.WRITE}
)


@dataclass(frozen=True, slots=True)
class WaitingCrowd:
    """Threads of one pool, or of one process without server pools, most of which wait."""

    jvm: Jvm
    pool: str
    workers: int
    waiting: tuple[Thread, ...]


def waiting_crowds(interpretation: Interpretation) -> tuple[WaitingCrowd, ...]:
    """Every pool most of whose workers wait for something, largest first."""
    crowds = []
    for pool in interpretation.pools:
        waiting = tuple(w for w in pool.workers if stalled(w) and w.node not in pool.jvm.moved)
        taken = len(pool.idle) <= _SPARE * len(pool.workers)
        if taken and len(waiting) >= max(_FEWEST, _MOST * len(pool.workers)):
            crowds.append(WaitingCrowd(pool.jvm, pool.name, len(pool.workers), waiting))
    served = {pool.jvm.scope for pool in interpretation.pools}
    for jvm in interpretation.case.jvms:
        crowds.extend(_starved_executors(jvm))
        if jvm.scope not in served:
            outward = [t for t in jvm.everyone if t.profile.activity in _OUTWARD]
            outward = [t for t in outward if t.java.virtual or t.profile.role in _FOR_ANYTHING]
            if len(outward) >= _CROWD:
                crowds.append(WaitingCrowd(jvm, NO_POOL, len(outward), tuple(outward)))
    return tuple(sorted(crowds, key=lambda c: (-len(c.waiting), c.jvm.scope, c.pool)))


def _starved_executors(jvm: Jvm) -> Iterator[WaitingCrowd]:
    """Executors all of whose threads wait for tasks: of which executor may not be known."""
    pools: dict[str, list[Thread]] = {}
    for thread in jvm.everyone:
        pool = None if thread.java.virtual else thread.profile.pool
        if pool is not None and thread.profile.role is Role.EXECUTOR:
            pools.setdefault(pool, []).append(thread)
    for pool, threads in pools.items():
        if len(threads) > 1 and all(waits_for_task(t) and t.node not in jvm.moved for t in threads):
            yield WaitingCrowd(jvm, pool, len(threads), tuple(threads))


def unserved(interpretation: Interpretation) -> tuple[Ledger, ...]:
    """Services of the JVMs given on which more requests stand unread than workers are free.

    Without a dump of its host, every service with unread requests; with one, those of other
    processes are not ours.
    """
    case = interpretation.case
    found = []
    for rows in ledgers_of(case.hosts):
        free = sum(len(p.idle) for p in interpretation.pools if rows.service in p.services)
        if is_ours(case.of(rows.host), rows.service) and len(rows.waiting) > free:
            found.append(rows)
    return tuple(sorted(found, key=lambda rows: -len(rows.waiting)))


def stalled(thread: Thread) -> bool:
    """Whether a worker has a task and does not run."""
    return thread.profile.activity not in IDLE and thread.profile.activity is not Activity.RUNNING


def commonest(threads: Sequence[Thread], words: Sequence[str]) -> str:
    """What most of ``threads`` do, by the words that describe them without their names."""
    doing = Counter(word.split('" ', 1)[-1] for word in words)
    ((most, count),) = doing.most_common(1)
    return share(count, most) if count < len(threads) else f"each {most}"


def share(count: int, what: str) -> str:
    """That so many of a crowd do ``what``."""
    return f"1 of them {what}" if count == 1 else f"{count} of them: each {what}"
