"""Collects the rows of a table by column, many rows at a time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Final, Generic, TypeVar

from hangscope.facts import NOT_RECORDED, NotRecorded, Owner, SocketRows, TcpState, Timer
from hangscope.facts.socket_rows import FAMILIES, NO_FD, NO_PORT, NO_QUEUE, STATES
from hangscope.readers.endpoints import folded

Owners = tuple[Owner, ...] | NotRecorded

STATE_CODES: Final = {state: code for code, state in enumerate(STATES)}
FAMILY_CODES: Final = {family: code for code, family in enumerate(FAMILIES)}
NOBODY: Final = 0
"""Group of owners of a socket that nobody has open."""
UNTOLD: Final = 1
"""Group of owners of a socket whose owners are not told."""
_LONGEST_PORT: Final = 5
_FIRST_SERVICE: Final = NO_PORT - 1

K = TypeVar("K")


class Codes(dict[K, int], Generic[K]):
    """Numbers of values; the number of a new one is made by ``code``. Looked up by ``map``."""

    def __init__(self, code: Callable[[K], int]) -> None:
        super().__init__()
        self._code = code

    def __missing__(self, key: K) -> int:
        self[key] = made = self._code(key)
        return made


class SocketColumns:
    """The rows of one table while it is read.

    The columns are extended together: each of the ``add`` methods is called once for the same
    rows.
    """

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._lines = array("I")
        self._states = bytearray()
        self._ends = (array("I"), array("i"), array("I"), array("i"))
        self._queues = (array("q"), array("q"))
        self._owners = array("I")
        self._descriptors = array("q")
        self._inodes = array("Q")
        self._timers = array("I")
        self._families = bytearray()
        self.addresses: list[str] = []
        self._places: dict[str, int] = {}
        self._services: dict[int, str] = {}
        self._groups: list[Owners] = [(), NOT_RECORDED]
        self._timer_values: list[Timer | None] = [None]
        self._address_code = Codes(self._new_address).__getitem__
        self._port_code = Codes(self._new_port).__getitem__

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._states)

    def states(self) -> frozenset[TcpState]:
        """States that occur."""
        return frozenset(STATES[code] for code in set(self._states))

    def add_rows(
        self, lines: Sequence[int], states: Iterable[int], families: Iterable[int] | None = None
    ) -> None:
        """Their line numbers and the codes of their states and families."""
        self._lines.extend(array("I", lines))
        self._states.extend(states)
        count = len(self._states) - len(self._families)
        self._families.extend(bytes(count) if families is None else families)

    def add_ends(
        self,
        addresses: Iterable[str],
        ports: Iterable[str],
        peer_addresses: Iterable[str],
        peer_ports: Iterable[str],
    ) -> None:
        """Their ends as they are printed."""
        code, port = self._address_code, self._port_code
        ends = self._ends
        ends[0].extend(array("I", list(map(code, addresses))))
        ends[1].extend(array("i", list(map(port, ports))))
        ends[2].extend(array("I", list(map(code, peer_addresses))))
        ends[3].extend(array("i", list(map(port, peer_ports))))

    def add_coded_ends(self, *columns: Iterable[int]) -> None:
        """Their ends as codes: local address, local port, peer's address, peer's port."""
        for of, column in zip(self._ends, columns, strict=True):
            of.extend(array(of.typecode, list(column)))

    def add_queues(self, recv_q: Iterable[int], send_q: Iterable[int]) -> None:
        """Their queues; ``NO_QUEUE`` where none is printed."""
        self._queues[0].extend(array("q", list(recv_q)))
        self._queues[1].extend(array("q", list(send_q)))

    def add_owners(self, groups: Iterable[int], descriptors: Iterable[int] | None = None) -> None:
        """Their groups of owners, and the file descriptor of the one owner."""
        self._owners.extend(array("I", list(groups)))
        count = len(self._owners) - len(self._descriptors)
        told = repeat(NO_FD, count) if descriptors is None else descriptors
        self._descriptors.extend(array("q", list(told)))

    def add_inodes(self, inodes: Iterable[int] | None) -> None:
        """Their inodes, 0 for none; None if the table has no such column."""
        count = len(self._states) - len(self._inodes)
        self._inodes.extend(array("Q", bytes(8 * count) if inodes is None else list(inodes)))

    def add_timers(self, timers: Iterable[int] | None) -> None:
        """The codes of their timers; None if the table has no such column."""
        count = len(self._states) - len(self._timers)
        self._timers.extend(array("I", bytes(4 * count) if timers is None else list(timers)))

    def address_code(self, address: str) -> int:
        """The number of an address as it is printed."""
        return self._address_code(address)

    def group(self, owners: Owners) -> int:
        """A number for these owners; the same owners may have several."""
        if not owners:
            return NOBODY
        if owners is NOT_RECORDED:
            return UNTOLD
        self._groups.append(owners)
        return len(self._groups) - 1

    def timer(self, timer: Timer | None) -> int:
        """A number for this timer."""
        if timer is None:
            return 0
        self._timer_values.append(timer)
        return len(self._timer_values) - 1

    def has_owner(self) -> bool:
        """Whether any row has one."""
        return any(group not in {NOBODY, UNTOLD} for group in set(self._owners))

    def tells_owners(self) -> bool:
        """Whether any row says that it has owners, or that it has none."""
        return any(group != UNTOLD for group in set(self._owners))

    def forget_missing_owners(self) -> None:
        """Where no owner is printed, take it that one may not have been visible."""
        self._owners = array("I", (UNTOLD if group == NOBODY else group for group in self._owners))

    def rewrite_ends(self, rewritten: Callable[[str, int], str]) -> None:
        """Give each end the address that ``rewritten`` makes of its address and its port."""
        for place in (0, 2):
            codes: Codes[tuple[int, int]] = Codes(
                lambda end: self._new_address(rewritten(self.addresses[end[0]], end[1]))
            )
            pairs = zip(self._ends[place], self._ends[place + 1], strict=True)
            self._ends[place][:] = array("I", map(codes.__getitem__, pairs))

    def service(self, code: int) -> str | None:
        """The name behind a number in a column of ports."""
        return self._services.get(code)

    def ends(self) -> Iterable[tuple[int, int]]:
        """Both ends of all rows: the numbers of address and port."""
        yield from zip(self._ends[0], self._ends[1], strict=True)
        yield from zip(self._ends[2], self._ends[3], strict=True)

    def line(self, index: int) -> int:
        """The line of a row."""
        return self._lines[index]

    def frozen(self, *, owners_recorded: bool) -> SocketRows:
        """All rows, as facts."""
        local, local_ports, peer, peer_ports = self._ends
        return SocketRows(
            self._input,
            self._lines,
            bytes(self._states),
            local,
            local_ports,
            peer,
            peer_ports,
            *self._queues,
            self._owners,
            self._descriptors,
            self._inodes,
            self._timers,
            bytes(self._families),
            self.addresses,
            self._services,
            self._groups,
            self._timer_values,
            owners_recorded,
        )

    def _new_address(self, printed: str) -> int:
        address = folded(printed)
        place = self._places.get(address)
        if place is None:
            place = self._places[address] = len(self.addresses)
            self.addresses.append(address)
        return place

    def _new_port(self, printed: str) -> int:
        if printed.isdecimal() and printed.isascii() and len(printed) <= _LONGEST_PORT:
            return int(printed)
        if printed == "*":
            return NO_PORT
        code = _FIRST_SERVICE - len(self._services)
        self._services[code] = printed
        return code


def queue_codes(column: Sequence[str | None]) -> Iterable[int]:
    """A column of queues, which is printed in all of these rows or in none."""
    if None in column:
        return (NO_QUEUE if value is None else int(value) for value in column)
    return map(int, column)  # type: ignore[arg-type]  # None is not in it


def inode_codes(column: Sequence[str | None]) -> Iterable[int] | None:
    """A column of inodes."""
    if column.count(None) == len(column):
        return None
    return (int(value) if value else 0 for value in column)
