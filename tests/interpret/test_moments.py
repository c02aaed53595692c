"""How far two captures are apart, by what they print of their time."""

from __future__ import annotations

import pytest

from hangscope.interpret.moments import in_time, seconds_between

LOCAL = "2026-11-25 20:06:56"


@pytest.mark.parametrize(
    ("earlier", "later", "seconds"),
    [
        (LOCAL, "2026-11-25 20:07:01", 5),
        (LOCAL, "2026-11-25 20:06:51", -5),
        (LOCAL, "2026-11-25T20:06:57.250", 1.25),
        ("2026-11-25 20:06:56Z", "2026-11-25 20:06:58 UTC", 2),
        ("2026-11-25T20:06:56+09:00", "2026-11-25T11:06:59Z", 3),
        ("2026-11-25T20:06:56+09:00", "2026-11-25T20:06:59+0900", 3),
        (LOCAL, "2026-11-25 20:08:56Z", 120),
        (LOCAL, "2026-11-25T20:06:58.5+09:00", 2.5),
        ("2026-12-31 23:59:58", "2027-01-01 00:00:01", 3),
    ],
)
def test_times_that_can_be_compared(earlier: str, later: str, seconds: float) -> None:
    assert seconds_between(earlier, later) == seconds


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (None, LOCAL),
        (LOCAL, None),
        (LOCAL, "2026-11-25 11:06:58Z"),  # nine hours apart: a zone, or a day's work
        (LOCAL, "20:06:59"),
        (LOCAL, "2026-13-45 99:99:99"),
        (LOCAL, "9999-12-31 23:59:59+14:00 and more"),
        (LOCAL, "2026-11-25 20:06:56+99:99"),
        (LOCAL, ""),
    ],
)
def test_times_that_cannot(earlier: str | None, later: str | None) -> None:
    assert seconds_between(earlier, later) is None


def test_captures_in_order_of_time() -> None:
    assert list(in_time(["2026-11-25 20:06:59", LOCAL, "2026-11-25 20:06:57"])) == [1, 2, 0]
    assert list(in_time(["2026-11-25 20:06:59", None, LOCAL])) == [0, 1, 2]
    assert list(in_time(["2026-11-25 20:06:59", "2026-11-25 11:06:58Z"])) == [0, 1]
    assert list(in_time([])) == []


def test_the_ends_of_the_calendar() -> None:
    assert seconds_between("0001-01-01 00:00:00+14:00", "0001-01-01 00:00:00Z") == 14 * 3600
    assert seconds_between("9999-12-31 23:59:59-12:00", "0001-01-01 00:00:00") is None
