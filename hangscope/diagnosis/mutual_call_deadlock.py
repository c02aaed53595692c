"""Services wait for each other in a circle.

What it is: every worker of A waits for an answer of B, and every worker of B for an answer of A.
It is the self-call deadlock over two or more processes.

How it is recognised: the stuck core holds endpoints, pools and workers of several processes
whose dumps are given; their connections are matched by mirrored 4-tuples.

What it is mistaken for: two slow services, each blaming the other.

What to do now: restart one of them; the other one's calls then fail and free its workers.

What to do for good: break the circle of calls, or give the inner calls a pool of their own on
both sides (bulkhead) and timeouts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.deadlocks import (
    behind,
    cores_of,
    deadlock,
    threads_of_pool,
    weakest_link,
)
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation
from hangscope.interpret.pools import ServerPool
from hangscope.waits.graph import Core

ID = "mutual-call-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(
        When.NOW,
        "Restart one of the processes: its peer's calls then fail and free the peer's workers.",
    ),
    Remedy(
        When.LASTING,
        "Break the circle of calls between the services, or serve the inner calls from pools of"
        " their own on both sides (bulkheads).",
    ),
    Remedy(
        When.LASTING,
        "Set connect and read timeouts on every call between them, shorter inside than outside.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core that spans several processes."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "mutual-call"):
        scopes = sorted({node.scope for node in core.threads})
        stuck = [p for p in interpretation.pools if {p.node, p.busy_node} & core.nodes]
        groups = threads_of_pool(telling, core.threads)
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=(
                f"{len(scopes)} services wait for each other: {_behind(core, stuck)} waits for an"
                f" answer of {'another of them' if scopes[2:] else 'the other side'}."
            ),
            explanation=(
                f"In the circle ({', '.join(scopes)}): "
                + ", ".join(f"{plural(n, 'thread')} of {name}" for name, n in groups.items())
                + f".{behind(core)}{weakest_link(interpretation, telling, core)}"
            ),
            refuted_by=(
                "tables of the same moment (ss -tanp on each host) in which these connections lead"
                " elsewhere, or a later dump (jstack -l PID) in which one of these workers is idle"
            ),
            remedies=REMEDIES,
        )


def _behind(core: Core, pools: Sequence[ServerPool]) -> str:
    """The services of the circle: behind some every worker is in it, behind others some are."""
    places: dict[str, list[str]] = {}
    for pool in pools:
        inside = sum(worker.node in core.nodes for worker in pool.workers)
        who = "every" if inside == len(pool.workers) else f"each of {inside} busy"
        for service in pool.services:
            places.setdefault(who, []).append(pool.jvm.host.of_it(str(service.endpoint)))
    return ", and ".join(
        f"{who} worker{'s' if who != 'every' else ''} behind {_listed(sorted(services))}"
        for who, services in sorted(places.items(), reverse=True)
    )


def _listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
