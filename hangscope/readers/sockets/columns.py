"""Collects the rows of a table by column, many rows at a time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import accumulate, compress
from typing import Final, Generic, TypeVar

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    NotRecorded,
    Owner,
    Socket,
    SocketRows,
    TcpState,
    Timer,
)
from hangscope.facts.socket_rows import FAMILIES, NO_FD, NO_PORT, NO_QUEUE, STATES
from hangscope.readers.sockets.endpoints import folded

Owners = tuple[Owner, ...] | NotRecorded

STATE_CODES: Final = {state: code for code, state in enumerate(STATES)}
FAMILY_CODES: Final = {family: code for code, family in enumerate(FAMILIES)}
_LISTEN: Final = STATE_CODES[TcpState.LISTEN]
NOBODY: Final = 0
"""Group of owners of a socket that nobody has open."""
UNTOLD: Final = 1
"""Group of owners of a socket whose owners are not told."""
_LONGEST_PORT: Final = 5
_FIRST_SERVICE: Final = NO_PORT - 1
_REMEMBERED: Final = 100_000
"""Numbers kept by their digits."""

K = TypeVar("K")


class Codes(dict[K, int], Generic[K]):
    """Numbers of values; the number of a new one is made by ``code``. Looked up by ``map``."""

    def __init__(self, code: Callable[[K], int]) -> None:
        super().__init__()
        self._code = code

    def __missing__(self, key: K) -> int:
        self[key] = made = self._code(key)
        return made


class Numbers(dict[str, int]):
    """Numbers by their digits; ``absent`` for "". Looked up by ``map``."""

    def __init__(self, absent: int) -> None:
        super().__init__()
        self._absent = absent

    def __missing__(self, digits: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[digits] = number = int(digits) if digits else self._absent
        return number


class Ports(dict[str, int]):
    """What stands in a column of ports, by what is printed. Looked up by ``map``."""

    def __init__(self, services: dict[int, str]) -> None:
        super().__init__()
        self._services = services

    def __missing__(self, printed: str) -> int:
        if printed.isdecimal() and len(printed) <= _LONGEST_PORT and printed.isascii():
            self[printed] = code = int(printed)
            return code
        code = NO_PORT
        if printed != "*":
            code = _FIRST_SERVICE - len(self._services)
            self._services[code] = printed
        self[printed] = code
        return code


class SocketColumns:
    """The rows of one table while it is read.

    The columns are extended together: each of the ``add`` methods is called once for the same
    rows.
    """

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._lines = array("I")
        self._last_lines: dict[int, int] = {}
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
        self._port_code = Ports(self._services).__getitem__
        self._queue = Numbers(NO_QUEUE).__getitem__

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
        ports: Sequence[str],
        peer_addresses: Iterable[str],
        peer_ports: Sequence[str],
    ) -> None:
        """Their ends as they are printed."""
        code, ends = self._address_code, self._ends
        ends[0].extend(array("I", list(map(code, addresses))))
        ends[1].extend(self._ports(ports))
        ends[2].extend(array("I", list(map(code, peer_addresses))))
        ends[3].extend(self._ports(peer_ports))

    def _ports(self, printed: Sequence[str]) -> array[int]:
        # A number is made faster than it is looked up among tens of thousands
        if _are_digits(printed) and max(map(len, printed), default=0) <= _LONGEST_PORT:
            return array("i", list(map(int, printed)))
        return array("i", list(map(self._port_code, printed)))

    def add_coded_ends(self, *columns: Iterable[int]) -> None:
        """Their ends as codes: local address, local port, peer's address, peer's port."""
        for of, column in zip(self._ends, columns, strict=True):
            of.extend(array(of.typecode, list(column)))

    def add_queues(self, recv_q: Iterable[str], send_q: Iterable[str]) -> None:
        """Their queues as they are printed."""
        queue = self._queue
        self.add_counted_queues(map(queue, recv_q), map(queue, send_q))

    def add_counted_queues(self, recv_q: Iterable[int], send_q: Iterable[int]) -> None:
        """Their queues; ``NO_QUEUE`` where none is printed."""
        self._queues[0].extend(array("q", list(recv_q)))
        self._queues[1].extend(array("q", list(send_q)))

    def add_no_queues(self) -> None:
        """The table does not print any."""
        for column in self._queues:
            column.extend(array("q", [NO_QUEUE]) * (len(self._states) - len(column)))

    def hide_listeners_backlog(self) -> None:
        """What is printed as the Send-Q of listeners is none."""
        column, at = self._queues[1], self._states.find(_LISTEN)
        while at >= 0:
            column[at] = NO_QUEUE
            at = self._states.find(_LISTEN, at + 1)

    def add_owners(self, groups: Iterable[int], descriptors: Iterable[str] | None = None) -> None:
        """Their groups of owners, and the file descriptor of the one owner as it is printed."""
        self._owners.extend(array("I", list(groups)))
        if descriptors is None:
            count = len(self._owners) - len(self._descriptors)
            self._descriptors.extend(array("q", [NO_FD]) * count)
        else:
            self._descriptors.extend(
                array("q", [int(one) if one else NO_FD for one in descriptors])
            )

    def add_inodes(self, inodes: Sequence[str] | None) -> None:
        """Their inodes as they are printed; None if the table has no such column."""
        count = len(self._states) - len(self._inodes)
        if inodes is None or not any(inodes):
            self._inodes.frombytes(bytes(self._inodes.itemsize * count))
        elif "" in inodes:
            self._inodes.extend(array("Q", [int(inode or 0) for inode in inodes]))
        else:
            self._inodes.extend(array("Q", list(map(int, inodes))))

    def add_timers(self, timers: Iterable[int] | None) -> None:
        """The codes of their timers; None if the table has no such column."""
        count = len(self._states) - len(self._timers)
        if timers is None:
            self._timers.frombytes(bytes(self._timers.itemsize * count))
        else:
            self._timers.extend(array("I", list(timers)))

    def add_socket(self, socket: Socket) -> None:
        """One row that is complete."""
        line, last = socket.evidence.first_line, socket.evidence.last_line
        if last != line:
            self._last_lines[len(self)] = last
        self.add_rows((line,), (STATE_CODES[socket.state],), (FAMILY_CODES[socket.family],))
        for place, end in ((0, socket.local), (2, socket.peer)):
            self._ends[place].append(self._placed(end.address))
            self._ends[place + 1].append(self._placed_port(end))
        self.add_counted_queues(_queue_codes(socket.recv_q), _queue_codes(socket.send_q))
        self.add_owners((self.group(socket.owners),))
        self._inodes.append(socket.inode or 0)
        self.add_timers((self.timer(socket.timer),))

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

    def share(self, keys: Sequence[Hashable], *, is_set: bool) -> None:
        """Make rows of the same key one: the first, which gets the owners of the others.

        Args:
            keys: The key of each row, or None.
            is_set: Whether an owner with a descriptor that is there already is not added again.
        """
        first: dict[Hashable, int] = {}
        later: dict[int, list[int]] = {}
        for row, key in enumerate(keys):
            place = row if key is None else first.setdefault(key, row)
            if place != row:
                later.setdefault(place, [place]).append(row)
        if not later:
            return
        kept = bytearray(b"\1") * len(self)
        for place, rows in later.items():
            owners = [owner for row in rows for owner in self._owners_of(row)]
            self._owners[place] = self.group(tuple(_distinct(owners) if is_set else owners))
            self._descriptors[place] = NO_FD
            for row in rows[1:]:
                kept[row] = 0
        self._keep(kept)

    def _owners_of(self, row: int) -> Iterable[Owner]:
        owners, descriptor = self._groups[self._owners[row]], self._descriptors[row]
        if owners is NOT_RECORDED:
            return ()
        return owners if descriptor < 0 else (owners[0]._replace(fd=descriptor),)

    def _keep(self, kept: bytearray) -> None:
        """Drop all other rows."""
        places = accumulate(kept, initial=0)
        spans = self._last_lines
        self._last_lines = {
            place: spans[row] for row, place in enumerate(places) if row in spans and kept[row]
        }
        for column in (
            *(self._lines, self._owners, self._descriptors, self._inodes, self._timers),
            *(*self._ends, *self._queues),
        ):
            column[:] = array(column.typecode, compress(column, kept))
        self._states = bytearray(compress(self._states, kept))
        self._families = bytearray(compress(self._families, kept))

    def keys_of_owned(self) -> Sequence[Hashable]:
        """Of each row with an owner and a peer its two ends, to :meth:`share` it by."""
        nowhere = self._places.get("*", -1)
        ends = zip(*self._ends, strict=True)
        return [
            None if group in {NOBODY, UNTOLD} or end[2] == nowhere else end
            for group, end in zip(self._owners, ends, strict=True)
        ]

    def inodes(self) -> Sequence[int]:
        """Of each row, 0 for none."""
        return self._inodes

    def own_last(self, command: str) -> None:
        """The owner of the last row has this name."""
        owners = self._groups[self._owners[-1]]
        if owners is not NOT_RECORDED:
            named = tuple(owner._replace(command=command) for owner in owners)
            self._owners[-1] = self.group(named)

    def prints_queues(self) -> bool:
        """Whether the first row has a Recv-Q."""
        return bool(self._states) and self._queues[0][0] != NO_QUEUE

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
            self._last_lines,
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
        return self._placed(folded(printed))

    def _placed(self, address: str) -> int:
        place = self._places.get(address)
        if place is None:
            place = self._places[address] = len(self.addresses)
            self.addresses.append(address)
        return place

    def _placed_port(self, end: Endpoint) -> int:
        if end.service is not None:
            return self._port_code(end.service)
        return NO_PORT if end.port is None else end.port


def _are_digits(texts: Sequence[str]) -> bool:
    """Whether each of ``texts`` is a number; of an empty one ``int`` would say so."""
    joined = "".join(texts)
    return joined.isascii() and joined.isdecimal() and "" not in texts


def _distinct(owners: Iterable[Owner]) -> Iterable[Owner]:
    seen: set[Owner] = set()
    for owner in owners:
        if owner.fd is None or owner not in seen:
            seen.add(owner)
            yield owner


def _queue_codes(queue: int | None) -> tuple[int]:
    return (NO_QUEUE if queue is None else queue,)
