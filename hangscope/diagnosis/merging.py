"""Diagnoses of hosts that have nothing to do with each other become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from hangscope.diagnosis import healthy
from hangscope.diagnosis.model import Count, Diagnosis, Finding, Kind, Summary
from hangscope.diagnosis.over_time import BUSIEST
from hangscope.diagnosis.verdict import decide, in_order


def merged(parts: Sequence[Diagnosis]) -> Diagnosis:
    """One diagnosis of all; nothing is called healthy unless each part is."""
    if len(parts) == 1:
        return parts[0]
    sound = bool(parts) and all(part.verdict.kind is Kind.HEALTHY for part in parts)
    told = [finding for part in parts for finding in part.findings if finding.id != healthy.ID]
    findings = in_order(told or (_healthy(parts) if sound else ()))
    verdict = decide(findings, sound=sound)
    # What would decide the leading part is told first.
    leading = sorted(parts, key=lambda part: part.verdict != verdict)
    gaps = dict.fromkeys(gap for part in leading for gap in part.gaps)
    return Diagnosis(verdict, findings, tuple(gaps), _sum([part.summary for part in parts]))


def _healthy(parts: Iterable[Diagnosis]) -> Iterator[Finding]:
    """What is said of each healthy part, in one finding."""
    each = [f for part in parts for f in part.findings if f.id == healthy.ID]
    for first in each[:1]:
        yield replace(
            first,
            explanation=" ".join(dict.fromkeys(one.explanation for one in each)),
            subjects=tuple(subject for one in each for subject in one.subjects),
            citations=tuple(citation for one in each for citation in one.citations),
        )


def _sum(parts: Sequence[Summary]) -> Summary:
    busiest = sorted((one for part in parts for one in part.cpu), key=lambda one: -one.percent)
    return Summary(
        threads_by_state=_counts(part.threads_by_state for part in parts),
        pools=tuple(one for part in parts for one in part.pools),
        sockets_by_state=_counts(part.sockets_by_state for part in parts),
        endpoints=tuple(one for part in parts for one in part.endpoints),
        cpu=tuple(busiest[:BUSIEST]),
        moments=tuple(one for part in parts for one in part.moments),
        growth=tuple(one for part in parts for one in part.growth),
    )


def _counts(parts: Iterable[Iterable[Count]]) -> tuple[Count, ...]:
    total: Counter[str] = Counter()
    for one in chain.from_iterable(parts):
        total[one.label] += one.count
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(label, count) for label, count in ranked)
