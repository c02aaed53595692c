"""Interpretation: facts and knowledge become claims, one module a kind of wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hangscope.interpret import (
    carriers,
    class_initialization,
    connects,
    futures,
    leases,
    locks,
    log_queues,
    pools,
    read_holds,
    replies,
    scopes,
    slots,
)
from hangscope.interpret.assembly import assemble, assemble_hosts
from hangscope.interpret.carriers import Carriers, carriers_of
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.connects import ConnectGroup
from hangscope.interpret.hosts import Host
from hangscope.interpret.leases import LeasePool
from hangscope.interpret.pools import ServerPool
from hangscope.interpret.replies import ReplyGroup
from hangscope.interpret.rounds import joined
from hangscope.interpret.ties import Ties, groups, ties_of
from hangscope.waits import Claim
from hangscope.waits.graph import WaitGraph

__all__ = [
    "Case",
    "Interpretation",
    "Jvm",
    "Thread",
    "Ties",
    "assemble",
    "assemble_hosts",
    "groups",
    "interpret",
    "joined",
    "ties_of",
]


@dataclass(frozen=True)
class Interpretation:
    """A case, and all that its threads wait for."""

    case: Case
    pools: tuple[ServerPool, ...]
    leases: tuple[LeasePool, ...]
    replies: tuple[ReplyGroup, ...]
    connects: tuple[ConnectGroup, ...]
    carriers: tuple[Carriers, ...]
    graph: WaitGraph

    def of(self, host: Host) -> Interpretation:
        """What concerns one of the hosts alone; the graph stays that of all."""
        return replace(
            self,
            case=self.case.of(host),
            pools=tuple(pool for pool in self.pools if pool.jvm.host is host),
            leases=tuple(pool for pool in self.leases if pool.jvm.host is host),
            replies=tuple(group for group in self.replies if group.jvm.host is host),
            connects=tuple(group for group in self.connects if group.jvm.host is host),
            carriers=tuple(pool for pool in self.carriers if pool.jvm.host is host),
        )


def interpret(case: Case) -> Interpretation:
    """Make every claim that the facts of ``case`` allow."""
    server_pools = pools.server_pools(case)
    lease_pools = leases.lease_pools(case)
    groups = replies.reply_groups(case, server_pools)
    connecting = connects.connect_groups(case)
    carrier_pools = carriers_of(case)
    kinds: tuple[Callable[[], Iterator[Claim]], ...] = (
        lambda: locks.claims(case),
        lambda: read_holds.claims(case),
        lambda: class_initialization.claims(case),
        lambda: futures.claims(case),
        lambda: scopes.claims(case),
        lambda: carriers.claims(carrier_pools),
        lambda: log_queues.claims(case),
        lambda: leases.claims(lease_pools),
        lambda: replies.claims(groups, server_pools),
        lambda: connects.claims(connecting),
        lambda: slots.claims(server_pools),
        lambda: pools.claims(server_pools),
    )
    graph = WaitGraph(claim for kind in kinds for claim in kind())
    return Interpretation(case, server_pools, lease_pools, groups, connecting, carrier_pools, graph)
