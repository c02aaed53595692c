"""An HTTP client has no connection left to lend.

What it is: threads wait for a connection of an HTTP client's pool because as many are lent as it
may have to one server (Apache HttpClient: 2 or 5 a route unless set), or in all.

How it is recognised: threads in the pool's lease; who holds the connections is told: threads that
read replies through the same client, or nobody (responses that were never closed).

What it is mistaken for: a slow server (when nobody uses the connections, nobody waits for it), a
deadlock (when the calls go to the own service, it is one, and told as that).

What to do now: restart, if they leaked; otherwise deal with what the holders wait for.

What to do for good: close every response (try-with-resources); set the limit for each route to the
number of workers that call it, and a timeout for the lease.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.lease_exhaustion import exhausted, exhausted_pools
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.interpret import Interpretation

ID = "http-client-pool-exhausted"
KIND = Kind.EXHAUSTION
LAYER = Layer.APPLICATION

_LEAKED = (
    Remedy(
        When.NOW,
        "Restart the process: a connection whose response was never closed does not come back. The"
        " code below the waiting frames, and its error paths first, is where to look.",
    ),
    Remedy(
        When.LASTING,
        "Close every response on every path (try-with-resources, EntityUtils.consume), also where"
        " only the status is looked at; set connectionRequestTimeout, so that a leak becomes an"
        " error.",
    ),
)
_IN_USE = (
    Remedy(When.NOW, "Deal with what the holders wait for; the waiting threads then go on."),
    Remedy(
        When.LASTING,
        "Set the limit for each route (setMaxConnPerRoute, defaultMaxPerRoute) to what the server"
        " behind it bears, timeouts for reply and lease, and a pool for each server called.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a client's pool with a crowd waiting for it that is in no deadlock."""
    for pool in exhausted_pools(interpretation, "http"):
        yield exhausted(interpretation, pool, finding=ID, leaked=_LEAKED, in_use=_IN_USE)
