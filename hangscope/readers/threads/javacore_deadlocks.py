"""The chains of ``1LKDEADLOCK``: who waits for what, owned by whom, round to the first thread."""

from __future__ import annotations

from hangscope.facts import DeadlockMember, DeadlockReport, Evidence
from hangscope.readers.threads.javacore_records import (
    DeadlockObject,
    DeadlockThread,
    DeadlockWaits,
    Mark,
    Record,
)

OF_DEADLOCKS = frozenset({DeadlockThread, DeadlockWaits, DeadlockObject})


class DeadlockChains:
    """All deadlocks of one dump; chains follow each other, under one title or several."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._reports: list[DeadlockReport] = []
        self._members: list[DeadlockMember] = []
        self._first_line = 0
        self._last_line = 0
        self._thread: tuple[str, int] | None = None
        self._is_monitor = False
        self._wants: DeadlockObject | None = None

    def take(self, number: int, record: Record) -> None:
        """Line ``number`` is one of a chain."""
        match record:
            case Mark.DEADLOCK:
                self._close()
                self._first_line = number
            case DeadlockThread(name):
                self._next(name)
                self._thread = name, number
            case DeadlockWaits(is_first) if is_first and self._members and self._thread:
                thread = self._thread
                self._close()
                self._thread, self._first_line = thread, thread[1]
            case DeadlockObject():
                self._wants = record
            case Mark.DEADLOCK_MONITOR:
                self._is_monitor = True
            case _:
                pass
        self._last_line = number
        self._first_line = self._first_line or number

    def reports(self) -> tuple[DeadlockReport, ...]:
        """Those that were read."""
        self._close()
        return tuple(self._reports)

    def _next(self, owner: str | None) -> None:
        if self._thread and self._wants:
            name, started = self._thread
            lock = self._wants.object
            if lock is None:
                what, address, class_name = "JVM system monitor", None, self._wants.name
            else:
                what = "monitor" if self._is_monitor else "ownable synchronizer"
                address, class_name = lock.address, lock.class_name
            evidence = Evidence(self._input, started, self._last_line)
            self._members.append(DeadlockMember(name, what, address, class_name, owner, evidence))
        self._thread = self._wants = None
        self._is_monitor = False

    def _close(self) -> None:
        closing = self._thread is not None and self._wants is None
        last_line = self._last_line
        self._next(None)
        if self._members:
            if not closing:
                last_line = max(last_line, self._members[-1].evidence.last_line)
            evidence = Evidence(self._input, self._first_line, last_line)
            self._reports.append(DeadlockReport(tuple(self._members), evidence))
        self._members = []
        self._first_line = 0
