"""Sockets of one table by column: some fifty bytes a row, made into :class:`Socket` on demand.

A table has a million rows exactly when it matters; as objects they would fill the memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, overload

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


class _Port(dict[int, int | None]):
    """A port by what stands in its column: itself, or None."""

    def __missing__(self, code: int) -> int | None:
        self[code] = found = code if code >= 0 else None
        return found


@dataclass(frozen=True, slots=True)
class SocketRows(Sequence[Socket]):
    """An immutable sequence of sockets. The columns are as long as it is, and index the rest."""

    input: str
    lines: Sequence[int]
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
            return tuple(self[at] for at in range(*index.indices(len(self))))
        line = self.lines[index]
        return Socket(
            STATES[self.states[index]],
            self._end(self.local_addresses[index], self.local_ports[index]),
            self._end(self.peer_addresses[index], self.peer_ports[index]),
            _queue(self.recv_queues[index]),
            _queue(self.send_queues[index]),
            self._owners(self.owners[index], self.descriptors[index]),
            Evidence(self.input, line, line),
            self.inodes[index] or None,
            self.timer_values[self.timers[index]],
            FAMILIES[self.families[index]],
        )

    def __iter__(self) -> Iterator[Socket]:
        """All sockets in order, each made when it is asked for."""
        return map(
            Socket,
            map(STATES.__getitem__, self.states),
            self._ends(self.local_addresses, self.local_ports),
            self._ends(self.peer_addresses, self.peer_ports),
            map(_queue, self.recv_queues),
            map(_queue, self.send_queues),
            map(self._owners, self.owners, self.descriptors),
            (Evidence(self.input, line, line) for line in self.lines),
            (inode or None for inode in self.inodes),
            map(self.timer_values.__getitem__, self.timers),
            map(FAMILIES.__getitem__, self.families),
        )

    def _end(self, address: int, port: int) -> Endpoint:
        if port >= 0:
            return Endpoint(self.addresses[address], port)
        return Endpoint(self.addresses[address], None, self.services.get(port))

    def _ends(self, addresses: array[int], ports: array[int]) -> Iterator[Endpoint]:
        texts = map(self.addresses.__getitem__, addresses)
        if not self.services:
            return map(Endpoint, texts, map(_Port().__getitem__, ports))
        return map(self._end, addresses, ports)

    def _owners(self, group: int, descriptor: int) -> tuple[Owner, ...] | NotRecorded:
        if not self.owners_recorded:
            return NOT_RECORDED
        owners = self.owner_groups[group]
        if descriptor < 0 or not owners or owners is NOT_RECORDED:
            return owners
        return (owners[0]._replace(fd=descriptor),)


def _queue(value: int) -> int | None:
    return value if value >= 0 else None
