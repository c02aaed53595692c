"""AIX's ``rmsock PCB tcpcb``, which tells who holds a socket of ``netstat -Aan``.

::

    f1000e0000180bb8 tcp4       0      0  *.1334                *.*                   LISTEN
    The socket 0xf1000e0000180808 is being held by proccess 3211434 (writesrv).

The answer names the socket, not the control block (PCB) that was asked for. Where the command
above it does not tell, the two are matched by their addresses: in all published answers both lie
in the same 2 KiB, and old releases print the last 32 bits alone. This is a guess from samples;
a match that is not unique is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hangscope.facts import Owner, Socket

_BITS: Final = 0xFFFFFFFF
_ROOM: Final = 11
"""Bits of an address within the room that a socket and its PCB share."""


class Holders:
    """Answers of ``rmsock`` in one input."""

    def __init__(self) -> None:
        self._of_pcb: dict[str, tuple[Owner, ...]] = {}
        self._of_room: dict[int, tuple[Owner, ...]] = {}

    def add(self, socket_address: str, owners: tuple[Owner, ...], command: str) -> None:
        """An answer to ``command``; no owners: the kernel holds it."""
        asked = command.split()[1:2] if "rmsock" in command else []
        if asked:
            self._of_pcb[asked[0].lower().removeprefix("0x")] = owners
        else:
            self._of_room[_room(socket_address)] = owners

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._of_pcb or self._of_room)

    def joined(self, sockets: Sequence[Socket], pcbs: Sequence[str]) -> list[Socket]:
        """``sockets`` with their owners, as far as an answer names them."""
        rooms = [_room(pcb) if pcb else -1 for pcb in pcbs]
        times: dict[int, int] = {}
        for room in rooms:
            times[room] = times.get(room, 0) + 1
        joined = []
        for socket, pcb, room in zip(sockets, pcbs, rooms, strict=True):
            owners = self._of_pcb.get(pcb)
            if owners is None and times[room] == 1:
                owners = self._of_room.get(room)
            joined.append(socket if owners is None else socket._replace(owners=owners))
        return joined


def _room(address: str) -> int:
    return (int(address.removeprefix("0x"), 16) & _BITS) >> _ROOM
