"""Columns of ``top`` and ``ps``: which is which, by their titles, and what a row says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from sys import intern
from typing import Final, NamedTuple

from hangscope.facts import Evidence, ThreadUsage
from hangscope.readers.syntax.lines import LineSyntax

SYNTAX: Final = LineSyntax("top")

_THREAD: Final = ("LWP", "SPID", "TID")
_CPU: Final = ("%CPU", "C", "CP")
_TIME: Final = ("TIME+", "TIME")
_STATE: Final = ("S", "STAT")
_COMMAND: Final = ("COMMAND", "CMD", "Command", "COMM")
_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600}
_LOWEST_PRIORITY: Final = ("<", "N")


class Columns(NamedTuple):
    """Places of the columns in a row; those behind the command count from the end."""

    titles: tuple[str, ...]
    command: int
    """Its place; it may hold blanks."""
    process: int | None
    thread: int
    """The process' own where threads have no column."""
    cpu: int | None
    time: int | None
    state: int | None

    @classmethod
    def of(cls, header: str) -> Columns | None:
        """The columns under ``header``; None if it is no heading of top or ps."""
        titles = tuple(header.split())
        command = _place(titles, _COMMAND)
        process = _place(titles, ("PID", "TGID"))
        thread = _place(titles, _THREAD)
        thread = process if thread is None else thread
        cpu, time = _place(titles, _CPU), _place(titles, _TIME)
        if command is None or thread is None or (cpu is None and time is None):
            return None
        places = (command, process, thread, cpu, time, _place(titles, _STATE))
        after = tuple(
            place - len(titles) if place is not None and place > command else place
            for place in places
        )
        _, process, thread_after, cpu, time, state = after
        return cls(titles, command, process, thread_after or thread, cpu, time, state)

    def row(self, text: str, number: int, input_name: str) -> tuple[ThreadUsage, int | None] | None:
        """The usage that a row states, and its process; None if it is no row."""
        behind = len(self.titles) - self.command - 1
        cells = text.split(None, self.command)
        if len(cells) > 1 and self.state is not None and "STAT" in self.titles:
            cells = self._with_whole_state(cells, text)
        if len(cells) <= self.command:
            return None
        if behind:
            tail = cells.pop().rsplit(None, behind)
            if len(tail) <= behind:
                return None
            cells += tail
        thread, command = cells[self.thread], cells[self.command]
        process = "" if self.process is None else cells[self.process]
        percent = None if self.cpu is None else percent_of(cells[self.cpu])
        seconds = None if self.time is None else seconds_of(cells[self.time])
        if not _is_id(thread) or (self.cpu is not None and percent is None):
            return None
        if self.time is not None and seconds is None:
            return None
        usage = ThreadUsage(
            int(thread),
            intern(command.rstrip()),
            percent,
            seconds,
            "" if self.state is None else intern(cells[self.state][:1]),
            Evidence(input_name, number, number),
        )
        return usage, int(process) if _is_id(process) else None

    def _with_whole_state(self, cells: list[str], text: str) -> list[str]:
        """Busybox leaves a blank within a state: ``S <``."""
        at = self.state or 0
        if 0 < at < len(cells) - 1 and cells[at + 1] in _LOWEST_PRIORITY:
            cells = text.split(None, self.command + 1)
            del cells[at + 1]
        return cells


def _place(titles: Sequence[str], names: Sequence[str]) -> int | None:
    return next((titles.index(name) for name in names if name in titles), None)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9  # noqa: PLR2004 - of 32 bits


@lru_cache(maxsize=4_096)
def percent_of(text: str) -> float | None:
    """``99.9``, or ``99,9`` or ``99%``."""
    values = SYNTAX.matcher("percent")(text)
    return float(values[0].rstrip("%").replace(",", ".")) if values else None


@lru_cache(maxsize=4_096)
def seconds_of(text: str) -> float | None:
    """A time of the CPU as ``top`` or ``ps`` writes it."""
    values = SYNTAX.matcher("clock")(text)
    if values:
        days, first, second, third, hundredths = values
        if third:
            seconds = int(first) * 3_600 + int(second) * 60 + int(third)
        else:
            seconds = int(first) * 60 + int(second)
        return seconds + int(days or 0) * 86_400 + float(hundredths or 0)
    values = SYNTAX.matcher("hours_minutes")(text)
    if values:
        return int(values[0]) * 3_600.0 + int(values[1]) * 60
    values = SYNTAX.matcher("units")(text)
    if values:
        number, unit, more, smaller = values
        return float(int(number) * _SECONDS[unit] + int(more or 0) * _SECONDS[smaller or "h"])
    return None
