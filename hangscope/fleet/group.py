"""Hosts that may have to do with each other: their facts are joined wherever there is a processor.

Facts wait in a file of our own until it is their turn, so that no more of them are in memory than
one group has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from hangscope.fleet.bundle import unpacked_facts
from hangscope.fleet.memory import collected_at_the_end
from hangscope.knowledge import Knowledge, load
from hangscope.pipeline import GroupDiagnosis, diagnose_group


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of hosts, and what is needed to reason about them."""

    facts: tuple[bytes, ...]
    own: tuple[Path, ...]
    """Files with knowledge of the user's own."""
    pid: int | None
    alone: bool


@collected_at_the_end
def diagnose(group: Group) -> GroupDiagnosis:
    """Join the facts of ``group``; runs in any process."""
    hosts = [unpacked_facts(content) for content in group.facts]
    return diagnose_group(hosts, _knowledge(group.own), pid=group.pid, alone=group.alone)


@cache
def _knowledge(own: tuple[Path, ...]) -> Knowledge:
    return load(*own)


class Spool:
    """Bytes that wait in a file, which is gone when it is left."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="hangscope-")  # noqa: SIM115 - see __exit__

    def __enter__(self) -> Self:
        """It is empty."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing stays."""
        self._file.close()

    def put(self, content: bytes) -> tuple[int, int]:
        """Keep ``content``; returns where it is."""
        place = self._file.seek(0, 2)
        return place, self._file.write(content)

    def get(self, place: tuple[int, int]) -> bytes:
        """What was put there."""
        self._file.seek(place[0])
        return self._file.read(place[1])
