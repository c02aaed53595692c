"""Tables of one host by the moment at which they were taken.

Several tables of one moment complete each other: ``ss`` and ``lsof``, listeners and connections,
IPv4 and IPv6. Tables of different moments must not be joined: connections of the one are gone in
the other. A table begins a new moment when one of its tool that shows as much came before and both
show a connection, or a listener of one process, that is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from hangscope.facts import NOT_RECORDED, SocketTable, TcpState, ThreadDump
from hangscope.interpret.moments import in_time, seconds_between
from hangscope.interpret.sockets import HostSockets
from hangscope.knowledge import Knowledge

Snapshot: TypeAlias = tuple[SocketTable, ...]
"""The tables of one moment."""


def host_sockets(
    tables: Sequence[SocketTable],
    knowledge: Knowledge,
    served_ports: Iterable[int],
    dumps: Iterable[ThreadDump],
) -> HostSockets:
    """The sockets of one host at the moment that is nearest to its last dump.

    Args:
        tables: Of that host, at least one, of any moments.
        knowledge: See :class:`HostSockets`.
        served_ports: See :class:`HostSockets`.
        dumps: Of its JVMs.
    """
    taken = snapshots(tables)
    ports = frozenset(served_ports)
    moments = tuple(HostSockets(of, knowledge, ports) for of in taken)
    for one in moments:
        one.moments = moments
    last = max((dump.captured for dump in dumps if dump.captured is not None), default=None)
    return moments[nearest(taken, last)]


def snapshots(tables: Sequence[SocketTable]) -> tuple[Snapshot, ...]:
    """The tables of each moment, in order of time (as given, where times are not known)."""
    order = in_time([table.captured for table in tables])
    by_format: dict[str, list[list[SocketTable]]] = {}
    for table in (tables[index] for index in order):
        listed = by_format.setdefault(table.format, [[]])
        if any(_is_later(before, table) for before in listed[-1]):
            listed.append([])
        listed[-1].append(table)
    most, *others = sorted(by_format.values(), key=len, reverse=True) or [[]]
    for other in others:
        for index, of in enumerate(other):
            most[_nearest(most, of, index if len(other) == len(most) else -1)].extend(of)
    return tuple(tuple(of) for of in most)


def captured(tables: Sequence[SocketTable]) -> str | None:
    """When the tables of one moment were taken."""
    return next((table.captured for table in tables if table.captured is not None), None)


def nearest(taken: Sequence[Snapshot], moment: str | None) -> int:
    """Which snapshot was taken nearest to ``moment``; the last one where that is not known."""
    apart = [(seconds_between(captured(of), moment), -index) for index, of in enumerate(taken)]
    known = [(abs(seconds), index) for seconds, index in apart if seconds is not None]
    return -min(known)[1] if len(known) == len(apart) and known else len(taken) - 1


def _nearest(most: Sequence[list[SocketTable]], of: Sequence[SocketTable], otherwise: int) -> int:
    taken = [tuple(one) for one in most]
    known = all(seconds_between(captured(one), captured(of)) is not None for one in taken)
    return nearest(taken, captured(of)) if known else otherwise


def _is_later(before: SocketTable, table: SocketTable) -> bool:
    """Whether both show the same sockets at different moments."""
    if _shows(before) != _shows(table):
        return False
    seen = set(_lasting(before))
    return any(one in seen for one in _lasting(table))


def _shows(table: SocketTable) -> tuple[bool, bool]:
    """Whether a table shows listeners, and connections."""
    states = {socket.state for socket in table.sockets}
    return TcpState.LISTEN in states, bool(states - {TcpState.LISTEN})


def _lasting(table: SocketTable) -> Iterator[object]:
    """What tells sockets of one host that are there at two moments."""
    for socket in table.sockets:
        if socket.state is not TcpState.LISTEN:
            yield socket.local, socket.peer
        elif socket.owners is not NOT_RECORDED and socket.owners:
            yield socket.local, socket.owners
