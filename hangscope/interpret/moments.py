"""When captures were taken: what they print of it, and how far two of them are apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

_PRINTED = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?P<part>[.,][0-9]{1,9})? ?(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_SAME_ZONE_S = 600
"""Clocks of two time zones differ by a quarter of an hour at least."""


def seconds_between(earlier: str | None, later: str | None) -> float | None:
    """Seconds from one moment to another; None where that is not known.

    A dump prints local time without a zone. Against a time with one it counts only where their
    clocks are so near to each other that the zones must be one.
    """
    first, second = _moment(earlier), _moment(later)
    if first is None or second is None:
        return None
    if (first.tzinfo is None) is (second.tzinfo is None):
        return (second - first).total_seconds()
    by_the_clock = (second.replace(tzinfo=None) - first.replace(tzinfo=None)).total_seconds()
    return by_the_clock if abs(by_the_clock) < _SAME_ZONE_S else None


def in_time(times: Sequence[str | None]) -> Sequence[int]:
    """Indices of ``times`` from the earliest to the latest; as given if any cannot be compared."""
    apart = [seconds_between(times[0], one) for one in times] if times else []
    known = [one for one in apart if one is not None]
    if len(known) < len(times):
        return range(len(times))
    return sorted(range(len(times)), key=known.__getitem__)


def _moment(text: str | None) -> datetime | None:
    """The moment, without a zone where none is printed."""
    found = _PRINTED.fullmatch((text or "").strip())
    if found is None:
        return None
    zone = (found["zone"] or "").replace("UTC", "+00:00").replace("Z", "+00:00")
    part = (found["part"] or "").replace(",", ".")[:7]
    try:
        return datetime.fromisoformat(f"{found['day']}T{found['clock']}{part}{zone}")
    except ValueError:
        return None
