"""``/proc/net/sockstat`` and ``sockstat6``: how many sockets there are.

::

    TCP: inuse 24 orphan 4 tw 13 alloc 65 mem 122

``inuse`` and ``tw`` are those of the network namespace, ``alloc`` and ``mem`` (in pages) those
of the whole machine. They are called here ``TCP inuse`` and so on.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("proc_net_sockstat")


class ProcNetSockstat:
    """The reader."""

    name = "proc-net-sockstat"
    kind = InputKind.PROCESS
    initials = frozenset("sTURF")

    def sees(self, line: str) -> str | None:
        """A kind of socket and the numbers of it."""
        if line.startswith(("sockets: used ", "TCP", "UDP", "RAW", "FRAG")) and SYNTAX.match(
            line.strip(BLANKS)
        ):
            return "it has a line of /proc/net/sockstat"
        return None

    def begin(self, input_name: str) -> ProcNetSockstatReading:
        """Start with a new input."""
        return ProcNetSockstatReading(input_name, self.name, SYNTAX)


class ProcNetSockstatReading(ProcessReading):
    """All texts of this kind in one input."""

    def _take(
        self,
        text: ProcessText,
        rule: str,  # noqa: ARG002 - there is one
        values: tuple[str | None, ...],
        number: int,
    ) -> bool | None:
        group, words = values[0] or "", (values[1] or "").split()
        if group in text.named:
            return None
        text.named.add(group)
        for name, value in zip(words[::2], words[1::2], strict=True):
            text.count(f"{group} {name}", value, number)
        return True
