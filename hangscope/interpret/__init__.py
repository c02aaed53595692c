"""Interpretation: facts and knowledge become claims, one module a kind of wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from hangscope.interpret import futures, leases, locks, pools, replies
from hangscope.interpret.assembly import assemble, assemble_hosts
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.hosts import Host
from hangscope.interpret.leases import LeasePool
from hangscope.interpret.pools import ServerPool
from hangscope.interpret.replies import ReplyGroup
from hangscope.interpret.rounds import joined
from hangscope.waits import Claim
from hangscope.waits.graph import WaitGraph

__all__ = [
    "Case",
    "Interpretation",
    "Jvm",
    "Thread",
    "assemble",
    "assemble_hosts",
    "interpret",
    "joined",
]


@dataclass(frozen=True)
class Interpretation:
    """A case, and all that its threads wait for."""

    case: Case
    pools: tuple[ServerPool, ...]
    leases: tuple[LeasePool, ...]
    replies: tuple[ReplyGroup, ...]
    graph: WaitGraph

    def of(self, host: Host) -> Interpretation:
        """What concerns one of the hosts alone; the graph stays that of all.

        Whatever is of a JVM, whichever field it is in, is of that JVM's host.
        """
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        here: dict[str, Any] = {
            name: tuple(one for one in part if one.jvm.host is host)
            for name, part in parts.items()
            if isinstance(part, tuple) and all(hasattr(one, "jvm") for one in part)
        }
        return replace(self, case=self.case.of(host), **here)


def interpret(case: Case) -> Interpretation:
    """Make every claim that the facts of ``case`` allow."""
    server_pools = pools.server_pools(case)
    lease_pools = leases.lease_pools(case)
    groups = replies.reply_groups(case)
    kinds: tuple[Callable[[], Iterator[Claim]], ...] = (
        lambda: locks.claims(case),
        lambda: futures.claims(case),
        lambda: leases.claims(lease_pools),
        lambda: replies.claims(groups, server_pools),
        lambda: pools.claims(server_pools),
    )
    graph = WaitGraph(claim for kind in kinds for claim in kind())
    return Interpretation(case, server_pools, lease_pools, groups, graph)
