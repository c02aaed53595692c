from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangscope.report.excerpt import LIMIT, cut, numbered


def raw(count: int) -> str:
    return "".join(f"line {number}\n" for number in range(140, 140 + count))


@given(st.integers(1, 10_000))
def test_each_line_carries_its_number_in_the_input(count: int) -> None:
    last = 140 + count - 1
    shown = numbered(cut(raw(count), 140, last), 140, last)
    assert len(shown) == min(count, LIMIT)
    assert all(text == f"line {number}" for number, text in shown if number is not None)
    assert shown[0] == (140, "line 140")
    assert shown[-1] == (last, f"line {last}")


def test_what_is_left_out_is_counted() -> None:
    shown = numbered(cut(raw(31), 140, 170), 140, 170)
    assert (None, "… 20 lines …") in shown
    assert len(shown) == LIMIT


def test_a_line_that_looks_like_a_cut_is_a_line() -> None:
    lines = [f"line {number}" for number in range(1, LIMIT + 1)]
    lines[8] = "… 20 lines …"
    shown = numbered(cut("\n".join(lines), 1, LIMIT), 1, LIMIT)
    assert shown[8] == (9, "… 20 lines …")


def test_carriage_returns_of_line_ends_go_and_others_stay() -> None:
    assert cut("a\rb\r\nc\r\n", 1, 2) == "a\rb\nc"


def test_a_line_of_a_megabyte_is_cut_too() -> None:
    text = cut("x" * 1_000_000 + "\n", 1, 1)
    assert len(text) < 1100
    assert text.endswith("… 999,000 characters …")


@pytest.mark.parametrize("count", [1, 12, 40])
def test_an_input_that_changed_is_numbered_no_further_than_it_is_known(count: int) -> None:
    shown = numbered(cut(raw(count), 140, 170), 140, 170)
    assert all(text == f"line {number}" for number, text in shown)


def test_nothing_is_shown_of_what_cannot_be_read_again() -> None:
    assert numbered(cut("", 140, 170), 140, 170) == ()
