"""The verdict: the one finding that explains the others, and which are its effects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hangscope.diagnosis import healthy, inconclusive, thread_leak
from hangscope.diagnosis.effects import cause_of
from hangscope.diagnosis.model import HANGS, Finding, Kind, SubjectType, Verdict
from hangscope.interpret import Interpretation

_RANK = (*HANGS, Kind.BUSY, Kind.INCONCLUSIVE, Kind.LEAK, Kind.HEALTHY)
_HOLD_NOBODY = (thread_leak.ID,)
"""Findings about threads that are idle."""
_OUTWEIGHED = 2
"""A deadlock is the verdict unless something else holds more than this many times its threads."""


def ordered(interpretation: Interpretation, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Causes before effects, the weightiest first, with ``effect_of`` filled in."""
    causes = sorted(findings, key=_order)
    return in_order(replace(f, effect_of=cause_of(interpretation, f, causes)) for f in causes)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Causes before effects, the weightiest first, where ``effect_of`` is filled in."""
    return tuple(sorted(findings, key=lambda f: (f.effect_of is not None, _order(f))))


def decide(findings: Sequence[Finding], *, sound: bool) -> Verdict:
    """The verdict over ``findings`` in their order.

    Args:
        findings: All of them, the explaining one first.
        sound: Whether the dumps show pools that are free; without it nothing is called healthy.
    """
    if not findings or (findings[0].kind is Kind.HEALTHY and not sound):
        return Verdict(
            Kind.INCONCLUSIVE,
            None,
            None,
            None,
            "The inputs do not show why the service hangs; what would is listed below.",
        )
    first = findings[0]
    general = first.id in (healthy.ID, inconclusive.ID)
    if general:
        return Verdict(first.kind, first.id, None, None, first.headline)
    return Verdict(first.kind, first.id, first.layer, first.certainty, first.headline)


def settles(finding: Finding) -> bool:
    """Whether ``finding`` says why a service hangs."""
    return finding.kind in HANGS and finding.id not in _HOLD_NOBODY


def weight(finding: Finding) -> int:
    """Threads that a finding holds up."""
    if finding.id in _HOLD_NOBODY:
        return 0
    counted = (SubjectType.THREAD, SubjectType.POOL)
    return sum(subject.count for subject in finding.subjects if subject.type in counted)


def _order(finding: Finding) -> tuple[int, int, int, str]:
    held = weight(finding) * (_OUTWEIGHED if finding.kind is Kind.DEADLOCK else 1)
    if settles(finding):
        return 0, -held, _RANK.index(finding.kind), finding.id
    kind = Kind.LEAK if finding.id in _HOLD_NOBODY else finding.kind
    return 1, _RANK.index(kind), -held, finding.id
