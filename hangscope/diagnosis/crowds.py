"""Crowds: workers that wait, whatever for; what is left to say when no finding explains them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Activity, Role

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
        waiting = tuple(w for w in pool.workers if stalled(w))
        taken = len(pool.idle) <= _SPARE * len(pool.workers)
        if taken and len(waiting) >= max(_FEWEST, _MOST * len(pool.workers)):
            crowds.append(WaitingCrowd(pool.jvm, pool.name, len(pool.workers), waiting))
    served = {pool.jvm.scope for pool in interpretation.pools}
    for jvm in interpretation.case.jvms:
        if jvm.scope not in served:
            outward = [t for t in jvm.threads if t.profile.activity in _OUTWARD]
            outward = [t for t in outward if t.profile.role in (Role.EXECUTOR, Role.UNKNOWN)]
            if len(outward) >= _CROWD:
                crowds.append(
                    WaitingCrowd(jvm, "threads without a server pool", len(outward), tuple(outward))
                )
    return tuple(sorted(crowds, key=lambda c: (-len(c.waiting), c.jvm.scope, c.pool)))


def stalled(thread: Thread) -> bool:
    """Whether a worker has a task and does not run."""
    return thread.profile.activity not in IDLE and thread.profile.activity is not Activity.RUNNING


def commonest(threads: Sequence[Thread], words: Sequence[str]) -> str:
    """What most of ``threads`` do, by the words that describe them without their names."""
    doing = Counter(word.split('" ', 1)[-1] for word in words)
    ((most, count),) = doing.most_common(1)
    return f"{count} of them: {most}" if count < len(threads) else f"each {most}"
