"""``top -b`` and ``ps``: what threads or processes used of the CPU.

::

    top - 03:16:27 up 10 days,  1 user,  load average: 0.49, 0.50, 0.39
    Threads:  35 total,   1 running,  34 sleeping,   0 stopped,   0 zombie

      PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
     1584 root      20   0 2767456 163268  12345 R  99.9   0.6   0:44.00 worker-1

Columns are known by their titles, in any order. ``top`` calls threads ``PID`` as well.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.processes.usage_columns import SYNTAX, Columns
from hangscope.readers.syntax.lines import BLANKS

TITLES_OF_TOP: Final = frozenset({"TIME+", "VIRT", "%VSZ", "SHR"})
"""What ``ps`` calls otherwise."""
INITIALS_OF_TITLES: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ%")
_INITIALS: Final = INITIALS_OF_TITLES | {"t"}


class Top:
    """The reader of ``top``."""

    name = "top"
    kind = InputKind.PROCESS
    initials = _INITIALS

    def sees(self, line: str) -> str | None:
        """The first line of ``top``, or titles of its columns."""
        if line.lstrip(BLANKS)[:1] not in _INITIALS:
            return None
        if "top - " in line and SYNTAX.matcher("title")(line.strip(BLANKS)):
            return "it has the first line of top"
        columns = columns_of(line)
        if columns and not TITLES_OF_TOP.isdisjoint(columns):
            return "it has the columns of top"
        return None

    def begin(self, input_name: str) -> UsageReading:
        """Start with a new input."""
        return UsageReading(input_name, self.name)


def columns_of(line: str) -> tuple[str, ...]:
    """Titles of the columns that ``line`` states; none if it is no heading."""
    if "PID" not in line and "LWP" not in line and "TID" not in line:
        return ()
    text = line.strip(BLANKS)
    columns = Columns.of(text) if SYNTAX.matcher("header")(text) else None
    return columns.titles if columns else ()


class UsageReading(ProcessReading):
    """All texts of ``top``, or of ``ps``, in one input."""

    preceding = frozenset({"summary"})

    def __init__(self, input_name: str, format_name: str) -> None:
        super().__init__(input_name, format_name, SYNTAX)
        self._columns: Columns | None = None
        self._processes: set[int | None] = set()

    def _begun(self, text: ProcessText) -> None:  # noqa: ARG002 - the text is empty yet
        self._columns = None
        self._processes = set()

    def _taken(self, text: ProcessText, line: str, bare: str, number: int) -> bool | None:
        if self._columns:
            row = self._columns.row(bare, number, text.input)
            if row:
                text.usages.append(row[0])
                self._processes.add(row[1])
                return True
        return super()._taken(text, line, bare, number)

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        if rule == "header":
            columns = Columns.of(values[0] or "")
            if columns is None:
                return False
            if self._columns:
                return None
            self._columns = columns
        elif self._columns:
            return None if rule == "title" else False
        elif rule == "title":
            if text.settings:
                return None
            clock, load = values
            text.set("time", clock or "", number)
            if load:
                text.set("load average", load, number)
        else:
            text.set((values[0] or "").rstrip(), values[1] or "", number)
        return True

    def _ended(self, text: ProcessText) -> None:
        columns = self._columns
        if columns and columns.process != columns.thread and len(self._processes) == 1:
            (text.pid,) = self._processes
