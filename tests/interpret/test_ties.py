"""Which hosts are reasoned about together."""

from __future__ import annotations

from hangscope.interpret.ties import Ties, groups


def at(*addresses: str) -> Ties:
    return Ties(frozenset(addresses))


def test_hosts_that_share_nothing_are_apart() -> None:
    assert groups([at("10.0.0.1"), at("10.0.0.2"), at()]) == [[0], [1], [2]]


def test_a_tie_leads_on() -> None:
    ties = [at("10.0.0.1"), at("10.0.0.9"), at("10.0.0.2", "10.0.0.3"), at("10.0.0.1", "10.0.0.2")]
    assert groups(ties) == [[0, 2, 3], [1]]


def test_one_jvm_is_on_one_host() -> None:
    one = Ties(marks=frozenset({(0x7F00, 12)}))
    assert groups([one, at("10.0.0.1"), one]) == [[0, 2], [1]]


def test_a_host_without_a_table_may_have_to_do_with_all() -> None:
    assert groups([at("10.0.0.1"), Ties(to_anyone=True), at("10.0.0.2")]) == [[0, 1, 2]]
