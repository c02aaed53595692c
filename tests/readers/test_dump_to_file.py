"""Thread.dump_to_file in plain text: both dialects, names over lines, cuts, and real dumps."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    Identity,
    InputFacts,
    LockAction,
    LockLine,
    Monitors,
    NotUnderstood,
    ThreadState,
)
from hangscope.readers import ReadError

from .reading import dump_of, read

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "dump_to_file"
PREFACE = "26269\n2026-11-22T03:11:08.012511013Z\n25.0.3+9-LTS\n\n"
AT = "2026-11-22T03:11:08.015028460Z"
MAIN = f'#3 "main" TIMED_WAITING {AT}\n    at java.base/java.lang.Thread.sleep(Thread.java:540)\n\n'
VIRTUAL = (
    f'#38 "" virtual BLOCKED {AT}\n'
    "    at org.acme.Ledger.post(Ledger.java:12)\n"
    "    - locked <org.acme.Book@1f>\n"
    "    - waiting to lock <java.lang.Object@7320f50a>\n"
    "    at java.base/java.lang.VirtualThread.run(VirtualThread.java:309)\n\n"
)
OLD = (
    "26153\n2026-11-22T03:11:03.866603608Z\n21.0.8+9-LTS\n\n"
    '#1 "main"\n      java.base/java.lang.Thread.sleep0(Native Method)\n'
    "      VT.main(VT.java:12)\n\n"
    '#11 "Signal Dispatcher"\n\n'
    '#22 "" virtual\n      my-loader//pkg.C.m(F.java:4)\n\n'
)


def test_what_a_dump_says() -> None:
    dump = dump_of(PREFACE + MAIN + VIRTUAL)
    assert (dump.format, dump.pid, dump.captured) == ("dump-to-file", 26269, "2026-11-22 03:11:08Z")
    assert (dump.vm, dump.jdk_feature, dump.ended) == ("25.0.3+9-LTS", 25, True)
    assert (dump.monitors, dump.identity) == (Monitors.RECORDED, Identity.HASH)
    assert not dump.atomic
    assert not dump.synchronizers_recorded
    assert dump.evidence == Evidence("input.txt", 1, 12)
    main, virtual = dump.threads
    assert (main.id, main.name, main.state) == (3, "main", ThreadState.TIMED_WAITING)
    assert (main.virtual, virtual.virtual, virtual.id, virtual.name) == (False, True, 38, "")
    assert virtual.state is ThreadState.BLOCKED
    assert virtual.synchronizers is NOT_RECORDED
    assert virtual.evidence == Evidence("input.txt", 8, 12)
    assert list(virtual.entry_lines) == [9, 10, 11, 12]
    assert virtual.entries == (
        Frame("org.acme.Ledger.post", "Ledger.java:12"),
        LockLine(LockAction.LOCKED, 0x1F, "org.acme.Book"),
        LockLine(LockAction.WAITING_TO_LOCK, 0x7320F50A, "java.lang.Object"),
        Frame("java.lang.VirtualThread.run", "VirtualThread.java:309"),
    )


def test_before_jdk_25_there_are_frames_alone() -> None:
    dump = dump_of(OLD)
    assert (dump.monitors, dump.jdk_feature, dump.ended) == (Monitors.NOT_RECORDED, 21, True)
    main, idle, virtual = dump.threads
    assert [frame.method for frame in main.frames()] == ["java.lang.Thread.sleep0", "VT.main"]
    assert (main.state, idle.entries, virtual.virtual) == (None, (), True)
    assert list(virtual.frames()) == [Frame("pkg.C.m", "F.java:4")]


def test_an_owner_and_an_eliminated_lock() -> None:
    lock = "    - parking to wait for <a.Lock@1f>, owner #22\n    - lock is eliminated\n"
    (thread,) = dump_of(MAIN.replace("\n\n", "\n" + lock + "\n")).threads
    assert thread.entries[1:] == (
        LockLine(LockAction.PARKING, 0x1F, "a.Lock", None, 22),
        LockLine(LockAction.ELIMINATED, None, ""),
    )


@pytest.mark.parametrize(
    "name", ["two\nlines", 'a "b"', 'x "y"\nz', 'a\n\n"b" #7 prio=5\n\tat x.Y.z(Y.java:1)', "\n"]
)
def test_names_are_not_escaped(name: str) -> None:
    text = PREFACE + MAIN + VIRTUAL.replace('""', f'"{name}"') + MAIN.replace("#3", "#4")
    dump = dump_of(text)
    assert [thread.name for thread in dump.threads] == ["main", name, "main"]
    assert dump.threads[1].evidence.first_line == 8
    assert len(dump.threads[1].entries) == 4


def test_a_name_of_two_lines_before_jdk_25() -> None:
    dump = dump_of(OLD.replace("Signal Dispatcher", "two\nlines"))
    assert [thread.name for thread in dump.threads] == ["main", "two\nlines", ""]


def test_a_reply_is_cut() -> None:
    """With the file name ``-`` the answer ends after 16,000 bytes."""
    facts = read("26269:\n" + (PREFACE + MAIN + VIRTUAL)[:-90])
    (dump,) = facts.dumps
    assert (len(dump.threads), dump.ended) == (2, False)
    assert facts.not_understood == (NotUnderstood(12, 12, "not a line of a thread dump"),)


def test_two_dumps_and_logs_in_one_file() -> None:
    log = "2026-11-22 10:00:00,123 INFO started\n"
    facts = read(f"{log}{PREFACE}{MAIN}{VIRTUAL}{log}{OLD}{MAIN}{log}")
    assert [len(dump.threads) for dump in facts.dumps] == [2, 4]
    assert facts.not_understood == ()
    assert [dump.pid for dump in facts.dumps] == [26269, 26153]


def test_the_same_id_again_is_another_dump() -> None:
    assert [len(dump.threads) for dump in read(MAIN + VIRTUAL + MAIN).dumps] == [2, 1]


def test_a_damaged_line_costs_itself() -> None:
    facts = read(PREFACE + MAIN + VIRTUAL.replace("    - locked", "    - lo\0cked") + MAIN)
    assert facts.not_understood == (NotUnderstood(10, 10, "not a line of a thread dump"),)
    assert list(facts.dumps[0].threads[1].entry_lines) == [9, 11, 12]


def test_a_damaged_header_costs_its_thread() -> None:
    facts = read(PREFACE + MAIN + VIRTUAL.replace('""', '"') + MAIN.replace("#3", "#4"))
    assert [thread.id for thread in facts.dumps[0].threads] == [3, 4]
    assert [(s.first_line, s.last_line) for s in facts.not_understood] == [(8, 8), (9, 12)]


def test_lost_blank_lines_and_indentation() -> None:
    text = "\n".join(line.strip() for line in (PREFACE + MAIN + VIRTUAL).split("\n") if line)
    assert [len(thread.entries) for thread in dump_of(text).threads] == [1, 4]


@pytest.mark.parametrize("line", ['#12 "A heading"', '#12 "A heading"\nof some text (page 4)\n'])
def test_numbered_headings_are_no_threads(line: str) -> None:
    with pytest.raises(ReadError):
        read(line)


def test_a_real_dump_says_what_its_json_says() -> None:
    threads = dump_of((REAL / "dump_to_file.txt").read_text("utf-8")).threads
    told = json.loads((REAL / "dump_to_file.json").read_text("utf-8"))["threadDump"]
    expected = {
        (int(thread["tid"]), thread["name"], thread.get("virtual", False), len(thread["stack"]))
        for container in told["threadContainers"]
        for thread in container["threads"]
        if thread["name"] not in {"Attach Listener", "main"}
    }
    found = {(t.id, t.name, t.virtual, len(list(t.frames()))) for t in threads}
    assert len(expected) > 15
    assert expected <= found
    assert sum(thread.virtual for thread in threads) == 5
    assert 'left "then"\nright' in {thread.name for thread in threads}


def test_a_real_reply_of_jcmd() -> None:
    dump = dump_of((REAL / "jcmd-reply.txt").read_text("utf-8"))
    assert (len(dump.threads), dump.ended) == (21, True)


def check(facts: InputFacts, last_line: int) -> None:
    for dump in facts.dumps:
        assert dump.threads
        for thread in dump.threads:
            assert 1 <= dump.evidence.first_line <= thread.evidence.first_line
            assert thread.evidence.last_line <= dump.evidence.last_line <= last_line
            assert len(thread.entries) == len(thread.entry_lines)
            for line in thread.entry_lines:
                assert thread.evidence.first_line < line <= thread.evidence.last_line
    for span in facts.not_understood:
        assert 1 <= span.first_line <= span.last_line <= last_line


LINES = sorted({*(PREFACE + MAIN + VIRTUAL + OLD).split("\n"), '#5 "two', 'lines"', "...", "log"})


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=8))), st.data())
@settings(max_examples=300, deadline=None)
def test_any_lines_give_facts_or_a_read_error(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    text = text[data.draw(st.integers(0, len(text))) :]
    with suppress(ReadError):
        check(read(text), text.count("\n") + 1)
