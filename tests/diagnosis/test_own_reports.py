"""What the JVM itself reports is held against the reduction: agreement, or the reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.diagnosis.own_reports import UNEXPLAINED
from hangscope.facts import DeadlockReport, ThreadDump
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()


@pytest.fixture(scope="module")
def dump() -> ThreadDump:
    return read_input(Source.from_path(FIXTURES / "lock-deadlock-monitors" / "dump.txt")).dumps[0]


def told(dump: ThreadDump) -> Diagnosis:
    return diagnose(interpret(assemble([dump], [], KNOWLEDGE)))


def said(dump: ThreadDump) -> str:
    (finding,) = told(dump).findings
    assert finding.id == "lock-deadlock"
    return finding.explanation


def renamed(report: DeadlockReport, old: str, new: str) -> DeadlockReport:
    members = tuple(
        replace(
            member,
            thread=new if member.thread == old else member.thread,
            held_by=new if member.held_by == old else member.held_by,
        )
        for member in report.members
    )
    return replace(report, members=members)


def test_agreement_is_stated_and_cited(dump: ThreadDump) -> None:
    assert "with the same threads" in said(dump)
    (finding,) = told(dump).findings
    assert any(c.evidence == dump.deadlocks[0].evidence for c in finding.citations)
    assert not any("itself reports" in gap.what for gap in told(dump).gaps)


def test_silence_of_a_jvm_that_looks_is_not_passed_over(dump: ThreadDump) -> None:
    assert UNEXPLAINED in said(replace(dump, deadlocks=()))


def test_silence_is_explained_where_the_dump_may_be_cut(dump: ThreadDump) -> None:
    cut = replace(dump, deadlocks=(), ended=False)
    assert "before the place of its report" in said(cut)


def test_silence_is_explained_where_the_release_does_not_look(dump: ThreadDump) -> None:
    assert "releases before 6" in said(replace(dump, deadlocks=(), jdk_feature=5))


def test_silence_is_explained_where_a_thread_is_virtual(dump: ThreadDump) -> None:
    threads = tuple(t._replace(virtual=t.name == "teller-1") for t in dump.threads)
    assert "1 thread of the circle is virtual" in said(replace(dump, deadlocks=(), threads=threads))


def test_a_report_of_other_threads_is_told_as_a_difference(dump: ThreadDump) -> None:
    report = renamed(dump.deadlocks[0], "teller-2", "main")
    differs = replace(dump, deadlocks=(report,))
    assert '"main", which by the other lines of the dump is not in' in said(differs)


def test_a_deadlock_that_only_the_jvm_sees_is_a_gap(dump: ThreadDump) -> None:
    later = tuple(
        t._replace(cpu_ms=(t.cpu_ms or 0) + 900) if t.name.startswith("teller") else t
        for t in dump.threads
    )
    moved = assemble([dump, replace(dump, threads=later)], [], KNOWLEDGE)
    gaps = [gap.what for gap in diagnose(interpret(moved)).gaps]
    assert any("itself reports" in what and "shows them elsewhere" in what for what in gaps)
