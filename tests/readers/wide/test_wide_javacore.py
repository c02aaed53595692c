"""Javacores from the wild, against counts by plain expressions over their text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hangscope.facts import Frame, InputFacts, LockAction, LockLine
from hangscope.readers import Source, read_input

NAMES = (
    "liberty-deadlock-javacore.txt",
    "liberty-linperf-javacore-0006.txt",
    "openj9-21-liberty-javacore.txt",
    "tm-openj9-javacore-deadlock.txt",
    "ibm-1.3.1-javacore.dmp",
    "ibm-1.4.0-javacore-stacked.dmp",
)


def sample(shared: Path, name: str) -> tuple[str, InputFacts]:
    path = shared / "corpus" / "dumps" / name
    return path.read_text("utf-8"), read_input(Source.from_path(path))


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_read_and_understood(shared: Path, name: str) -> None:
    text, facts = sample(shared, name)
    (dump,) = facts.dumps
    assert (facts.format, facts.not_understood) == ("javacore", ())
    assert len(dump.threads) == len(re.findall(r"^3XMTHREADINFO ", text, re.MULTILINE))
    frames = [entry for t in dump.threads for entry in t.entries if isinstance(entry, Frame)]
    assert len(frames) == len(re.findall(r"^4XESTACKTRACE\s+at ", text, re.MULTILINE))
    assert not any("/" in frame.method or "Compiled" in frame.location for frame in frames)
    native = sum(len(thread.native) for thread in dump.threads)
    assert native == len(re.findall(r"^4XENATIVESTACK", text, re.MULTILINE))
    assert dump.ended is ("END OF DUMP" in text)


@pytest.mark.parametrize("name", NAMES)
def test_each_wait_is_told_and_each_monitor_has_one_holder(shared: Path, name: str) -> None:
    text, facts = sample(shared, name)
    locks = [
        entry for t in facts.dumps[0].threads for entry in t.entries if isinstance(entry, LockLine)
    ]
    waits = len([lock for lock in locks if lock.action is not LockAction.LOCKED])
    told = len(re.findall(r"^3XMTHREADBLOCK", text, re.MULTILINE))
    assert waits == told or (name.startswith("ibm") and waits == 4 * ("1.4" in name))
    holders: dict[int | None, set[str]] = {}
    for thread in facts.dumps[0].threads:
        for entry in thread.entries:
            if isinstance(entry, LockLine) and entry.action is LockAction.LOCKED:
                holders.setdefault(entry.address, set()).add(f"{thread.name} {thread.tid}")
    assert all(len(names) == 1 for names in holders.values())


@pytest.mark.parametrize("name", NAMES)
def test_deadlocks_are_those_that_are_printed(shared: Path, name: str) -> None:
    text, facts = sample(shared, name)
    printed = re.findall(r'^2LKDEADLOCKTHR +Thread "(.*)" ', text, re.MULTILINE)
    assert [
        member.thread for report in facts.dumps[0].deadlocks for member in report.members
    ] == printed[:-1]
