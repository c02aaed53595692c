"""A future is taken for that of an HTTP call only where nobody else can complete it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hangscope.diagnosis import diagnose
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

CASE = Path(__file__).resolve().parents[2] / "fixtures" / "self-call-jdk-async"
KNOWLEDGE = load()
Change = Callable[[str], str]
SELF_CALL = "self-call-deadlock"


def verdict(dump: Change = str, table: Change = str) -> str | None:
    inputs = [
        read_input(Source.from_bytes(name, change((CASE / name).read_text()).encode()))
        for name, change in (("dump.txt", dump), ("sockets.txt", table))
    ]
    dumps = [one for facts in inputs for one in facts.dumps]
    tables = [one for facts in inputs for one in facts.tables]
    return diagnose(interpret(assemble(dumps, tables, KNOWLEDGE))).verdict.finding


def without_client(text: str) -> str:
    return text.replace("-SelectorManager", "-Something").replace('"HttpClient-', '"Thing-')


def with_a_task(text: str) -> str:
    """An executor's thread that runs a task may complete the futures."""
    task = (
        '"pool-9-thread-1" #900 prio=5 os_prio=0 cpu=1.00ms elapsed=9.00s tid=0x00007f0000000001'
        " nid=0x7001 runnable  [0x00007f0000000000]\n   java.lang.Thread.State: RUNNABLE\n"
        "\tat com.acme.Rates.work(Rates.java:7)\n"
        "\tat java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:635)\n"
        "\tat java.lang.Thread.run(Thread.java:840)\n\n"
    )
    place = text.index('"main"')
    return text[:place] + task + text[place:]


def with_a_redis(text: str) -> str:
    """A connection of another protocol, whose client may be asynchronous too."""
    own = next(line for line in text.split("\n") if '"java"' in line and "ESTAB" in line)
    fields = own.split()
    row = own.replace(fields[3], "127.0.0.1:50123", 1).replace(fields[4], "127.0.0.1:6379", 1)
    return text.rstrip("\n") + "\n" + row + "\n"


def test_the_future_of_a_self_call_is_one() -> None:
    assert verdict() == SELF_CALL


@pytest.mark.parametrize(
    ("dump", "table"),
    [(without_client, str), (with_a_task, str), (str, with_a_redis)],
    ids=["no client", "a task is run", "another protocol"],
)
def test_a_future_that_others_may_complete_is_not(dump: Change, table: Change) -> None:
    assert verdict(dump, table) != SELF_CALL


def test_an_idle_connection_to_oneself_is_no_call() -> None:
    def read(text: str) -> str:
        """All that was sent has been read."""
        return re.sub(
            r"^(ESTAB +)(\d+) ",
            lambda m: f"{m[1]}{'0'.ljust(len(m[2]))} ",
            text,
            flags=re.MULTILINE,
        )

    assert verdict(table=read) != SELF_CALL
