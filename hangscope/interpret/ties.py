"""Which hosts may have to do with each other: only those are reasoned about together.

Two hosts do where any address that is no loopback or link-local one stands in the tables of both,
at whichever end, or where a dump of each may be of one JVM. A host whose table is missing, or one
that translates addresses, may have to do with every other one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hangscope.facts import HostFacts, SocketRows, SocketTable
from hangscope.facts.sockets import WILDCARDS
from hangscope.interpret.far_ends import is_link_local
from hangscope.interpret.rounds import Mark, eldest
from hangscope.interpret.sockets import is_loopback


@dataclass(frozen=True, slots=True)
class Ties:
    """What of one host another one may have too."""

    addresses: frozenset[str] = frozenset()
    marks: frozenset[Mark] = frozenset()
    to_anyone: bool = False


def ties_of(host: HostFacts) -> Ties:
    """All ties of ``host``."""
    return Ties(
        frozenset(
            address
            for table in host.tables
            for address in _addresses(table)
            if not (address in WILDCARDS or is_loopback(address) or is_link_local(address))
        ),
        frozenset(mark for dump in host.dumps for mark in eldest(dump)),
        bool(host.translations) or bool(host.dumps and not host.tables),
    )


def groups(ties: Sequence[Ties]) -> list[list[int]]:
    """The places of hosts that may have to do with each other, each group in the order given."""
    if any(of.to_anyone for of in ties):
        return [list(range(len(ties)))]
    leads = list(range(len(ties)))

    def lead(place: int) -> int:
        while leads[place] != place:
            leads[place] = leads[leads[place]]
            place = leads[place]
        return place

    first: dict[object, int] = {}
    for place, of in enumerate(ties):
        for tie in (*of.addresses, *of.marks):
            one, other = lead(first.setdefault(tie, place)), lead(place)
            leads[max(one, other)] = min(one, other)
    made: dict[int, list[int]] = {}
    for place in range(len(ties)):
        made.setdefault(lead(place), []).append(place)
    return list(made.values())


def _addresses(table: SocketTable) -> Iterator[str]:
    if isinstance(table.sockets, SocketRows):
        yield from table.sockets.addresses
        return
    for socket in table.sockets:
        yield socket.local.address
        yield socket.peer.address
