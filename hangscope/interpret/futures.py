"""Claims of threads that wait for a task of an executor: ANY of the workers that could run it.

A dump never says which thread will complete a future. What can be said: an idle worker has an empty
queue, so the task is either run by a busy worker or queued behind busy ones. Where the code
of the waiter and of a task that is running belong to one class, the executor is that task's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hangscope.facts import Frame
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.pools import IDLE
from hangscope.interpret.remembered import remembered
from hangscope.knowledge import Knowledge, Role
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_RUN_BY_EXECUTORS = frozenset({"futuretask", "invokeall"})
"""Futures that only a thread running executor tasks completes."""
_COMPLETED_BY_ANYONE = frozenset({"completablefuture", "forkjoin-join"})
"""Futures that any code may complete: claimed only where the task's code is seen running."""
_FUTURES = _RUN_BY_EXECUTORS | _COMPLETED_BY_ANYONE
_COMPENSATED = re.compile(
    r"java\.util\.concurrent\.ForkJoinPool\.(?:managedBlock|helpJoin|awaitJoin)"
)
"""A ForkJoinPool starts a spare worker for one that blocks below these frames."""
_FORK_JOIN = "forkjoin"
_VIRTUAL = "virtual threads"
"""Each runs one task: their names tell no pool."""
_LONG_S = 1.0
"""A spare worker is seen in the second of two dumps that are further apart than this."""
_SUBMITTERS = 6
"""Application frames of a waiter, from the top, whose classes may have submitted the task."""


@dataclass(frozen=True, slots=True)
class TaskPool:
    """Busy workers of executors that could complete the futures of one waiter."""

    jvm: Jvm
    names: tuple[str, ...]
    workers: tuple[Thread, ...]
    inference: str

    @property
    def node(self) -> Node:
        """The tasks that these workers are to complete."""
        return Node(NodeKind.SYNCHRONIZER, f"tasks of {' and '.join(self.names)}", self.jvm.scope)


def claims(case: Case) -> Iterator[Claim]:
    """What threads in ``Future.get``, ``invokeAll`` or ``join`` wait for."""
    told: set[Node] = set()
    for jvm, waiter, pool in task_waits(case):
        yield Claim(
            waiter.node,
            Need.ALL,
            (pool.node,),
            "waits for",
            Certainty.INFERRED,
            waiter.until,
            (waiter.top(),),
            pool.inference,
        )
        if pool.node not in told:
            told.add(pool.node)
            yield _workers_claim(jvm, pool)


def task_waits(case: Case) -> Iterator[tuple[Jvm, Thread, TaskPool]]:
    """Every thread that waits for tasks, with the executor workers that could complete them."""
    for jvm, waiter in case.waiting():
        if waits_for_task(waiter):
            pool = _pool_for(case.knowledge, jvm, waiter)
            if pool is not None:
                yield jvm, waiter, pool


def waits_for_task(thread: Thread) -> bool:
    """Whether it waits for a future, whoever is to complete it."""
    profile = thread.profile
    waits = profile.wait is None and profile.activity not in IDLE
    return waits and profile.primitive is not None and profile.primitive.id in _FUTURES


def _workers_claim(jvm: Jvm, pool: TaskPool) -> Claim:
    on = [*(worker.node for worker in pool.workers), *jvm.unseen, *jvm.unseen_virtual]
    inference = pool.inference + jvm.taken_as_whole
    if any(_compensated(worker) for worker in pool.workers):
        if jvm.watched_s >= _LONG_S and not jvm.moved.intersection(on):
            inference += (
                f"; a ForkJoinPool starts a spare worker at once if it may, and in"
                f" {jvm.watched_s:.0f} s it has started none"
            )
        else:
            on.append(
                Node(NodeKind.THREAD, f"a spare worker of {' and '.join(pool.names)}", jvm.scope)
            )
    return Claim(
        pool.node,
        Need.ANY,
        tuple(on),
        "are run by, or queued behind,",
        Certainty.INFERRED,
        Until.NEVER,
        tuple(worker.header for worker in pool.workers),
        inference,
    )


def _compensated(thread: Thread) -> bool:
    """Whether its pool may start another worker for it; others pass through these frames too."""
    return thread.profile.runs_task == _FORK_JOIN and any(
        _COMPENSATED.match(frame.method) for frame in thread.java.frames()
    )


def _pool_for(knowledge: Knowledge, jvm: Jvm, waiter: Thread) -> TaskPool | None:
    submitters = frozenset(_application_classes(knowledge, waiter)[:_SUBMITTERS])
    running = _running(jvm, knowledge)
    seen = next((task for task in running if task in submitters), None)
    if seen is not None:
        linked = frozenset().union(*(running[task] for task in running if task in submitters))
        return _linked(jvm, linked, seen)
    primitive = waiter.profile.primitive
    if primitive is None or primitive.id in _COMPLETED_BY_ANYONE:
        return None
    return _any_executor(jvm)


@remembered
def _busy(jvm: Jvm) -> tuple[Thread, ...]:
    """Who is seen to run a task of an executor."""
    return tuple(
        thread
        for thread in jvm.everyone
        if thread.profile.runs_task is not None
        and thread.profile.role is not Role.WORKER
        and thread.profile.activity not in IDLE
    )


@remembered
def _running(jvm: Jvm, knowledge: Knowledge) -> Mapping[str, frozenset[str | None]]:
    """The application classes whose tasks run, and in which pools."""
    running: dict[str, set[str | None]] = {}
    for thread in _busy(jvm):
        task = _task_class(knowledge, thread)
        if task is not None:
            running.setdefault(task, set()).add(thread.profile.pool)
    return {task: frozenset(pools) for task, pools in running.items()}


@remembered
def _linked(jvm: Jvm, linked: frozenset[str | None], seen: str) -> TaskPool:
    """The executors that run tasks of the class that waits."""
    workers = [thread for thread in _busy(jvm) if thread.profile.pool in linked]
    names = _names(workers)
    inference = (
        f"The tasks that are waited for run in {' and '.join(names)}: its threads run tasks of"
        f" {seen}, the class that waits"
    )
    return TaskPool(jvm, names, (*workers, *_at_something_else(jvm, workers)), inference)


@remembered
def _any_executor(jvm: Jvm) -> TaskPool | None:
    """Whoever runs tasks; None where nobody does."""
    busy = _busy(jvm)
    if not busy:
        return None
    names = _names(busy)
    inference = (
        "Only a busy executor thread can complete a FutureTask, for an idle one has an empty queue:"
        f" {' or '.join(names)}"
    )
    return TaskPool(jvm, names, (*busy, *_at_something_else(jvm, busy)), inference)


def _at_something_else(jvm: Jvm, workers: Sequence[Thread]) -> list[Thread]:
    """Threads of the same pools of which no stack says what they run: a task perhaps."""
    pools = {worker.profile.pool for worker in workers} - {None}
    return [
        thread
        for thread in jvm.everyone
        if thread.profile.pool in pools
        and thread.profile.activity not in IDLE
        and thread.profile.role is not Role.WORKER
        and thread.profile.runs_task is None
    ]


def _names(threads: Sequence[Thread]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(_VIRTUAL if t.java.virtual else t.profile.pool or t.name for t in threads)
    )


def _task_class(knowledge: Knowledge, thread: Thread) -> str | None:
    """The application class whose code the task began with: the outermost application frame."""
    classes = _application_classes(knowledge, thread)
    return classes[-1] if classes else None


def _application_classes(knowledge: Knowledge, thread: Thread) -> list[str]:
    """Outer classes of the application frames, top first, consecutive repeats once."""
    classes: list[str] = []
    start = thread.profile.application_frame
    if start is None:
        return classes
    for entry in thread.java.entries[start:]:
        if isinstance(entry, Frame) and knowledge.is_application(entry.method):
            outer = _outer_class(entry.method)
            if not classes or classes[-1] != outer:
                classes.append(outer)
    return classes


def _outer_class(method: str) -> str:
    """``com.a.S`` for both ``com.a.S$1.call`` and ``com.a.S$$Lambda/0x7f.call``."""
    declaring = method.rsplit(".", 1)[0] if "/" not in method else method.split("/", 1)[0]
    return declaring.split("$", 1)[0]
