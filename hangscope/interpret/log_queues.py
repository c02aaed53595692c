"""Claims of threads that wait for room in the queue of an asynchronous log appender.

A bounded queue that is full needs one who takes from it. Only the appender's own thread does; which
queue is whose is not recorded, so that any of these threads that is at work may make room.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Activity, Purpose
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until


def claims(case: Case) -> Iterator[Claim]:
    """What threads wait for that log into a full queue, and what the queue needs."""
    for jvm in case.jvms:
        waiters = [thread for thread in jvm.everyone if waits_for_room(jvm, thread)]
        writers = [
            thread
            for thread in jvm.everyone
            if Purpose.LOG_WRITER in thread.profile.purposes and thread.profile.activity not in IDLE
        ]
        if waiters and writers:
            for waiter in waiters:
                yield _wait(jvm, waiter)
            yield _needs(jvm, writers)


def waits_for_room(jvm: Jvm, thread: Thread) -> bool:
    """Whether a thread waits to put a log event into a queue."""
    profile = thread.profile
    return (
        Purpose.LOG_QUEUE in profile.purposes
        and profile.activity is Activity.OTHER_WAIT
        and (profile.primitive is None or profile.primitive.id != "monitor")
        and thread.node not in jvm.moved
    )


def queue_node(jvm: Jvm) -> Node:
    """Room in a queue of log events."""
    return Node(NodeKind.QUEUE, "the full queue of an asynchronous appender", jvm.scope)


def _wait(jvm: Jvm, waiter: Thread) -> Claim:
    return Claim(
        waiter.node,
        Need.ALL,
        (queue_node(jvm),),
        "waits for room in",
        Certainty.PROVEN,
        waiter.until,
        (waiter.top(),),
    )


def _needs(jvm: Jvm, writers: list[Thread]) -> Claim:
    names = " or ".join(f'"{writer.name}"' for writer in writers[:3])
    return Claim(
        queue_node(jvm),
        Need.ANY,
        (*(writer.node for writer in writers), *jvm.unseen),
        "is emptied only by",
        Certainty.INFERRED,
        Until.NEVER,
        tuple(writer.header for writer in writers),
        f"Only the thread that writes an appender's events makes room in its queue: {names}",
    )
