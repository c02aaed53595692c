"""Cells like ``10.0.0.1.8080`` of a table that may have cut them: what is left to be trusted.

BSD's netstat cuts names and IPv6 addresses to 16 letters (12 with ``-A`` and without ``-n``) and
whole cells to 22 (18 with ``-A``), which leaves half a port. (FreeBSD:
usr.bin/netstat/inet.c, ``inetprint``; Apple: network_cmds, netstat.tproj/inet.c.)
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import Endpoint, Socket
from hangscope.readers.sockets.endpoints import Endpoints

_CELL: Final = 22
_CELL_BESIDE_PCB: Final = 18
_NAME: Final = 16
_NAME_BESIDE_PCB: Final = 12
_CELLS: Final = frozenset({_CELL, _CELL_BESIDE_PCB})
_NAMES: Final = frozenset({_NAME, _NAME_BESIDE_PCB})
_LARGEST_PORT: Final = 65535


class DotPorts:
    """The cells of one table, whose widths tell whether it was cut."""

    def __init__(self) -> None:
        self._endpoint = Endpoints().of
        self._suspects: list[tuple[int, bool, int, int]] = []
        """Of each end that may be cut: its row, whether it is the local one, the lengths of its
        name and of its cell."""
        self._widest = 0
        self._longest = 0
        self._named = False

    def clear(self) -> None:
        """A new table begins."""
        self._suspects = []
        self._widest = self._longest = 0
        self._named = False

    def of(self, host: str, service: str, row: int, *, is_local: bool) -> Endpoint:
        """The local or the other end of row number ``row``."""
        length = len(host)
        width = length + 1 + len(service)
        self._widest = max(self._widest, width)
        self._longest = max(self._longest, length)
        if width in _CELLS or length in _NAMES:
            self._suspects.append((row, is_local, length, width))
        if not self._named and not service.isdecimal() and service != "*":
            self._named = True
        return self._endpoint(host, service)

    def mark_cut(self, sockets: list[Socket], *, beside_pcb: bool) -> None:
        """End with ``…`` what may be cut; half a port is no number but text then."""
        cell = _CELL_BESIDE_PCB if beside_pcb else _CELL
        name = _NAME_BESIDE_PCB if beside_pcb and self._named else _NAME
        if self._longest > name:
            name = _NAME
        cell = cell if self._widest == cell else 0
        name = name if self._longest == name else 0
        if not (cell or name):
            return
        for row, is_local, length, width in self._suspects:
            socket = sockets[row]
            end = socket.local if is_local else socket.peer
            if length == name:
                end = end._replace(address=end.address + "…")
            if width == cell:
                end = _without_half_a_port(end)
            sockets[row] = socket._replace(local=end) if is_local else socket._replace(peer=end)


def _without_half_a_port(end: Endpoint) -> Endpoint:
    """A cell that is full; a port to which no digit can be added is whole all the same."""
    if end.service is not None:
        return end._replace(service=end.service + "…")
    if end.port is None or end.port * 10 > _LARGEST_PORT:
        return end
    return Endpoint(end.address, None, f"{end.port}…")
