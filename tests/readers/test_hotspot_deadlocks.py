"""The JVM's own deadlock reports, in the wording of all releases."""

from __future__ import annotations

import pytest

from hangscope.facts import DeadlockMember, Evidence

from .reading import dump_of, read

RULER = "=" * 29
THREADS = """\
"worker-1" #31 prio=5 os_prio=0 tid=0x00007f0000001000 nid=0x1 waiting for monitor entry  [0x0]
   java.lang.Thread.State: BLOCKED (on object monitor)

"worker-2" #32 prio=5 os_prio=0 tid=0x00007f0000002000 nid=0x2 waiting for monitor entry  [0x0]
   java.lang.Thread.State: BLOCKED (on object monitor)

JNI global refs: 24, weak refs: 0

"""
REPORT = f"""\

Found one Java-level deadlock:
{RULER}
"worker-1":
  waiting to lock monitor 0x00007f306c0042b0 (object 0x000000076ab00010, a org.acme.Ledger),
  which is held by "worker-2"

"worker-2":
  waiting for ownable synchronizer 0x000000076ab00020, (a java.util.concurrent.locks.X$Sync),
  which is held by "worker-1"

Java stack information for the threads listed above:
===================================================
"worker-1":
\tat org.acme.Ledger.post(Ledger.java:17)
\t- waiting to lock <0x000000076ab00010> (a org.acme.Ledger)
"worker-2":
\tat org.acme.Web.serve(Web.java:88)

"""
TOTAL = "Found 1 deadlock.\n\n"


def test_a_report() -> None:
    dump = dump_of(THREADS + REPORT + TOTAL)
    (report,) = dump.deadlocks
    assert report.members == (
        DeadlockMember(
            "worker-1",
            "monitor",
            0x000000076AB00010,
            "org.acme.Ledger",
            "worker-2",
            Evidence("input.txt", 12, 14),
        ),
        DeadlockMember(
            "worker-2",
            "ownable synchronizer",
            0x000000076AB00020,
            "java.util.concurrent.locks.X$Sync",
            "worker-1",
            Evidence("input.txt", 16, 18),
        ),
    )
    assert report.evidence == Evidence("input.txt", 10, 26)
    assert [thread.name for thread in dump.threads] == ["worker-1", "worker-2"]
    assert dump.evidence.last_line == 28


def test_jdk_8_has_no_blank_lines_between_the_members() -> None:
    report = REPORT.replace('held by "worker-2"\n\n', 'held by "worker-2"\n')
    (found,) = dump_of(THREADS + report + TOTAL).deadlocks
    assert [member.thread for member in found.members] == ["worker-1", "worker-2"]


def test_several_reports() -> None:
    second = REPORT.replace("worker", "clerk")
    dump = dump_of(THREADS + REPORT + second + "Found 2 deadlocks.\n")
    assert [[m.thread for m in r.members] for r in dump.deadlocks] == [
        ["worker-1", "worker-2"],
        ["clerk-1", "clerk-2"],
    ]


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ('  in JNI, which is held by "worker-2"', "worker-2"),
        ("  which is held by UNKNOWN_owner_addr=0x00007f306c0042b0", None),
        ("  which has now been released", None),
    ],
)
def test_owners(line: str, owner: str | None) -> None:
    report = REPORT.replace('  which is held by "worker-2"', line)
    (found,) = dump_of(THREADS + report + TOTAL).deadlocks
    assert found.members[0].held_by == owner


@pytest.mark.parametrize(
    "line",
    [
        "  waiting to lock JVM TI raw monitor 0x00007f306c0042b0,",
        "  waiting to lock monitor 0x00007f306c0042b0 (JVMTI raw monitor),",
    ],
)
def test_raw_monitors(line: str) -> None:
    first = REPORT.index("  waiting to lock monitor")
    report = REPORT[:first] + line + REPORT[REPORT.index("\n", first) :]
    (found,) = dump_of(THREADS + report + TOTAL).deadlocks
    member = found.members[0]
    assert (member.waits_for, member.address, member.class_name) == ("JVM TI raw monitor", None, "")


def test_names_with_quotes_and_line_feeds() -> None:
    name = 'dead "lock" one\nwith newline'
    report = REPORT.replace("worker-1", name)
    (found,) = dump_of(THREADS + report + TOTAL).deadlocks
    assert [(m.thread, m.held_by) for m in found.members] == [
        (name, "worker-2"),
        ("worker-2", name),
    ]
    assert found.members[0].evidence == Evidence("input.txt", 12, 15)


def test_a_report_that_was_cut() -> None:
    for end in range(len(REPORT)):
        (dump,) = read(THREADS + REPORT[:end]).dumps
        members = [member for report in dump.deadlocks for member in report.members]
        assert len(members) <= 2
        assert all(member.thread in {"worker-1", "worker-2"} for member in members)


def test_a_log_line_within_a_report() -> None:
    log = "2026-11-22 10:00:00,123 INFO  took 12 ms\n"
    report = REPORT.replace("  which is held by", log + "  which is held by")
    facts = read(THREADS + report + TOTAL)
    (found,) = facts.dumps[0].deadlocks
    assert [member.held_by for member in found.members] == ["worker-2", "worker-1"]
    assert [(s.first_line, s.last_line) for s in facts.not_understood] == [(14, 14), (19, 19)]


def test_a_report_pasted_alone() -> None:
    dump = dump_of("$ jstack 27836\n" + REPORT.lstrip() + TOTAL)
    assert (dump.threads, len(dump.deadlocks)) == ((), 1)


def test_what_follows_is_read_again() -> None:
    facts = read(
        THREADS + REPORT + "2026-11-22 03:16:27\nFull thread dump X VM (17 m):\n\n" + THREADS
    )
    assert [len(dump.threads) for dump in facts.dumps] == [2, 2]
    assert facts.dumps[1].captured == "2026-11-22 03:16:27"
