"""Sockets of one table by column: some fifty bytes a row, made into :class:`Socket` on demand.

A table has a million rows exactly when it matters; as objects they would fill the memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import Any, Final, TypeAlias, overload

from hangscope.facts.evidence import NOT_RECORDED, Evidence, NotRecorded
from hangscope.facts.sockets import Endpoint, Owner, Socket, TcpState, Timer

STATES: Final = tuple(TcpState)
"""What a number in ``SocketRows.states`` stands for."""
FAMILIES: Final = (None, "IPv4", "IPv6")
"""What a number in ``SocketRows.families`` stands for."""
NO_PORT: Final = -1
"""Stands for ``*`` in a column of ports; lower numbers stand for the name of a service."""
NO_QUEUE: Final = -1
"""Stands for a queue that is not printed."""
NO_FD: Final = -1
"""Stands for a file descriptor that is not printed."""
_MADE_AT_ONCE: Final = 4096
Columns: TypeAlias = tuple[Iterable[Any], ...]
"""What each field of some sockets is, in the order of ``Socket``. Where it is the same for all,
it may go on forever."""


@dataclass(frozen=True, slots=True)
class SocketRows(Sequence[Socket]):
    """An immutable sequence of sockets. The columns are as long as it is, and index the rest."""

    input: str
    lines: Sequence[int]
    last_lines: Mapping[int, int]
    """By the index of a socket that more than one line tells of: the last one."""
    states: bytes
    local_addresses: array[int]
    local_ports: array[int]
    peer_addresses: array[int]
    peer_ports: array[int]
    recv_queues: array[int]
    send_queues: array[int]
    owners: array[int]
    descriptors: array[int]
    inodes: array[int]
    timers: array[int]
    families: bytes
    addresses: Sequence[str]
    services: Mapping[int, str]
    """Names by the number in a column of ports."""
    owner_groups: Sequence[tuple[Owner, ...] | NotRecorded]
    timer_values: Sequence[Timer | None]
    owners_recorded: bool

    def __len__(self) -> int:
        """How many sockets there are."""
        return len(self.states)

    @overload
    def __getitem__(self, index: int) -> Socket: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Socket]: ...
    def __getitem__(self, index: int | slice) -> Socket | Sequence[Socket]:
        """One socket, or some."""
        if isinstance(index, slice):
            return tuple(_sockets(self._columns(index)))
        at = range(len(self))[index]
        return next(_sockets(self._columns(slice(at, at + 1))))

    def __iter__(self) -> Iterator[Socket]:
        """All sockets in order, each made when it is asked for."""
        return chain.from_iterable(map(_sockets, self.batches()))

    def batches(self, *, descriptors: bool = True) -> Iterator[Columns]:
        """The columns of some thousand sockets each, all together in order.

        Args:
            descriptors: Whether owners are told with the file descriptors of their sockets: all
                sockets of a process have the very same owners without.
        """
        starts = range(0, len(self), _MADE_AT_ONCE)
        return (
            self._columns(slice(at, at + _MADE_AT_ONCE), descriptors=descriptors) for at in starts
        )

    def _columns(self, chosen: slice, *, descriptors: bool = True) -> Columns:
        return (
            map(STATES.__getitem__, self.states[chosen]),
            self._ends(self.local_addresses[chosen], self.local_ports[chosen]),
            self._ends(self.peer_addresses[chosen], self.peer_ports[chosen]),
            _queues(self.recv_queues[chosen]),
            _queues(self.send_queues[chosen]),
            self._owners(self.owners[chosen], self.descriptors[chosen] if descriptors else _NO_FDS),
            self._evidence(chosen),
            _or_none(self.inodes[chosen]),
            map(self.timer_values.__getitem__, self.timers[chosen]),
            map(FAMILIES.__getitem__, self.families[chosen]),
        )

    def _ends(self, addresses: array[int], ports: array[int]) -> Iterator[Endpoint]:
        texts = map(self.addresses.__getitem__, addresses)
        parts: Iterable[tuple[str, int | None, str | None]]
        if not ports or min(ports) >= 0:
            parts = zip(texts, ports, repeat(None))
        else:
            name = self.services.get
            parts = (
                (text, port, None) if port >= 0 else (text, None, name(port))
                for text, port in zip(texts, ports, strict=True)
            )
        return map(partial(_NEW, Endpoint), parts)

    def _owners(
        self, groups: array[int], descriptors: array[int]
    ) -> Iterator[tuple[Owner, ...] | NotRecorded]:
        if not self.owners_recorded:
            return repeat(NOT_RECORDED)
        owners = map(self.owner_groups.__getitem__, groups)
        if not descriptors or max(descriptors) < 0:
            return owners
        new = _NEW
        return (
            (new(Owner, (group[0][0], group[0][1], descriptor)),)
            if descriptor >= 0 and group is not NOT_RECORDED and group
            else group
            for group, descriptor in zip(owners, descriptors, strict=True)
        )

    def _evidence(self, chosen: slice) -> Iterator[Evidence]:
        lines = last_lines = self.lines[chosen]
        if self.last_lines:
            rows = range(len(self))[chosen]
            last_lines = list(map(self.last_lines.get, rows, lines))
        return map(partial(_NEW, Evidence), zip(repeat(self.input), lines, last_lines))


_NEW: Final[Any] = tuple.__new__
_NO_FDS: Final = array("q")


def columns_of(sockets: Sequence[Socket]) -> Iterator[Columns]:
    """The fields of ``sockets`` by column, in batches, without making any that is not yet.

    Owners are told without file descriptors where that is less work.
    """
    if isinstance(sockets, SocketRows):
        yield from sockets.batches(descriptors=False)
    elif sockets:
        yield tuple(zip(*sockets, strict=True))


def states_of(sockets: Sequence[Socket]) -> Iterator[TcpState]:
    """The state of each of ``sockets``, without making any that is not yet."""
    return chain.from_iterable(states for states, *_ in columns_of(sockets))


def _sockets(columns: Columns) -> Iterator[Socket]:
    # Tuples are made by `tuple` itself: the constructors of named ones cost thrice as much.
    return map(partial(_NEW, Socket), zip(*columns))  # noqa: B905 - some go on forever


def _queues(values: array[int]) -> Iterable[int | None]:
    if not values or min(values) > NO_QUEUE:
        return values
    if max(values) == NO_QUEUE:
        return repeat(None)
    return (value if value > NO_QUEUE else None for value in values)


def _or_none(inodes: array[int]) -> Iterable[int | None]:
    if 0 not in inodes:
        return inodes
    return (inode or None for inode in inodes)
