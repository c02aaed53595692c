"""The ledger of a service: every socket on its port, accounted for.

What the queue of an accepted socket says (Linux): an unread FIN counts as one byte, so a
CLOSE_WAIT with Recv-Q 0 was seen by the application and not closed, with 1 was read before the
client gave up and not looked at since, with more was never read at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from hangscope.facts import TcpState
from hangscope.interpret.hosts import NOWHERE, Host
from hangscope.interpret.remembered import remembered
from hangscope.interpret.sockets import HostSockets, Row, Service


class Entry(Enum):
    """What became of one connection; the values are words for people."""

    SELF_UNREAD = "calls of the service to itself, unread"
    UNREAD = "requests that no thread has read"
    ACCEPT_QUEUE = "in the accept queue, not accepted"
    READ = "being served, or idle keep-alive"
    OPEN = "open (queues not recorded)"
    ABANDONED_IN_QUEUE = "given up by the client before being accepted (CLOSE_WAIT)"
    ABANDONED_UNREAD = "given up by the client unread (CLOSE_WAIT)"
    ABANDONED_SERVED = "given up by the client while being served (CLOSE_WAIT)"
    NOT_CLOSED = "ended by the client, seen, never closed (CLOSE_WAIT)"
    ABANDONED = "given up by the client (CLOSE_WAIT, queues not recorded)"
    CLOSING = "closing (FIN_WAIT, LAST_ACK, CLOSING)"
    TIME_WAIT = "closed, in TIME_WAIT"
    OTHER = "opening or half open"

    __hash__ = object.__hash__
    """By identity, as that of the states of sockets."""


_ESTABLISHED, _CLOSE_WAIT = TcpState.ESTABLISHED, TcpState.CLOSE_WAIT
"""Looked up once: what every row is asked must be quick."""
_CLOSING = frozenset({TcpState.FIN_WAIT1, TcpState.FIN_WAIT2, TcpState.LAST_ACK, TcpState.CLOSING})
CLOSE_WAIT_ENTRIES = frozenset(
    {
        Entry.ABANDONED_IN_QUEUE,
        Entry.ABANDONED_UNREAD,
        Entry.ABANDONED_SERVED,
        Entry.NOT_CLOSED,
        Entry.ABANDONED,
    }
)


@dataclass(frozen=True)
class Ledger:
    """The rows of one service by what became of them; every row is in exactly one entry."""

    service: Service
    entries: dict[Entry, tuple[Row, ...]]
    host: Host = NOWHERE

    @property
    def name(self) -> str:
        """The service's endpoint, and its host where there are several."""
        return self.host.of_it(str(self.service.endpoint))

    @cached_property
    def total(self) -> int:
        """Rows on the service's port, the listener not counted."""
        return sum(len(rows) for rows in self.entries.values())

    def rows(self, *entries: Entry) -> tuple[Row, ...]:
        """The rows of ``entries``."""
        return tuple(row for entry in entries for row in self.entries.get(entry, ()))

    @cached_property
    def close_wait(self) -> tuple[Row, ...]:
        """Accepted sockets whose client is gone and that this process has not closed."""
        return self.rows(*(entry for entry in Entry if entry in CLOSE_WAIT_ENTRIES))

    @cached_property
    def waiting(self) -> tuple[Row, ...]:
        """Connections of living clients that no worker has taken up."""
        return self.rows(Entry.SELF_UNREAD, Entry.UNREAD, Entry.ACCEPT_QUEUE)


@remembered
def ledger(sockets: HostSockets, service: Service) -> Ledger:
    """Account for every row on the port of ``service``."""
    entries: dict[Entry, list[Row]] = defaultdict(list)
    mirror = sockets.mirror
    for row in sockets.accepted(service):
        entries[_entry(row, mirror)].append(row)
    return Ledger(service, {e: tuple(entries[e]) for e in Entry if e in entries})


def ledgers(sockets: HostSockets | None) -> Iterable[Ledger]:
    """The ledger of every service, most rows first; those without a row are left out."""
    if sockets is None:
        return ()
    made = (ledger(sockets, service) for service in sockets.services)
    return sorted(
        (one for one in made if one.total), key=lambda one: (-one.total, str(one.service.endpoint))
    )


def ledgers_of(hosts: Iterable[Host]) -> Iterator[Ledger]:
    """The ledgers of every host, one host after the other."""
    for host in hosts:
        yield from _ledgers_of(host)


@remembered
def _ledgers_of(host: Host) -> tuple[Ledger, ...]:
    return tuple(replace(one, host=host) for one in ledgers(host.sockets))


def _entry(row: Row, mirror: Callable[[Row], Row | None]) -> Entry:
    if row.state is _CLOSE_WAIT:
        return _close_wait(row)
    if row.state is _ESTABLISHED:
        if row.unaccepted:
            return Entry.ACCEPT_QUEUE
        if row.recv_q is None:
            return Entry.OPEN
        if row.recv_q == 0:
            return Entry.READ
        return Entry.SELF_UNREAD if _is_self_call(row, mirror(row)) else Entry.UNREAD
    if row.state in _CLOSING:
        return Entry.CLOSING
    return Entry.TIME_WAIT if row.state is TcpState.TIME_WAIT else Entry.OTHER


def _close_wait(row: Row) -> Entry:
    if row.unaccepted:
        return Entry.ABANDONED_IN_QUEUE
    if row.recv_q is None:
        return Entry.ABANDONED
    if row.recv_q == 0:
        return Entry.NOT_CLOSED
    return Entry.ABANDONED_SERVED if row.recv_q == 1 else Entry.ABANDONED_UNREAD


def _is_self_call(row: Row, mirror: Row | None) -> bool:
    if mirror is None or not isinstance(row.owners, tuple) or not isinstance(mirror.owners, tuple):
        return False
    if len(row.owners) == len(mirror.owners) == 1:
        return row.owners[0].pid == mirror.owners[0].pid
    return bool({owner.pid for owner in row.owners} & {owner.pid for owner in mirror.owners})
