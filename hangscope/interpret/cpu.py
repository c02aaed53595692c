"""How much of one processor each thread used, by the best of what the inputs tell.

Two dumps tell how much between them; ``top -H`` tells it of its own moment; one dump alone tells
it of the thread's whole life, which says little of now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from hangscope.facts import JavaThread
from hangscope.interpret.case import Case, Jvm
from hangscope.interpret.history import seconds_of
from hangscope.interpret.moments import in_time
from hangscope.interpret.movement import key_of

_SHORTEST_S = 1.0
"""Over less time a share of it is chance."""
_MS = 1000.0


class Measured(Enum):
    """How a share was found; the values are words for people."""

    BETWEEN_DUMPS = "between dumps"
    BY_TOP = "by top or ps"
    OVER_ITS_LIFE = "over the thread's life"


@dataclass(frozen=True, slots=True)
class Usage:
    """What one thread used; 1.0 is one whole processor."""

    jvm: Jvm
    thread: JavaThread
    share: float
    measured: Measured
    seconds: float | None
    """The time it was measured over; None where that is not told."""


def usages(case: Case) -> tuple[Usage, ...]:
    """What every thread used of which it is known, the busiest first."""
    found = [one for jvm in case.jvms for one in _of(case, jvm)]
    return tuple(sorted(found, key=lambda one: (-one.share, one.jvm.scope, one.thread.name)))


def _of(case: Case, jvm: Jvm) -> Iterator[Usage]:
    stated = [facts for facts in case.facts_of(jvm) if facts.usages]
    tops = {
        usage.tid: usage.cpu_percent / 100
        for index in in_time([facts.captured for facts in stated])
        for usage in stated[index].usages
        if usage.cpu_percent is not None
    }
    first = jvm.series[0] if jvm.series else jvm.dump
    seconds = seconds_of(first, jvm.dump) if first is not jvm.dump else None
    before = {key_of(one): one.cpu_ms for one in first.threads}
    for thread in jvm.dump.threads:
        burnt = _burnt(before.get(key_of(thread)), thread.cpu_ms)
        if seconds is not None and seconds >= _SHORTEST_S and burnt is not None:
            share = burnt / _MS / seconds
            yield Usage(jvm, thread, share, Measured.BETWEEN_DUMPS, seconds)
        elif thread.nid in tops:
            yield Usage(jvm, thread, tops[thread.nid], Measured.BY_TOP, None)
        elif thread.cpu_ms is not None and thread.elapsed_s:
            share = thread.cpu_ms / _MS / thread.elapsed_s
            yield Usage(jvm, thread, share, Measured.OVER_ITS_LIFE, thread.elapsed_s)


def _burnt(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else max(0.0, after - before)
