"""Connections that are open at our end alone, as far as the inputs tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hangscope.facts import Evidence, TcpState
from hangscope.interpret.case import Case
from hangscope.interpret.destinations import Destination
from hangscope.interpret.hosts import Host
from hangscope.interpret.sockets import HostSockets, Row, is_loopback

UNANSWERED: Final = 5
"""Retransmissions of one segment, each after twice the time: six seconds, and mostly more."""
_ONE_MOMENT: Final = 60.0
"""Seconds between two tables that are still taken to be of one moment."""


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """Connections of one destination that nobody holds at the other end any more."""

    unanswered: tuple[Row, ...] = ()
    """Rows whose kernel sends the same again and again: nothing comes back."""
    gone: tuple[Row, ...] = ()
    """Rows of which the peer's own table shows no other end."""
    peer: Host | None = None
    """Whose table that is."""
    listening: tuple[Evidence, ...] = ()
    """Lines of that table which show that it lists what there is."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """All of them."""
        return (*self.unanswered, *self.gone)


def half_open(case: Case, destination: Destination) -> HalfOpen:
    """The connections to ``destination`` that are half open."""
    rows = [row for row in destination.rows if row.state is TcpState.ESTABLISHED]
    unanswered = tuple(row for row in rows if _is_unanswered(row))
    peer = _peer(case, destination)
    if peer is None or peer.sockets is None:
        return HalfOpen(unanswered)
    gone = tuple(
        row
        for row in rows
        if row not in unanswered and case.far_ends.of(destination.host, row) is None
    )
    return HalfOpen(unanswered, gone, peer, tuple(_shown(peer.sockets)))


def _is_unanswered(row: Row) -> bool:
    timer = row.timer
    return (
        timer is not None
        and timer.kind == "on"
        and timer.retransmits >= UNANSWERED
        and bool(row.send_q)
    )


def _peer(case: Case, destination: Destination) -> Host | None:
    """The one other host whose address it is, if its table would show the other ends."""
    address = destination.endpoint.address
    if destination.service is not None or is_loopback(address):
        return None
    found = [
        host
        for host in case.hosts
        if host is not destination.host
        and host.sockets is not None
        and (address in host.sockets.addresses or host.name == address)
    ]
    if len(found) != 1:
        return None
    (peer,) = found
    return peer if _would_show(case, destination, peer) else None


def _would_show(case: Case, destination: Destination, peer: Host) -> bool:
    """Whether the peer's table is whole, of the same moment and by the same addresses as ours.

    Where addresses are translated on the way, the other ends may be there under other names: then
    some connection on that port has a client that nobody knows.
    """
    sockets, own = peer.sockets, destination.host.sockets
    if sockets is None or own is None or not any(_shown(sockets)):
        return False
    if not _of_one_moment(own, sockets):
        return False
    port = destination.endpoint.port
    there = [row for row in sockets.rows if row.local.port == port and not row.peer.is_wildcard]
    met = any(sockets.between(row.peer, row.local) is not None for row in own.rows)
    return met or all(case.far_ends.of(peer, row) is not None for row in there)


def _shown(sockets: HostSockets) -> Iterator[Evidence]:
    """The listeners of a table that lists them."""
    if any(table.listeners_recorded for table in sockets.tables):
        for service in sockets.services:
            if not service.inferred:
                yield service.evidence


def _of_one_moment(one: HostSockets, other: HostSockets) -> bool:
    """Whether two tables are, as far as their times are known."""
    times = [_times(sockets) for sockets in (one, other)]
    if not all(times):
        return True
    return all(
        abs((mine - theirs).total_seconds()) <= _ONE_MOMENT
        for mine in times[0]
        for theirs in times[1]
        if (mine.tzinfo is None) == (theirs.tzinfo is None)
    )


def _times(sockets: HostSockets) -> list[datetime]:
    times = []
    for table in sockets.tables:
        try:
            times.append(datetime.fromisoformat(table.captured or ""))
        except ValueError:
            continue
    return times
