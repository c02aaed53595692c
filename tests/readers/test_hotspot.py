"""Thread dumps of HotSpot, all their variants and what happens to them on the way."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

import time

import pytest

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    InputKind,
    LockAction,
    LockLine,
    NotUnderstood,
    ThreadState,
)
from hangscope.readers import UnreadableInput
from hangscope.readers.threads.hotspot_lines import HotspotParser
from hangscope.readers.threads.hotspot_records import Header, Mark, Within
from hangscope.readers.threads.hotspot_threads import Block

from .reading import dump_of, read

TITLE = "Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):\n\n"
WORKER = """\
"http-nio-8080-exec-1" #31 daemon prio=5 os_prio=0 cpu=12.50ms elapsed=61.25s tid=0x00007f0000001000 nid=0x1abc waiting for monitor entry  [0x00007f0000009000]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at org.acme.Ledger.post(Ledger.java:17)
	- waiting to lock <0x000000076ab00010> (a org.acme.Ledger)
	at org.acme.Web.serve(Web.java:88)
	- locked <0x000000076ab00020> (a java.lang.Object)

"""
OTHER = WORKER.replace("exec-1", "exec-2").replace("#31", "#32").replace("1000 nid", "2000 nid")
JNI = "JNI global refs: 24, weak refs: 0\n\n"


def test_a_whole_dump() -> None:
    text = "2026-11-22 03:16:27\n" + TITLE + WORKER + OTHER + JNI
    facts = read(text)
    assert (facts.kind, facts.format, facts.not_understood) == (
        InputKind.THREAD_DUMP,
        "hotspot",
        (),
    )
    (dump,) = facts.dumps
    assert dump.captured == "2026-11-22 03:16:27"
    assert dump.vm == "OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing)"
    assert dump.jdk_feature == 17
    assert (dump.pid, dump.listed_tids, dump.synchronizers_recorded) == (None, None, False)
    assert dump.evidence == Evidence("input.txt", 1, 18)
    thread = dump.threads[0]
    assert thread.name == "http-nio-8080-exec-1"
    assert (thread.id, thread.daemon, thread.priority, thread.is_java) == (31, True, 5, True)
    assert (thread.cpu_ms, thread.elapsed_s) == (12.5, 61.25)
    assert (thread.tid, thread.nid) == (0x00007F0000001000, 0x1ABC)
    assert thread.os_state == "waiting for monitor entry"
    assert (thread.state, thread.state_detail) == (ThreadState.BLOCKED, "on object monitor")
    assert thread.entries == (
        Frame("org.acme.Ledger.post", "Ledger.java:17"),
        LockLine(LockAction.WAITING_TO_LOCK, 0x000000076AB00010, "org.acme.Ledger"),
        Frame("org.acme.Web.serve", "Web.java:88"),
        LockLine(LockAction.LOCKED, 0x000000076AB00020, "java.lang.Object"),
    )
    assert list(thread.entry_lines) == [6, 7, 8, 9]
    assert thread.evidence == Evidence("input.txt", 4, 9)
    assert thread.synchronizers is NOT_RECORDED


def test_equal_frames_are_one_object() -> None:
    one, two = dump_of(TITLE + WORKER + OTHER).threads
    assert one.entries[0] is two.entries[0]
    assert one.entries[1] is two.entries[1]


def test_ownable_synchronizers() -> None:
    text = (
        TITLE
        + WORKER
        + "   Locked ownable synchronizers:\n"
        + "\t- <0x000000076ab00030> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)\n\n"
        + OTHER
        + "   Locked ownable synchronizers:\n\t- None\n\n"
        + '"VM Thread" os_prio=0 cpu=1.00ms elapsed=9.00s tid=0x00007f0000003000 nid=0x1 runnable  \n'
    )
    dump = dump_of(text)
    assert dump.synchronizers_recorded
    holder, other, vm = dump.threads
    sync = "java.util.concurrent.locks.ReentrantLock$NonfairSync"
    assert holder.synchronizers == (LockLine(LockAction.LOCKED, 0x000000076AB00030, sync),)
    assert list(holder.synchronizer_lines) == [11]
    assert holder.evidence.last_line == 11
    assert (other.synchronizers, vm.synchronizers) == ((), ())
    assert (vm.is_java, vm.state, vm.entries) == (False, None, ())


def test_a_dump_that_ends_before_the_synchronizers_of_its_last_thread() -> None:
    text = TITLE + WORKER + "   Locked ownable synchronizers:\n\t- None\n\n" + OTHER
    assert [t.synchronizers for t in dump_of(text).threads] == [(), NOT_RECORDED]


def test_smr_block() -> None:
    block = (
        "Threads class SMR info:\n"
        "_java_thread_list=0x00007f0000000100, length=2, elements={\n"
        "0x00007f0000001000, 0x00007f0000002000\n"
        "}\n"
        "_to_delete_list=0x00007f0000000200, length=1, elements={\n"
        "0x00007f0000009000\n"
        "}\n"
        "_tlh_cnt=22, _tlh_times=0, avg_tlh_time=0.00, _tlh_time_max=0\n\n"
    )
    dump = dump_of(TITLE + block + WORKER + OTHER)
    assert dump.listed_tids == (0x00007F0000001000, 0x00007F0000002000)


@pytest.mark.parametrize(
    ("title", "feature"),
    [
        ("Java HotSpot(TM) 64-Bit Server VM (25.392-b08 mixed mode):", 8),
        ("Java HotSpot(TM) 64-Bit Server VM (24.80-b11 mixed mode):", 7),
        ("Java HotSpot(TM) 64-Bit Server VM (20.45-b01 mixed mode):", 6),
        ("OpenJDK 64-Bit Server VM (11.0.13+8 mixed mode):", 11),
        ("OpenJDK 64-Bit Server VM (25.0.3+9-LTS mixed mode, sharing):", 25),
        ("OpenJDK 64-Bit Server VM (26-internal-adhoc.x.jdk mixed mode)", 26),
        ("OpenJDK 64-Bit Server VM (unknown mixed mode):", None),
    ],
)
def test_releases(title: str, feature: int | None) -> None:
    dump = dump_of(f"Full thread dump {title}\n\n{WORKER}")
    assert dump.jdk_feature == feature
    assert dump.vm == title.removesuffix(":")


def test_the_title_of_jdk_26_has_a_second_line() -> None:
    title = TITLE.replace("sharing):\n", "sharing)\n                 JDK version: OpenJDK (26)\n")
    assert len(dump_of(title + WORKER).threads) == 1


@pytest.mark.parametrize("greeting", ["27836:\n", "Connected to remote JVM\n27836:\n"])
def test_jcmd_tells_the_process(greeting: str) -> None:
    dump = dump_of(greeting + "2026-11-22 03:16:27\n" + TITLE + WORKER + JNI)
    assert dump.pid == 27836
    assert dump.evidence.first_line == greeting.count("\n")


def test_several_dumps_are_kept_apart() -> None:
    one = "27836:\n2026-11-22 03:16:27\n" + TITLE + WORKER + JNI
    two = one.replace("27836", "27837").replace(":27\n", ":57\n")
    dumps = read(one + two + TITLE + WORKER).dumps
    assert [(d.pid, d.captured) for d in dumps] == [
        (27836, "2026-11-22 03:16:27"),
        (27837, "2026-11-22 03:16:57"),
        (None, None),
    ]
    assert [d.evidence.first_line for d in dumps] == [1, 14, 27]


def test_logs_round_dumps_are_nobody_s_business() -> None:
    log = (
        '2026-11-22 10:00:00,123 INFO  "quoted" started\njava.lang.IllegalStateException: no\n'
        "\tat org.acme.Foo.bar(Foo.java:1)\n\n"
    )
    facts = read(log * 3 + "2026-11-22 03:16:27\n" + TITLE + WORKER + JNI + log * 3)
    assert facts.not_understood == ()
    (dump,) = facts.dumps
    assert dump.captured == "2026-11-22 03:16:27"
    assert dump.threads[0].evidence.first_line == 16


def test_log_lines_within_a_dump_are_kept_as_not_understood() -> None:
    log = "2026-11-22 10:00:00,123 INFO  request took 12 ms\n"
    middle = WORKER.replace("\tat org.acme.Web", log + "\tat org.acme.Web")
    facts = read(TITLE + middle + log + "\n" + OTHER + log + JNI)
    (dump,) = facts.dumps
    assert [len(t.entries) for t in dump.threads] == [4, 4]
    assert list(dump.threads[0].entry_lines) == [5, 6, 8, 9]
    assert [(s.first_line, s.last_line) for s in facts.not_understood] == [
        (7, 7),
        (11, 11),
        (20, 20),
    ]


def test_heap_and_histogram_after_the_list_are_known_noise() -> None:
    heap = (
        "Heap\n garbage-first heap   total 98304K, used 1972K\n  region size 1024K\n\n"
        " num     #instances         #bytes  class name (module)\n"
        "   1:          1234          56789  [B (java.base@17)\nTotal          1234          56789\n"
    )
    assert read(TITLE + WORKER + JNI + heap).not_understood == ()


def test_names_are_not_escaped() -> None:
    names = ['say "hi"', "", "two\nlines", "a\n\nb", '#7 prio=5 "x"', " ", "tab\there", "umläut 한"]
    text = TITLE + "".join(
        WORKER.replace("http-nio-8080-exec-1", name).replace("#31", f"#{number}")
        for number, name in enumerate(names)
    )
    assert [thread.name for thread in dump_of(text).threads] == names


def test_a_thread_injected_by_a_name_is_found_out_by_the_smr_list() -> None:
    name = (
        'evil\n\n"injected" #77 prio=5 os_prio=0 tid=0x0 nid=0x1 runnable [0x0]\n'
        "   java.lang.Thread.State: RUNNABLE\n\tat x.Y.z(Y.java:1)"
    )
    block = (
        "Threads class SMR info:\n_java_thread_list=0x1, length=1, elements={\n"
        "0x00007f0000001000\n}\n\n"
    )
    (thread,) = dump_of(TITLE + block + WORKER.replace("http-nio-8080-exec-1", name)).threads
    assert thread.name == name
    assert thread.evidence == Evidence("input.txt", 8, 17)
    assert list(thread.entry_lines) == [14, 15, 16, 17]


def test_carriers_and_what_they_carry() -> None:
    text = TITLE + (
        '"ForkJoinPool-1-worker-1" #19 [25148] daemon prio=5 os_prio=0 cpu=1.00ms elapsed=2.00s'
        " tid=0x00007f0000001000  [0x00007f0000009000]\n"
        "   Carrying virtual thread #39\n"
        "\tat jdk.internal.vm.Continuation.run(java.base@25/Continuation.java:251)\n"
        '   Mounted virtual thread "order-7" #39\n'
        "\tat org.acme.Order.place(Order.java:7)\n"
        "\t- locked <0x000000076ab00010> (a org.acme.Order)\n\n"
        "   Locked ownable synchronizers:\n\t- None\n\n"
    )
    carrier, virtual = dump_of(text).threads
    assert (carrier.carrying, carrier.nid, carrier.state, carrier.os_state) == (39, 25148, None, "")
    assert carrier.is_java
    assert [type(entry) for entry in carrier.entries] == [Frame]
    assert carrier.synchronizers == ()
    assert (virtual.id, virtual.tid, virtual.name) == (39, None, "")
    assert list(virtual.entry_lines) == [7, 8]
    assert virtual.evidence == Evidence("input.txt", 6, 8)


def test_lines_glued_after_an_eliminated_lock() -> None:
    glued = "\t- eliminated <owner is scalar replaced> (a org.acme.Box)\tat org.acme.Web.serve"
    (thread,) = dump_of(TITLE + WORKER.replace("\tat org.acme.Web.serve", glued)).threads
    assert [type(entry).__name__ for entry in thread.entries] == [
        "Frame",
        "LockLine",
        "LockLine",
        "Frame",
        "LockLine",
    ]
    assert thread.entries[2] == LockLine(LockAction.ELIMINATED, None, "org.acme.Box")
    assert list(thread.entry_lines) == [5, 6, 7, 7, 8]


def test_class_initialisation_and_compiler_lines() -> None:
    text = WORKER.replace(
        "\t- waiting to lock <0x000000076ab00010> (a org.acme.Ledger)",
        "\t- waiting on the Class initialization monitor for org.acme.Config",
    ).replace("\tat org.acme.Ledger", "   No compile task\n\tat org.acme.Ledger")
    (thread,) = dump_of(TITLE + text).threads
    waiting = LockLine(LockAction.CLASS_INITIALIZATION, None, "org.acme.Config")
    assert thread.entries[1] == waiting
    assert list(thread.entry_lines) == [6, 7, 8, 9]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\t", "        "),
        lambda text: "\n".join(line.strip() for line in text.split("\n")),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n", "  \n"),
    ],
    ids=["spaces", "no indent", "crlf", "bom", "no blank lines", "trailing blanks"],
)
def test_whitespace_does_not_matter(change) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    plain = read(TITLE + WORKER + OTHER + JNI).dumps[0]
    (dump,) = read(change(TITLE + WORKER + OTHER + JNI)).dumps
    assert [t.entries for t in dump.threads] == [t.entries for t in plain.threads]
    assert [t.name for t in dump.threads] == [t.name for t in plain.threads]


def test_an_excerpt_without_a_title_is_a_dump() -> None:
    dump = dump_of("$ jstack 27836\n" + WORKER + "...\n" + OTHER + "...\n")
    assert (dump.vm, len(dump.threads), dump.pid) == (None, 2, None)
    assert dump.evidence == Evidence("input.txt", 2, 15)


def test_the_same_thread_again_is_another_excerpt() -> None:
    assert [len(dump.threads) for dump in read(WORKER + OTHER + WORKER).dumps] == [2, 1]


def test_a_prompt_ends_a_dump() -> None:
    facts = read(WORKER + "$ jstack 27836\n" + OTHER)
    assert [len(dump.threads) for dump in facts.dumps] == [1, 1]
    assert facts.not_understood == ()


def test_prose_round_an_excerpt_is_not_damage() -> None:
    facts = read("The workers look like this:\n\n" + WORKER + "\nAnd that is why it hangs.\n")
    assert facts.not_understood == ()
    assert len(facts.dumps[0].threads) == 1


def test_a_missing_head_is_told() -> None:
    facts = read(WORKER.partition("\n")[2] + OTHER)
    assert facts.not_understood == (
        NotUnderstood(1, 5, "part of a thread whose first line is missing"),
    )
    assert [thread.name for thread in facts.dumps[0].threads] == ["http-nio-8080-exec-2"]


def test_a_cut_header_is_told() -> None:
    facts = read(TITLE + WORKER + OTHER[:40])
    assert facts.not_understood == (NotUnderstood(10, 10, "first line of a thread, damaged"),)


def test_a_cut_frame_is_told() -> None:
    facts = read(TITLE + WORKER[: WORKER.index("Web.java")])
    assert facts.not_understood == (NotUnderstood(7, 7, "not a line of a thread dump"),)
    assert len(facts.dumps[0].threads[0].entries) == 2


def test_two_dumps_mixed_by_line_are_not_taken_for_one() -> None:
    smr = "Threads class SMR info:\n_java_thread_list=0x1, length=1, elements={\n{}\n}}\n\n"
    one = (TITLE + smr.replace("{}", "0x00007f0000001000").replace("}}", "}") + WORKER).split("\n")
    two = (TITLE + smr.replace("{}", "0x00007f0000002000").replace("}}", "}") + OTHER).split("\n")
    mixed = "\n".join(line for pair in zip(one, two, strict=True) for line in pair)
    with pytest.raises(UnreadableInput):
        read(mixed)


def test_a_title_alone_is_no_dump() -> None:
    with pytest.raises(UnreadableInput, match="without threads"):
        read(TITLE)


def test_unknown_lines_are_merged_into_spans() -> None:
    facts = read(TITLE + WORKER.replace("\tat org.acme.Web", "x\ny\nz\n\tat org.acme.Web") + JNI)
    assert [(s.first_line, s.last_line) for s in facts.not_understood] == [(7, 9)]


def test_a_long_gap_within_a_dump_is_told() -> None:
    log = "2026-11-22 10:00:00,123 INFO  request took 12 ms\n" * 100
    facts = read(TITLE + WORKER + log + "\n" + OTHER + JNI)
    (dump,) = facts.dumps
    assert [thread.evidence.first_line for thread in dump.threads] == [3, 111]
    assert facts.not_understood == (NotUnderstood(10, 110, "between two threads of one dump"),)


def test_a_table_within_a_thread_moves_no_lines() -> None:
    stack = WORKER.split("\n")
    facts = read("\n".join([*stack[:3], "ESTAB 0 0 10.0.0.1:1 10.0.0.2:2", *stack[3:]]))
    assert [len(table.sockets) for table in facts.tables] == [1]
    (thread,) = facts.dumps[0].threads
    assert list(thread.entry_lines) == [3]
    assert [(s.first_line, s.last_line) for s in facts.not_understood] == [(5, 7)]


HEAP = (
    "Heap\n garbage-first heap   total 8192K, used 1024K [0x1, 0x2)\n Metaspace       used 512K\n\n"
)
HISTOGRAM = (
    " num     #instances         #bytes  class name (module)\n"
    "-------------------------------------------------------\n"
    "   1:          1024         131072  [B (java.base@17.0.15)\n"
    "Total          1024         131072\n"
)


def test_the_heap_and_the_histogram_below_are_of_the_dump() -> None:
    facts = read(TITLE + WORKER + OTHER + JNI + "\n" + HEAP + HISTOGRAM)
    assert facts.not_understood == ()
    assert facts.outside == 0
    (dump,) = facts.dumps
    assert dump.evidence.last_line == facts.lines
    assert dump.ended


def test_a_heap_below_the_threads_shows_that_their_list_is_whole() -> None:
    """JDK 5 prints no other line there."""
    assert read(TITLE + WORKER + HEAP).dumps[0].ended
    assert not read(TITLE + WORKER).dumps[0].ended


def test_a_dump_in_the_heap_of_another_is_not_swallowed() -> None:
    facts = read(TITLE + WORKER + JNI + "Heap\n garbage-first heap\n" + TITLE + OTHER)
    assert [len(dump.threads) for dump in facts.dumps] == [1, 1]


def test_unknown_lines_after_a_blank_one_are_counted_and_no_others() -> None:
    header = HotspotParser().parse(WORKER.split("\n", maxsplit=1)[0])
    assert isinstance(header, Header)
    block = Block(header, 1, 1)
    block.records = [Frame("a", "b"), *[Mark.UNKNOWN] * 1_000_000]
    start = time.process_time()
    assert {block.unknown_since_blank(20) for _ in range(1000)} == {None}
    assert time.process_time() - start < 1  # each line asks
    for count in (0, 1, 20):
        block.records = [Frame("a", "b"), Within.BLANK, *[Mark.UNKNOWN] * count]
        assert block.unknown_since_blank(20) == count
