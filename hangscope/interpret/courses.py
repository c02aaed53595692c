"""Threads through all the dumps of a series: what each used of a processor between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hangscope.facts import Evidence, JavaThread
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.movement import Key, by_key, key_of

_MS = 1000.0
_SHORTEST_S = 1.0
"""Over less time a share of it is chance."""


@dataclass(frozen=True, slots=True)
class Course:
    """One thread in each dump of a series, the last one at the end."""

    shots: tuple[JavaThread, ...]
    shares: tuple[float, ...]
    """Of one processor, from each dump to the next; or the one that ``top`` tells."""
    used_s: float | None
    """Processor time from the first dump to the last; None where only ``top`` tells the share."""
    seconds: float | None
    """From the first dump to the last; None where the dumps do not print it."""
    top: Evidence | None = None
    """The row of ``top`` or ``ps`` that tells the share, where the dumps do not."""

    @property
    def share(self) -> float:
        """The least that it used."""
        return min(self.shares)


def courses(case: Case, jvm: Jvm) -> Iterator[Course]:
    """Every thread, the VM's own too, that all dumps of a series show and whose use is known."""
    rows = {
        usage.tid: (usage.cpu_percent / 100, usage.evidence)
        for facts in case.facts_of(jvm)
        for usage in facts.usages
        if usage.cpu_percent is not None
    }
    for view in jvm.views:
        others = [by_key(dump) for dump in view.series[:-1]]
        known = (_course(last, others, rows) for last in view.dump.threads)
        found = [course for course in known if course is not None]
        if found:
            yield from found
            return


def threads_of(jvm: Jvm, found: Iterable[Course]) -> Iterator[tuple[Thread, Course]]:
    """Those of ``found`` that are Java threads, with what is known of them."""
    by_place = {
        (t.java.evidence.input, t.java.evidence.first_line): t for v in jvm.views for t in v.threads
    }
    for course in found:
        evidence = course.shots[-1].evidence
        thread = by_place.get((evidence.input, evidence.first_line))
        if thread is not None:
            yield thread, course


def _course(
    last: JavaThread,
    others: Sequence[Mapping[Key, JavaThread]],
    rows: Mapping[int, tuple[float, Evidence]],
) -> Course | None:
    if not others:
        return None
    key = key_of(last)
    shots = [shot for before in others if (shot := before.get(key)) is not None]
    if len(shots) < len(others):
        return None
    shots.append(last)
    shares = [_share(one, other) for one, other in pairwise(shots)]
    seconds = _difference(shots[0].elapsed_s, last.elapsed_s)
    known = [share for share in shares if share is not None]
    if len(known) == len(shares):
        used = _difference(shots[0].cpu_ms, last.cpu_ms)
        return Course(tuple(shots), tuple(known), None if used is None else used / _MS, seconds)
    row = None if last.nid is None or last.cpu_ms is not None else rows.get(last.nid)
    if row is not None:
        share, evidence = row
        return Course(tuple(shots), (share,), None, seconds, evidence)
    return None


def _share(one: JavaThread, other: JavaThread) -> float | None:
    burnt = _difference(one.cpu_ms, other.cpu_ms)
    seconds = _difference(one.elapsed_s, other.elapsed_s)
    if burnt is None or seconds is None or seconds < _SHORTEST_S:
        return None
    return max(0.0, burnt) / _MS / seconds


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else other - one
