"""``/proc/PID/status``: a process in lines of a name and a value.

::

    Name:   java
    State:  S (sleeping)
    Pid:    27836
    Threads:        35
"""

from __future__ import annotations

import re
from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import LineSyntax

SYNTAX: Final = LineSyntax("proc_status")

_TELLING: Final = (
    "Tgid:",
    "Ngid:",
    "TracerPid:",
    "FDSize:",
    "NStgid:",
    "VmPeak:",
    "VmSize:",
    "VmHWM:",
    "VmRSS:",
    "RssAnon:",
    "VmData:",
    "VmSwap:",
    "Threads:",
    "SigQ:",
    "voluntary_ctxt_switches:",
    "nonvoluntary_ctxt_switches:",
)
"""Names that no other text has; ``Name:`` and ``State:`` are anybody's."""
_VALUE: Final = re.compile(r"\w+:[ \t]+[0-9]+(?: kB|/[0-9]+)?[ \t]*").fullmatch
"""``Threads:`` of top goes on with words."""
_DIGITS_OF_A_PID: Final = 9


class ProcStatus:
    """The reader."""

    name = "proc-status"
    kind = InputKind.PROCESS
    initials = frozenset("N") | {word[0] for word in _TELLING}

    def sees(self, line: str) -> str | None:
        """A line with a name that only this text has, and a number."""
        if line.startswith(_TELLING) and (_VALUE(line) or line.startswith("NStgid:\t")):
            return "it has a line of /proc/PID/status"
        return None

    def begin(self, input_name: str) -> ProcStatusReading:
        """Start with a new input."""
        return ProcStatusReading(input_name, self.name, SYNTAX)


class ProcStatusReading(ProcessReading):
    """All texts of this kind in one input."""

    preceding = frozenset({"row"})

    def _take(
        self,
        text: ProcessText,
        rule: str,  # noqa: ARG002 - there is one
        values: tuple[str | None, ...],
        number: int,
    ) -> bool | None:
        name, value = values[0] or "", values[1] or ""
        if name in text.named:
            return None
        text.named.add(name)
        text.set(name, value, number)
        is_pid = value.isascii() and value.isdecimal() and len(value) <= _DIGITS_OF_A_PID
        # In /proc/PID/task/TID/status, Pid is the thread.
        if is_pid and (name == "Tgid" or (name == "Pid" and text.pid is None)):
            text.pid = int(value)
        return True
