"""The numbers of a report, and what was read to get them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from hangscope.diagnosis.model import Count
from hangscope.facts import NotUnderstood
from hangscope.report import words
from hangscope.report.document import Document, Input, Summary
from hangscope.report.outline import Block, Item, Paragraph, Rows, Tally

_POOLS = 20
"""Pools that are counted one by one, the largest; some applications have one for each task."""
_PLACES = 5
"""Places of lines not understood that are listed one by one; the rest is counted."""


def tallies(summary: Summary) -> Iterator[Tally]:
    """Threads by state and by pool, sockets by state and by listener; each adds up."""
    threads, sockets = summary.threads, summary.sockets
    if threads.total:
        yield _tally("Threads by state", threads.by_state, threads.total, "thread")
    largest = sorted(threads.by_pool, key=lambda pool: -pool.threads)[:_POOLS]
    for pool in (pool for pool in threads.by_pool if pool in largest):
        name = _joined(f"Pool {pool.name}", pool.role, pool.process)
        yield _tally(name, pool.activities, pool.threads, "thread")
    others = [pool for pool in threads.by_pool if pool not in largest]
    if others:
        name = words.counted(len(others), "smaller pool", "smaller pools")
        together = Counter[str]()
        for pool in others:
            together.update({one.label: one.count for one in pool.activities})
        counts = [Count(label, count) for label, count in together.most_common()]
        yield _tally(f"{name} together", counts, sum(pool.threads for pool in others), "thread")
    if sockets.total:
        yield _tally("Sockets by state", sockets.by_state, sockets.total, "socket")
    for endpoint in sockets.by_endpoint:
        name = _joined(f"Connections on {endpoint.name}", endpoint.process)
        yield _tally(name, endpoint.ledger, endpoint.rows, "connection")


def _tally(name: str, counts: Sequence[Count], total: int, unit: str) -> Tally:
    entries = [(one.label, one.count) for one in counts]
    missing = total - sum(one.count for one in counts)
    if missing:
        entries.append(("not accounted for", missing))
    return Tally(name, tuple(entries), total, unit if total == 1 else f"{unit}s")


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def inputs(document: Document) -> Iterator[Block]:
    """Each input: what it is, by which bytes it is known again, and what was not understood."""
    for one in document.inputs:
        yield Item(one.name, _joined(words.INPUT_KIND[one.kind], one.format))
        yield Rows(tuple(_facts(one)))
    tool = document.tool
    yield Paragraph(f"Made by {tool.name} {tool.version} at {document.created}.")


def _facts(one: Input) -> Iterator[tuple[str, str]]:
    size = words.counted(one.bytes, "byte", "bytes")
    read = f"{words.records(one.kind, one.records)} in {size}"
    yield "Read", _joined(read, one.process, one.captured, one.host and f"host {one.host}")
    if len(one.groups) > 1:
        for number, group in enumerate(one.groups, 1):
            read = words.records(group.kind, group.records)
            said = _joined(read, group.format, group.process, group.captured)
            yield f"Part {number}", f"lines {group.first_line}-{group.last_line}: {said}"
    if one.reason:
        also = f"; could also be {' or '.join(one.also)}" if one.also else ""
        yield "Known by", f"{one.reason}{also}"
    if one.carrier:
        yield "Wrapped", one.carrier
    if one.outside:
        lines = words.counted(one.outside, "line", "lines")
        yield "Outside", f"{lines} of logs, prompts or prose, of no dump and no table"
    if one.not_understood:
        yield "Not read", _not_understood(one.not_understood)
    yield "SHA-256", one.sha256


def _not_understood(spans: Sequence[NotUnderstood]) -> str:
    count = sum(span.last_line - span.first_line + 1 for span in spans)
    places = [f"{_place(span)} ({span.why})" for span in spans[:_PLACES]]
    more = len(spans) - _PLACES
    if more > 0:
        places.append(f"and {words.counted(more, 'more place', 'more places')}")
    lines = words.counted(count, "line", "lines")
    return f"{lines} not understood: {', '.join(places)}"


def _place(span: NotUnderstood) -> str:
    if span.first_line == span.last_line:
        return str(span.first_line)
    return f"{span.first_line}-{span.last_line}"
