"""What holds for every text: nothing raises, nothing is invented, what is written is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    Frame,
    InputFacts,
    JavaThread,
    LockLine,
    Owner,
    Socket,
    TcpState,
)
from hangscope.readers import ReadError, Source
from tests.tables import lsof_text, netstat_text, proc_text, ss_text

from .invariants import holds
from .reading import read
from .test_hotspot import JNI, OTHER, TITLE, WORKER
from .test_hotspot_deadlocks import REPORT, TOTAL
from .writing import Thread, dump_text, psutil_text, rows, threads

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PAIRS = Path(__file__).resolve().parents[1] / "grammars" / "pairs"
LINES = [
    raw[2:].replace("\\t", "\t").replace("\\n", "\n")
    for path in sorted(PAIRS.glob("*.txt"))
    for raw in path.read_text("utf-8").split("\n")
    if raw.startswith(">")
]
ROWS = ("ESTAB", "LISTEN", "CLOSE", "TIME", "FIN", "SYN", "LAST", "tcp")
SAMPLE_ROWS = [
    Socket(
        TcpState.ESTABLISHED,
        Endpoint("10.0.0.1", 1),
        Endpoint("10.0.0.2", 2),
        3,
        4,
        (Owner(5, "java", 6),),
        Evidence("written", 1, 1),
        7,
    ),
]
WHOLE = "2026-11-22 03:16:27\n" + TITLE + WORKER + OTHER + JNI + REPORT + TOTAL


def read_or_none(text: str | bytes) -> InputFacts | None:
    try:
        return read(text)
    except ReadError:
        return None


@given(st.text())
@settings(max_examples=200)
def test_any_text_gives_facts_or_a_read_error(text: str) -> None:
    holds(read_or_none(text), text.count("\n") + 1)


@given(st.lists(st.one_of(st.sampled_from(LINES), st.just(""), st.text(max_size=10))))
@settings(max_examples=600, deadline=None)
def test_any_lines_in_any_order_give_facts_or_a_read_error(lines: list[str]) -> None:
    text = "\n".join(lines)
    holds(read_or_none(text), text.count("\n") + 1)


@pytest.mark.parametrize("number", ["9" * 5000, "1.2.3", "f" * 5000, "-1", "1e999", "٣"])
def test_numbers_out_of_range_give_facts_or_a_read_error(number: str) -> None:
    """Python itself refuses to read integers of more than 4300 digits."""
    for line in [*LINES, *psutil_text(SAMPLE_ROWS).split("\n")]:
        for found in re.finditer(r"[0-9]+(\.[0-9]+)?", line):
            text = line[: found.start()] + number + line[found.end() :]
            holds(read_or_none(text), text.count("\n") + 1)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_mutated_samples_give_facts_or_a_read_error(data: st.DataObject) -> None:
    """Bytes of real inputs changed, cut out and doubled."""
    path = data.draw(st.sampled_from(sorted(FIXTURES.glob("*/*.txt"))))
    content = path.read_bytes()
    start = data.draw(st.integers(0, max(0, len(content) - 3000)))
    content = content[start : start + 3000]
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(content)))
        to = data.draw(st.integers(at, min(len(content), at + 60)))
        new = data.draw(
            st.one_of(st.binary(max_size=4), st.just(content[at:to] * 2), st.just(b"\n"))
        )
        content = content[:at] + new + content[to:]
    holds(read_or_none(content), content.count(b"\n") + 1)


def test_a_dump_cut_at_any_byte_invents_nothing() -> None:
    whole = read(WHOLE).dumps[0]
    locks = {
        (thread.name, entry)
        for thread in whole.threads
        for entry in thread.entries
        if isinstance(entry, LockLine)
    }
    deadlocks = {(m.thread, m.address, m.held_by) for r in whole.deadlocks for m in r.members}
    for end in range(len(WHOLE)):
        facts = read_or_none(WHOLE[:end])
        holds(facts, WHOLE[:end].count("\n") + 1)
        for dump in facts.dumps if facts else ():
            for thread in dump.threads:
                assert thread.name in {one.name for one in whole.threads}
                found = {(thread.name, e) for e in thread.entries if isinstance(e, LockLine)}
                assert found <= locks
            for report in dump.deadlocks:
                for member in report.members:
                    assert (member.thread, member.address, member.held_by) in deadlocks | {
                        (name, address, None) for name, address, _ in deadlocks
                    }


@given(threads, st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_written_dump_is_read(model: list[Thread], owned: bool, smr: bool) -> None:
    text = dump_text(model, owned=owned, smr=smr)
    facts = read(text)
    assert facts.not_understood == ()
    (dump,) = facts.dumps
    assert dump.listed_tids == (tuple(thread.tid for thread in model) if smr else None)
    assert dump.ended
    assert dump.synchronizers_recorded == owned
    lines = text.split("\n")
    for thread, written in zip(dump.threads, model, strict=True):
        assert (thread.name, thread.id, thread.daemon) == (written.name, written.id, written.daemon)
        assert (thread.tid, thread.nid, thread.os_state) == (
            written.tid,
            written.nid,
            written.os_state,
        )
        assert thread.state is not None
        assert written.state.startswith(thread.state.value)
        entries: list[tuple[str, ...] | tuple[str, int]] = []
        for entry in written.entries:
            entries.append((entry.method, entry.location))
            if entry.lock:
                entries.append((entry.lock, entry.address))
        assert entries == [
            tuple(entry) if isinstance(entry, Frame) else (entry.action.value, entry.address)
            for entry in thread.entries
        ]
        if owned:
            assert thread.synchronizers is not NOT_RECORDED
            assert [lock.address for lock in thread.synchronizers] == list(written.owned)
            for number, address in zip(thread.synchronizer_lines, written.owned, strict=True):
                assert f"0x{address:016x}" in lines[number - 1]
        for number, item in zip(thread.entry_lines, thread.entries, strict=True):
            told = item.method if isinstance(item, Frame) else item.action.value
            assert told in lines[number - 1]


@given(threads)
@settings(max_examples=100, deadline=None)
def test_line_ends_change_nothing(model: list[Thread]) -> None:
    text = dump_text(model, owned=True, smr=True)
    assert read(text.replace("\n", "\r\n")).dumps[0].threads[0].entries == (
        read(text).dumps[0].threads[0].entries
    )


@pytest.mark.parametrize(
    ("write", "owner"),
    [
        (ss_text, lambda owner: (owner,)),
        (netstat_text, lambda owner: (owner._replace(fd=None),)),
        (lsof_text, lambda owner: (owner._replace(command=owner.command.replace(" ", "\\x20")),)),
        (partial(proc_text, family="IPv6"), lambda _: NOT_RECORDED),
        (psutil_text, lambda owner: (owner,)),
    ],
    ids=["ss", "netstat", "lsof", "proc", "psutil"],
)
@given(model=rows)
@settings(max_examples=100, deadline=None)
def test_a_written_table_is_read(
    write: Callable[[list[Socket]], str], owner: Callable[[Owner], object], model: list[Socket]
) -> None:
    text = write(model)
    facts = read(text)
    assert facts.not_understood == ()
    (table,) = facts.tables
    lines = text.split("\n")
    for socket, row in zip(table.sockets, model, strict=True):
        assert row.owners is not NOT_RECORDED
        assert (socket.state, socket.local, socket.peer) == (row.state, row.local, row.peer)
        assert (socket.recv_q, socket.send_q) == (row.recv_q, row.send_q)
        assert socket.owners == owner(row.owners[0])
        assert socket.inode == row.inode
        assert str(row.inode) in lines[socket.evidence.first_line - 1]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/dump.txt")), ids=lambda p: p.parent.name)
def test_evidence_of_the_fixtures_is_where_it_says(path: Path) -> None:
    source = Source.from_path(path)
    facts = read(path.read_bytes())
    assert facts.not_understood == ()
    lines = path.read_text("utf-8").split("\n")
    for dump in facts.dumps:
        for thread in dump.threads:
            assert lines[thread.evidence.first_line - 1].startswith(heading(dump.format, thread))
            for number, entry in zip(thread.entry_lines, thread.entries, strict=True):
                told = entry.method if isinstance(entry, Frame) else entry.action.value
                assert told in lines[number - 1]
            first, last = thread.evidence.first_line, thread.evidence.last_line
            assert source.excerpt(first, last) == "\n".join(lines[first - 1 : last])


def heading(form: str, thread: JavaThread) -> str:
    """What its first line begins with: its name, or what stands there in its place."""
    if form == "jhsdb":
        return f"----------------- {thread.nid} -----------------"
    if thread.virtual and thread.carrying is None and not thread.name:
        return f"   Mounted virtual thread #{thread.id}"
    return f'"{thread.name}"'


@pytest.mark.parametrize(
    "path", sorted(FIXTURES.glob("*/sockets*.txt")), ids=lambda p: p.parent.name
)
def test_tables_of_the_fixtures_are_understood(path: Path) -> None:
    facts = read(path.read_bytes())
    assert facts.not_understood == ()
    lines = path.read_text("utf-8").split("\n")
    rows = [line for line in lines if line.startswith(ROWS)]
    assert sum(len(table.sockets) for table in facts.tables if table.format != "lsof") == len(rows)
    for table in facts.tables:
        for socket in table.sockets:
            line = lines[socket.evidence.first_line - 1]
            assert f":{socket.local.service or socket.local.port}" in line
