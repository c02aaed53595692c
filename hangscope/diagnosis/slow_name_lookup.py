"""Most workers wait for a host name to be resolved.

What it is: threads are in the operating system's resolver: the name server does not answer, or the
list of search domains makes it ask many times. The JVM looks one name up once at a time, so that
others who want it queue.

How it is recognised: threads in ``InetAddress``'s native lookup, and those who wait for them.

What it is mistaken for: a slow remote service (the connection is not even begun), or a lock convoy.

What to do now: try the lookup on the host (getent hosts NAME); look at /etc/resolv.conf and at the
name servers in it.

What to do for good: a second name server and a local cache; short resolver timeouts (options
timeout:1 attempts:2); networkaddress.cache.ttl in the JVM; fewer search domains (ndots).
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.native_waits import hanging_in, native_wait
from hangscope.interpret import Interpretation, Thread

ID = "slow-name-lookup"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.NETWORK
_LOOKUP = "dns"
_WHERE = "in the operating system's resolver"

REMEDIES = (
    Remedy(
        When.NOW,
        "Try the lookup on the host itself (getent hosts NAME), and ask each name server of"
        " /etc/resolv.conf alone (dig @SERVER NAME).",
    ),
    Remedy(
        When.LASTING,
        "Put a cache on the host and more than one name server; set resolver timeouts (options"
        " timeout:1 attempts:2) and fewer search domains; see networkaddress.cache.ttl.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a process most of whose workers wait for names."""
    for hang in hanging_in(interpretation, _looks_up):
        yield native_wait(
            interpretation,
            hang,
            finding=ID,
            layer=LAYER,
            what="host names to be resolved",
            doing=(
                "is in the operating system's resolver",
                "are in the operating system's resolver",
            ),
            inference=(
                "The resolver's frames do not tell which name server is asked, nor whether it"
                " answers: a lookup that takes no time is not met by most workers at once"
            ),
            remedies=REMEDIES,
        )


def _looks_up(thread: Thread) -> bool:
    wait = thread.profile.wait
    return wait is not None and wait.kind == _LOOKUP
