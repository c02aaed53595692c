"""What several captures tell together, as rows: how far apart they are, what grew, what is busy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.model import CpuSummary, GrowthSummary, Moment
from hangscope.report import words
from hangscope.report.document import Summary
from hangscope.report.outline import Block, Rows

_BUSY_PERCENT = 5.0
_BUSIEST = 5
_LISTED = 10
_OF_NOW = ("between dumps", "by top or ps")
"""How use of the processor is measured that says something of the hang; see the model."""


def over_time(summary: Summary) -> Iterator[Block]:
    """The section's blocks; none where there is but one capture."""
    rows = [
        *(("Dump and table", said) for said in _moments(summary.moments)),
        *(("Grew", _growth(one)) for one in summary.growth),
        *(("CPU", _cpu(one)) for one in _busy(summary)),
    ]
    if rows:
        yield Rows(tuple(rows))


def _moments(moments: Sequence[Moment]) -> Iterator[str]:
    near = [one for one in moments if one.skew_seconds is not None and abs(one.skew_seconds) <= 1]
    if len(near) == len(moments) > 1:
        yield f"each of {len(moments)} dumps has a table that was taken within a second of it"
        return
    for one in moments[:_LISTED]:
        yield _apart(one)
    if len(moments) > _LISTED:
        yield f"and {words.counted(len(moments) - _LISTED, 'more dump', 'more dumps')}"


def _apart(one: Moment) -> str:
    if one.skew_seconds is None:
        apart = "how far apart they were taken is not recorded"
    elif abs(one.skew_seconds) <= 1:
        apart = "taken within a second of each other"
    else:
        order = "after" if one.skew_seconds > 0 else "before"
        apart = f"the table was taken {abs(one.skew_seconds):,.0f} s {order} the dump"
    return f"{one.dump} and {one.table}: {apart}"


def _growth(one: GrowthSummary) -> str:
    process = f" ({one.process})" if one.process else ""
    said = [f"{one.what}{process}: {', '.join(f'{at.count:,}' for at in one.counts)}"]
    over = one.counts[-1].seconds
    if over is not None and one.per_second is not None:
        said.append(f"in {over:,.0f} s, {one.per_second:,.1f} a second")
    else:
        said.append("at times that are not recorded")
    if one.seconds_to_limit is not None and one.limit is not None:
        away = ("at most " if one.in_part else "") + words.duration(one.seconds_to_limit)
        said.append(f"at that rate the limit of {one.limit:,} is reached in {away}")
    return "; ".join(said)


def _busy(summary: Summary) -> list[CpuSummary]:
    busy = [one for one in summary.threads.by_cpu if one.measured in _OF_NOW]
    return [one for one in busy if one.percent >= _BUSY_PERCENT][:_BUSIEST]


def _cpu(one: CpuSummary) -> str:
    over = "" if one.seconds is None else f" {one.seconds:,.0f} s apart"
    process = f" ({one.process})" if one.process else ""
    return f'"{one.name}"{process}: {one.percent:,.0f} % of one core ({one.measured}{over})'
