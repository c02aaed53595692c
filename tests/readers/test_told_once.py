"""A line that several readers do not understand is told once."""

from __future__ import annotations

import pytest

from hangscope.facts import NotUnderstood
from hangscope.readers.dispatch import told_once

A, B = "not of A", "not of B"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([[(1, 1, A)], [(1, 1, B)]], [(1, 1, A)]),
        ([[(2, 2, A)], [(1, 3, B)]], [(1, 3, B)]),
        ([[(1, 3, A)], [(2, 4, B)]], [(1, 3, A), (4, 4, B)]),
        ([[(1, 9, A)], [(2, 3, B), (10, 10, B)]], [(1, 9, A), (10, 10, B)]),
        ([[(5, 5, A), (5, 5, B)]], [(5, 5, A), (5, 5, B)]),
        ([[(4, 4, A)], [(1, 1, B)]], [(1, 1, B), (4, 4, A)]),
    ],
    ids=["the same line", "within", "overlapping", "long", "two faults of one line", "apart"],
)
def test_lines_of_several_readers(
    parts: list[list[tuple[int, int, str]]], told: list[tuple[int, int, str]]
) -> None:
    found = told_once([[NotUnderstood(*one) for one in part] for part in parts])
    assert found == tuple(NotUnderstood(*one) for one in told)
