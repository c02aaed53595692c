"""What grows from one capture to the next: half-closed connections, threads, open files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from hangscope.facts import NOT_RECORDED, Evidence, ProcessFacts, TcpState
from hangscope.interpret.case import Case, Jvm
from hangscope.interpret.history import seconds_of
from hangscope.interpret.moments import in_time, seconds_between
from hangscope.interpret.sockets import HostSockets, Role, Row

OPEN_FILES = "open files"
SOCKETS = "open sockets"
THREADS = "threads"
_FILES_LIMIT = "Max open files"
_THREADS_LIMIT = "Max processes"
"""Of all processes of a user together, threads counted."""
_NUMBER = re.compile(r"[0-9]{1,9}")
_LEAST = 5
"""Less comes and goes at any time."""


class Point(NamedTuple):
    """A count at a moment."""

    number: int
    seconds: float | None
    """Since the first point; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A count that has grown over all captures that show it."""

    what: str
    process: str | None
    points: tuple[Point, ...]
    limit: int | None = None
    """How far it can grow; None where that is not known."""
    in_part: bool = False
    """Whether more counts towards the limit than this: files that are no sockets, say."""
    by_dumps: bool = False
    """Whether the times are those of the dumps: tables without a time, taken in turns with them."""

    @property
    def per_second(self) -> float | None:
        """How fast it grows; None where the times are not known."""
        first, last = self.points[0], self.points[-1]
        if first.seconds is None or last.seconds is None or last.seconds <= first.seconds:
            return None
        return (last.number - first.number) / (last.seconds - first.seconds)

    @property
    def seconds_to_limit(self) -> float | None:
        """When the limit is reached at that rate, from the last capture on."""
        rate = self.per_second
        if rate is None or self.limit is None:
            return None
        return max(0.0, (self.limit - self.points[-1].number) / rate)


def growths(case: Case) -> tuple[Growth, ...]:
    """Everything that grows, the soonest at its limit first."""
    found = [*_half_closed(case), *_threads(case), *_files(case)]
    grown = (one for one in found if _has_grown(one.points))
    return tuple(sorted(grown, key=_soonest))


def _soonest(one: Growth) -> tuple[float, str, str]:
    left = one.seconds_to_limit
    return inf if left is None else left, one.what, one.process or ""


def half_closed(endpoint: str, role: Role) -> str:
    """How the CLOSE_WAIT of a service, or to a remote endpoint, are called."""
    return f"CLOSE_WAIT {'on' if role is Role.ACCEPTED else 'to'} {endpoint}"


def _has_grown(points: Sequence[Point]) -> bool:
    numbers = [point.number for point in points]
    return len(numbers) > 1 and numbers[-1] - numbers[0] >= _LEAST and numbers == sorted(numbers)


def _half_closed(case: Case) -> Iterator[Growth]:
    """CLOSE_WAIT by service and by remote endpoint."""
    for sockets in case.sockets_of_hosts:
        if len(sockets.moments) < 2:  # noqa: PLR2004 - it takes two to grow
            continue
        found = [close_wait_rows(moment) for moment in sockets.moments]
        seconds, by_dumps = _seconds(case, sockets)
        for key in sorted({key for rows in found for key in rows}):
            what, process = key
            counts = [len(rows.get(key, ())) for rows in found]
            points = tuple(map(Point, counts, seconds))
            yield Growth(what, process or None, points, by_dumps=by_dumps)


def close_wait_rows(sockets: HostSockets) -> dict[tuple[str, str], list[Row]]:
    """Rows in CLOSE_WAIT by what :func:`half_closed` calls them, and by their process."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in sockets.in_state(TcpState.CLOSE_WAIT):
        service = sockets.service_of(row.local)
        here = service.endpoint if service else row.peer
        role = Role.ACCEPTED if service else Role.OUTBOUND
        found.setdefault((half_closed(str(here), role), _owner(row)), []).append(row)
    return found


def _owner(row: Row) -> str:
    known = row.owners is not NOT_RECORDED and row.owners
    return f"pid {row.owners[0].pid}" if known and row.owners is not NOT_RECORDED else ""


def _seconds(case: Case, sockets: HostSockets) -> tuple[list[float | None], bool]:
    """Of each moment of tables, since the first; and whether these are the times of the dumps.

    As many dumps as tables, given in order, were taken in turns.
    """
    times = [moment.captured for moment in sockets.moments]
    since = [seconds_between(times[0], time) for time in times] if times else []
    if None in since and len(case.jvms) == 1:
        series = case.jvms[0].series
        if len(series) == len(times):
            return [seconds_of(series[0], dump) for dump in series], True
    return since, False


def _threads(case: Case) -> Iterator[Growth]:
    """Threads of each process, over its dumps of one form, else over its ``/proc/PID/status``."""
    for jvm in case.jvms:
        points = [
            Point(len(dump.threads), seconds_of(jvm.series[0], dump))
            for dump in jvm.series
            if dump.ended
        ]
        if len(points) < 2:  # noqa: PLR2004 - it takes two to grow
            points = list(_stated_threads(case, jvm))
        limit = _limit(case.facts_of(jvm), _THREADS_LIMIT)
        yield Growth(THREADS, case.process(jvm.scope), tuple(points), limit, in_part=True)


def _stated_threads(case: Case, jvm: Jvm) -> Iterator[Point]:
    stated = [
        (one, int(setting.value))
        for one in case.facts_of(jvm)
        for setting in one.settings
        if setting.name == "Threads" and _NUMBER.fullmatch(setting.value)
    ]
    times = [_time(case, one) for one, _ in stated]
    order = in_time(times)
    for index in order:
        yield Point(stated[index][1], seconds_between(times[order[0]], times[index]))


def _files(case: Case) -> Iterator[Growth]:
    """Open files of each process; where they are not listed, its sockets, which are among them."""
    for jvm in case.jvms:
        process = case.process(jvm.scope)
        limit = _limit(case.facts_of(jvm), _FILES_LIMIT)
        listed = [one for one in case.facts_of(jvm) if one.descriptors]
        if len(listed) > 1:
            times = [_time(case, one) for one in listed]
            order = in_time(times)
            points = tuple(
                Point(
                    len(listed[index].descriptors),
                    seconds_between(times[order[0]], times[index]),
                )
                for index in order
            )
            yield Growth(OPEN_FILES, process, points, limit)
            continue
        sockets = jvm.host.sockets
        if sockets is not None and len(sockets.moments) > 1:
            seconds, by_dumps = _seconds(case, sockets)
            points = _sockets(sockets, jvm, seconds)
            yield Growth(SOCKETS, process, points, limit, by_dumps=by_dumps, in_part=True)


def _sockets(sockets: HostSockets, jvm: Jvm, seconds: Sequence[float | None]) -> tuple[Point, ...]:
    if jvm.pid is None:
        return ()
    return tuple(
        Point(len(moment.owned(jvm.pid)), at)
        for moment, at in zip(sockets.moments, seconds, strict=True)
        if moment.owners_recorded
    )


def _limit(facts: Iterable[ProcessFacts], name: str) -> int | None:
    limits = [limit for one in facts for limit in one.limits if limit.name == name]
    soft = limits[-1].soft if limits else None
    return None if soft is NOT_RECORDED else soft


def _time(case: Case, one: ProcessFacts) -> str | None:
    """When a text was taken: what stands right above it, else above it in the same input."""
    if one.captured is not None:
        return one.captured
    above = [
        (evidence.first_line, captured)
        for evidence, captured in _dated(case)
        if evidence.input == one.evidence.input and evidence.first_line < one.evidence.first_line
    ]
    return max(above)[1] if above else None


def _dated(case: Case) -> Iterator[tuple[Evidence, str]]:
    for one in case.processes:
        if one.captured is not None:
            yield one.evidence, one.captured
    moments = (moment for sockets in case.sockets_of_hosts for moment in sockets.moments)
    for table in (table for moment in moments for table in moment.tables):
        if table.captured is not None:
            yield table.evidence, table.captured
