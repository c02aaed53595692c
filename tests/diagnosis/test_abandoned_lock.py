"""A lock is called abandoned only where nobody can release it any more."""

from __future__ import annotations

import re

from .altered import FIXTURES, ids, told, with_frame_above

IDLE = "TaskQueue.take(TaskQueue.java"


def test_an_idle_owner_with_code_of_a_task_on_its_stack_may_release_it() -> None:
    busy = with_frame_above("TaskThread$WrappingRunnable.run", "com.acme.Site.work(Site.java:7)")
    assert "abandoned-lock" in ids(told("lock-owner-idle"))
    assert "abandoned-lock" not in ids(told("lock-owner-idle", busy))


def test_without_owned_locks_nobody_is_accused() -> None:
    def plain(text: str) -> str:
        return re.sub(r"\n   Locked ownable synchronizers:\n(?:\t- .*\n)+", "", text)

    for case in ("lock-owner-idle", "lock-owner-gone"):
        assert "abandoned-lock" not in ids(told(case, plain))


def test_two_dumps_of_one_instant_do_not_show_that_the_owner_has_ended() -> None:
    twice = ("dump-1.txt", "dump-1.txt")
    assert "abandoned-lock" not in ids(told("lock-owner-gone", files=twice))


def test_an_owner_may_be_a_thread_that_the_dump_does_not_show() -> None:
    def cut(text: str) -> str:
        head, _, tail = text.partition('\n"http-nio-8080-Acceptor"')
        assert tail
        return head + tail[tail.index('\n"') :]

    assert "abandoned-lock" in ids(told("lock-owner-gone"))
    assert "abandoned-lock" not in ids(told("lock-owner-gone", cut))


def test_an_owner_may_be_a_virtual_thread() -> None:
    def carried(text: str) -> str:
        return text.replace('"http-nio-8080-Poller"', '"VirtualThread-unparker"')

    assert "abandoned-lock" not in ids(told("lock-owner-gone", carried))


def test_one_thread_that_waits_for_ever_is_enough() -> None:
    (finding,) = told("lock-owner-idle").findings
    assert finding.permanent is True
    assert "another owner" in finding.refuted_by


def test_the_lock_of_the_queue_at_which_the_owner_waits_is_held_for_a_moment() -> None:
    """Who hands over a task takes that lock too."""
    hands_over = with_frame_above(
        "cases.BookingSite.book(",
        "java.util.concurrent.LinkedBlockingQueue.signalNotEmpty(LinkedBlockingQueue.java:180)",
    )
    assert "LinkedBlockingQueue.take" in (FIXTURES / "lock-owner-idle" / "dump.txt").read_text()
    assert "abandoned-lock" not in ids(told("lock-owner-idle", hands_over))
