"""The service waits for itself.

What it is: every worker that could serve a port waits, directly or through other threads, for
the answer to a request that was sent to that same port. Only another worker could give it, and
there is none.

How it is recognised: the stuck core of the wait graph holds an endpoint, the pool that serves it
and that pool's workers, all of one process; the calls run through one pool, or through a second
one (workers wait for futures whose executor threads call the own endpoint). Or it holds the
acceptor: the callers have all the connections that the server may have, and the calls need more.

What it is mistaken for: a slow backend (the backend is the service itself), a full pool that
should be larger (a larger pool hangs later, under more load), a CLOSE_WAIT leak (the clients
that gave up).

What to do now: restart the process; keep load below the number of workers until it is fixed.

What to do for good: don't call the own server through the network from a request: call the code,
or serve it from another process or connector with its own pool; set timeouts on every outbound
call.
"""

from __future__ import annotations

from collections.abc import Iterator

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
from hangscope.interpret.hosts import NOWHERE
from hangscope.interpret.ledger import Entry, Ledger, ledger
from hangscope.interpret.pools import ServerPool, endpoint_node
from hangscope.interpret.slots import slot_node
from hangscope.waits import Node, NodeKind
from hangscope.waits.graph import Core

ID = "self-call-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION

_RESTART = {
    True: "Restart the process: no request will be answered again by itself, even without load.",
    False: (
        "Restart the process, or wait for the timeouts: they free the workers, until load closes"
        " the circle again."
    ),
    None: (
        "Restart the process: unless a timeout ends one of these calls, no request will be answered"
        " again, even without load."
    ),
}
"""By whether a timeout breaks the circle."""
REMEDIES = (
    Remedy(
        When.NOW,
        "Until it is fixed, admit fewer concurrent requests than there are workers (at the load"
        " balancer): the calls to itself then always find a free one.",
    ),
    Remedy(
        When.LASTING,
        "Do not call the own server through the network while serving a request: call the code"
        " directly, or serve that content from another process or from a connector with a pool of"
        " its own. A larger pool only moves the load at which it hangs.",
    ),
    Remedy(
        When.LASTING,
        "Set connect and read timeouts on every outbound call, so that a hang becomes an error.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core that holds an endpoint and its own workers."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "self-call"):
        pools = _pools(interpretation, core)
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=_headline(core, pools),
            explanation=_explanation(interpretation, telling, core, pools),
            refuted_by=(
                "a table of the same moment (ss -tanp) in which these connections lead to another"
                " process, or a later dump (jstack -l PID) in which a worker of the pool is idle"
            ),
            remedies=(Remedy(When.NOW, _RESTART[core.permanent]), *REMEDIES),
            start=_start(core, pools),
        )


def _pools(interpretation: Interpretation, core: Core) -> list[ServerPool]:
    return [p for p in interpretation.pools if {p.node, p.busy_node} & core.nodes]


def _start(core: Core, pools: list[ServerPool]) -> Node | None:
    return next((w.node for p in pools for w in p.workers if w.node in core.nodes), None)


def _headline(core: Core, pools: list[ServerPool]) -> str:
    """One sentence for a manager."""
    served = {str(service.endpoint) for pool in pools for service in pool.services}
    hosts = {pool.jvm.scope: pool.jvm.host for pool in pools}
    endpoints = ", ".join(
        sorted(
            hosts.get(node.scope, NOWHERE).of_it(node.key)
            for node in core.nodes
            if node.kind is NodeKind.ENDPOINT and node.key in served
        )
    )
    where = f" on {endpoints}" if endpoints else ""
    workers = sum(1 for pool in pools for w in pool.workers if w.node in core.nodes)
    slots = {slot_node(p.jvm, service) for p in pools for service in p.services}
    if slots & core.nodes and not any(pool.node in core.nodes for pool in pools):
        return (
            f"The service waits for itself: {plural(workers, 'worker thread')} call it, and it has"
            " as many connections as it may have: it accepts their calls only when one of them is"
            " done."
        )
    return (
        f"The service waits for itself: {'all ' if workers > 1 else ''}"
        f"{plural(workers, 'worker thread')} that could answer a request{where}"
        f" wait{'s' if workers == 1 else ''} for an answer that only one of them could give."
    )


def _explanation(
    interpretation: Interpretation, telling: Telling, core: Core, pools: list[ServerPool]
) -> str:
    """The paragraph behind the headline: who waits, and what the sockets show."""
    said = []
    groups = threads_of_pool(telling, core.threads)
    said.append(
        "In the circle: "
        + ", ".join(f"{plural(n, 'thread')} of {name}" for name, n in groups.items())
        + "."
    )
    said.append(behind(core).strip())
    for pool in pools:
        for service in pool.services:
            sockets = pool.jvm.host.sockets
            if sockets and endpoint_node(pool.jvm, service) in core.nodes:
                said.extend(_socket_facts(ledger(sockets, service)))
    said.append(weakest_link(interpretation, telling, core).strip())
    return " ".join(filter(None, said))


def _socket_facts(rows: Ledger) -> Iterator[str]:
    name = rows.service.endpoint
    own = len(rows.rows(Entry.SELF_UNREAD))
    waiting = len(rows.waiting)
    if waiting:
        share = "all" if own == waiting else f"{own:,}"
        of_own = f", {share} of them the service's own" if own else ""
        are = "is" if waiting == 1 else "are"
        yield f"On {name} {plural(waiting, 'request')} {are} not read{of_own}."
    given_up = len(rows.close_wait)
    if given_up:
        yield f"{plural(given_up, 'client')} gave up and left a CLOSE_WAIT behind."
