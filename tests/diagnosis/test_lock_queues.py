"""What is said of the owner of a lock that many threads queue behind."""

from __future__ import annotations

import pytest

from hangscope.diagnosis.model import When

from .altered import found, told


@pytest.mark.parametrize(
    ("case", "finding", "said"),
    [
        ("log-file-stalled", "logging-bottleneck", "Until that call returns, nobody"),
        ("entropy-empty", "lock-convoy", "Until that call returns, nobody"),
        ("lock-held-running", "lock-convoy", "The owner can go on by itself:"),
        ("lock-owner-busy", "lock-convoy", "The owner can go on by itself:"),
    ],
)
def test_an_owner_in_a_call_that_may_not_return_is_not_said_to_go_on(
    case: str, finding: str, said: str
) -> None:
    queue = found(finding, told(case))
    assert queue is not None
    assert said in queue.explanation


def test_an_owner_that_waits_for_somebody_unknown_is_told_as_such() -> None:
    def waits(text: str) -> str:
        owner = text.index('"http-nio-8080-exec-1"')
        after = text[owner:].replace("TIMED_WAITING (sleeping)", "WAITING (on object monitor)", 1)
        return text[:owner] + after.replace("java.lang.Thread.sleep", "java.lang.Object.wait", 1)

    queue = found("lock-convoy", told("lock-owner-busy", waits))
    assert queue is not None
    assert queue.explanation.startswith("Whom the owner waits for is not recorded:")


def test_nothing_is_to_be_done_about_an_owner_that_is_not_known() -> None:
    unknown = found("lock-convoy", told("lock-owner-gone-once"))
    known = found("lock-convoy", told("lock-owner-busy"))
    assert unknown is not None
    assert known is not None
    now = [remedy.text for remedy in unknown.remedies if remedy.when is When.NOW]
    assert len(now) == 1
    assert "second dump" in now[0]
    assert now[0] not in {remedy.text for remedy in known.remedies}


def test_below_a_deadlock_of_the_same_lock_it_is_not_called_none() -> None:
    effect = found("lock-convoy", told("lock-and-row"))
    assert effect is not None
    assert effect.effect_of == "lock-and-row-deadlock"
    assert "not a deadlock" not in effect.explanation


def test_a_read_timeout_of_the_owner_ends_it_and_a_read_without_one_does_not() -> None:
    queue = found("lock-convoy", told("convoy-socket-holder"))
    assert queue is not None
    assert queue.permanent is True

    def timed(text: str) -> str:
        text = text.replace("SocketDispatcher.read0(", "Net.poll(")
        text = text.replace("SocketDispatcher.read(", "NioSocketImpl.park(")
        return text.replace("NioSocketImpl.tryRead(", "NioSocketImpl.timedRead(")

    queue = found("lock-convoy", told("convoy-socket-holder", timed))
    assert queue is not None
    assert queue.permanent is False
