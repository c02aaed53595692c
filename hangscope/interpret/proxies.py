"""Proxies: a request that one accepted waits for an answer on one of its upstream connections.

Which upstream connection belongs to which accepted one is not recorded anywhere. So a request
waits for ANY of those that the same process has open, and for the process itself wherever it may
have work of its own: an answer that it has not read yet or is sending, or fewer requests upstream
than it has taken (``arrivals`` counts those).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hangscope.facts import NOT_RECORDED, Owner, TcpState
from hangscope.interpret.case import Case
from hangscope.interpret.hosts import Host
from hangscope.interpret.sockets import Role, Row
from hangscope.waits import Node, NodeKind

if TYPE_CHECKING:
    from hangscope.interpret.destinations import Destination

Passed: TypeAlias = frozenset[tuple[str, int]]
"""Processes by host and id."""
Follow: TypeAlias = Callable[[Case, Host, str, Sequence[Row], Passed], "tuple[Destination, ...]"]


@dataclass(frozen=True, slots=True)
class Relay:
    """One process of a proxy, and where it passes requests on to."""

    name: str
    """``nginx (pid 7)``, and its host where there are several."""
    ours: tuple[Row, ...]
    """The connections asked about that it has accepted."""
    taken: int
    """Connections of any client whose request it has read, or which are idle."""
    upstream: tuple[Destination, ...]
    """Where it waits for answers."""
    works: bool
    """Whether it is seen to have work of its own, and so can go on by itself."""

    @property
    def node(self) -> Node:
        """A request in the hands of the process."""
        return Node(NodeKind.PROCESS, self.name)

    @property
    def itself(self) -> Node:
        """The process where it can go on by itself."""
        return Node(NodeKind.OUTSIDE, f"work of {self.name} itself")


class _Process(NamedTuple):
    host: Host
    name: str
    pid: int


def relays(
    case: Case, follow: Follow, host: Host, accepted: Sequence[Row], passed: Passed
) -> tuple[Relay, ...]:
    """All processes of the known proxy that holds the connections ``accepted`` on ``host``.

    Args:
        case: The case.
        follow: Finds where connections lead.
        host: Where the connections were accepted.
        accepted: Their sockets there.
        passed: Processes on the way here; nobody waits for itself by way of a second round.

    Returns:
        Nothing unless every connection is held by one process, and all by those of one proxy.
    """
    held = {row: _proxy(case, row) for row in accepted}
    names = {owner and case.knowledge.proxy_of_command(owner.command) for owner in held.values()}
    if len(names) != 1 or None in names or host.sockets is None:
        return ()
    (name,) = names
    pids = {
        owner.pid
        for row in host.sockets.rows
        if row.owners is not NOT_RECORDED
        for owner in row.owners
        if case.knowledge.proxy_of_command(owner.command) == name
    }
    if any((host.name, pid) in passed for pid in pids):
        return ()
    passed |= {(host.name, pid) for pid in pids}
    return tuple(
        _relay(
            case,
            follow,
            _Process(host, host.of_it(f"{name} (pid {pid})"), pid),
            [row for row, owner in held.items() if owner and owner.pid == pid],
            passed,
        )
        for pid in sorted(pids)
    )


def _proxy(case: Case, row: Row) -> Owner | None:
    """The process that has an accepted connection, if that is one process of a known proxy."""
    if row.owners is NOT_RECORDED or len({owner.pid for owner in row.owners}) != 1:
        return None
    owner = row.owners[0]
    return owner if case.knowledge.proxy_of_command(owner.command) else None


def _relay(
    case: Case, follow: Follow, process: _Process, ours: Sequence[Row], passed: Passed
) -> Relay:
    host, name, pid = process
    sockets = host.sockets
    assert sockets is not None  # noqa: S101 - rows come from it
    own = [row for row in sockets.owned(pid) if row.state is not TcpState.LISTEN]
    outbound = [row for row in own if sockets.role(row) is Role.OUTBOUND]
    waits = [r for r in outbound if r.state is TcpState.ESTABLISHED and r.recv_q == 0]
    taken = sum(
        row.state is TcpState.ESTABLISHED and row.recv_q == 0 and not row.send_q
        for row in own
        if sockets.role(row) is Role.ACCEPTED
    )
    works = len(waits) != len(outbound) or any(row.recv_q != 0 or row.send_q for row in ours)
    return Relay(name, tuple(ours), taken, follow(case, host, name, waits, passed), works)
