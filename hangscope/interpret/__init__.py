"""Interpretation: facts and knowledge become claims, one module a kind of wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hangscope.interpret import (
    class_initialization,
    futures,
    leases,
    locks,
    log_queues,
    pools,
    read_holds,
    replies,
)
from hangscope.interpret.assembly import assemble
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.leases import LeasePool
from hangscope.interpret.pools import ServerPool
from hangscope.interpret.replies import ReplyGroup
from hangscope.waits import Claim
from hangscope.waits.graph import WaitGraph

__all__ = ["Case", "Interpretation", "Jvm", "Thread", "assemble", "interpret"]


@dataclass(frozen=True)
class Interpretation:
    """A case, and all that its threads wait for."""

    case: Case
    pools: tuple[ServerPool, ...]
    leases: tuple[LeasePool, ...]
    replies: tuple[ReplyGroup, ...]
    graph: WaitGraph


def interpret(case: Case) -> Interpretation:
    """Make every claim that the facts of ``case`` allow."""
    server_pools = pools.server_pools(case)
    lease_pools = leases.lease_pools(case)
    groups = replies.reply_groups(case)
    kinds: tuple[Callable[[], Iterator[Claim]], ...] = (
        lambda: locks.claims(case),
        lambda: read_holds.claims(case),
        lambda: class_initialization.claims(case),
        lambda: futures.claims(case),
        lambda: log_queues.claims(case),
        lambda: leases.claims(lease_pools),
        lambda: replies.claims(groups, server_pools),
        lambda: pools.claims(server_pools),
    )
    graph = WaitGraph(claim for kind in kinds for claim in kind())
    return Interpretation(case, server_pools, lease_pools, groups, graph)
