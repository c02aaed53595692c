"""The wait graph: every claim of a case, its stuck cores, their victims and the ends of waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from hangscope.waits.claims import Certainty, Claim, Need, Node, NodeKind, Until
from hangscope.waits.reduction import stuck_nodes


@dataclass(frozen=True)
class Core:
    """A deadlock: a strongly connected component of the stuck set that holds a cycle."""

    nodes: frozenset[Node]
    claims: tuple[Claim, ...]
    """The claims of its nodes, in the order in which they were made."""
    certainty: Certainty
    permanent: bool | None
    """True: no timeout breaks it; False: one does; None: the inputs can't tell."""
    victims: tuple[Node, ...]
    """Stuck nodes outside every core whose nearest core is this one."""
    rests_on: tuple[frozenset[Node], ...]
    """Other cores that this one also waits for."""

    @cached_property
    def threads(self) -> tuple[Node, ...]:
        """The threads of the cycle, sorted."""
        return tuple(sorted(node for node in self.nodes if node.kind is NodeKind.THREAD))

    @cached_property
    def victim_threads(self) -> tuple[Node, ...]:
        """The threads that wait for the cycle without being part of it, sorted."""
        return tuple(node for node in self.victims if node.kind is NodeKind.THREAD)


@dataclass(frozen=True, slots=True)
class End:
    """Where waits end: a node that waits for nothing, and the threads that wait for it."""

    node: Node
    threads: tuple[Node, ...]


class WaitGraph:
    """Claims and what follows from them. Order of the claims changes nothing but the order told."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims: tuple[Claim, ...] = tuple(claims)
        self._distances: dict[Node, Mapping[Node, int]] = {}
        self._next: dict[tuple[Node, Node], tuple[Claim, Node]] = {}
        """The first claim, and whom it leads to, on a shortest way from one node to another."""

    def claims_of(self, node: Node) -> Sequence[Claim]:
        """What ``node`` waits for; empty when it can act by itself."""
        return self._by_waiter.get(node, ())

    @cached_property
    def without_locks(self) -> WaitGraph:
        """The graph as it is for those that wait for no lock."""
        return WaitGraph(
            claim
            for claim in self.claims
            if claim.waiter.kind is not NodeKind.LOCK
            and not any(node.kind is NodeKind.LOCK for node in claim.on)
        )

    @cached_property
    def stuck(self) -> frozenset[Node]:
        """The stuck set, inferences included."""
        return stuck_nodes(self.claims)

    @cached_property
    def cores(self) -> tuple[Core, ...]:
        """The deadlocks, most threads (with victims) first."""
        if not self.stuck:
            return ()
        held = [
            (claim.waiter, target)
            for claim in filter(self._unmet, self.claims)
            for target in claim.on
            if target in self.stuck
        ]
        after, before = _neighbours(held), _neighbours((to, of) for of, to in held)
        graph: nx.DiGraph[Node] = nx.DiGraph(held)
        components = [
            frozenset(component)
            for component in nx.strongly_connected_components(graph)
            if len(component) > 1 or any(node in after.get(node, ()) for node in component)
        ]
        if not components:
            return ()
        in_core = {node: component for component in components for node in component}
        victims = _victims(before, in_core)
        claims: dict[frozenset[Node], list[Claim]] = {component: [] for component in components}
        for claim in self.claims:
            if claim.waiter in in_core:
                claims[in_core[claim.waiter]].append(claim)
        proven = self._stuck_by(components, lambda claim: claim.certainty is Certainty.PROVEN)
        endless = self._stuck_by(components, lambda claim: claim.until is Until.NEVER)
        lasting = self._stuck_by(
            [component for component in components if component not in endless],
            lambda claim: claim.until is not Until.DEADLINE,
        )
        cores = [
            Core(
                nodes=component,
                claims=tuple(claims[component]),
                certainty=Certainty.PROVEN if component in proven else Certainty.INFERRED,
                permanent=True if component in endless else None if component in lasting else False,
                victims=tuple(sorted(victims[component])),
                rests_on=tuple(
                    sorted(
                        {
                            in_core[node]
                            for node in _distances(after, next(iter(component)))
                            if node in in_core and node not in component
                        },
                        key=min,
                    )
                ),
            )
            for component in components
        ]
        return tuple(
            sorted(
                cores,
                key=lambda core: (
                    -len(core.threads) - len(core.victim_threads),
                    len(core.rests_on),
                    min(core.nodes),
                ),
            )
        )

    @cached_property
    def ends(self) -> tuple[End, ...]:
        """Blame: every node where waits end, the one with most threads behind it first.

        Stuck nodes have no end; they are told by :attr:`cores`.
        """
        moving = [claim for claim in self.claims if claim.waiter not in self.stuck]
        waiters = {claim.waiter for claim in moving}
        before = _backwards(moving)
        of_several: dict[frozenset[Node], tuple[Node, ...]] = {}
        ends = []
        for node, direct in before.items():
            if node not in waiters and node not in self.stuck:
                alike = frozenset(direct)  # all workers of one pool, say
                if alike not in of_several:
                    behind = (n for n in _distances(before, node) if n.kind is NodeKind.THREAD)
                    of_several[alike] = tuple(sorted(n for n in behind if n != node))
                if of_several[alike]:
                    ends.append(End(node, of_several[alike]))
        return tuple(sorted(ends, key=lambda end: (-len(end.threads), end.node)))

    def alike(self, claim: Claim) -> frozenset[Node]:
        """Every node that waits for the same as the waiter of ``claim``, itself included."""
        return self._by_wanted[claim.on]

    def behind(self, node: Node) -> frozenset[Node]:
        """Every node whose wait leads to ``node``."""
        return frozenset(self.distances(node)) - {node}

    def distances(self, target: Node) -> Mapping[Node, int]:
        """How many claims a shortest way to ``target`` has, for every node that has one."""
        if target not in self._distances:
            self._distances[target] = _distances(self._before, target)
        return self._distances[target]

    def ways(self, source: Node) -> list[tuple[Claim, ...]]:
        """A shortest way from ``source`` to each end of its waits."""
        return [self.path(source, end.node) for end in self.ends if source in end.threads]

    def path(self, source: Node, target: Node) -> tuple[Claim, ...]:
        """The claims along a shortest way to ``target``; empty when there is none."""
        distances, node, way = self.distances(target), source, []
        if source not in distances:
            return ()
        while node != target:
            step = self._next.get((node, target))
            if step is None:
                step = self._next[node, target] = _nearer(self.claims_of(node), distances)
            claim, node = step
            way.append(claim)
        return tuple(way)

    def longest_path(self, sources: Iterable[Node], target: Node) -> tuple[Claim, ...]:
        """The longest of the shortest ways from ``sources``, all of which lead to ``target``."""
        return self.path(max(sources, key=self.distances(target).__getitem__), target)

    def cycle(self, core: Core, start: Node) -> tuple[Claim, ...]:
        """The claims along a shortest cycle of ``core`` through ``start``, a node of it."""
        inside = [(c.waiter, to) for c in core.claims for to in c.on if to in core.nodes]
        back = _distances(_neighbours((to, of) for of, to in inside), start)
        node = min((back[to], to) for of, to in inside if of == start)[1]
        way = [next(claim for claim in self.claims_of(start) if node in claim.on)]
        while node != start:
            claim, node = _nearer(self.claims_of(node), back)
            way.append(claim)
        return tuple(way)

    def _unmet(self, claim: Claim) -> bool:
        held = [target in self.stuck for target in claim.on]
        return claim.waiter in self.stuck and (any if claim.need is Need.ALL else all)(held)

    def _stuck_by(
        self, components: Iterable[frozenset[Node]], counts: Callable[[Claim], bool]
    ) -> Collection[frozenset[Node]]:
        """Those that would be stuck if nothing but the claims that count were there."""
        possible = [
            component
            for component in components
            if all(any(map(counts, self.claims_of(node))) for node in component)
        ]
        if not possible:
            return ()
        stuck = stuck_nodes(filter(counts, self.claims))
        return {component for component in possible if component <= stuck}

    @cached_property
    def _by_waiter(self) -> dict[Node, list[Claim]]:
        by_waiter: dict[Node, list[Claim]] = {}
        for claim in self.claims:
            by_waiter.setdefault(claim.waiter, []).append(claim)
        return by_waiter

    @cached_property
    def _by_wanted(self) -> Mapping[tuple[Node, ...], frozenset[Node]]:
        by_wanted: dict[tuple[Node, ...], list[Node]] = {}
        for claim in self.claims:
            by_wanted.setdefault(claim.on, []).append(claim.waiter)
        return {wanted: frozenset(waiters) for wanted, waiters in by_wanted.items()}

    @cached_property
    def _before(self) -> Mapping[Node, Sequence[Node]]:
        return _backwards(self.claims)


def _victims(
    before: Mapping[Node, Sequence[Node]], in_core: Mapping[Node, frozenset[Node]]
) -> Mapping[frozenset[Node], Sequence[Node]]:
    """Those that wait for a core without being part of one, by the nearest core."""
    victims: dict[frozenset[Node], list[Node]] = {component: [] for component in in_core.values()}
    nearest = dict(in_core)
    found = deque(nearest)
    while found:
        node = found.popleft()
        for waiter in before.get(node, ()):
            if waiter not in nearest:
                nearest[waiter] = nearest[node]
                victims[nearest[node]].append(waiter)
                found.append(waiter)
    return victims


def _backwards(claims: Iterable[Claim]) -> Mapping[Node, Sequence[Node]]:
    """Who waits for each node that is waited for."""
    return _neighbours((target, claim.waiter) for claim in claims for target in claim.on)


def _neighbours(edges: Iterable[tuple[Node, Node]]) -> Mapping[Node, Sequence[Node]]:
    neighbours: dict[Node, list[Node]] = {}
    for one, other in edges:
        neighbours.setdefault(one, []).append(other)
    return neighbours


def _nearer(claims: Iterable[Claim], distances: Mapping[Node, int]) -> tuple[Claim, Node]:
    """The claim of a node that leads nearest to where the distances are measured to."""
    steps = ((claim, to) for claim in claims for to in claim.on if to in distances)
    return min(steps, key=lambda step: distances[step[1]])


def _distances(neighbours: Mapping[Node, Sequence[Node]], start: Node) -> dict[Node, int]:
    """Breadth first from ``start``."""
    distances = {start: 0}
    found = deque((start,))
    while found:
        node = found.popleft()
        for neighbour in neighbours.get(node, ()):
            if neighbour not in distances:
                distances[neighbour] = distances[node] + 1
                found.append(neighbour)
    return distances
