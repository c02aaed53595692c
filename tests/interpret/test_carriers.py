"""Which virtual threads are mounted, pinned or ready; when all carriers count as held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hangscope.diagnosis import diagnose
from hangscope.diagnosis.model import Kind
from hangscope.facts import JavaThread, LockLine, ThreadDump, ThreadState
from hangscope.interpret import Interpretation, assemble, interpret
from hangscope.interpret.carriers import Carriers
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


@pytest.fixture(scope="module")
def pinned() -> list[ThreadDump]:
    return dumps_of("virtual-pinned-initialisers")


def told(dumps: list[ThreadDump], change: Change | None = None) -> Interpretation:
    if change is not None:
        dumps = [replace(d, threads=tuple(map(change, d.threads))) for d in dumps]
    return interpret(assemble(dumps, [], KNOWLEDGE))


def carriers(dumps: list[ThreadDump], change: Change | None = None) -> Carriers:
    (found,) = told(dumps, change).carriers
    return found


def names(threads: tuple[object, ...]) -> set[str]:
    return {getattr(thread, "name", "") for thread in threads}


def test_both_dumps_together_tell_who_holds_which_carrier(pinned: list[ThreadDump]) -> None:
    found = carriers(pinned)
    aisles = {f"aisle-{number}" for number in range(1, 5)}
    assert names(found.pinned) == names(tuple(found.mounted.values())) == aisles
    assert len(found.threads) == 4
    assert names(found.ready) == {"keeper", *(f"visitor-{n}" for n in range(1, 13))}
    assert found.held


def test_json_of_jdk_25_alone_is_enough(pinned: list[ThreadDump]) -> None:
    alone = [dump for dump in pinned if dump.format == "dump-to-file-json"]
    assert carriers(alone).held
    assert len(told(alone).graph.cores) == 1


def test_thread_print_alone_is_not(pinned: list[ThreadDump]) -> None:
    alone = [dump for dump in pinned if dump.format == "hotspot"]
    assert not carriers(alone).held
    assert not told(alone).graph.cores


def test_one_free_carrier_is_enough_to_go_on(pinned: list[ThreadDump]) -> None:
    def freed(thread: JavaThread) -> JavaThread:
        if thread.name != "ForkJoinPool-1-worker-2":
            return thread
        rest = [e for e in thread.entries if "Continuation" not in getattr(e, "method", "")]
        return thread._replace(
            carrying=None, entries=tuple(rest), entry_lines=thread.entry_lines[-len(rest) :]
        )

    assert len(carriers(pinned, freed).idle) == 1
    assert not carriers(pinned, freed).held
    assert not told(pinned, freed).graph.cores


def test_a_mounted_thread_that_runs_pins_nothing(pinned: list[ThreadDump]) -> None:
    def running(thread: JavaThread) -> JavaThread:
        if thread.name != "aisle-2" and thread.id != 25:
            return thread
        rest = tuple(e for e in thread.entries if not isinstance(e, LockLine))
        lines = tuple(thread.entry_lines)[: len(rest)]
        state = ThreadState.RUNNABLE
        return thread._replace(state=state, os_state="", entries=rest, entry_lines=lines)

    assert "aisle-2" not in names(carriers(pinned, running).pinned)
    assert not carriers(pinned, running).held
    assert not told(pinned, running).graph.cores


def test_nobody_waits_for_a_carrier_while_none_is_ready(pinned: list[ThreadDump]) -> None:
    fewer = [
        replace(
            d,
            threads=tuple(
                t for t in d.threads if not t.name.startswith("visitor") and t.name != "keeper"
            ),
        )
        for d in pinned
    ]
    assert not carriers(fewer).held


def test_a_dump_that_is_cut_may_hide_a_free_carrier(pinned: list[ThreadDump]) -> None:
    cut = [replace(dump, ended=False, listed_tids=None) for dump in pinned]
    assert not carriers(cut).held


def test_before_jdk_25_json_knows_a_thread_that_has_not_begun_by_its_absence() -> None:
    dumps = dumps_of("virtual-pinned-synchronized")
    found = carriers(dumps)
    assert names(found.ready) == {f"customer-{number}" for number in range(1, 13)}
    assert names(found.pinned) == {f"order-{number}" for number in range(1, 5)}
    alone = [dump for dump in dumps if dump.format == "dump-to-file-json"]
    assert not carriers(alone).ready


def test_before_jdk_24_a_mounted_thread_that_uses_no_processor_time_is_pinned() -> None:
    dumps = dumps_of("virtual-blocked-synchronized")
    assert names(carriers(dumps).pinned) == {"clerk", "order-1", "order-2", "order-3"}
    assert carriers(dumps).held
    once = [dump for dump in dumps if "dump-1.txt" not in dump.evidence.input]
    assert names(carriers(once).pinned) == {"clerk"}
    assert not carriers(once).held

    def working(thread: JavaThread) -> JavaThread:
        is_first = "dump-1.txt" in thread.evidence.input
        carries = thread.carrying is not None and not is_first
        return thread._replace(cpu_ms=(thread.cpu_ms or 0) + 2_000) if carries else thread

    assert not carriers(dumps, working).held


def test_carriers_of_threads_that_no_dump_shows_are_not_called_healthy() -> None:
    dumps = [dump for dump in dumps_of("virtual-pinned-synchronized") if dump.format == "hotspot"]
    told_alone = diagnose(told(dumps))
    assert told_alone.verdict.kind is Kind.INCONCLUSIVE
    assert any("dump_to_file" in gap.command for gap in told_alone.gaps)


def test_dumps_of_each_form_are_put_in_order_although_their_zones_differ() -> None:
    dumps = dumps_of("virtual-deadlock-monitors")
    for given in (dumps, dumps[::-1]):
        (core,) = told(given).graph.cores
        assert core.certainty is Certainty.PROVEN


def test_the_owner_of_a_scope_waits_for_its_subtasks_only_while_it_joins() -> None:
    dumps = dumps_of("scope-deadlock")
    assert len(told(dumps).graph.cores) == 1

    def elsewhere(thread: JavaThread) -> JavaThread:
        rest = [e for e in thread.entries if "Scope" not in str(e) and "ThreadFlock" not in str(e)]
        lines = tuple(thread.entry_lines)[: len(rest)]
        return thread._replace(entries=tuple(rest), entry_lines=lines)

    assert not told(dumps, elsewhere).graph.cores
