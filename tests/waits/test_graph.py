"""Cores, victims and ends of the wait graph."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangscope.facts import Evidence
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until
from hangscope.waits.graph import WaitGraph

HERE = (Evidence("dump.txt", 1, 1),)
A, B, C, D = (Node(NodeKind.THREAD, name) for name in "ABCD")
L1, L2 = (Node(NodeKind.LOCK, name) for name in ("L1", "L2"))
DATABASE = Node(NodeKind.OUTSIDE, "10.0.0.5:5432")


def waits(
    waiter: Node,
    *on: Node,
    need: Need = Need.ALL,
    inferred: bool = False,
    until: Until = Until.NEVER,
) -> Claim:
    certainty = Certainty.INFERRED if inferred else Certainty.PROVEN
    return Claim(
        waiter, need, on, "waits for", certainty, until, HERE, "because" if inferred else ""
    )


RING = (waits(A, L1), waits(L1, B), waits(B, L2), waits(L2, A))


def test_a_ring_of_locks_is_one_proven_permanent_core_with_its_victim() -> None:
    graph = WaitGraph((*RING, waits(C, L1)))
    (core,) = graph.cores
    assert core.nodes == {A, B, L1, L2}
    assert core.certainty is Certainty.PROVEN
    assert core.permanent is True
    assert core.victim_threads == (C,)
    assert [one.waiter for one in graph.cycle(core, A)] == [A, L1, B, L2]


def test_one_inference_in_the_ring_makes_it_inferred() -> None:
    (core,) = WaitGraph((*RING[:3], waits(L2, A, inferred=True))).cores
    assert core.certainty is Certainty.INFERRED


@pytest.mark.parametrize(
    ("until", "permanent"), [(Until.DEADLINE, False), (Until.UNKNOWN, None), (Until.NEVER, True)]
)
def test_a_timeout_in_the_ring_says_whether_it_breaks(until: Until, permanent: bool | None) -> None:
    (core,) = WaitGraph((waits(A, L1, until=until), *RING[1:])).cores
    assert core.permanent is permanent


def test_a_core_that_also_waits_for_another_names_it() -> None:
    pool = Node(NodeKind.POOL, "pool")
    claims = (*RING, waits(pool, C, A, need=Need.ANY), waits(C, pool))
    cores = {core.nodes: core for core in WaitGraph(claims).cores}
    assert cores[frozenset({pool, C})].rests_on == (frozenset({A, B, L1, L2}),)
    assert cores[frozenset({A, B, L1, L2})].rests_on == ()


def test_a_thread_that_waits_for_itself_is_a_core() -> None:
    (core,) = WaitGraph((waits(A, A),)).cores
    assert core.nodes == {A}
    assert [one.waiter for one in WaitGraph((waits(A, A),)).cycle(core, A)] == [A]


def test_ends_are_weighed_by_the_threads_behind_them() -> None:
    graph = WaitGraph((waits(A, L1), waits(B, L1), waits(L1, C), waits(C, DATABASE), waits(D, L2)))
    first, second = graph.ends
    assert (first.node, first.threads) == (DATABASE, (A, B, C))
    assert (second.node, second.threads) == (L2, (D,))
    assert [one.waiter for one in graph.path(A, DATABASE)] == [A, L1, C]
    assert graph.path(D, DATABASE) == ()


def test_a_deadlock_has_no_end() -> None:
    assert WaitGraph(RING).ends == ()


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.booleans()),
        max_size=16,
    )
)
def test_every_stuck_node_is_in_a_core_or_a_victim_of_one(
    edges: list[tuple[str, str, bool]],
) -> None:
    claims = [
        waits(Node(NodeKind.THREAD, a), Node(NodeKind.THREAD, b), inferred=c) for a, b, c in edges
    ]
    graph = WaitGraph(claims)
    told = [node for core in graph.cores for node in (*core.nodes, *core.victims)]
    assert sorted(told) == sorted(graph.stuck)


def test_claims_without_evidence_or_with_unstated_inference_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="evidence"):
        Claim(A, Need.ALL, (B,), "waits", Certainty.PROVEN, Until.NEVER, ())
    with pytest.raises(ValueError, match="inference"):
        Claim(A, Need.ALL, (B,), "waits", Certainty.INFERRED, Until.NEVER, HERE)
    with pytest.raises(ValueError, match="waits for"):
        Claim(A, Need.ALL, (), "waits", Certainty.PROVEN, Until.NEVER, HERE)


def test_workers_of_one_pool_share_those_that_wait_for_it() -> None:
    pool = Node(NodeKind.POOL, "pool")
    workers = tuple(Node(NodeKind.THREAD, f"worker-{n}") for n in range(30))
    ends = WaitGraph((waits(A, pool), waits(pool, *workers, need=Need.ANY))).ends
    assert {end.node for end in ends} == set(workers)
    assert all(end.threads is ends[0].threads for end in ends)


def test_distances_count_the_claims_of_a_shortest_way() -> None:
    graph = WaitGraph((waits(A, L1), waits(L1, B), waits(B, L2), waits(A, L2), waits(C, D)))
    assert graph.distances(L2) == {L2: 0, B: 1, A: 1, L1: 2}
    assert graph.behind(L2) == {A, B, L1}


def test_of_many_cores_each_has_its_own_victims_and_claims() -> None:
    threads = [Node(NodeKind.THREAD, f"{n:02}") for n in range(30)]
    rings: list[Claim] = []
    for first, second, victim in zip(threads[::3], threads[1::3], threads[2::3], strict=True):
        rings += [waits(first, second), waits(second, first), waits(victim, first)]
    cores = WaitGraph(rings).cores
    assert [core.victims for core in cores] == [(victim,) for victim in threads[2::3]]
    assert all({claim.waiter for claim in core.claims} == core.nodes for core in cores)
