"""Reasoning grows no faster than the case, and works nothing out twice: by counting calls."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from hangscope.diagnosis import diagnose
from hangscope.facts import HostFacts
from hangscope.interpret import assemble_hosts, interpret, ledger, lock_lines
from hangscope.interpret.sockets import HostSockets
from hangscope.knowledge import Knowledge, load
from hangscope.readers import Source, read_input

ROOT = Path(__file__).parent.parent
FOUR_TIMES = 4.4
"""How many more calls four times the case may take: those that each case needs anyway are less."""


@pytest.fixture(scope="module")
def large_cases() -> Any:
    """The module of the benchmarks that writes large cases."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return importlib.import_module("large_cases")
    finally:
        sys.path.pop(0)


def facts_of(made: Any, shape: int, folder: Path, threads: int, rows: int) -> HostFacts:
    made.write_dump(folder / "dump.txt", made.SHAPES[shape], threads)
    made.write_table(folder / "sockets.txt", made.SHAPES[shape], threads, rows)
    names = ("dump.txt", "sockets.txt")
    return HostFacts.of("", [read_input(Source.from_path(folder / name)) for name in names])


def calls(facts: HostFacts, knowledge: Knowledge) -> int:
    """How often anything is called, or a generator resumed, while ``facts`` are reasoned about."""
    counted: Counter[str] = Counter()

    def count(_: FrameType, event: str, __: object) -> None:
        counted[event] += 1

    sys.setprofile(count)
    try:
        diagnose(interpret(assemble_hosts((facts,), knowledge)))
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


@pytest.mark.parametrize("shape", range(5))
@pytest.mark.parametrize(("small", "large"), [((125, 100), (500, 100)), ((25, 500), (25, 2000))])
def test_four_times_the_case_takes_no_more_than_four_times_the_calls(
    large_cases: Any, shape: int, small: tuple[int, int], large: tuple[int, int], tmp_path: Path
) -> None:
    knowledge = load()
    calls(facts_of(large_cases, shape, tmp_path, 20, 20), knowledge)  # whatever is cached for good
    before = calls(facts_of(large_cases, shape, tmp_path, *small), knowledge)
    after = calls(facts_of(large_cases, shape, tmp_path, *large), knowledge)
    assert after <= FOUR_TIMES * before


def test_what_several_rules_ask_is_worked_out_once(
    large_cases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: Counter[str] = Counter()
    for owner, name in (
        (lock_lines, "_lock_waits"),
        (ledger, "_entry"),
        (HostSockets, "_rows_of"),
    ):
        made = getattr(owner, name)

        def counting(*asked: object, _made: Any = made, _name: str = name) -> object:
            counted[_name] += 1
            return _made(*asked)

        monkeypatch.setattr(owner, name, counting)
    case = assemble_hosts((facts_of(large_cases, 1, tmp_path, 50, 100),), load())
    sockets = case.sockets
    assert sockets is not None
    diagnose(interpret(case))
    accepted = sum(len(sockets.accepted(service)) for service in sockets.services)
    assert counted == {"_lock_waits": 1, "_rows_of": 1, "_entry": accepted}


def with_more_workers(facts: HostFacts, count: int) -> HostFacts:
    """So many more of the executor's threads, each of which waits for a task."""
    (dump,) = facts.dumps
    alike = [thread for thread in dump.threads if thread.name.startswith("pool-")]
    more = [
        one._replace(name=f"pool-1-thread-{n}", id=1000 + n, tid=1000 + n, nid=1000 + n)
        for n, one in zip(range(100, 100 + count), cycle(alike), strict=False)
    ]
    return replace(facts, dumps=(replace(dump, threads=(*dump.threads, *more), listed_tids=None),))


def test_four_times_the_workers_of_an_executor_take_no_more_than_four_times_the_calls() -> None:
    paths = [ROOT / "fixtures" / "executor-starvation" / n for n in ("dump.txt", "sockets.txt")]
    facts = HostFacts.of("", [read_input(Source.from_path(path)) for path in paths])
    knowledge = load()
    calls(with_more_workers(facts, 20), knowledge)  # whatever is cached for good
    before = calls(with_more_workers(facts, 100), knowledge)
    assert calls(with_more_workers(facts, 400), knowledge) <= FOUR_TIMES * before
