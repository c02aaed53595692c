"""One host of a case: its sockets, and what its kernel and its connection tracker state.

A host is what has a network stack of its own: a machine, or a network namespace of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hangscope.facts import ProcessFacts, Translation
from hangscope.interpret.sockets import HostSockets


@dataclass(frozen=True, eq=False)
class Host:
    """One host whose inputs are given."""

    name: str
    """Names it in reports; empty for the only one."""
    sockets: HostSockets | None = None
    processes: tuple[ProcessFacts, ...] = ()
    """What the kernel and the usual tools state about its processes and itself."""
    translations: tuple[Translation, ...] = ()
    """What its connection tracker states, as far as addresses differ between the ends."""

    def of_it(self, what: str) -> str:
        """``what``, with the host's name where there are several."""
        return f"{what} on {self.name}" if self.name else what


NOWHERE: Final = Host("")
"""A host of which nothing is given."""
