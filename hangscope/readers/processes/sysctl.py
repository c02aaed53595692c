"""Settings of the kernel: ``sysctl -a``, ``sysctl.conf``, ``grep . /proc/sys/net/core/*``.

::

    net.core.somaxconn = 4096
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("sysctl")
_STARTS: Final = (
    "net.",
    "fs.",
    "kernel.",
    "vm.",
    "net/",
    "fs/",
    "kernel/",
    "vm/",
    "/proc/sys/",
)


class Sysctl:
    """The reader."""

    name = "sysctl"
    kind = InputKind.PROCESS
    initials = frozenset(word[0] for word in _STARTS)

    def sees(self, line: str) -> str | None:
        """A setting of the kernel, at the very start of a line."""
        if line.startswith(_STARTS) and SYNTAX.match(line.strip(BLANKS)):
            return "it has a line of sysctl"
        return None

    def begin(self, input_name: str) -> SysctlReading:
        """Start with a new input."""
        return SysctlReading(input_name, self.name, SYNTAX)


class SysctlReading(ProcessReading):
    """All texts of this kind in one input."""

    noise = frozenset({"remark", "comment"})

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        name, value = values[0] or "", values[1] or ""
        # A dot in the name of an interface is a slash where dots part names.
        if rule == "file_row" or "/" in name.partition(".")[0]:
            name = name.translate(_SWAPPED)
        if name in text.named:
            return None
        text.named.add(name)
        text.set(name, value, number)
        return True


_SWAPPED: Final = str.maketrans("./", "/.")
