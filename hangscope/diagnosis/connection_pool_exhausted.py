"""A connection pool has nothing left to give.

What it is: threads wait for a pooled database connection because all are taken.

How it is recognised: threads in the pool's lease; who holds the connections is told: threads at
work in the driver, or nobody (a leak: the sockets are open and idle, no thread is in the
driver).

What it is mistaken for: a slow database (when nobody uses the connections, the database is
idle).

What to do now: restart, if they leaked; otherwise deal with what the holders wait for.

What to do for good: close connections in try-with-resources; turn on the pool's leak detection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hangscope.diagnosis.blame import crowd
from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    When,
)
from hangscope.diagnosis.telling import Telling, plural
from hangscope.facts import ThreadState
from hangscope.interpret import Interpretation
from hangscope.interpret.leases import LeasePool
from hangscope.waits import Certainty

ID = "connection-pool-exhausted"
_MANY = 5
"""Threads that wait for a connection and are many whatever else there is."""

_LEAKED = (
    Remedy(
        When.NOW,
        "Restart the process: connections that nobody will return do not come back. First ask the"
        " database what these sessions last did (PostgreSQL: pg_stat_activity.query): it names the"
        " code that took them.",
    ),
    Remedy(
        When.LASTING,
        "Close connections in try-with-resources and turn on the pool's leak detection (HikariCP:"
        " leakDetectionThreshold; Tomcat JDBC and DBCP: removeAbandoned, logAbandoned).",
    ),
)
_IN_USE = (
    Remedy(When.NOW, "Deal with what the holders wait for; the waiting threads then go on."),
    Remedy(
        When.LASTING,
        "Do not keep a connection while calling another service: call first, then borrow.",
    ),
    Remedy(
        When.LASTING,
        "Keep transactions short, size the pool for the database, and set a lease timeout shorter"
        " than the client's patience.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a JDBC pool with a crowd waiting for it that is in no deadlock."""
    for pool in interpretation.leases:
        involved = [thread.node for thread in (*pool.waiting, *pool.holders)]
        many = len(pool.waiting) >= _MANY or crowd(interpretation, involved) is not None
        if pool.kind == "jdbc" and many and pool.node not in interpretation.graph.stuck:
            yield _finding(interpretation, pool)


def _finding(interpretation: Interpretation, pool: LeasePool) -> Finding:
    telling = Telling(interpretation)
    nodes = [thread.node for thread in pool.waiting]
    busy = [thread.node for thread in pool.elsewhere]
    (claim,) = interpretation.graph.claims_of(pool.node)
    waits = interpretation.graph.claims_of(nodes[0])
    leaked = not pool.holders and not pool.elsewhere
    timed = any(thread.java.state is ThreadState.TIMED_WAITING for thread in pool.waiting)
    sockets = tuple(
        Citation(evidence, f"connections of {pool.name}") for evidence in pool.evidence()[:10]
    )
    return Finding(
        id=ID,
        kind=Kind.EXHAUSTION,
        layer=Layer.APPLICATION,
        certainty=Certainty.INFERRED,
        permanent=False if timed else None,
        headline=(
            f"{plural(len(nodes), 'thread')} wait for a connection of {pool.name}; {_who(pool)}."
        ),
        explanation=_explanation(pool),
        subjects=(*telling.subjects([pool.node, *nodes]),),
        chain=telling.steps((*waits, claim), nodes),
        rests_on=tuple(t for t in (claim.inference, pool.jvm.identity.inference) if t),
        citations=(*telling.cite_threads(nodes), *telling.cite_threads(busy), *sockets),
        remedies=_LEAKED if leaked else _IN_USE,
    )


def _who(pool: LeasePool) -> str:
    if pool.in_driver:
        return f"{plural(len(pool.in_driver), 'holder')} of one at work in the driver"
    if pool.nested:
        return f"{plural(len(pool.nested), 'holder')} wait for a second one"
    if pool.elsewhere:
        doing = Counter(thread.profile.activity for thread in pool.elsewhere)
        ((most, _),) = doing.most_common(1)
        return (
            f"{plural(len(pool.elsewhere), 'thread')} may hold one while they wait for something"
            f" else ({most.value})"
        )
    if pool.connections is not None:
        return f"no thread is seen to use any of its {plural(len(pool.connections), 'connection')}"
    return "who holds its connections is not recorded"


def _explanation(pool: LeasePool) -> str:
    said = []
    if pool.connections is not None:
        said.append(f"The pool has {plural(len(pool.connections), 'open connection')}.")
    if pool.in_driver:
        said.append(f"{plural(len(pool.in_driver), 'thread')} use one in the driver.")
    if pool.nested:
        said.append(
            f"{plural(len(pool.nested), 'thread')} hold one and wait for another, below"
            f" {pool.borrower}."
        )
    if pool.elsewhere:
        said.append(
            f"{plural(len(pool.elsewhere), 'thread')} wait for something else below a method that"
            " borrows a connection on other threads: they keep it meanwhile, unless that method has"
            " given it back."
        )
    if pool.unknown_holders and len(pool.elsewhere) < pool.unknown_holders:
        said.append(
            f"{plural(pool.unknown_holders, 'connection')} stand open while no thread is in the"
            " driver with them: they were not given back (a leak), or are kept by threads that do"
            " something else."
        )
    elif pool.unknown_holders is None:
        said.append(
            "How many connections it has is not recorded, so a leak and connections at work cannot"
            " be told apart."
        )
    return " ".join(said)
