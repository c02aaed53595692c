"""A Java lock and a database row are taken in two orders.

What it is: a thread holds a Java lock and waits in the JDBC driver for a row; the transaction that
has locked the row belongs to a thread that waits for the Java lock. Neither the JVM nor the
database sees the whole circle, so that neither breaks it.

How it is recognised: the owner of a lock is in the driver with a statement that changes rows, and
a thread behind the lock has a transaction open. That it is this transaction which has locked the
row is inferred: a dump cannot show rows.

What it is mistaken for: a slow database, or a convoy behind a slow statement (as it is when another
program has locked the row).

What to do now: ask the database who blocks the owner's session. If it is a session of this process,
idle in its transaction, end that one: its thread gets an exception, and the circle is broken.

What to do for good: no Java lock around a database call, or always the lock before the transaction;
a lock timeout in the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    Step,
    When,
)
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.lock_lines import LockWait, lock_waits
from hangscope.knowledge import Activity
from hangscope.waits import Certainty, Node, NodeKind

ID = "lock-and-row-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION
_DATABASE = "jdbc"
_CHANGES_ROWS = (
    ".executeUpdate",
    ".executeLargeUpdate",
    ".executeBatch",
    ".executeLargeBatch",
    ".PreparedStatementHandler.update",
)
"""Methods of ``java.sql.Statement`` that may wait for a row, and MyBatis's over ``execute``.

A plain query reads past a row's lock.
"""
_READS = ".executeQuery"
_MAY_WAIT = (
    "is in the driver with a statement that changes rows, which waits only for a lock or for a slow"
    " database; a thread behind its lock has a transaction open and may have locked the row. What"
    " is locked in the database stands in no dump"
)

REMEDIES = (
    Remedy(
        When.NOW,
        "Ask the database who blocks the owner's session. PostgreSQL: SELECT pid, state, query,"
        " pg_blocking_pids(pid) FROM pg_stat_activity; Oracle: SELECT sid, blocking_session FROM"
        " v$session (v$lock); MySQL: sys.innodb_lock_waits; SQL Server: sys.dm_exec_requests. A"
        " blocker of this process that is idle in its transaction proves the circle.",
    ),
    Remedy(
        When.NOW,
        "End the blocking session (pg_terminate_backend, ALTER SYSTEM KILL SESSION, KILL): its"
        " thread fails, and the others go on.",
    ),
    Remedy(
        When.LASTING,
        "Do not call the database under this lock; or take it before the transaction everywhere."
        " Set a lock timeout (PostgreSQL: lock_timeout).",
    ),
)


@dataclass(frozen=True, slots=True)
class _Circle:
    """A lock, its owner, and those behind it; some of these have a transaction open."""

    wait: LockWait
    owner: Thread
    behind: list[Thread]
    open_in: list[Thread]


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a lock whose owner waits for a row, with a transaction behind the lock."""
    telling = Telling(interpretation)
    waits: dict[Node, list[LockWait]] = {}
    for view in (view for jvm in interpretation.case.jvms for view in jvm.views):
        for wait in lock_waits(view):
            if wait.thread.node not in view.moved:
                waits.setdefault(wait.lock, []).append(wait)
    for lock in sorted(waits):
        owners = [n for claim in interpretation.graph.claims_of(lock) for n in claim.on]
        owner = telling.threads.get(owners[0]) if len(owners) == 1 else None
        if owner is None or not _waits_for_row(owner):
            continue
        behind = interpretation.graph.behind(lock)
        threads = [telling.threads[n] for n in sorted(behind) if n in telling.threads]
        open_in = [t for t in threads if _transaction(interpretation, t) is not None]
        if open_in and owner.node not in behind:
            circle = _Circle(waits[lock][0], owner, threads, open_in)
            yield _finding(interpretation, telling, circle)


def _waits_for_row(owner: Thread) -> bool:
    wait = owner.profile.wait
    if wait is None or wait.kind != _DATABASE or owner.profile.activity is not Activity.REPLY:
        return False
    calls = [frame.method for frame in owner.java.frames()]
    changes = any(method.endswith(_CHANGES_ROWS) for method in calls)
    return changes and not any(method.endswith(_READS) for method in calls)


def _transaction(interpretation: Interpretation, thread: Thread) -> int | None:
    """Where on its stack a transaction is open, unless the thread is itself in a driver."""
    if thread.profile.wait is not None and thread.profile.wait.kind == _DATABASE:
        return None
    knowledge = interpretation.case.knowledge
    for index in range(len(thread.java.entries)):
        frame = thread.frame(index)
        if frame is not None and knowledge.runs_transaction(frame.method):
            return index
    return None


def _finding(interpretation: Interpretation, telling: Telling, circle: _Circle) -> Finding:
    graph = interpretation.graph
    wait, owner, behind, open_in = circle.wait, circle.owner, circle.behind, circle.open_in
    first = open_in[0]
    way = (*graph.path(first.node, wait.lock), *graph.path(wait.lock, owner.node))
    steps = telling.steps(way, [thread.node for thread in open_in])
    closing = Step(
        steps[-1].target,
        steps[0].source,
        "waits in the database for a row that its transaction has locked: that of",
        Certainty.INFERRED,
        telling.cite_threads([owner.node]),
    )
    ends = [
        end.node
        for end in graph.ends
        if owner.node in end.threads and end.node.kind is NodeKind.OUTSIDE
    ]
    at = _transaction(interpretation, first)
    opened = () if at is None else (Citation(first.java.line_of(at), "a transaction is open"),)
    more = len(behind) - len(open_in)
    others = f" {plural(more, 'more thread')} {_wait(more)} behind the lock." if more else ""
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=(
            f'"{owner.name}" holds a lock and waits in the database for a row, while'
            f" {_who(open_in)} an open transaction for that lock."
        ),
        explanation=(
            "If it is that transaction which has locked the row, neither goes on: the JVM sees the"
            f" lock alone and the database the row alone.{others}"
        ),
        subjects=telling.subjects(
            {wait.lock, owner.node, *(thread.node for thread in behind), *ends}
        ),
        chain=(*steps, closing),
        rests_on=(
            f'"{owner.name}" {_MAY_WAIT}',
            *inferences(way, [wait.jvm.identity.inference]),
        ),
        citations=(
            *telling.cite_threads([owner.node, *(thread.node for thread in open_in)]),
            *opened,
        ),
        remedies=REMEDIES,
        refuted_by=(
            "the database (PostgreSQL: select pid, pg_blocking_pids(pid) from pg_stat_activity),"
            " if it names a blocker that is no session of this process, or none"
        ),
    )


def _who(open_in: list[Thread]) -> str:
    if len(open_in) == 1:
        return f'"{open_in[0].name}" waits inside'
    return f"{plural(len(open_in), 'thread')} wait, each inside"


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"
