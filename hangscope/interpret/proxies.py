"""Proxies: a request that one accepted waits for an answer on one of its upstream connections.

Which upstream connection belongs to which accepted one is not recorded anywhere. So a request
waits for ANY of those that the same process has open, and for the process itself wherever it may
have work of its own: fewer upstream connections than requests, an answer that it has not read yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hangscope.facts import NOT_RECORDED, Owner, TcpState
from hangscope.interpret.case import Case
from hangscope.interpret.hosts import Host
from hangscope.interpret.sockets import Row
from hangscope.waits import Node, NodeKind

if TYPE_CHECKING:
    from hangscope.interpret.destinations import Destination

Passed: TypeAlias = frozenset[tuple[str, int]]
"""Processes by host and id."""
Destinations: TypeAlias = Callable[[Case, Host, str, Sequence[Row], Passed], "tuple[Destination, ...]"]


@dataclass(frozen=True, slots=True)
class Relay:
    """One process of a proxy, and where it passes requests on to."""

    name: str
    """``nginx (pid 7)``, and its host where there are several."""
    accepted: tuple[Row, ...]
    """The connections of ours that it has accepted, and whose requests it has read."""
    upstream: tuple[Destination, ...]
    """Where it waits for answers."""
    free: bool
    """Whether it may have work of its own, and so can go on by itself."""

    @property
    def node(self) -> Node:
        """A request in the hands of the process."""
        return Node(NodeKind.PROCESS, self.name)

    @property
    def itself(self) -> Node:
        """The process where it can go on by itself."""
        return Node(NodeKind.OUTSIDE, f"{self.name} itself")


def relays(
    case: Case, follow: Destinations, host: Host, accepted: Sequence[Row], passed: Passed
) -> tuple[Relay, ...]:
    """The processes of a known proxy that hold the connections ``accepted`` on ``host``.

    Args:
        case: The case.
        follow: Finds where connections lead.
        host: Where the connections were accepted.
        accepted: Their sockets there.
        passed: Processes on the way here; nobody waits for itself by way of a second round.

    Returns:
        Nothing unless every connection is held by one process of a known proxy.
    """
    by_owner: dict[Owner, list[Row]] = defaultdict(list)
    for row in accepted:
        owner = _proxy(case, row)
        if owner is None or (host.name, owner.pid) in passed:
            return ()
        by_owner[owner].append(row)
    return tuple(
        _relay(case, follow, host, owner, rows, passed)
        for owner, rows in sorted(by_owner.items(), key=lambda item: item[0].pid)
    )


def _proxy(case: Case, row: Row) -> Owner | None:
    """The process that has an accepted connection, if that is one process of a known proxy."""
    if row.owners is NOT_RECORDED or len({owner.pid for owner in row.owners}) != 1:
        return None
    owner = row.owners[0]._replace(fd=None)
    return owner if case.knowledge.proxy_of_command(owner.command) else None


def _relay(
    case: Case,
    follow: Destinations,
    host: Host,
    owner: Owner,
    accepted: Sequence[Row],
    passed: Passed,
) -> Relay:
    sockets = host.sockets
    assert sockets is not None  # noqa: S101 - rows come from it
    name = host.of_it(f"{case.knowledge.proxy_of_command(owner.command)} (pid {owner.pid})")
    own = [row for row in sockets.outbound if row.owned_by(owner.pid)]
    waits = [r for r in own if r.state is TcpState.ESTABLISHED and r.recv_q == 0]
    read = tuple(row for row in accepted if row.recv_q == 0)
    busy = len(waits) != len(own) or len(waits) < len(read) or len(read) < len(accepted)
    upstream = follow(case, host, name, waits, passed | {(host.name, owner.pid)})
    return Relay(name, read, upstream, busy or not upstream)
