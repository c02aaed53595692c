"""Most workers wait for another HTTP service.

What it is: the waits of most workers end in the read of an HTTP client (or of a plain socket)
from an endpoint that is not this service's own.

How it is recognised: threads in the client's read, by their frames; the endpoint by the
process's connections. Without a socket table it is not claimed: the endpoint could be the
service itself, or that of a host whose dump is given without its table. Nor is it where requests
from the same address stand on the service's own port, or where a known proxy cannot be followed
further: the endpoint may be a proxy in front of it. A port whose owner is not recorded may be that
of any process given of its host.

What it is mistaken for: a full worker pool of one's own (which is its effect).

What to do now: look at that service; take it out, or fail fast.

What to do for good: connect and read timeouts, a circuit breaker, a bulkhead for calls to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.blame import hanging_on, slow_dependency
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.returning import unclear_peers
from hangscope.interpret import Interpretation
from hangscope.interpret.destinations import outside

ID = "slow-http-dependency"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(
        When.NOW,
        "Look at the service behind that endpoint: take a thread dump and a socket table there too"
        " and give both to hangscope together.",
    ),
    Remedy(
        When.LASTING,
        "Set connect and read timeouts on these calls and limit how many workers may be in them at"
        " once (bulkhead, circuit breaker).",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding an endpoint outside that most workers wait for."""
    hanging = list(hanging_on(interpretation, {"http", "socket", "tls"}, unseen=False))
    unclear = {outside(to) for to in unclear_peers(interpretation)} if hanging else set()
    for group, end, behind in hanging:
        if end in unclear:
            continue
        yield slow_dependency(
            interpretation,
            group,
            end,
            behind,
            finding=ID,
            layer=LAYER,
            what="remote service",
            remedies=REMEDIES,
        )
