"""``/proc/net/snmp6``: counters of IPv6, each on a line.

::

    Ip6InReceives                   	207
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("proc_net_snmp6")


class ProcNetSnmp6:
    """The reader."""

    name = "proc-net-snmp6"
    kind = InputKind.PROCESS
    initials = frozenset("IU")

    def sees(self, line: str) -> str | None:
        """A counter of IPv6 and nothing after it."""
        if line.startswith(("Ip6", "Icmp6", "Udp6", "UdpLite6")) and SYNTAX.match(
            line.strip(BLANKS)
        ):
            return "it has a line of /proc/net/snmp6"
        return None

    def begin(self, input_name: str) -> ProcNetSnmp6Reading:
        """Start with a new input."""
        return ProcNetSnmp6Reading(input_name, self.name, SYNTAX)


class ProcNetSnmp6Reading(ProcessReading):
    """All texts of this kind in one input."""

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
        text.count(name, value, number)
        return True
