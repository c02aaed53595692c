"""How far apart a dump and a table were taken, as far as that matters for what joins them.

A thread that is the same in several dumps covers all the time between these, and a connection that
is the same in several tables likewise: where the two spans of time meet, they count as
simultaneous.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hangscope.interpret.case import Jvm
from hangscope.interpret.history import lasting_dumps
from hangscope.interpret.moments import seconds_between
from hangscope.interpret.sockets import HostSockets, Row
from hangscope.waits import Node, NodeKind

_TOLD_S = 5.0
"""What is taken by hand, one command after the other, is not taken in one instant."""
_FAR_S = 300.0
"""So much later the connections may be others, however alike they look."""


@dataclass(frozen=True, slots=True)
class Skew:
    """Seconds from a dump's threads to the table's connections; None where it is not known."""

    seconds: float | None
    scope: str

    @property
    def remark(self) -> str:
        """For an inference that joins the two; empty where they are near, or nothing is known."""
        if self.seconds is None or abs(self.seconds) <= _TOLD_S:
            return ""
        when = "after" if self.seconds > 0 else "before"
        return f" (in a table taken {abs(self.seconds):,.0f} s {when} the dump)"

    @property
    def unseen(self) -> tuple[Node, ...]:
        """Stands for connections of the dump's moment, where the table is of quite another one."""
        if self.seconds is None or abs(self.seconds) <= _FAR_S:
            return ()
        name = "connections of the moment of the dump, which no table shows"
        return (Node(NodeKind.OUTSIDE, name, self.scope),)


def skew(sockets: HostSockets, jvm: Jvm, threads: Iterable[Node], rows: Iterable[Row]) -> Skew:
    """Between the dumps in which ``threads`` are the same and the tables in which ``rows`` are."""
    dumps = lasting_dumps(jvm, threads)
    tables = _lasting_tables(sockets, tuple(rows))
    ends = (dumps[0].captured, dumps[-1].captured), (tables[0].captured, tables[-1].captured)
    (first_dump, last_dump), (first_table, last_table) = ends
    after = seconds_between(last_dump, first_table)
    before = seconds_between(first_dump, last_table)
    if after is None or before is None:
        return Skew(None, jvm.scope)
    seconds = after if after > 0 else before if before < 0 else 0.0
    return Skew(seconds, jvm.scope)


def _lasting_tables(sockets: HostSockets, rows: Sequence[Row]) -> Sequence[HostSockets]:
    """The run of moments round the one that is reasoned from in which ``rows`` are the same."""
    moments = sockets.moments
    first = last = moments.index(sockets)
    while first > 0 and moments[first - 1].shows(rows):
        first -= 1
    while last + 1 < len(moments) and moments[last + 1].shows(rows):
        last += 1
    return moments[first : last + 1]
