"""A line that ``date`` printed tells when the table below it was taken."""

from __future__ import annotations

import pytest

from .reading import read
from .test_ss import ESTAB, LISTEN, TIME_WAIT, TITLE

NETSTAT = "tcp        0      0 10.0.0.1:8080           10.0.0.2:4711           ESTABLISHED\n"
FIRST, SECOND = "Wed Nov 25 08:06:56 UTC 2026\n", "Wed Nov 25 08:06:59 UTC 2026\n"
TOLD = ["2026-11-25 08:06:56Z", "2026-11-25 08:06:59Z"]


def times(text: str) -> list[str | None]:
    facts = read(text)
    assert facts.not_understood == ()
    return [table.captured for table in facts.tables]


@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_tables_with_a_date_above_each(between: str) -> None:
    text = FIRST + between + TITLE + LISTEN + ESTAB + between + SECOND + TITLE + LISTEN
    assert times(text) == TOLD


def test_a_date_ends_a_table_without_headings() -> None:
    text = FIRST + LISTEN + ESTAB + SECOND + LISTEN + ESTAB + TIME_WAIT
    assert times(text) == TOLD
    assert [len(table.sockets) for table in read(text).tables] == [2, 3]
    assert times(FIRST + NETSTAT + SECOND + NETSTAT) == TOLD


@pytest.mark.parametrize(
    ("line", "captured"),
    [
        ("2026. 11. 25. (수) 16:04:09 KST", "2026-11-25 16:04:09"),
        ("2026年 11月  5日 水曜日 16:04:09 JST", "2026-11-05 16:04:09"),
        ("2026年 03月 25日 星期三 16:04:09 UTC", "2026-03-25 16:04:09Z"),
        ("2026-11-25T16:04:09+09:00", "2026-11-25 16:04:09"),
    ],
)
def test_dates_of_other_languages(line: str, captured: str) -> None:
    assert times(f"{line}\n" + TITLE + LISTEN) == [captured]


def test_a_date_counts_for_the_next_table_alone() -> None:
    assert times(FIRST + TITLE + LISTEN + TITLE + ESTAB) == [TOLD[0], None]


def test_a_date_typed_as_a_command_of_its_own() -> None:
    assert times("# date\n" + FIRST + "# ss -tanp\n" + TITLE + LISTEN) == [TOLD[0]]
    assert times("# date\n" + FIRST + "# uptime\nup\n# ss -tanp\n" + TITLE + LISTEN) == [TOLD[0]]


def test_other_lines_above_a_table_are_no_date() -> None:
    assert times("the table of 08:06:56\n" + TITLE + LISTEN) == [None]
    assert times(FIRST + "and now the sockets:\n" + TITLE + LISTEN) == [None]


def test_the_date_is_outside_of_the_table() -> None:
    facts = read(FIRST + TITLE + LISTEN + SECOND + TITLE + LISTEN)
    spans = [table.evidence[1:] for table in facts.tables]
    assert spans == [(2, 3), (5, 6)]
    assert facts.outside == 2
