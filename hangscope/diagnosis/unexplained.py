"""Threads that wait, or may wait, for somebody whom the dump does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hangscope.facts import Evidence, LockAction, LockLine, Monitors, ThreadState
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.lock_lines import lock_waits
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Activity, Role

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


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Threads that wait for something whose owner the dump does not show."""

    threads: tuple[Thread, ...]
    lines: tuple[Evidence, ...]
    what: str
    why: str
    """Why the dump does not show it, as a sentence."""


@dataclass(frozen=True, slots=True)
class _Wait:
    thread: Thread
    line: Evidence
    what: str
    why: str = _NO_OWNER


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
    )


def _waits(interpretation: Interpretation, jvm: Jvm) -> Iterator[_Wait]:
    for wait in lock_waits(jvm):
        busy = wait.thread.profile.activity not in IDLE
        if busy and not interpretation.graph.claims_of(wait.lock):
            yield _Wait(wait.thread, wait.line, "a lock whose owner the dump does not show")
    for thread in jvm.threads:
        for index, entry in enumerate(thread.java.entries):
            if isinstance(entry, LockLine) and entry.action is LockAction.CLASS_INITIALIZATION:
                line = thread.java.line_of(index)
                yield _Wait(thread, line, "a class that another thread initialises")
    if all(view.dump.monitors is not Monitors.RECORDED for view in jvm.views):
        yield from _without_locks(jvm)
    if jvm.dump.format not in _TELL_INITIALISATION:
        yield from _initialising(jvm)


def _without_locks(jvm: Jvm) -> Iterator[_Wait]:
    """Threads that are blocked, or may be, where the dump records no locks."""
    for thread in jvm.threads:
        profile = thread.profile
        if profile.role is Role.JVM or profile.activity in IDLE:
            continue
        if profile.primitive is not None and profile.primitive.id in _LOCKS:
            what = "a lock that the dump does not record"
        elif _may_be_blocked(thread):
            what = "perhaps a lock (neither states nor locks are recorded)"
        else:
            continue
        yield _Wait(thread, thread.top(), what, _NO_LOCKS)


def _may_be_blocked(thread: Thread) -> bool:
    """Without a state, a thread that wants a monitor looks like one that runs."""
    stated = thread.java.state is not None
    runs = thread.profile.activity is Activity.RUNNING and thread.profile.io is None
    return runs and not stated and any(True for _ in thread.java.frames())


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
            yield _Wait(
                thread,
                thread.top(),
                "perhaps a class that another one initialises",
                "This form of dump does not tell who waits for a class to be initialised.",
            )
