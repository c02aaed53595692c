"""``/proc/net/snmp`` and ``/proc/net/netstat``: counters in pairs of lines.

::

    TcpExt: SyncookiesSent ListenOverflows
    TcpExt: 0 14

They are called here as ``nstat`` calls them: ``TcpExtListenOverflows``.
"""

from __future__ import annotations

from typing import ClassVar, Final

from hangscope.facts import Counter, Evidence, InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("proc_net_snmp")


class ProcNetSnmp:
    """The reader of one of the two files."""

    name = "proc-net-snmp"
    kind = InputKind.PROCESS
    initials = frozenset("ITUM")
    starts: ClassVar[tuple[str, ...]] = (
        "Ip: ",
        "Icmp: ",
        "IcmpMsg: ",
        "Tcp: ",
        "Udp: ",
        "UdpLite: ",
    )
    """How its lines start."""

    def sees(self, line: str) -> str | None:
        """A line of names."""
        if line.startswith(self.starts) and SYNTAX.matcher("names")(line.strip(BLANKS)):
            return f"it has a line of {self.name}"
        return None

    def begin(self, input_name: str) -> ProcNetSnmpReading:
        """Start with a new input."""
        return ProcNetSnmpReading(input_name, self.name, self.starts)


class ProcNetSnmpReading(ProcessReading):
    """All texts of one of the two files in one input."""

    def __init__(self, input_name: str, format_name: str, starts: tuple[str, ...]) -> None:
        super().__init__(input_name, format_name, SYNTAX)
        self._starts = starts
        self._names: tuple[str, list[str], int] | None = None
        """The line of names that waits for its values: group, names, number."""

    def _begun(self, text: ProcessText) -> None:  # noqa: ARG002 - the text is empty yet
        self._names = None

    def _taken(self, text: ProcessText, line: str, bare: str, number: int) -> bool | None:
        if not bare.startswith(self._starts):
            return False
        return super()._taken(text, line, bare, number)

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        group, words = values[0] or "", (values[1] or "").split()
        if rule == "names":
            if group in text.named:
                return None
            text.named.add(group)
            self._values_missing()
            self._names = group, words, number
            return True
        waiting, self._names = self._names, None
        if waiting is None or waiting[0] != group:
            self._spans.add(number, "values without their names")
            return True
        names, first = waiting[1:]
        if len(words) < len(names):
            self._spans.add(number, "fewer values than names")
            words = words[:-1]  # the last may be cut itself
        where = Evidence(text.input, first, number)
        text.counters += [
            Counter(f"{group}{name}", int(value), where)
            for name, value in zip(names, words, strict=False)
        ]
        return True

    def _ended(self, text: ProcessText) -> None:  # noqa: ARG002 - it has stated all
        self._values_missing()

    def _values_missing(self) -> None:
        if self._names:
            self._spans.add(self._names[2], "names without their values")
            self._names = None
