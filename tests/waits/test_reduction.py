"""The reduction against an independent oracle, and its laws."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from hangscope.facts import Evidence
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until
from hangscope.waits.reduction import stuck_nodes

NODES = tuple(Node(NodeKind.THREAD, name) for name in "abcdef")
HERE = (Evidence("dump.txt", 1, 1),)


def claim(waiter: Node, need: Need, on: tuple[Node, ...]) -> Claim:
    return Claim(waiter, need, on, "waits for", Certainty.PROVEN, Until.NEVER, HERE)


def claims() -> st.SearchStrategy[list[Claim]]:
    one = st.builds(
        claim,
        st.sampled_from(NODES),
        st.sampled_from(Need),
        st.lists(st.sampled_from(NODES), min_size=1, max_size=4, unique=True).map(tuple),
    )
    return st.lists(one, max_size=10)


def can_go_on(node: Node, done: set[Node], listed: list[Claim]) -> bool:
    return all(
        (all if one.need is Need.ALL else any)(target in done for target in one.on)
        for one in listed
        if one.waiter == node
    )


def oracle(listed: list[Claim]) -> set[Node]:
    """Tries every order of completions: a node is stuck when it completes in none of them.

    An order is a growing set of completed nodes; all reachable sets are walked.
    """
    everyone = {one.waiter for one in listed} | {node for one in listed for node in one.on}
    seen: set[frozenset[Node]] = set()
    to_visit = [frozenset[Node]()]
    while to_visit:
        done = to_visit.pop()
        if done in seen:
            continue
        seen.add(done)
        to_visit.extend(
            done | {node} for node in everyone - done if can_go_on(node, set(done), listed)
        )
    return everyone - set(chain.from_iterable(seen))


@given(claims())
def test_stuck_is_what_no_order_of_completions_releases(listed: list[Claim]) -> None:
    assert oracle(listed) == stuck_nodes(listed)


@given(claims(), claims())
def test_adding_claims_never_frees_anything(listed: list[Claim], more: list[Claim]) -> None:
    assert stuck_nodes(listed) <= stuck_nodes(listed + more)


@given(claims())
def test_order_of_claims_changes_nothing(listed: list[Claim]) -> None:
    assert stuck_nodes(listed) == stuck_nodes(reversed(listed))


@given(st.integers(1, 6), st.data())
def test_a_free_worker_always_dissolves_a_pool(size: int, data: st.DataObject) -> None:
    workers = NODES[:size]
    pool = Node(NodeKind.POOL, "pool")
    free = data.draw(st.sampled_from(workers))
    listed = [claim(pool, Need.ANY, workers)]
    listed += [claim(worker, Need.ALL, (pool,)) for worker in workers if worker != free]
    assert stuck_nodes(listed) == frozenset()


@given(st.integers(1, 6))
def test_a_pool_whose_workers_all_wait_for_it_is_stuck(size: int) -> None:
    workers = NODES[:size]
    pool = Node(NodeKind.POOL, "pool")
    listed = [claim(pool, Need.ANY, workers)]
    listed += [claim(worker, Need.ALL, (pool,)) for worker in workers]
    assert stuck_nodes(listed) == {pool, *workers}


@given(claims())
def test_stuck_set_is_the_largest_that_supports_itself(listed: list[Claim]) -> None:
    """Independent of order and worklist: among all sets of waiters in which every member has an
    unmet claim even when all others complete, the stuck set is the union."""
    waiters = {one.waiter for one in listed}
    supported: set[Node] = set()
    subsets = chain.from_iterable(combinations(waiters, n) for n in range(len(waiters) + 1))
    for subset in map(set, subsets):
        outside = set(NODES) - subset
        if all(not can_go_on(node, outside, listed) for node in subset):
            supported |= subset
    assert supported == stuck_nodes(listed)
