"""Deadlocks that the JVM does not report: what must be seen before one is called so."""

from __future__ import annotations

import re

import pytest

from hangscope.waits import Certainty

from .altered import ids, told, with_frame_above

READ_WRITE = "read-write-lock-deadlock"
CLASSES = "class-initialization-deadlock"
ROW = "lock-and-row-deadlock"
STARVED = "executor-starvation-deadlock"


def test_a_thread_at_work_may_hold_the_read_lock() -> None:
    def at_work(text: str) -> str:
        """The first idle worker runs code of the application instead."""
        idle = text.index("TaskQueue.take(TaskQueue.java")
        start = text.rindex('\n\n"', 0, idle)
        end = text.index("\n\n", idle)
        frames = "\tat com.acme.Report.sum(Report.java:7)\n\tat java.lang.Thread.run(Thread.java:1)"
        header = text[start:end].split("\n")[2].replace("waiting on condition", "runnable")
        return (
            f"{text[:start]}\n\n{header}\n   java.lang.Thread.State: RUNNABLE\n{frames}{text[end:]}"
        )

    assert READ_WRITE in ids(told("read-lock-upgrade"))
    assert READ_WRITE not in ids(told("read-lock-upgrade", at_work))


def test_two_dumps_of_one_instant_do_not_show_a_read_lock_held() -> None:
    twice = ("dump-2.txt", "dump-2.txt")
    assert READ_WRITE not in ids(told("read-lock-upgrade", files=twice))


def test_an_owner_for_writing_is_no_reader() -> None:
    def owned(text: str) -> str:
        lock = re.search(r"<0x[0-9a-f]+> \(a \S+ReentrantReadWriteLock\$NonfairSync\)", text)
        assert lock is not None
        main = text.index('\n"main"')
        none = text.index("\t- None", main)
        return text[:none] + f"\t- {lock[0]}" + text[none + len("\t- None") :]

    assert READ_WRITE not in ids(told("read-lock-upgrade", owned))


def test_a_thread_that_runs_may_be_the_one_that_initialises() -> None:
    """The subclass may be on its way in a thread that runs, of which no frame tells."""
    found = told("class-initialization-parent")
    assert CLASSES in ids(found)
    assert found.findings[0].certainty is Certainty.INFERRED

    def one_runs(text: str) -> str:
        name = text.index('"starter-2"')
        line = text.index("\t- waiting on the Class initialization monitor", name)
        after = text.index("\n", line) + 1
        return text[:name] + text[name:line].replace("in Object.wait()", "runnable") + text[after:]

    assert CLASSES not in ids(told("class-initialization-parent", one_runs))


def test_a_pair_of_classes_is_proven() -> None:
    (finding,) = told("class-initialization-pair").findings
    assert (finding.id, finding.certainty) == (CLASSES, Certainty.PROVEN)
    assert finding.permanent is True


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("transaction.support.TransactionTemplate.execute", "retry.support.RetryTemplate.execute"),
        ("postgresql.jdbc.PgStatement.executeUpdate", "postgresql.jdbc.PgStatement.executeQuery"),
    ],
    ids=["no transaction behind the lock", "the owner only reads"],
)
def test_a_row_is_accused_only_with_a_transaction_and_a_change(old: str, new: str) -> None:
    def other(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    assert ROW in ids(told("lock-and-row"))
    assert ROW not in ids(told("lock-and-row", other))


def test_the_query_that_decides_is_named() -> None:
    (finding, *_) = told("lock-and-row").findings
    remedies = " ".join(remedy.text for remedy in finding.remedies)
    assert "pg_blocking_pids" in remedies
    assert "v$lock" in remedies
    assert "pg_blocking_pids" in finding.refuted_by


def test_a_pool_that_may_start_a_spare_worker_is_not_starved() -> None:
    once = ("dump-1.txt",)
    assert STARVED in ids(told("fork-join-bounded"))
    assert STARVED not in ids(told("fork-join-bounded", files=once))


def test_frames_of_managed_blocking_are_no_fork_join_worker() -> None:
    """Every wait of a CompletableFuture passes through ForkJoinPool.managedBlock."""
    spare = with_frame_above("ThreadPoolExecutor$Worker.run", "com.acme.Base.run(Base.java:7)")
    assert STARVED in ids(told("executor-starvation-joins"))
    assert STARVED in ids(told("executor-starvation-joins", spare))
