"""Threads wait for a lock that nobody will release.

What it is: a thread took a lock and left the code that should release it, most often by an
exception between ``lock()`` and an ``unlock()`` that stands in no ``finally``. The lock stays its
own: it is idle in its pool again, or has ended.

How it is recognised: the lock's owner is idle in its pool, with no code of a task on its stack; or
several whole dumps with owned locks (``-l``) show threads that wait for it, and no owner.

What it is mistaken for: a convoy behind a slow owner (this one does nothing), or a lost wake-up.

What to do now: restart the process. Look in the log for an exception from the code that takes
this lock.

What to do for good: call ``unlock()`` in a ``finally`` right behind ``lock()``, or use
``synchronized``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import filterfalse, islice

from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.facts import NOT_RECORDED, Frame, LockLine
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.lock_lines import LockWait, lock_node, lock_waits
from hangscope.interpret.pools import IDLE
from hangscope.interpret.remembered import remembered
from hangscope.knowledge import Activity, Role
from hangscope.waits import Certainty, Node, Until

ID = "abandoned-lock"
KIND = Kind.CONTENTION
LAYER = Layer.APPLICATION
_OF_A_THREAD = "java.util.concurrent.locks.ReentrantLock$"
"""A lock that always has one owner while it is held: no readers."""
_PARKS = ("java.util.concurrent.locks.", "jdk.internal.misc.Unsafe.", "sun.misc.Unsafe.")
_POOLED = frozenset({Role.WORKER, Role.EXECUTOR})

REMEDIES = (
    Remedy(When.NOW, "Restart the process: nothing else releases a lock for another thread."),
    Remedy(
        When.NOW,
        "Search the log for an exception in the code that takes this lock: the quoted stacks of the"
        " threads that wait show where it is taken.",
    ),
    Remedy(
        When.LASTING,
        "Release the lock in a finally block that begins right behind lock(), with nothing between"
        " that can throw; or use synchronized.",
    ),
)


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A lock that nobody will release, and who waits for it."""

    view: Jvm
    lock: Node
    waits: tuple[LockWait, ...]
    owner: Thread | None
    """None: it has ended."""


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a lock that nobody will release."""
    telling = Telling(interpretation)
    for _, lock in sorted(abandoned_locks(interpretation).items()):
        yield _finding(interpretation, telling, lock)


@remembered
def abandoned_locks(interpretation: Interpretation) -> Mapping[Node, Abandoned]:
    """The locks that are waited for and whose owner has left the code that took them."""
    found: dict[Node, Abandoned] = {}
    for view in (view for jvm in interpretation.case.jvms for view in jvm.views):
        queues: dict[Node, list[LockWait]] = {}
        for wait in lock_waits(view):
            held_up = wait.thread.profile.activity not in IDLE
            if held_up and not wait.monitor and wait.thread.node not in view.moved:
                queues.setdefault(wait.lock, []).append(wait)
        if not queues:
            continue
        by_node = {thread.node: thread for thread in view.threads}
        for lock, waits in queues.items():
            if not any(wait.thread.profile.application_frame is not None for wait in waits):
                continue
            nodes = {n for claim in interpretation.graph.claims_of(lock) for n in claim.on}
            if not nodes and _has_ended(view, waits):
                found[lock] = Abandoned(view, lock, tuple(waits), None)
            elif len(nodes) == 1:
                owner = by_node.get(next(iter(nodes)))
                if owner is not None and _has_left(view, owner, lock, waits):
                    found[lock] = Abandoned(view, lock, tuple(waits), owner)
    return found


def _has_left(view: Jvm, owner: Thread, lock: Node, waits: list[LockWait]) -> bool:
    """Whether no code that could have taken the lock is on the owner's stack: it has no task.

    The queue that it waits at for a task has locks too, which it may hold for a moment.
    """
    profile = owner.profile
    at_rest = profile.activity is Activity.IDLE and profile.io is None
    return (
        at_rest
        and profile.role in _POOLED
        and profile.application_frame is None
        and _owns(view, owner, lock)
        and not _takers(waits) & {_class(frame) for frame in owner.java.frames()}
    )


def _takers(waits: list[LockWait]) -> set[str]:
    """The classes whose code takes the lock, by those that wait for it."""
    found: set[str] = set()
    for wait in waits:
        frames = wait.thread.java.frames()
        found.update(_class(f) for f in islice(filterfalse(_is_of_locks, frames), 1))
    return found


def _is_of_locks(frame: Frame) -> bool:
    return frame.method.startswith(_PARKS)


def _class(frame: Frame) -> str:
    return frame.method.rpartition(".")[0]


def _owns(view: Jvm, owner: Thread, lock: Node) -> bool:
    """Whether the dump lists the lock as the thread's, apart from its frames."""
    listed = owner.java.synchronizers
    return listed is not NOT_RECORDED and any(_is(view, line, lock) for line in listed)


def _is(view: Jvm, line: LockLine, lock: Node) -> bool:
    return line.address is not None and lock_node(view, line.address, line.class_name) == lock


def _has_ended(view: Jvm, waits: list[LockWait]) -> bool:
    """Whether the owner is no thread any more.

    A lock has no owner, too, while it is handed from one thread to the next; not for long.
    """
    whole = view.dump.ended and view.missing == 0 and not view.unseen
    return (
        whole
        and not view.unseen_virtual
        and view.dump.synchronizers_recorded
        and view.is_past_handovers
        and all(wait.entry.class_name.startswith(_OF_A_THREAD) for wait in waits)
    )


def _finding(interpretation: Interpretation, telling: Telling, of: Abandoned) -> Finding:
    nodes = [wait.thread.node for wait in of.waits]
    claims = [*interpretation.graph.claims_of(nodes[0]), *interpretation.graph.claims_of(of.lock)]
    until = min((wait.thread.until for wait in of.waits), default=Until.UNKNOWN)
    lines = tuple(Citation(wait.line, f"{of.lock.key} is waited for") for wait in of.waits[:10])
    owners = [of.owner.node] if of.owner else []
    waits = "waits" if len(nodes) == 1 else "wait"
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent={Until.NEVER: True, Until.DEADLINE: False}.get(until),
        headline=(
            f"{plural(len(nodes), 'thread')} {waits} for a lock ({of.lock.key}) that nobody will"
            f" release: {_whose(of)}."
        ),
        explanation=_explanation(of),
        subjects=telling.subjects([of.lock, *nodes, *owners]),
        chain=telling.steps(claims, nodes),
        rests_on=(_reasoning(of), *inferences(claims, [of.view.identity.inference])),
        citations=(*telling.cite_threads(owners), *lines, *telling.cite_threads(nodes)),
        remedies=REMEDIES,
        refuted_by=_refuted(of),
    )


def _whose(of: Abandoned) -> str:
    return f'its owner "{of.owner.name}" is idle' if of.owner else "its owner has ended"


def _explanation(of: Abandoned) -> str:
    if of.owner is None:
        return (
            "Some thread took the lock and ended without releasing it: a lock is not released by"
            " the end of its owner."
        )
    return (
        f'"{of.owner.name}" owns the lock and has no task: it has left the code that took the lock'
        " without releasing it, most likely by an exception."
    )


def _refuted(of: Abandoned) -> str:
    if of.owner is None:
        return (
            "a later dump (jstack -l PID) in which one of the waiting threads has gone on, or a"
            " thread that owns the lock and is not in the dumps"
        )
    return (
        "a later dump (jstack -l PID) in which the lock has another owner: the idle thread may"
        " release it only in another task"
    )


def _reasoning(of: Abandoned) -> str:
    source = of.view.dump.evidence.input
    if of.owner is None:
        return (
            f"{source} lists all threads and the locks that each owns, and this one is nobody's;"
            f" the threads that wait for it have not moved for {of.view.watched_s:.0f} s, so it is"
            " not on its way from one owner to the next"
        )
    return (
        f'"{of.owner.name}" is idle in its pool: no frame of its stack is below the code that took'
        " the lock, and nobody else can release it"
    )
