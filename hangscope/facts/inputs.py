"""What reading one input gave: its identity, its facts and what was not understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hangscope.facts.evidence import NotUnderstood
from hangscope.facts.sockets import SocketTable
from hangscope.facts.threads import ThreadDump


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
    not_understood: tuple[NotUnderstood, ...] = ()

    @property
    def records(self) -> int:
        """Threads (Java and VM alike) or socket rows (listeners included)."""
        threads = sum(len(dump.threads) for dump in self.dumps)
        return threads + sum(len(table.sockets) for table in self.tables)
