"""Most workers wait for the database.

What it is: the waits of most workers end in a JDBC driver that reads a reply: a slow query, a
row lock, a database that is down behind a silent network.

How it is recognised: threads in a driver's read, by their frames; the endpoint by the process's
connections.

What it is mistaken for: an exhausted connection pool (which is its effect).

What to do now: look into the database for the sessions of this host (pg_stat_activity,
v$session, SHOW PROCESSLIST).

What to do for good: query and socket timeouts in the driver; a lease timeout shorter than the
client's patience.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.blame import hanging_on, slow_dependency
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.interpret import Interpretation

ID = "slow-database"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.RDBMS

REMEDIES = (
    Remedy(
        When.NOW,
        "Ask the database what these sessions do or wait for (PostgreSQL: pg_stat_activity and"
        " pg_blocking_pids; MySQL: SHOW PROCESSLIST; Oracle: v$session; SQL Server:"
        " sys.dm_exec_requests) and end the blocking one, whose transaction is then rolled back.",
    ),
    Remedy(
        When.LASTING,
        "Set a statement timeout and the driver's socket timeout, so that a lost answer frees its"
        " worker; fix the slow statement or the long transaction that holds the rows.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a database that most workers wait for."""
    for group, end, behind in hanging_on(interpretation, {"jdbc"}, unseen=True):
        yield slow_dependency(
            interpretation,
            group,
            end,
            behind,
            finding=ID,
            layer=LAYER,
            what="database",
            remedies=REMEDIES,
        )
