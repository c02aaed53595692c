"""The socket tables of one host as one: roles, services, mirrors.

Several tables of one moment (``ss`` and ``lsof``, say) are folded into one row a connection,
so that each adds what the other does not record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Final, NamedTuple

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    NotRecorded,
    Owner,
    SocketTable,
    TcpState,
    Timer,
)
from hangscope.facts.socket_rows import columns_of
from hangscope.facts.sockets import WILDCARDS
from hangscope.knowledge import Knowledge

_ANY_ADDRESS = "*"
_NEW: Final[Any] = tuple.__new__
_SERVICE: Final = attrgetter("service")
_CLIENTS_OF_A_SERVICE = 2
"""Rows that share a local port towards different peers: a client's port is its own."""


class Role(Enum):
    """Which side of a connection a row is, seen from its own process."""

    LISTENER = "listener"
    ACCEPTED = "accepted"
    OUTBOUND = "outbound"


class Row(NamedTuple):
    """One socket, as all tables together describe it."""

    state: TcpState
    local: Endpoint
    peer: Endpoint
    recv_q: int | None
    send_q: int | None
    owners: tuple[Owner, ...] | NotRecorded
    evidence: tuple[Evidence, ...]
    timer: Timer | None = None

    def owned_by(self, pid: int | None) -> bool:
        """Whether ``pid`` is known to have it open."""
        owners = self.owners
        if owners is NOT_RECORDED:
            return False
        if len(owners) == 1:  # nearly always, of very many rows
            return owners[0].pid == pid
        return any(owner.pid == pid for owner in owners)

    @property
    def unaccepted(self) -> bool:
        """Whether no process has it although owners are recorded: still in the accept queue."""
        return self.owners == () and self.state in (TcpState.ESTABLISHED, TcpState.CLOSE_WAIT)


class Service(NamedTuple):
    """A port that a process of this host serves: a LISTEN row, or inferred where none is listed."""

    endpoint: Endpoint
    owners: tuple[Owner, ...]
    evidence: Evidence
    backlog: int | None
    queued: int | None
    inferred: bool

    def owned_by(self, pid: int | None) -> bool:
        """Whether ``pid`` listens here."""
        return any(owner.pid == pid for owner in self.owners)


class HostSockets:
    """Every socket of one host, by role."""

    def __init__(
        self, tables: Sequence[SocketTable], knowledge: Knowledge, served_ports: Iterable[int] = ()
    ) -> None:
        """Join ``tables`` of one host and moment.

        Args:
            tables: At least one; the first ones' state wins where two differ.
            knowledge: Resolves service names (``webcache``) to ports.
            served_ports: Ports that thread names say are served, for tables without LISTEN.
        """
        self.tables = tuple(tables)
        self.resolved_names: dict[str, int] = {}
        self._knowledge = knowledge
        self._served_ports = frozenset(served_ports)
        self._with_state = 0
        self.owners_recorded = any(table.owners_recorded for table in self.tables)
        """Whether any table shows owners."""
        self.rows: tuple[Row, ...] = tuple(self._fold())
        listed = sum(len(table.sockets) for table in self.tables)
        self.without_state = listed - self._with_state
        """Rows of which no state is printed, and of which nothing else is said here."""
        self.moments: tuple[HostSockets, ...] = (self,)
        """The same host at each moment of which tables are given, in order of time."""

    @property
    def captured(self) -> str | None:
        """When its tables were taken, as the first of them that tells it prints it."""
        return next((table.captured for table in self.tables if table.captured), None)

    @property
    def queues_recorded(self) -> bool:
        """Whether any table shows Recv-Q."""
        return any(table.queues_recorded for table in self.tables)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Listeners; where none is listed, ports that rows share or threads are named after."""
        listed: dict[Endpoint, Service] = {}
        for row in self.in_state(TcpState.LISTEN):
            owners = () if row.owners is NOT_RECORDED else row.owners
            first = listed.get(row.local)
            if first is not None:  # SO_REUSEPORT: several listeners share one endpoint
                owners = tuple(dict.fromkeys((*first.owners, *owners)))
                listed[row.local] = first._replace(owners=owners)
            else:
                listed[row.local] = Service(
                    row.local, owners, row.evidence[0], row.send_q, row.recv_q, inferred=False
                )
        return tuple(listed.values()) or tuple(self._unlisted())

    def service_of(self, endpoint: Endpoint) -> Service | None:
        """The service that takes connections to ``endpoint``; an exact address beats a wildcard."""
        by_address = self._by_port.get(endpoint.port)
        if by_address is None:
            return None
        return by_address.get(endpoint.address) or by_address.get(_ANY_ADDRESS)

    def role(self, row: Row) -> Role:
        """Which side of its connection ``row`` is."""
        if row.state is TcpState.LISTEN:
            return Role.LISTENER
        return Role.ACCEPTED if self.service_of(row.local) else Role.OUTBOUND

    def mirror(self, row: Row) -> Row | None:
        """The other end of ``row``'s connection, when it is on this host too."""
        return self.between(row.peer, row.local)

    def between(self, local: Endpoint, peer: Endpoint) -> Row | None:
        """The connected socket with these two ends."""
        return self._by_pair.get((local, peer))

    def shows(self, rows: Iterable[Row]) -> bool:
        """Whether these very connections are here, in the same state and with the same queue."""
        found = ((row, self._by_pair.get((row.local, row.peer))) for row in rows)
        return all(
            here is not None and (here.state, here.recv_q) == (row.state, row.recv_q)
            for row, here in found
        )

    def reached(self, row: Row) -> Service | None:
        """The service of this host that an outbound ``row`` leads to; None when it leads away."""
        mirror = self.mirror(row)
        if mirror is not None:
            return self.service_of(mirror.local)
        return self.service_of(row.peer) if self.is_local(row.peer.address) else None

    def is_local(self, address: str) -> bool:
        """Whether ``address`` is one of this host's own."""
        return is_loopback(address) or address in self.addresses

    def in_state(self, *states: TcpState) -> tuple[Row, ...]:
        """Rows in one of ``states``, in the order of all."""
        if len(states) == 1:
            return self.by_state.get(states[0], ())
        several = frozenset(states)
        return tuple(row for row in self.rows if row.state in several)

    @cached_property
    def by_state(self) -> Mapping[TcpState, tuple[Row, ...]]:
        """Rows by their state, in the order of all."""
        by_state: dict[TcpState, list[Row]] = defaultdict(list)
        for row in self.rows:
            by_state[row.state].append(row)
        return {state: tuple(rows) for state, rows in by_state.items()}

    @property
    def outbound(self) -> tuple[Row, ...]:
        """Rows whose own process opened the connection."""
        return self._sides[1]

    def owned(self, pid: int) -> tuple[Row, ...]:
        """Rows that ``pid`` is known to have open."""
        return self._by_pid.get(pid, ())

    def accepted(self, service: Service) -> tuple[Row, ...]:
        """Every row on the service's port but the listener itself."""
        return self._sides[0].get(service.endpoint, ())

    @property
    def all_accepted(self) -> Iterable[tuple[Row, ...]]:
        """For every service with connections, what :meth:`accepted` returns."""
        return self._sides[0].values()

    @cached_property
    def _by_port(self) -> dict[int | None, dict[str, Service]]:
        """Services by port and address; of several on one address, the first."""
        by_port: dict[int | None, dict[str, Service]] = defaultdict(dict)
        for service in self.services:
            here = service.endpoint
            address = _ANY_ADDRESS if here.is_wildcard else here.address
            by_port[here.port].setdefault(address, service)
        return by_port

    @cached_property
    def _sides(self) -> tuple[Mapping[Endpoint, tuple[Row, ...]], tuple[Row, ...]]:
        """Connections by the service that accepted them, and those that were opened here."""
        accepted: dict[Endpoint, list[Row]] = defaultdict(list)
        outbound: list[Row] = []
        served, listen = self._by_port, TcpState.LISTEN
        for row in self.rows:
            if row.state is listen:
                continue
            service = self.service_of(row.local) if row.local.port in served else None
            if service is None:
                outbound.append(row)
            else:
                accepted[service.endpoint].append(row)
        return {endpoint: tuple(rows) for endpoint, rows in accepted.items()}, tuple(outbound)

    @cached_property
    def _by_pid(self) -> dict[int, tuple[Row, ...]]:
        by_pid: dict[int, list[Row]] = defaultdict(list)
        for row in self.rows:
            owners = row.owners
            if owners is NOT_RECORDED or not owners:
                continue
            if len(owners) == 1:
                by_pid[owners[0].pid].append(row)
            else:
                for pid in {owner.pid for owner in owners}:
                    by_pid[pid].append(row)
        return {pid: tuple(rows) for pid, rows in by_pid.items()}

    @cached_property
    def _by_pair(self) -> dict[tuple[Endpoint, Endpoint], Row]:
        listen = TcpState.LISTEN
        return {(row.local, row.peer): row for row in self.rows if row.state is not listen}

    @cached_property
    def addresses(self) -> frozenset[str]:
        """The host's own addresses, as far as its sockets have them."""
        return frozenset({row.local.address for row in self.rows} - WILDCARDS)

    def _unlisted(self) -> list[Service]:
        candidates: dict[Endpoint, list[Row]] = defaultdict(list)
        for row in self.rows:
            candidates[row.local].append(row)
        unlisted = []
        for endpoint, rows in candidates.items():
            peers = {row.peer for row in rows}
            if endpoint.port in self._served_ports or len(peers) >= _CLIENTS_OF_A_SERVICE:
                owners = {
                    Owner(owner.pid, owner.command)
                    for row in rows
                    if row.owners is not NOT_RECORDED
                    for owner in row.owners
                }
                unlisted.append(
                    Service(
                        endpoint,
                        tuple(sorted(owners)),
                        rows[0].evidence[0],
                        backlog=None,
                        queued=None,
                        inferred=True,
                    )
                )
        return unlisted

    def _fold(self) -> Iterable[Row]:
        if len(self.tables) == 1:
            rows = list(self._rows_of(self.tables[0]))
            self._with_state = len(rows)
            return rows
        folded: dict[tuple[Endpoint, Endpoint, bool], Row] = {}
        for table in sorted(self.tables, key=lambda t: -t.queues_recorded - t.owners_recorded):
            for row in self._rows_of(table):
                self._with_state += 1
                key = (row.local, row.peer, row.state is TcpState.LISTEN)
                folded[key] = _joined(folded[key], row) if key in folded else row
        return folded.values()

    def _rows_of(self, table: SocketTable) -> Iterator[Row]:
        """The sockets whose state is printed: of the others nothing can be said."""
        # By columns, and made by `tuple` itself: one by one they cost four times as much.
        made, unknown = partial(_NEW, Row), TcpState.UNKNOWN
        for columns in columns_of(table.sockets):
            states, here, there, recv_q, send_q, owners, evidence, _, timers, _ = columns
            states = tuple(states)
            fields: Iterable[tuple[Any, ...]] = zip(  # noqa: B905 - some columns go on forever
                *(states, self._all_resolved(here), self._all_resolved(there)),
                *(recv_q, send_q, owners, zip(evidence, strict=True), timers),
            )
            if unknown in states:
                fields = (of for of in fields if of[0] is not unknown)
            yield from map(made, fields)

    def _all_resolved(self, ends: Iterable[Endpoint]) -> Iterable[Endpoint]:
        ends = tuple(ends)
        if set(map(_SERVICE, ends)) == {None}:
            return ends
        return [self._resolved(end) for end in ends]

    def _resolved(self, endpoint: Endpoint) -> Endpoint:
        if endpoint.service is None:
            return endpoint
        known = self._knowledge.port_of_service(endpoint.service)
        if known is None:
            return endpoint
        self.resolved_names[endpoint.service] = known[0]
        return Endpoint(endpoint.address, known[0])


def is_loopback(address: str) -> bool:
    """Whether ``address`` means each host itself: it says nothing on any other."""
    return address.startswith("127.") or address == "::1"


def _joined(first: Row, second: Row) -> Row:
    owners = first.owners
    if second.owners is not NOT_RECORDED and (owners is NOT_RECORDED or not owners):
        owners = second.owners
    return first._replace(
        recv_q=second.recv_q if first.recv_q is None else first.recv_q,
        send_q=second.send_q if first.send_q is None else first.send_q,
        owners=owners,
        evidence=(*first.evidence, *second.evidence),
        timer=first.timer or second.timer,
    )


def spans(rows: Iterable[Row]) -> tuple[Evidence, ...]:
    """The lines of ``rows``, neighbouring lines joined into one span; in input order."""
    joined: list[Evidence] = []
    for one in sorted(dict.fromkeys(evidence for row in rows for evidence in row.evidence)):
        last = joined[-1] if joined else None
        if last and last.input == one.input and one.first_line <= last.last_line + 1:
            joined[-1] = last._replace(last_line=max(last.last_line, one.last_line))
        else:
            joined.append(one)
    return tuple(joined)
