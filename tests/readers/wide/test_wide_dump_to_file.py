"""Samples of Thread.dump_to_file: ``--shared=PATH``; counted once more, by other means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hangscope.facts import LockLine, Monitors, ThreadDump
from hangscope.readers import Source, read_input

HEADER = re.compile(r'^#\d+ "', re.MULTILINE)
FRAME = re.compile(r"^(?: {4}at | {6})\S.*\)$", re.MULTILINE)
LOCK = re.compile(r"^ {4}- ", re.MULTILINE)
CUT = "dump_to_file-minus.txt"
"""The answer to the file name ``-`` ends after 16,000 bytes."""


def dumps(shared: Path) -> Iterator[tuple[Path, str, ThreadDump]]:
    for path in sorted(shared.glob("**/*.txt")):
        if re.search(r"(^|-)dump_to_file(-minus)?\.txt$|vthreads-.*-plain\.txt$", path.name):
            facts = read_input(Source.from_path(path))
            assert facts.format == "dump-to-file", path
            (dump,) = facts.dumps
            assert len(facts.not_understood) == (path.name == CUT), path
            assert dump.ended == (path.name != CUT), path
            yield path, path.read_text("utf-8"), dump


def test_every_thread_and_every_line_of_a_stack_is_read(shared: Path) -> None:
    count = 0
    for path, text, dump in dumps(shared):
        count += 1
        entries = [entry for thread in dump.threads for entry in thread.entries]
        locks = sum(isinstance(entry, LockLine) for entry in entries)
        assert len(dump.threads) == len(HEADER.findall(text)), path
        assert len(entries) - locks == len(FRAME.findall(text)), path
        assert locks == len(LOCK.findall(text)) - (path.name == CUT), path
        recorded = dump.monitors is Monitors.RECORDED
        assert recorded == (dump.jdk_feature == 25) == (locks > 0), path
    assert count >= 28


def test_platform_threads_are_those_of_jstack(shared: Path) -> None:
    """Beside it is what the JVM itself said a moment before."""
    count = 0
    for path, _, dump in dumps(shared):
        beside = path.with_name("jstack-l.txt")
        if not beside.exists():
            continue
        count += 1
        text = beside.read_bytes().decode("utf-8", "replace")
        listed = {int(number) for number in re.findall(r'" #(\d+) .*os_prio=', text)}
        hidden = {int(n) for n in re.findall(r'"C[12] Compiler.*?" #(\d+)', text)}
        ids = {thread.id for thread in dump.threads if not thread.virtual}
        missing = listed - hidden - ids
        assert len(missing) <= 4, path  # service threads that Java code does not see
    assert count >= 22
