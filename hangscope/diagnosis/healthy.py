"""Nothing hangs in these inputs.

What it is: pools have idle workers and nothing waits on anything that matters. Half of all dumps
are taken from the wrong instance, or after the hang has passed.

How it is recognised: by the numbers, which are shown: idle and busy workers, requests that wait
unread.

What it is mistaken for: proof that nothing hung before.

What to do now: make sure that this is the instance that hung, and take the dump and the table
while it hangs.

What to do for good: let the health check take both when it fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hangscope.diagnosis.crowds import unserved, waiting_crowds
from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import Telling, agree, plural
from hangscope.diagnosis.unexplained import unexplained_waits
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.futures import waits_for_task
from hangscope.interpret.ledger import Ledger, ledgers_of
from hangscope.waits import Certainty

ID = "healthy"
KIND = Kind.HEALTHY
LAYER = None
_BUT = ", which do not show the virtual threads"

REMEDIES = (
    Remedy(
        When.NOW,
        "Make sure that this is the instance that hung (host, process, port) and that it hung when"
        " the inputs were taken; take both again while it does.",
    ),
    Remedy(
        When.LASTING,
        "Let the health check or the alert take a thread dump and a socket table when it fails.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """At most one finding: that no pool is taken up and no request waits for a worker."""
    jvms = interpretation.case.jvms
    if not jvms or _cut(jvms) or unserved(interpretation):
        return
    if waiting_crowds(interpretation) or unexplained_waits(interpretation):
        return
    if not all(_shows_stacks(jvm) for jvm in jvms):
        return
    telling = Telling(interpretation)
    threads = [thread for jvm in jvms for thread in jvm.everyone]
    behind = [thread for thread in threads if _waits_for_others(interpretation, thread)]
    said = [
        f"{pool.jvm.host.of_it(pool.name)}: {plural(len(pool.workers), 'worker')},"
        f" {len(pool.idle)} idle, {len(pool.busy)} busy."
        for pool in interpretation.pools
    ] or [_without_a_pool(threads, behind)]
    said.extend(map(_unread, ledgers_of(interpretation.case.hosts)))
    workers = [w.node for pool in interpretation.pools for w in pool.workers]
    listeners = tuple(
        Citation(service.evidence, f"{service.endpoint} is listened on")
        for pool in interpretation.pools
        for service in pool.services
    )
    shown = workers or [thread.node for thread in behind or threads]
    yield Finding(
        id=ID,
        kind=KIND,
        layer=Layer.APPLICATION,
        certainty=Certainty.PROVEN,
        permanent=None,
        headline=(
            f"Nothing hangs in these inputs{_BUT if any(j.unseen_virtual for j in jvms) else ''}:"
            " no server's pool is taken up and nothing waits in numbers."
        ),
        explanation=" ".join(said),
        subjects=tuple(
            Subject(
                SubjectType.POOL,
                p.name,
                interpretation.case.process(p.jvm.scope),
                len(p.workers),
            )
            for p in interpretation.pools
        ),
        chain=(),
        rests_on=(),
        citations=(*telling.cite_threads(shown), *listeners),
        remedies=REMEDIES,
        refuted_by="a dump taken while requests hang (jstack -l PID) that shows them waiting",
    )


def _waits_for_others(interpretation: Interpretation, thread: Thread) -> bool:
    return bool(interpretation.graph.claims_of(thread.node)) or waits_for_task(thread)


def _without_a_pool(threads: Sequence[Thread], behind: Sequence[Thread]) -> str:
    """What its threads do, in a process that serves nobody by a pool."""
    count = plural(len(threads), "Java thread")
    if not behind:
        return f"{count}, none behind another."
    wait = agree("waits", len(behind))
    return f"{count}; {len(behind)} {wait} for others, and nothing shows that those cannot go on."


def _unread(rows: Ledger) -> str:
    """How many requests of a service no worker has read, where the table tells."""
    sockets = rows.host.sockets
    if sockets is not None and not sockets.queues_recorded:
        return f"{rows.name}: whether requests wait unread is not recorded."
    count = len(rows.waiting)
    return f"{rows.name}: {plural(count, 'request')} {agree('waits', count)} unread."


def _cut(jvms: Iterable[Jvm]) -> bool:
    """Threads may be missing from a dump: those may be the ones that hang."""
    return any(jvm.unseen for jvm in jvms)


def _shows_stacks(jvm: Jvm) -> bool:
    """Whether any thread is seen at something: some tools find no Java frames at all."""
    return any(True for thread in jvm.everyone for _ in thread.java.frames())
