"""Executors that are made again and again; not one large pool, not threads at work."""

from __future__ import annotations

import re

import pytest

from hangscope.diagnosis.verdict import weight

from .altered import FIXTURES, altered, found, replacing

ID = "thread-leak"
CASE = "executor-per-letter"
NAME = re.compile(r'"pool-(\d+)-thread-1"')


def test_one_pool_of_that_size_is_a_setting() -> None:
    one = {"dump.txt": lambda text: NAME.sub(r'"pool-1-thread-\1"', text)}
    assert found(ID, altered(CASE, one)) is None


def test_pools_of_several_threads_are_pools() -> None:
    def in_threes(text: str) -> str:
        def name(match: re.Match[str]) -> str:
            number = int(match[1])
            return f'"pool-{number // 3}-thread-{number % 3}"'

        return NAME.sub(name, text)

    assert found(ID, altered(CASE, {"dump.txt": in_threes})) is None


@pytest.mark.parametrize(("left", "raised"), [(500, True), (499, False)])
def test_there_are_hundreds(left: int, raised: bool) -> None:
    def fewer(text: str) -> str:
        blocks = re.split(r'(?m)^(?=")', text)
        named = [block for block in blocks if NAME.match(block)]
        gone = set(named[left:])
        return "".join(block for block in blocks if block not in gone)

    assert (found(ID, altered(CASE, {"dump.txt": fewer})) is not None) is raised


def test_timers_are_told_by_their_names() -> None:
    def timers(text: str) -> str:
        return NAME.sub(r'"Timer-\1"', text).replace(
            "java.util.concurrent.LinkedBlockingQueue.take", "java.util.TimerThread.mainLoop"
        )

    finding = found(ID, altered(CASE, {"dump.txt": timers}))
    assert finding is not None
    assert "Timer-N" in finding.headline


def test_threads_at_work_are_needed() -> None:
    busy = {"dump.txt": replacing("ThreadPoolExecutor.getTask", "ThreadPoolExecutor.runTask")}
    assert found(ID, altered(CASE, busy)) is None


def test_it_holds_nobody_up_and_so_outweighs_no_hang() -> None:
    finding = found(ID, altered(CASE))
    assert finding is not None
    assert weight(finding) == 0


def test_it_does_not_hide_workers_that_wait_for_something_unknown() -> None:
    leaked = (FIXTURES / CASE / "dump.txt").read_text()
    idle = "".join(block for block in re.split(r'(?m)^(?=")', leaked) if NAME.match(block))

    def both(text: str) -> str:
        start = text.index('"http-nio-8080-exec-1"')
        waiting = text.replace("java.lang.Thread.sleep(", "java.lang.Object.wait(")
        return waiting[:start] + idle + waiting[start:]

    told = altered("workers-all-busy", {"dump.txt": both})
    assert told.verdict.kind.value == "inconclusive"
    assert found(ID, told) is not None
