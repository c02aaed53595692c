"""Every holder of a pooled connection waits for one more.

What it is: requests take a connection, keep it, and ask the same pool for a second one. When
every connection is held by such a request, none comes back.

How it is recognised: the stuck core holds a connection pool. As many threads wait for a second
connection (below a method that borrows one itself on other threads) as the pool has open
connections.

What it is mistaken for: a connection leak (in the sockets both look alike) or a slow database
(which is idle).

What to do now: restart, or let the lease timeout fire; raise the pool's size above the number of
workers plus one.

What to do for good: use one connection a request (one transaction), or a second pool for the
inner work.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.deadlocks import behind, cores_of, deadlock
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation

ID = "connection-pool-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(
        When.NOW,
        "Restart the process; waiting for the lease timeout only fails these requests and lets"
        " the next ones lock up again.",
    ),
    Remedy(
        When.NOW,
        "As a stopgap make the pool larger than worker threads x (connections a request - 1).",
    ),
    Remedy(
        When.LASTING,
        "Use one connection a request: pass it on, or join the transaction; or give the inner work"
        " (audit, sequence, REQUIRES_NEW) a pool of its own.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core that holds a connection pool."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "connection-pool"):
        pool = next(pool for pool in interpretation.leases if pool.node in core.nodes)
        count = len(pool.connections or ())
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=(
                f"Every holder of a connection of {pool.name} waits for one more: all"
                f" {plural(count, 'connection')} are held by the threads that wait for them."
            ),
            explanation=(
                f"{plural(len(pool.nested), 'thread')} wait for a second connection below"
                f" {pool.borrower}; the pool has {plural(count, 'open connection')} and none is in"
                f" use by a driver.{behind(core)}"
            ),
            refuted_by=(
                "a later dump (jstack -l PID) in which one of these threads has its connection, or"
                " the pool's own figures (JMX) with an idle one"
            ),
            remedies=REMEDIES,
        )
