"""What is said of inputs in which nothing hangs must be true of every thread in them."""

from __future__ import annotations

import pytest

from tests.diagnosis.altered import found, told


@pytest.mark.parametrize(
    ("case", "waits"),
    [
        ("lock-few-waiters", "28 Java threads; 2 wait for others,"),
        ("executor-one-free", "17 Java threads; 4 wait for others,"),
        ("gc-at-ease", "14 Java threads, none behind another."),
    ],
)
def test_threads_that_wait_for_others_are_counted(case: str, waits: str) -> None:
    healthy = found("healthy", told(case))
    assert healthy is not None
    assert healthy.explanation.startswith(waits)


def test_the_threads_that_wait_are_those_that_are_quoted() -> None:
    healthy = found("healthy", told("lock-few-waiters"))
    assert healthy is not None
    cited = [citation.says for citation in healthy.citations]
    assert [says.split()[0] for says in cited] == ['"request-2"', '"request-3"']
