"""Samples of jhsdb: ``--shared=PATH``; every number is counted once more, by other means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hangscope.facts import LockLine, Monitors, ThreadDump
from hangscope.readers import Source, read_input

HEADER = re.compile(r"^.*\" #\d+ (?:daemon )?prio=\S+ tid=0x\S+ nid=(\S+) [^\"]*\]$", re.MULTILINE)
TITLE = re.compile(r"^-+ (\d+) -+$", re.MULTILINE)
FRAME = re.compile(r"^ - .* @bci=|^\S*\s+\* .* bci:|\(Native method\)$", re.MULTILINE)
LOCK = re.compile(r"^\t- [a-z]", re.MULTILINE)
OWNED = re.compile(r"^ {4}- <", re.MULTILINE)


def dumps(shared: Path) -> Iterator[tuple[Path, str, ThreadDump]]:
    for path in sorted(shared.glob("**/jhsdb-jstack*.txt")):
        facts = read_input(Source.from_path(path))
        assert (facts.format, facts.not_understood) == ("jhsdb", ()), path
        (dump,) = facts.dumps
        yield path, path.read_bytes().decode("utf-8", "replace"), dump


def test_every_thread_and_every_line_of_a_stack_is_read(shared: Path) -> None:
    count = 0
    for path, text, dump in dumps(shared):
        count += 1
        mixed = "mixed" in path.name
        nids = {int(nid, 0) for nid in HEADER.findall(text)}
        named = {thread.nid for thread in dump.threads if thread.tid is not None}
        titles = [int(title) for title in TITLE.findall(text)]
        entries = [entry for thread in dump.threads for entry in thread.entries]
        locks = sum(isinstance(entry, LockLine) for entry in entries)
        assert named == nids, path
        assert len(dump.threads) == (len(titles) if mixed else len(nids)), path
        assert len(entries) - locks == len(FRAME.findall(text)), path
        assert locks == len(LOCK.findall(text)), path
        owned = sum(
            len(t.synchronizers) for t in dump.threads if isinstance(t.synchronizers, tuple)
        )
        assert owned == len(OWNED.findall(text)), path
        assert (dump.monitors is Monitors.UNRELIABLE) == (locks > 0), path
        assert dump.ended, path
    assert count >= 43


def test_deadlocks_are_those_that_are_printed(shared: Path) -> None:
    count = 0
    for path, text, dump in dumps(shared):
        found = re.search(r"Found a total of (\d+) deadlock", text)
        assert len(dump.deadlocks) == (int(found[1]) if found else 0), path
        count += len(dump.deadlocks)
        for report in dump.deadlocks:
            owners = {member.held_by for member in report.members}
            assert owners == {member.thread for member in report.members}, path
            assert owners <= {thread.name for thread in dump.threads}, path
    assert count >= 16


def test_threads_are_those_of_jstack(shared: Path) -> None:
    """Beside it is what the JVM itself said a moment before."""
    count = 0
    for path, _, dump in dumps(shared):
        beside = path.with_name("jstack-l.txt")
        if not beside.exists():
            continue
        count += 1
        text = beside.read_bytes().decode("utf-8", "replace")
        listed = {int(nid, 0) for nid in re.findall(r"nid=(0x[0-9a-f]+|\d+) ", text)}
        named = {thread.nid for thread in dump.threads if thread.tid is not None}
        ours = {t.nid for t in dump.threads if t.tid is not None and t.name not in LATER}
        assert len(ours - listed) <= 2, path
        assert len(named) >= 8, path
    assert count >= 38


LATER = {"Attach Listener", "MasterPoller", "VirtualThread-unblocker"}
"""Threads that taking a dump starts."""
