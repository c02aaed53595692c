from __future__ import annotations

from itertools import pairwise

import pytest

from hangscope.report.glyphs import ASCII, UNICODE, Glyphs
from hangscope.report.layout import cells
from hangscope.report.outline import Arrow
from hangscope.report.picture import draw


def drawn(*names: str, certainty: str = "proven", width: int = 40) -> list[str]:
    arrows = [Arrow(a, "waits for", b, certainty, "[1]") for a, b in pairwise(names)]
    lines = draw(arrows, UNICODE, width)
    return ["".join(span.text for span in line).rstrip() for line in lines]


def test_a_circle_leads_back_to_its_first_node() -> None:
    assert drawn("a", "b", "a") == [
        "╭──▶ a",
        "│      │ waits for (proven) [1]",
        "│      ▼",
        "│    b",
        "│      │ waits for (proven) [1]",
        "╰──◀───╯ back to a",
    ]


def test_a_thread_may_wait_for_itself() -> None:
    assert drawn("a", "a") == ["╭──▶ a", "│      │ waits for (proven) [1]", "╰──◀───╯ back to a"]


def test_a_chain_that_ends_outside_has_no_way_back() -> None:
    assert drawn("a", "b") == ["a", "  │ waits for (proven) [1]", "  ▼", "b"]


def test_a_chain_may_lead_into_a_circle() -> None:
    assert drawn("a", "b", "c", "b") == [
        "     a",
        "       │ waits for (proven) [1]",
        "       ▼",
        "╭──▶ b",
        "│      │ waits for (proven) [1]",
        "│      ▼",
        "│    c",
        "│      │ waits for (proven) [1]",
        "╰──◀───╯ back to b",
    ]


def test_arrows_that_do_not_follow_on_stand_apart() -> None:
    arrows = [Arrow("a", "waits for", "b", "proven", ""), Arrow("c", "holds", "d", "proven", "")]
    lines = ["".join(span.text for span in line) for line in draw(arrows, UNICODE, 40)]
    assert lines.count("") == 1
    assert lines.index("") == 4


def test_what_is_inferred_is_drawn_dotted_and_said() -> None:
    assert "  ┆ waits for (inferred) [1]" in drawn("a", "b", certainty="inferred")


@pytest.mark.parametrize("width", [30, 36, 60])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_nothing_is_wider_than_the_page(width: int, glyphs: Glyphs) -> None:
    long = "com.example.a.very.long.Name$With$Parts" * 2 + " 한국어한국어한국어"
    references = " ".join(f"[{n}]" for n in range(1, 40, 2))
    arrows = [Arrow(long, f"waits {long}", long, "inferred", references)]
    for line in draw(arrows, glyphs, width):
        assert cells("".join(span.text for span in line)) <= width
