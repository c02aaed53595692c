"""Processor time from dump to dump: runaway threads, rings in maps, collectors that thrash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hangscope.diagnosis import diagnose
from hangscope.diagnosis.model import Finding
from hangscope.facts import Evidence, Frame, JavaThread, ProcessFacts, ThreadDump, ThreadUsage
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source
from hangscope.waits import Certainty

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
Change = Callable[[JavaThread], JavaThread]


def dumps_of(case: str) -> list[ThreadDump]:
    inputs = [read_input(Source.from_path(p)) for p in sorted((FIXTURES / case).glob("dump*.txt"))]
    return [dump for one in inputs for dump in one.dumps]


def changed(dump: ThreadDump, change: Change) -> ThreadDump:
    return replace(dump, threads=tuple(map(change, dump.threads)))


def found(dumps: Sequence[ThreadDump], *facts: ProcessFacts) -> dict[str, Finding]:
    told = diagnose(interpret(assemble(dumps, [], KNOWLEDGE, processes=facts)))
    return {finding.id: finding for finding in told.findings}


@pytest.fixture(scope="module")
def regex() -> list[ThreadDump]:
    return dumps_of("runaway-regex")


@pytest.fixture(scope="module")
def ring() -> list[ThreadDump]:
    return dumps_of("hash-map-ring")


@pytest.fixture(scope="module")
def full() -> list[ThreadDump]:
    return dumps_of("gc-thrashing")


def busy(thread: JavaThread) -> bool:
    return any("isAddress" in frame.method for frame in thread.frames())


def slowed(factor: float) -> Change:
    return lambda t: t._replace(cpu_ms=None if t.cpu_ms is None else t.cpu_ms * factor)


def test_one_dump_shows_no_runaway_thread(regex: list[ThreadDump]) -> None:
    assert "runaway-thread" in found(regex)
    assert "runaway-thread" not in found(regex[-1:])


def test_two_dumps_are_enough_only_if_far_apart(regex: list[ThreadDump]) -> None:
    first, last = regex[0], regex[-1]
    assert "runaway-thread" not in found([first, last])
    earlier = changed(
        first, lambda t: t._replace(elapsed_s=None if t.elapsed_s is None else t.elapsed_s - 2)
    )
    assert "runaway-thread" in found([earlier, last])


def test_a_thread_that_uses_little_does_not_run_away(regex: list[ThreadDump]) -> None:
    assert "runaway-thread" not in found([changed(dump, slowed(0.2)) for dump in regex])


@pytest.mark.parametrize("place", ["isAddress", "lambda$main$1"])
def test_a_thread_that_is_elsewhere_in_one_dump_does_not_run_away(
    regex: list[ThreadDump], place: str
) -> None:
    def moved(thread: JavaThread) -> JavaThread:
        entries = tuple(
            Frame("com.acme.Other.work", "Other.java:5")
            if isinstance(e, Frame) and place in e.method and busy(thread)
            else e
            for e in thread.entries
        )
        return thread._replace(entries=entries)

    assert any(moved(thread) != thread for thread in regex[1].threads)
    assert "runaway-thread" not in found([regex[0], changed(regex[1], moved), regex[2]])


@pytest.mark.parametrize(
    ("callees", "runs_away"),
    [
        (("java.util.HashMap.get", "java.lang.String.equals", "java.util.HashMap.put"), True),
        (("org.jooq.impl.A.fetch", "org.jooq.impl.A.fetch", "org.jooq.impl.A.fetch"), True),
        (("org.jooq.impl.A.fetch", "com.fasterxml.B.write", "java.util.HashMap.put"), False),
    ],
)
def test_a_method_that_leads_to_all_the_work_there_is_does_not_run_away(
    regex: list[ThreadDump], callees: tuple[str, ...], runs_away: bool
) -> None:
    def calling(callee: str) -> Change:
        def change(thread: JavaThread) -> JavaThread:
            if not busy(thread):
                return thread
            kept = [
                index
                for index, entry in enumerate(thread.entries)
                if "java.util.regex" not in getattr(entry, "method", "")
            ]
            entries = (Frame(callee, "A.java:1"), *(thread.entries[index] for index in kept))
            lines = (thread.entry_lines[0], *(thread.entry_lines[index] for index in kept))
            return thread._replace(entries=entries, entry_lines=lines)

        return change

    dumps = [changed(d, calling(callee)) for d, callee in zip(regex, callees, strict=True)]
    assert ("runaway-thread" in found(dumps)) is runs_away


def test_a_carrier_is_in_one_place_whatever_it_runs(regex: list[ThreadDump]) -> None:
    def carrier(thread: JavaThread) -> JavaThread:
        if not busy(thread):
            return thread
        entries = (
            Frame("jdk.internal.vm.Continuation.run", "Continuation.java:251"),
            Frame("java.util.concurrent.ForkJoinWorkerThread.run", "ForkJoinWorkerThread.java:187"),
        )
        lines = tuple(thread.entry_lines)[:2]
        return thread._replace(carrying=44, state=None, entries=entries, entry_lines=lines)

    assert "runaway-thread" not in found([changed(dump, carrier) for dump in regex])


def test_top_tells_the_processor_time_where_the_dumps_do_not(regex: list[ThreadDump]) -> None:
    plain = [changed(dump, lambda t: t._replace(cpu_ms=None)) for dump in regex]
    (nid,) = {t.nid for t in plain[0].threads if busy(t)}
    row = Evidence("top.txt", 8, 8)

    def top(percent: float) -> ProcessFacts:
        usage = ThreadUsage(nid or 0, "pool-1-thread-1", percent, None, "R", row)
        return ProcessFacts(Evidence("top.txt", 1, 9), "top", usages=(usage,))

    assert "runaway-thread" not in found(plain)
    finding = found(plain, top(97.0))["runaway-thread"]
    assert "97%" in finding.explanation
    assert any(citation.evidence == row for citation in finding.citations)
    assert "runaway-thread" not in found(plain, top(3.0))


def test_one_thread_alone_in_a_map_is_told_without_accusing_the_map(
    ring: list[ThreadDump],
) -> None:
    alone = [
        replace(d, threads=tuple(t for t in d.threads if t.name not in {"user-1", "user-2"}))
        for d in ring
    ]
    alone = [
        replace(d, listed_tids=None, threads=tuple(t for t in d.threads if t.name != "user-3"))
        for d in alone
    ]
    alone = [changed(dump, slowed(3)) for dump in alone]
    told = found(alone)
    assert "hash-map-loop" not in told
    assert "may have a ring" in told["runaway-thread"].explanation


def test_two_dumps_do_not_tell_a_ring_from_heavy_use(ring: list[ThreadDump]) -> None:
    assert "hash-map-loop" in found(ring)
    assert "hash-map-loop" not in found(ring[:2])


def test_a_map_of_the_application_is_not_accused(ring: list[ThreadDump]) -> None:
    def own(thread: JavaThread) -> JavaThread:
        entries = tuple(
            e._replace(method=e.method.replace("java.util.WeakHashMap", "com.acme.FastMap"))
            if isinstance(e, Frame)
            else e
            for e in thread.entries
        )
        return thread._replace(entries=entries)

    told = found([changed(dump, own) for dump in ring])
    assert "hash-map-loop" not in told
    assert "runaway-thread" in told


def test_thrashing_is_proven_by_three_dumps_and_inferred_from_two(full: list[ThreadDump]) -> None:
    assert found(full)["gc-thrashing"].certainty is Certainty.PROVEN
    inferred = found(full[1:])["gc-thrashing"]
    assert inferred.certainty is Certainty.INFERRED
    assert "histo" in inferred.rests_on[0]
    assert "gc-thrashing" not in found(full[:1])


def test_a_collector_that_rests_between_two_of_the_dumps_does_not_thrash(
    full: list[ThreadDump],
) -> None:
    before = {t.name: t.cpu_ms for t in full[0].threads}
    calm = changed(
        full[1],
        lambda t: t._replace(cpu_ms=before[t.name]) if t.name.startswith("GC Thread") else t,
    )
    assert "gc-thrashing" not in found([full[0], calm, full[2]])


def test_a_program_that_works_as_much_as_its_collector_is_not_thrashing(
    full: list[ThreadDump],
) -> None:
    def hard(thread: JavaThread) -> JavaThread:
        mine = thread.name == "pool-1-thread-1" and thread.cpu_ms is not None
        return thread._replace(cpu_ms=(thread.cpu_ms or 0) * 25) if mine else thread

    assert "gc-thrashing" not in found([changed(dump, hard) for dump in full])


def test_threads_that_collect_beside_the_program_do_not_count(full: list[ThreadDump]) -> None:
    def beside(thread: JavaThread) -> JavaThread:
        return thread._replace(name=thread.name.replace("GC Thread#", "G1 Conc#"))

    assert "gc-thrashing" not in found([changed(dump, beside) for dump in full])
