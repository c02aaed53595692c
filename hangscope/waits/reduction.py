"""Reduction of the wait graph: what can never go on, whatever the scheduler does.

A cycle is enough for a deadlock only where every need is ALL. Where a node needs ANY of
several (a pool's workers), one that is free dissolves the cycle; so the graph is reduced
rather than searched: release every node without a claim, then whatever that satisfies,
until nothing changes. What is left is stuck.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from hangscope.waits.claims import Claim, Need, Node


def stuck_nodes(claims: Iterable[Claim]) -> frozenset[Node]:
    """The nodes that no order of completions ever releases.

    A node without a claim can act by itself. A node with several claims needs each of them
    met. Linear in the number of nodes that the claims name.
    """
    listed = tuple(claims)
    targets = [frozenset(claim.on) for claim in listed]
    missing = [
        len(on) if claim.need is Need.ALL else 1 for claim, on in zip(listed, targets, strict=True)
    ]
    unmet = Counter(claim.waiter for claim in listed)
    wanted_by: dict[Node, list[int]] = {}
    for index, on in enumerate(targets):
        for node in on:
            wanted_by.setdefault(node, []).append(index)

    released = deque(node for node in wanted_by if node not in unmet)
    while released:
        for index in wanted_by.get(released.popleft(), ()):
            missing[index] -= 1
            if missing[index] != 0:  # not yet met, or (ANY) met before
                continue
            waiter = listed[index].waiter
            unmet[waiter] -= 1
            if unmet[waiter] == 0:
                released.append(waiter)
    return frozenset(node for node, count in unmet.items() if count > 0)
