"""What several dumps and tables tell together: what stayed the same, what grew, how fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hangscope.diagnosis.model import Citation, CountAt, CpuSummary, GrowthSummary, Moment
from hangscope.diagnosis.telling import cite_rows
from hangscope.facts import ThreadDump
from hangscope.interpret import Case, Interpretation
from hangscope.interpret.cpu import usages
from hangscope.interpret.growth import OPEN_FILES, SOCKETS, Growth, close_wait_rows, growths
from hangscope.interpret.history import dumps_alike, held, tells_cpu
from hangscope.interpret.moments import seconds_between
from hangscope.interpret.snapshots import nearest
from hangscope.waits import Node

BUSIEST = 10
"""Threads of which it is told what they use."""
_LEAST_PERCENT = 1.0
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def same_for(interpretation: Interpretation, nodes: Iterable[Node]) -> str:
    """A sentence on how long ``nodes`` have been where they are; empty if one dump shows it."""
    nodes = tuple(nodes)
    if not held(interpretation.case, nodes):
        return ""
    count, seconds = dumps_alike(interpretation.case, nodes)
    over = "" if seconds is None else f" over {duration(seconds)}"
    scopes = {node.scope for node in nodes}
    if all(tells_cpu(jvm) for jvm in interpretation.case.jvms if jvm.scope in scopes):
        return f"The same in {count} dumps{over}: none of these threads ran in between."
    return (
        f"In the same frames in {count} dumps{over}; whether they ran in between is not recorded"
        " (JDK 11 and later print cpu=)."
    )


def grown(interpretation: Interpretation, what: str) -> str:
    """A sentence on how ``what`` grew, and when the process runs out of files; or nothing."""
    found = growths(interpretation.case)
    mine = next((one for one in found if one.what == what), None)
    if mine is None:
        return ""
    said = [f"They grew from {mine.points[0].number:,} to {mine.points[-1].number:,}{_rate(mine)}."]
    own = (one for one in found if one.process == mine.process)
    files = next((one for one in own if one.what in (OPEN_FILES, SOCKETS)), None)
    if files is not None and files.seconds_to_limit is not None:
        most = "at most " if files.in_part else ""
        said.append(
            f"At that rate the process reaches its limit of {files.limit:,} open files in {most}"
            f"{duration(files.seconds_to_limit)}."
        )
    return " ".join(said)


def earlier_rows(interpretation: Interpretation, what: str) -> tuple[Citation, ...]:
    """The rows that the first table shows of ``what``, where they were fewer then."""
    case = interpretation.case
    if not grown(interpretation, what):
        return ()
    found = [close_wait_rows(sockets.moments[0]) for sockets in case.sockets_of_hosts]
    rows = [row for of in found for (name, _), rows in of.items() if name == what for row in rows]
    return cite_rows(rows, f"{what} in the first table: {len(rows):,}") if rows else ()


def _rate(growth: Growth) -> str:
    last, rate = growth.points[-1].seconds, growth.per_second
    if last is None or rate is None:
        return " over the captures, whose times are not recorded"
    by_dumps = " (by the times of the dumps)" if growth.by_dumps else ""
    return f" in {duration(last)}{by_dumps}, {rate:,.1f} a second"


def duration(seconds: float) -> str:
    """A time in words, as exact as it matters: ``8 seconds``, ``12 minutes``, ``3 hours``."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}s"
    whole = round(seconds)
    return f"{whole} second{'' if whole == 1 else 's'}"


def growth_summaries(case: Case) -> Iterator[GrowthSummary]:
    """Everything that grew, as numbers."""
    for one in growths(case):
        yield GrowthSummary(
            one.what,
            one.process,
            tuple(CountAt(point.number, point.seconds) for point in one.points),
            _rounded(one.per_second, 3),
            one.limit,
            one.in_part,
            _rounded(one.seconds_to_limit, 0),
        )


def cpu_summaries(case: Case) -> Iterator[CpuSummary]:
    """The busiest threads, as far as it is known."""
    for one in usages(case)[:BUSIEST]:
        percent = round(100 * one.share, 1)
        if percent >= _LEAST_PERCENT:
            process = case.process(one.jvm.scope)
            seconds = _rounded(one.seconds, 2)
            yield CpuSummary(one.thread.name, process, percent, one.measured.value, seconds)


def moments(case: Case) -> Iterator[Moment]:
    """Each dump with the table nearest to it in time, else the one of its turn, else the last."""
    for jvm in case.jvms:
        sockets = jvm.host.sockets
        if sockets is None:
            continue
        taken = [moment.tables for moment in sockets.moments]
        for turn, dump in enumerate(jvm.series):
            index = nearest(taken, dump.captured)
            known = _apart(dump, sockets.moments[index].captured)
            if known is None and len(taken) == len(jvm.series):
                index = turn
            table = taken[index][0]
            captured = sockets.moments[index].captured
            yield Moment(
                case.process(jvm.scope),
                _place(dump.evidence.input, dump.evidence.first_line),
                dump.captured,
                _place(table.evidence.input, table.evidence.first_line),
                captured,
                _apart(dump, captured),
            )


def _apart(dump: ThreadDump, captured: str | None) -> float | None:
    return _rounded(seconds_between(dump.captured, captured), 3)


def _place(name: str, line: int) -> str:
    return f"{name}:{line}"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
