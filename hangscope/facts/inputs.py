"""What reading one input gave: its identity, its facts and what was not understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Self

from hangscope.facts.evidence import NotUnderstood
from hangscope.facts.processes import ProcessFacts
from hangscope.facts.sockets import SocketTable
from hangscope.facts.threads import ThreadDump
from hangscope.facts.translations import TranslationTable


class InputKind(Enum):
    """What an input is; the values are part of the report's contract."""

    THREAD_DUMP = "thread-dump"
    SOCKET_TABLE = "socket-table"
    PROCESS = "process"
    THREAD_SOCKETS = "thread-sockets"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InputFacts:
    """All that one input (a file, or a member of an archive) says."""

    name: str
    kind: InputKind
    format: str
    """The reader's name: ``hotspot``, ``ss``, ``netstat``, ``lsof``, …; empty when unknown."""
    sha256: str
    size: int
    """Bytes."""
    dumps: tuple[ThreadDump, ...] = ()
    tables: tuple[SocketTable, ...] = ()
    processes: tuple[ProcessFacts, ...] = ()
    translations: tuple[TranslationTable, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    host: str = ""
    """Name of the host that it was taken on; empty where all inputs are of one."""
    reason: str = ""
    """What it was recognised by, in words."""
    also: tuple[str, ...] = ()
    """Other formats that its first recognised line could have started as well."""
    lines: int = 0
    """How many there are; 0 if it could not be read."""
    outside: int = 0
    """Lines with text that belong to no dump and no table: logs, prompts, prose."""
    encoding: str = ""
    """How its bytes were read as text."""
    carrier: str = ""
    """What wrapped its lines (a log collector, a paste), in words; empty if nothing did."""

    @property
    def records(self) -> int:
        """Threads (Java and VM alike), socket rows (listeners included), facts of processes."""
        return (
            sum(len(dump.threads) for dump in self.dumps)
            + sum(len(table.sockets) for table in self.tables)
            + sum(one.records for one in self.processes)
            + sum(len(table.translations) for table in self.translations)
        )


@dataclass(frozen=True, slots=True)
class HostFacts:
    """All that the inputs of one host say."""

    name: str = ""
    """Names the host in reports; empty where all inputs are of one."""
    dumps: Sequence[ThreadDump] = ()
    tables: Sequence[SocketTable] = ()
    processes: Sequence[ProcessFacts] = ()
    translations: Sequence[TranslationTable] = ()

    @classmethod
    def of(cls, name: str, inputs: Sequence[InputFacts]) -> Self:
        """What ``inputs``, all of the host ``name``, say together."""
        return cls(
            name,
            tuple(chain.from_iterable(one.dumps for one in inputs)),
            tuple(chain.from_iterable(one.tables for one in inputs)),
            tuple(chain.from_iterable(one.processes for one in inputs)),
            tuple(chain.from_iterable(one.translations for one in inputs)),
        )
