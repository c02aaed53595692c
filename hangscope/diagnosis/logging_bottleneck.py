"""Threads queue to write the log.

What it is: log events are written under an appender's lock, or pass through a bounded queue. When
the target is slow (a disk, a console, a log server), every thread that logs waits behind it.

How it is recognised: a crowd behind a lock that is wanted by an appender's code, or in an
asynchronous appender that waits for room in its queue; who holds the lock, or empties the queue,
and what that one waits for, as a chain.

What it is mistaken for: a slow application: the stacks show whatever happened to log.

What to do now: raise the log level; free the target (disk, console, log server).

What to do for good: log less; an asynchronous appender that drops events rather than wait
(Logback: neverBlock; Log4j 2: blocking="false" or a discard policy); a target that does not stall.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.lock_queues import contention, is_many, lock_queues
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.interpret import Interpretation, Jvm
from hangscope.interpret.log_queues import queue_node, waits_for_room
from hangscope.knowledge import Purpose
from hangscope.waits import Certainty, Node

ID = "logging-bottleneck"
KIND = Kind.CONTENTION
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(
        When.NOW,
        "Raise the log level of the loggers that write most, if that can be done without a restart,"
        " and free the target that the owner writes to.",
    ),
    Remedy(
        When.LASTING,
        "Put an asynchronous appender in front that drops events rather than wait (Logback:"
        ' neverBlock=true; Log4j 2: blocking="false" or a discarding queue-full policy), and log'
        " less.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding an appender's lock with a crowd behind it, and one a process with full queues."""
    telling = Telling(interpretation)
    for queue in lock_queues(interpretation):
        if queue.is_for(Purpose.LOG):
            yield contention(
                interpretation,
                telling,
                queue,
                finding=ID,
                layer=LAYER,
                headline=(
                    f"{plural(len(queue.waits), 'thread')} queue to write the log, behind the lock"
                    f" of an appender ({queue.lock.key})"
                ),
                remedies=REMEDIES,
            )
    for jvm in interpretation.case.jvms:
        nodes = [thread.node for thread in jvm.everyone if waits_for_room(jvm, thread)]
        if is_many(interpretation, nodes) and queue_node(jvm) not in interpretation.graph.stuck:
            yield _full(interpretation, telling, jvm, nodes)


def _full(interpretation: Interpretation, telling: Telling, jvm: Jvm, nodes: list[Node]) -> Finding:
    graph = interpretation.graph
    queue = queue_node(jvm)
    path = max(graph.ways(nodes[0]), key=len, default=())
    inferred = any(claim.certainty is Certainty.INFERRED for claim in path)
    writers = [node for claim in graph.claims_of(queue) for node in claim.on]
    doing = [telling.describe(telling.threads[n]) for n in writers if n in telling.threads]
    said = (
        f"Who empties it: {'; '.join(doing)}."
        if doing
        else "No thread is seen that empties it: the appender's own thread may have died."
    )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if inferred else Certainty.PROVEN,
        permanent=None,
        headline=(
            f"{plural(len(nodes), 'thread')} wait to log: the queue of an asynchronous appender is"
            " full."
        ),
        explanation=said,
        subjects=telling.subjects({*nodes, *writers, *(path[-1].on[:1] if path else ())}),
        chain=telling.steps(path, nodes),
        rests_on=inferences(path, [jvm.identity.inference]) if inferred else (),
        citations=(*telling.cite_threads(nodes), *telling.cite_threads(writers)),
        remedies=REMEDIES,
        refuted_by="a second dump (jstack PID) in which the queue takes what these threads log",
    )
