"""Walks through an input and hands each part to the reader whose text it is."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from hangscope.readers.commands import prompt
from hangscope.readers.explain import explain
from hangscope.readers.foreign import Foreign
from hangscope.readers.interface import Lines, Read, Reader, Reading, Surroundings
from hangscope.readers.source import Source

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
    with _garbage_collection_paused():
        walk = _Walk(source.name, (Foreign(), *readers))
        walk.through(Lines.of(source.batches()))
        parts = walk.finished()
    dumps = _in_order(chain.from_iterable(part.dumps for _, part in parts))
    tables = _in_order(chain.from_iterable(part.tables for _, part in parts))
    processes = _in_order(chain.from_iterable(part.processes for _, part in parts))
    translations = _in_order(chain.from_iterable(part.translations for _, part in parts))
    ends = [NotUnderstood(walk.last_line, walk.last_line, source.damage)] if source.damage else []
    spans = tuple(
        sorted(
            chain(ends, chain.from_iterable(part.not_understood for _, part in parts)),
            key=attrgetter("first_line", "last_line"),
        )
    )
    found: tuple[_Fact, ...] = (*dumps, *tables, *translations, *processes)
    if not found or (spans and not any(map(_has_records, found))):
        raise explain(source, readers, spans)
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
        reason=walk.reason,
        also=walk.also,
        lines=walk.last_line,
        outside=walk.outside(found),
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


class _Walk:
    """One pass over an input: outside of all texts until a reader sees one of its own."""

    def __init__(self, input_name: str, readers: Sequence[Reader]) -> None:
        self._input = input_name
        self._readers = readers
        self._readings: dict[str, Reading] = {}
        self._around = Surroundings()
        self.reason = ""
        """What the first text was recognised by."""
        self.also: tuple[str, ...] = ()
        """Who else could have taken its first line."""
        self._outside = 0
        self._before: list[int] = []
        """Lines that stand right above a text, and may belong to it."""
        self.last_line = 0

    def through(self, lines: Lines) -> None:
        """Read everything."""
        reader = self._sought(lines)
        while reader is not None:
            self._feed(reader, lines)
            reader = self._sought(lines)
        self.last_line = lines.last_number

    def finished(self) -> list[tuple[Reader, Read]]:
        """What each reader read, those without any text of theirs left out."""
        return [
            (reader, self._readings[reader.name].finish())
            for reader in self._readers
            if reader.name in self._readings
        ]

    def outside(self, found: Iterable[_Fact]) -> int:
        """How many lines with text are no part of what was ``found``."""
        taken = {
            number
            for number in self._before
            for fact in found
            if fact.evidence.first_line <= number <= fact.evidence.last_line
        }
        return self._outside - len(taken)

    def _sought(self, lines: Lines) -> Reader | None:
        """Walk to the next line that a reader sees as its own."""
        readers = self._readers
        for number, line in lines:
            if not line:
                continue
            for reader in readers:
                reason = reader.sees(line)
                if reason:
                    self._note(reader, line, reason)
                    lines.back((number, line))
                    return reader
            self._outside += 1
            command = prompt(line)
            if command:
                self._around.command = command
                self._around.before.clear()
            else:
                self._around.before.append((number, line))
        return None

    def _note(self, chosen: Reader, line: str, reason: str) -> None:
        if not self.reason and not isinstance(chosen, Foreign):
            self.reason = reason
            self.also = tuple(
                reader.name
                for reader in self._readers
                if reader is not chosen and reader.sees(line)
            )

    def _feed(self, reader: Reader, lines: Lines) -> None:
        reading = self._readings.get(reader.name)
        if reading is None:
            reading = self._readings[reader.name] = reader.begin(self._input)
        before = lines.next_number()
        self._before += [number for number, _ in self._around.before]
        self._around.starts_elsewhere = self._elsewhere(reader)
        self._around.starts_table = self._is_table
        reading.feed(lines, self._around)
        self._around = Surroundings()
        if lines.next_number() == before:  # it did not read even the line that it saw
            next(iter(lines))
            self._outside += 1

    def _elsewhere(self, reader: Reader) -> Callable[[str], bool]:
        others = [other for other in self._readers if other is not reader]
        return lambda line: any(other.sees(line) for other in others)

    def _is_table(self, line: str) -> bool:
        return any(
            reader.sees(line) for reader in self._readers if reader.kind is InputKind.SOCKET_TABLE
        )


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
