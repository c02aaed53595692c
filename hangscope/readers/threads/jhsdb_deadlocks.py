"""The deadlocks that ``jhsdb jstack`` reports, before the threads."""

from __future__ import annotations

from hangscope.facts import DeadlockMember, DeadlockReport, Evidence
from hangscope.readers.threads.jhsdb_lines import HeldBy, Named, Wants


class Report:
    """One report while it is read: ``Found one Java-level deadlock``."""

    def __init__(self, input_name: str, first_line: int) -> None:
        self._input = input_name
        self._first_line = self._last_line = first_line
        self._members: list[DeadlockMember] = []
        self._named: tuple[str, int] | None = None
        self._wants: Wants | None = None

    def take(self, first_line: int, last_line: int, record: Named | Wants | HeldBy) -> bool:
        """A line of it; False if it cannot stand there."""
        match record:
            case Named(name):
                self._close(None, first_line)
                self._named = name, first_line
            case Wants() if self._named:
                self._wants = record
            case HeldBy(owner) if self._named and self._wants:
                self._close(owner, last_line)
            case _:
                return False
        self._last_line = last_line
        return True

    def frozen(self) -> DeadlockReport | None:
        """The report as a fact; None if nothing is left of it."""
        self._close(None, self._last_line)
        if not self._members:
            return None
        evidence = Evidence(self._input, self._first_line, self._last_line)
        return DeadlockReport(tuple(self._members), evidence)

    def _close(self, owner: str | None, last_line: int) -> None:
        if self._named and self._wants:
            name, first_line = self._named
            wants = self._wants
            end = last_line if owner is not None else self._last_line
            self._members.append(
                DeadlockMember(
                    name,
                    wants.what,
                    wants.address,
                    wants.class_name,
                    owner,
                    Evidence(self._input, first_line, end),
                )
            )
        self._named = self._wants = None
