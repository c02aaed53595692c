"""``ulimit -a`` of bash, busybox, dash and zsh: the limits of the shell, which its children get.

::

    open files                          (-n) 1024

It prints one of the two limits, the soft one unless it was asked for ``-H``.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import NOT_RECORDED, Evidence, InputKind, Limit
from hangscope.readers.processes.proc_limits import amount
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("ulimit")
_STARTS: Final = (
    "-",
    "time(seconds)",
    "file(blocks)",
    "data(kbytes)",
    "stack(kbytes)",
    "coredump(blocks)",
    "memory(kbytes)",
    "locked memory(kbytes)",
    "nofiles ",
    "vmemory(kbytes)",
)
_INITIALS: Final = frozenset("-abcdefghijklmnopqrstuvwxyzP")
"""Of lines that are seen."""


class Ulimit:
    """The reader."""

    name = "ulimit"
    kind = InputKind.PROCESS
    initials = _INITIALS

    def sees(self, line: str) -> str | None:
        """A limit with the letter of its option, or one of those that dash prints."""
        text = line.strip(BLANKS)
        if text[:1] not in _INITIALS or not (
            "(-" in text or ", -" in text or text.startswith(_STARTS)
        ):
            return None
        return "it has a line of ulimit -a" if SYNTAX.match(text) else None

    def begin(self, input_name: str) -> UlimitReading:
        """Start with a new input."""
        return UlimitReading(input_name, self.name, SYNTAX)


class UlimitReading(ProcessReading):
    """All texts of this kind in one input."""

    preceding = frozenset({"dash_row"})

    def _take(
        self,
        text: ProcessText,
        rule: str,  # noqa: ARG002 - all lines of ulimit say the same
        values: tuple[str | None, ...],
        number: int,
    ) -> bool | None:
        name, unit, value = values
        if name in text.named:
            return None
        text.named.add(name)
        limit = amount(value)
        where = Evidence(text.input, number, number)
        soft, hard = (
            (NOT_RECORDED, limit) if _asks_for_hard(text.command) else (limit, NOT_RECORDED)
        )
        text.limits.append(Limit(name or "", soft, hard, unit or "", where))
        return True


def _asks_for_hard(command: str) -> bool:
    """``ulimit -aH``, ``ulimit -H -a``."""
    return any(word.startswith("-") and "H" in word for word in command.split())
