"""``ss -s``: how many sockets there are.

::

    Total: 60
    TCP:   78 (estab 32, closed 32, orphaned 4, timewait 13)

    Transport Total     IP        IPv6
    TCP	  46        24        22

They are called here ``TCP estab``, ``TCP Total``, ``TCP IPv6`` and so on.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("ss_summary")


class SsSummary:
    """The reader."""

    name = "ss-summary"
    kind = InputKind.PROCESS
    initials = frozenset("T")

    def sees(self, line: str) -> str | None:
        """The line of TCP, or the heading."""
        if line.startswith(("TCP: ", "Transport ")) and SYNTAX.match(line.strip(BLANKS)):
            return "it has a line of ss -s"
        return None

    def begin(self, input_name: str) -> SsSummaryReading:
        """Start with a new input."""
        return SsSummaryReading(input_name, self.name, SYNTAX)


class SsSummaryReading(ProcessReading):
    """All texts of this kind in one input."""

    preceding = frozenset({"total"})

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        key = (rule, values[0] if rule == "row" else None)
        if key in text.named or (rule == "total" and text.named):
            return None
        text.named.add(key)
        if rule == "total":
            text.count("Total", values[0] or "", number)
        elif rule == "tcp":
            text.count("TCP", values[0] or "", number)
            for part in (values[1] or "").split(", "):
                name, _, number_of_sockets = part.partition(" ")
                # Before iproute2 5.0, TIME_WAIT of IPv6 stood after a slash.
                text.count(f"TCP {name}", number_of_sockets.partition("/")[0], number)
        elif rule == "row":
            for name, value in zip(("Total", "IP", "IPv6"), values[1:], strict=True):
                if value and value != "-":
                    text.count(f"{values[0]} {name}", value, number)
        return True
