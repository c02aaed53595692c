"""Walks through an input and hands each part to the reader whose text it is."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from operator import attrgetter
from typing import NamedTuple, TypeAlias, TypeVar

from hangscope.facts import (
    InputFacts,
    InputKind,
    NotUnderstood,
    ProcessFacts,
    SocketTable,
    ThreadDump,
    TranslationTable,
)
from hangscope.readers.content.source import Source
from hangscope.readers.explain import explain
from hangscope.readers.interface import Lines, Reader
from hangscope.readers.walk import Walk
from hangscope.readers.wrappings.carriers import Carriers, streams
from hangscope.readers.wrappings.cut_lines import rejoined_lines

_Fact: TypeAlias = ThreadDump | SocketTable | TranslationTable | ProcessFacts


class Recognised(NamedTuple):
    """A reader, and why it was chosen."""

    reader: Reader
    reason: str


def recognise_among(readers: Sequence[Reader], lines: Iterable[str]) -> Recognised | None:
    """The reader that sees a text of its own first."""
    for line in lines:
        for reader in readers:
            reason = reader.sees(line)
            if reason:
                return Recognised(reader, reason)
    return None


def read(source: Source, readers: Sequence[Reader]) -> InputFacts:
    """Everything in ``source`` that one of ``readers`` can read.

    Raises:
        ReadError: There is nothing.
    """
    carriers = Carriers()
    walks: list[Walk] = []
    with _garbage_collection_paused():
        for _, batches in streams(carriers.unwrap(source.batches())):
            walk = Walk(source.name, readers)
            walk.through(Lines.of(rejoined_lines(batches)))
            walks.append(walk)
        parts = [part for walk in walks for part in walk.finished()]
    dumps = _in_order(chain.from_iterable(part.dumps for part in parts))
    tables = _in_order(chain.from_iterable(part.tables for part in parts))
    processes = _in_order(chain.from_iterable(part.processes for part in parts))
    translations = _in_order(chain.from_iterable(part.translations for part in parts))
    lines = max((walk.last_line for walk in walks), default=0)
    ends = [NotUnderstood(lines, lines, source.damage)] if source.damage else []
    spans = (*told_once(part.not_understood for part in parts), *ends)
    found: tuple[_Fact, ...] = (*dumps, *tables, *translations, *processes)
    if not found or (spans and not any(map(_has_records, found))):
        raise explain(source, spans)
    return InputFacts(
        name=source.name,
        kind=_kind_of(found[0]),
        format=found[0].format,
        sha256=source.sha256,
        size=source.size,
        dumps=dumps,
        tables=tables,
        processes=processes,
        translations=translations,
        not_understood=spans,
        reason=next((walk.reason for walk in walks if walk.reason), ""),
        also=next((walk.also for walk in walks if walk.reason), ()),
        lines=lines,
        outside=sum(walk.outside([one.evidence for one in found]) for walk in walks),
        encoding=source.codec,
        carrier="; ".join(carrier.reason for carrier in carriers.found),
    )


def _has_records(fact: _Fact) -> bool:
    match fact:
        case ThreadDump():
            return bool(fact.threads or fact.deadlocks)
        case SocketTable():
            return bool(fact.sockets)
        case TranslationTable():
            return bool(fact.translations)
        case ProcessFacts():
            return bool(fact.records)


def _kind_of(fact: _Fact) -> InputKind:
    match fact:
        case ThreadDump():
            return InputKind.THREAD_DUMP
        case SocketTable() | TranslationTable():
            return InputKind.SOCKET_TABLE
        case ProcessFacts():
            return InputKind.THREAD_SOCKETS if fact.calls else InputKind.PROCESS


_Part = TypeVar("_Part", ThreadDump, SocketTable, ProcessFacts, TranslationTable)


def _in_order(found: Iterable[_Part]) -> tuple[_Part, ...]:
    return tuple(sorted(found, key=attrgetter("evidence.first_line")))


def told_once(parts: Iterable[Iterable[NotUnderstood]]) -> tuple[NotUnderstood, ...]:
    """The spans of all ``parts`` in order; a line that several were at a loss about, once."""
    spans = [(span, part) for part, found in enumerate(parts) for span in found]
    spans.sort(key=lambda one: (one[0].first_line, -one[0].last_line, one[1]))
    told: list[NotUnderstood] = []
    reach, told_by = 0, -1
    for span, part in spans:
        first = span.first_line
        if part != told_by:
            first = max(first, reach + 1)
        if first > span.last_line:
            continue
        told.append(NotUnderstood(first, span.last_line, span.why))
        if span.last_line >= reach:
            reach, told_by = span.last_line, part
    return tuple(sorted(told, key=attrgetter("first_line", "last_line")))


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Millions of small objects are made and none is a cycle: looking for cycles costs most."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            # All objects become old ones, so that the next collection does not walk them.
            gc.freeze()
            gc.unfreeze()
        if was_enabled:
            gc.enable()
