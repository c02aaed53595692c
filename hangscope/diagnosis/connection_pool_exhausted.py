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

from collections.abc import Iterator

from hangscope.diagnosis.lease_exhaustion import exhausted, exhausted_pools
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.interpret import Interpretation

ID = "connection-pool-exhausted"
KIND = Kind.EXHAUSTION
LAYER = Layer.APPLICATION

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
    for pool in exhausted_pools(interpretation, "jdbc"):
        yield exhausted(interpretation, pool, finding=ID, leaked=_LEAKED, in_use=_IN_USE)
