"""``nstat``: the counters of the network stack, by the names that the kernel gives them.

::

    #kernel
    TcpExtListenOverflows           14                 0.0

Without ``-a`` it prints what was added since it ran last. ``nstat -j`` prints an object.
"""

from __future__ import annotations

import json
from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("nstat")
_STARTS: Final = ("Ip", "Icmp", "Tcp", "Udp", "MPTcp", "Sctp", "#kernel")
_OBJECT: Final = '{"kernel":{"'


class Nstat:
    """The reader."""

    name = "nstat"
    kind = InputKind.PROCESS
    initials = frozenset(word[0] for word in (*_STARTS, _OBJECT))

    def sees(self, line: str) -> str | None:
        """The heading, or a counter of the network stack with its rate."""
        if line.startswith(_STARTS):
            return "it has a line of nstat" if SYNTAX.match(line.strip(BLANKS)) else None
        if line.startswith(_OBJECT) and _loaded(line):
            return "it has an object of nstat -j"
        return None

    def begin(self, input_name: str) -> NstatReading:
        """Start with a new input."""
        return NstatReading(input_name, self.name, SYNTAX)


class NstatReading(ProcessReading):
    """All texts of this kind in one input."""

    def _taken(self, text: ProcessText, line: str, bare: str, number: int) -> bool | None:
        if not bare.startswith(_OBJECT):
            return super()._taken(text, line, bare, number)
        counters = _loaded(bare)
        if number != text.first_line or not counters:
            return None if counters else False
        text.named.update(counters)
        for name, value in counters.items():
            text.count(name, value, number)
        return True

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        if rule == "header":
            return True if number == text.first_line else None
        name, value = values[0] or "", values[1] or ""
        if name in text.named:
            return None
        text.named.add(name)
        text.count(name, value, number)
        return True


def _loaded(line: str) -> dict[str, str]:
    """The counters of an object; none if it is something else."""
    try:
        kernel = json.loads(line, parse_int=str)["kernel"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    if not isinstance(kernel, dict):
        return {}
    return {
        name: value
        for name, value in kernel.items()
        if isinstance(value, str) and value.isdecimal() and len(value) <= 20  # noqa: PLR2004 - 64 bits
    }
