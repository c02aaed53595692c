"""Every capture of the project is read whole: counts equal independent ones, lines are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hangscope.facts import Frame, InputFacts, InputKind, LockLine
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
ALL_DUMPS = sorted(FIXTURES.glob("*/dump*.txt"))
DUMPS = [path for path in ALL_DUMPS if "\nFull thread dump" in f"\n{path.read_text()}"]
OTHER_DUMPS = [path for path in ALL_DUMPS if path not in DUMPS]
TABLES = sorted(FIXTURES.glob("*/sockets*.txt"))
HEADER = re.compile(r'^".*" .*tid=0x', re.MULTILINE)
MOUNTED = re.compile(r"^ +Mounted virtual thread ", re.MULTILINE)
THREAD = {
    "dump-to-file": re.compile(r'^#\d+ "', re.MULTILINE),
    "dump-to-file-json": re.compile(r'^ +"tid": ', re.MULTILINE),
    "jhsdb": re.compile(r"^-{17} \d+ -{17}$", re.MULTILINE),
}
LISTED = re.compile(r"_java_thread_list=\S+ length=(\d+)")
ROW = re.compile(
    r"^(?:(?:ESTAB|LISTEN|[A-Z]+-[A-Z0-9-]+) +\d+|tcp6? +\d+|\S+ +\d+ .* TCP \S+)", re.MULTILINE
)


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def read(path: Path) -> tuple[InputFacts, list[str]]:
    return read_input(Source.from_path(path)), path.read_text().split("\n")


@pytest.mark.parametrize("path", DUMPS, ids=named)
def test_a_dump_is_read_whole(path: Path) -> None:
    facts, lines = read(path)
    assert facts.kind is InputKind.THREAD_DUMP
    assert facts.not_understood == ()
    (dump,) = facts.dumps
    text = "\n".join(lines)
    mounted = [thread for thread in dump.threads if thread.virtual]
    assert len(MOUNTED.findall(text)) == len(mounted)
    assert len(HEADER.findall(text)) + len(mounted) == len(dump.threads) == facts.records
    listed = LISTED.search(text)
    assert listed
    platform = [thread for thread in dump.threads if thread.is_java and not thread.virtual]
    assert int(listed[1]) == len(platform)
    assert set(dump.listed_tids or ()) == {thread.tid for thread in platform}
    assert dump.ended
    assert dump.synchronizers_recorded == ("Locked ownable synchronizers" in text)
    assert len(dump.deadlocks) == text.count("Java-level deadlock")


@pytest.mark.parametrize("path", OTHER_DUMPS, ids=named)
def test_a_dump_of_another_form_is_read_whole(path: Path) -> None:
    facts, lines = read(path)
    assert facts.not_understood == ()
    (dump,) = facts.dumps
    assert len(THREAD[dump.format].findall("\n".join(lines))) == facts.records
    for thread in dump.threads:
        for entry, line in zip(thread.entries, thread.entry_lines, strict=True):
            told = entry.method if isinstance(entry, Frame) else entry.class_name
            assert told in lines[line - 1]


@pytest.mark.parametrize("path", DUMPS, ids=named)
def test_each_line_of_a_thread_is_where_it_says(path: Path) -> None:
    facts, lines = read(path)
    for thread in facts.dumps[0].threads:
        assert thread.name in lines[thread.evidence.first_line - 1]
        assert len(thread.entries) == len(thread.entry_lines)
        for entry, line in zip(thread.entries, thread.entry_lines, strict=True):
            text = lines[line - 1]
            if isinstance(entry, Frame):
                assert f"at {entry.method}(" in text
            else:
                assert isinstance(entry, LockLine)
                assert entry.address is None or f"{entry.address:x}" in text
                assert entry.class_name in text
        assert thread.evidence.last_line <= len(lines)


@pytest.mark.parametrize("path", TABLES, ids=named)
def test_a_table_is_read_whole(path: Path) -> None:
    facts, lines = read(path)
    assert facts.kind is InputKind.SOCKET_TABLE
    assert facts.not_understood == ()
    assert len(ROW.findall("\n".join(lines))) == facts.records


@pytest.mark.parametrize("path", TABLES, ids=named)
def test_each_row_is_where_it_says(path: Path) -> None:
    facts, lines = read(path)
    for table in facts.tables:
        for socket in table.sockets:
            text = lines[socket.evidence.first_line - 1]
            assert socket.evidence.first_line == socket.evidence.last_line
            assert f":{socket.local.port}" in text
            for owner in socket.owners if isinstance(socket.owners, tuple) else ():
                assert str(owner.pid) in text
                assert owner.command in text


def test_reading_twice_gives_the_same_facts() -> None:
    for path in (*DUMPS[:5], *TABLES[:5]):
        assert read(path) == read(path)
