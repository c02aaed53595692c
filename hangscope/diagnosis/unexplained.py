"""Threads that wait, or may wait, for somebody whom the dump does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hangscope.facts import Evidence, Monitors, ThreadState
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.carriers import hidden, is_carrier
from hangscope.interpret.class_initialization import line_of_class, waits_for_class
from hangscope.interpret.lock_lines import lock_waits
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Activity, Role
from hangscope.waits import Node, NodeKind

_LOCKS = frozenset({"monitor", "reentrantlock", "rwlock-read", "rwlock-write", "stampedlock"})
"""Primitives that wait for a lock."""
_TELL_INITIALISATION = frozenset({"hotspot", "javacore"})
"""Forms that say of a thread that it waits for a class to be initialised."""
_INITIALISES = ".<clinit>"
_NO_OWNER = (
    "A lock that is held for reading, by a virtual thread or through JNI has no owner in a dump;"
    " nor has a class that is being initialised."
)
_NO_LOCKS = "This form of dump does not tell who holds which lock."
_NO_STATES = "It does not tell a thread that is blocked from one that runs."
_HIDDEN = "what their virtual threads wait for, which the dump does not show"
_NO_STACK = "This form of dump shows no stack of a virtual thread that is mounted."
_NO_INITIALISER = "This form of dump does not tell who waits for a class to be initialised."


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Threads that wait for something whose owner the dump does not show."""

    threads: tuple[Thread, ...]
    lines: tuple[Evidence, ...]
    what: str
    why: str
    """Why the dump does not show it, as a sentence."""
    sure: bool
    """Whether all of them wait; else some may run."""


@dataclass(frozen=True, slots=True)
class _Wait:
    thread: Thread
    line: Evidence
    what: str
    why: str = _NO_OWNER
    sure: bool = True


def unexplained_waits(interpretation: Interpretation) -> Unexplained | None:
    """Waits for a lock without a known owner, or for a class that another thread initialises."""
    found = {
        wait.thread.node: wait
        for jvm in interpretation.case.jvms
        for wait in _waits(interpretation, jvm)
        if wait.thread.node not in jvm.moved
    }
    if not found:
        return None
    waits = tuple(found.values())
    return Unexplained(
        tuple(wait.thread for wait in waits),
        tuple(wait.line for wait in waits),
        " or ".join(dict.fromkeys(wait.what for wait in waits)),
        " ".join(dict.fromkeys(wait.why for wait in waits)),
        all(wait.sure for wait in waits),
    )


def _waits(interpretation: Interpretation, jvm: Jvm) -> Iterator[_Wait]:
    """By each form of dump, for the threads whose locks no better one shows."""
    told: set[Node] = set()
    for view in jvm.views:
        for wait in _waits_by(interpretation, view):
            if wait.thread.node not in told:
                yield wait
        if view.dump.monitors is Monitors.RECORDED:
            told.update(thread.node for thread in view.threads)


def _waits_by(interpretation: Interpretation, jvm: Jvm) -> Iterator[_Wait]:
    for wait in lock_waits(jvm):
        busy = wait.thread.profile.activity not in IDLE
        if busy and not _is_explained(interpretation, wait.thread):
            yield _Wait(wait.thread, wait.line, "a lock whose owner the dump does not show")
    for thread in jvm.threads:
        if waits_for_class(thread):
            yield _Wait(thread, line_of_class(thread), "a class that another thread initialises")
    for carrier in hidden(jvm):
        yield _Wait(carrier, carrier.header, _HIDDEN, _NO_STACK, sure=False)
    if jvm.dump.monitors is not Monitors.RECORDED:
        yield from _without_locks(jvm)
    if jvm.dump.format not in _TELL_INITIALISATION:
        yield from _initialising(jvm)


def _is_explained(interpretation: Interpretation, thread: Thread) -> bool:
    """Whether any form of dump tells who holds the lock that it waits for."""
    graph = interpretation.graph
    wanted = (node for claim in graph.claims_of(thread.node) for node in claim.on)
    return any(graph.claims_of(node) for node in wanted if node.kind is NodeKind.LOCK)


def _without_locks(jvm: Jvm) -> Iterator[_Wait]:
    """Threads that are blocked, or may be, where the dump records no locks."""
    for thread in jvm.threads:
        profile = thread.profile
        if profile.role is Role.JVM or profile.activity in IDLE:
            continue
        waits = profile.primitive is not None and profile.primitive.id in _LOCKS
        if waits or _may_be_blocked(thread):
            what = "a lock that the dump does not record"
            yield _Wait(thread, thread.top(), what, _NO_LOCKS if waits else _NO_STATES, waits)


def _may_be_blocked(thread: Thread) -> bool:
    """Without a state, a thread that wants a monitor looks like one that runs.

    Without a stack, a thread that waits may wait for anything; a virtual thread without one has
    not begun, or waits for the processor.
    """
    state = thread.java.state
    if any(True for _ in thread.java.frames()):
        runs = thread.profile.activity is Activity.RUNNING and thread.profile.io is None
        runs = runs and not is_carrier(thread)  # what it runs is a thread of its own
        return runs and state is None
    return state not in (None, ThreadState.RUNNABLE) and not thread.java.virtual


def _initialising(jvm: Jvm) -> Iterator[_Wait]:
    """Threads in class initialisers, where several are: they may wait for each other."""
    within = [
        thread
        for thread in jvm.threads
        if thread.java.state in (None, ThreadState.RUNNABLE)
        and thread.profile.activity is Activity.RUNNING
        and any(frame.method.endswith(_INITIALISES) for frame in thread.java.frames())
    ]
    if len(within) > 1:
        for thread in within:
            what = "a class that another thread initialises"
            yield _Wait(thread, thread.top(), what, _NO_INITIALISER, sure=False)
