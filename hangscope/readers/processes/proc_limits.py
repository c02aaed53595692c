"""``/proc/PID/limits``: what a process may have at most.

::

    Limit                     Soft Limit           Hard Limit           Units
    Max open files            1024                 1048576              files
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import Evidence, InputKind, Limit
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("proc_limits")
_UNLIMITED: Final = "unlimited"
_STARTS: Final = ("Max ", "Limit ")


class ProcLimits:
    """The reader."""

    name = "proc-limits"
    kind = InputKind.PROCESS
    initials = frozenset(word[0] for word in _STARTS)

    def sees(self, line: str) -> str | None:
        """The heading, or a limit."""
        text = line.strip(BLANKS)
        if text.startswith(_STARTS) and SYNTAX.match(text):
            return "it has a line of /proc/PID/limits"
        return None

    def begin(self, input_name: str) -> ProcLimitsReading:
        """Start with a new input."""
        return ProcLimitsReading(input_name, self.name, SYNTAX)


class ProcLimitsReading(ProcessReading):
    """All texts of this kind in one input."""

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        if rule == "header":
            return True if number == text.first_line else None
        name, soft, hard, unit = values
        if name in text.named:
            return None
        text.named.add(name)
        where = Evidence(text.input, number, number)
        text.limits.append(Limit(name or "", amount(soft), amount(hard), unit or "", where))
        return True


def amount(value: str | None) -> int | None:
    """A limit as a number; None if it is none."""
    return None if value is None or value == _UNLIMITED else int(value)
