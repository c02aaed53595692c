"""One thread of a circle that runs instead of waiting dissolves whatever needed it, and no more."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from hangscope.facts import Frame, HostFacts, JavaThread, ThreadDump, ThreadState
from hangscope.interpret import Interpretation, assemble_hosts, interpret
from hangscope.interpret.case import Thread
from hangscope.knowledge import load
from hangscope.readers import Source, read_input
from hangscope.waits import Node, NodeKind
from hangscope.waits.graph import Core
from tests.inputs import inputs_by_host

ROOT = Path(__file__).resolve().parents[1]
CASES = sorted(path.parent for path in (ROOT / "fixtures").glob("*/expected.json"))
KNOWLEDGE = load()
WORKING = Frame("com.acme.shop.Work.compute", "Work.java:10")
OF_ANY = (NodeKind.POOL, NodeKind.ENDPOINT, NodeKind.CONNECTION_POOL)
"""One thread that goes on is enough for all that wait for these."""
TRIED = 3


@cache
def facts(case: Path) -> tuple[HostFacts, ...]:
    return tuple(
        HostFacts.of(name, [read_input(Source.from_path(path)) for path in paths])
        for name, paths in inputs_by_host(case).items()
    )


def interpreted(hosts: tuple[HostFacts, ...]) -> Interpretation:
    return interpret(assemble_hosts(hosts, KNOWLEDGE))


def is_circle(case: Path) -> bool:
    return any(map(needs, interpreted(facts(case)).graph.cores))


def running(hosts: tuple[HostFacts, ...], thread: Thread) -> tuple[HostFacts, ...]:
    """The same, but ``thread`` computes, and holds nothing."""

    def changed(one: JavaThread) -> JavaThread:
        if one is not thread.java:
            return one
        return one._replace(
            state=ThreadState.RUNNABLE,
            state_detail="",
            os_state="runnable",
            entries=(WORKING,),
            entry_lines=one.entry_lines[:1],
            native=(),
        )

    def with_it(dump: ThreadDump) -> ThreadDump:
        return replace(dump, threads=tuple(map(changed, dump.threads)))

    return tuple(replace(host, dumps=tuple(map(with_it, host.dumps))) for host in hosts)


def needs(core: Core) -> set[Node]:
    return {node for node in core.nodes if node.kind in OF_ANY}


@pytest.mark.parametrize(
    "case", [case for case in CASES if is_circle(case)], ids=lambda path: path.name
)
def test_a_pool_of_which_one_thread_runs_is_in_no_circle(case: Path) -> None:
    before = interpreted(facts(case))
    threads = {t.node: t for jvm in before.case.jvms for view in jvm.views for t in view.threads}
    chance = random.Random(0)  # noqa: S311 - repeatable, not secret
    for core in before.graph.cores:
        inside = [node for node in core.threads if node in threads]
        for node in chance.sample(inside, min(TRIED, len(inside))):
            after = interpreted(running(facts(case), threads[node])).graph
            assert node not in after.stuck
            for left in after.cores:
                assert not needs(core) & needs(left), node.key
