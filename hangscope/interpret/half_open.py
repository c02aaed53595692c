"""Connections that are open at our end alone, as far as the inputs tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hangscope.facts import Endpoint, Evidence, TcpState
from hangscope.interpret.case import Case
from hangscope.interpret.destinations import Destination
from hangscope.interpret.hosts import Host
from hangscope.interpret.sockets import HostSockets, Row, is_loopback

UNANSWERED: Final = 5
"""Retransmissions of one segment, each after twice the time: six seconds, and mostly more."""
_FEWEST: Final = 3
"""Fewer connections than this may have come and gone between two tables."""
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
    missing = tuple(row for row in rows if case.far_ends.of(destination.host, row) is None)
    if len(missing) < max(_FEWEST, len(_towards(destination.host, destination.endpoint))):
        return HalfOpen(unanswered)
    gone = tuple(row for row in missing if row not in unanswered)
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

    A table that is cut or filtered lacks rows, too. Where the service is gone, its listener is not
    among those that the table lists; where it listens, all other connections of the hosts given to
    that one must be there, and there must be some. Where addresses are translated on the way, the
    other ends may be there under other names: then some connection on that port has a client that
    nobody knows.
    """
    sockets, own = peer.sockets, destination.host.sockets
    if sockets is None or own is None or not any(_shown(sockets)):
        return False
    if not _of_one_moment(own, sockets):
        return False
    port = destination.endpoint.port
    connected = sockets.in_state(TcpState.ESTABLISHED)
    met = any(sockets.between(row.peer, row.local) is not None for row in own.rows)
    if sockets.service_of(destination.endpoint) is not None:
        whole = met and _shows_all_others(case, destination, peer)
    else:
        whole = bool(connected)
    known = (case.far_ends.of(peer, row) is not None for row in connected if row.local.port == port)
    return whole and (met or all(known))


def _shows_all_others(case: Case, destination: Destination, peer: Host) -> bool:
    """Whether the peer's table has the other end of whatever else is open to that host."""
    address = destination.endpoint.address
    return all(
        case.far_ends.of(host, row) is not None
        for host in case.hosts
        if host is not peer and host.sockets is not None
        for row in host.sockets.outbound
        if row.state is TcpState.ESTABLISHED
        and row.peer.address == address
        and row.peer != destination.endpoint
    )


def _towards(host: Host, endpoint: Endpoint) -> list[Row]:
    """All open connections to an endpoint: where some are seen, the others may be left out."""
    rows = host.sockets.outbound if host.sockets else ()
    return [row for row in rows if row.peer == endpoint and row.state is TcpState.ESTABLISHED]


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
