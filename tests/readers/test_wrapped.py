"""Lines cut at a terminal's width are whole again; others are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from hangscope.readers.interface import Batch
from hangscope.readers.syntax.lines import BLANKS, LineSyntax
from hangscope.readers.wrappings.wrapped import columns, rejoined, width_of

DUMP = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "carriers" / "sigquit.txt"
HOTSPOT = LineSyntax("hotspot")


def is_whole(line: str) -> bool:
    return HOTSPOT.match(line.strip(BLANKS)) is not None


def cut(line: str, width: int) -> list[str]:
    """As a terminal does: by columns."""
    parts = [""]
    for character in line:
        if columns(parts[-1] + character) > width:
            parts.append("")
        parts[-1] += character
    return parts


@pytest.mark.parametrize("width", [80, 100, 120, 132])
@pytest.mark.parametrize("blanks_lost", [False, True])
def test_a_dump_is_whole_again(width: int, blanks_lost: bool) -> None:
    text = DUMP.read_text("utf-8", "replace").split("\n\nHeap")[0]
    lines = [line.expandtabs(8).rstrip() for line in text.split("\n")]
    numbered = [
        (number, part.rstrip() if blanks_lost else part)
        for number, line in enumerate(lines, 1)
        for part in cut(line, width)
    ]
    parts = [part for _, part in numbered]
    assert width_of(parts) == width
    joined = rejoined(Batch([number for number, _ in numbered], parts), width, is_whole)
    assert joined.texts == lines
    assert list(joined.numbers) == list(range(1, len(lines) + 1))


def test_rows_that_are_all_as_long_stay_apart() -> None:
    rows = [f"{number:<80}" for number in range(9)]
    assert width_of(rows) == 80
    batch = Batch(range(1, 10), rows)
    assert rejoined(batch, 80, lambda line: line.strip().isdigit()).texts == rows


def test_two_whole_lines_of_the_full_width_stay_apart() -> None:
    frame = "        at " + "a" * 53 + ".b(C.java:1234)"
    assert columns(frame) == 79
    lines = [frame, frame]
    assert rejoined(Batch((1, 2), lines), 79, is_whole).texts == lines


def test_no_width_where_one_line_alone_is_longest() -> None:
    assert width_of(["a" * 80, "a" * 80, "a" * 80, "a" * 81]) is None
    assert width_of(["a" * 80, "a" * 80]) is None
    assert width_of(["a" * 20] * 9) is None
    assert width_of([]) is None


def test_columns_of_wide_characters_count_twice() -> None:
    assert columns("작업-1") == 6
