"""Many threads queue behind one lock.

What it is: a lock that is held for long, by a thread that works or itself waits (for a socket,
say), lets the others through one at a time, or not at all until it goes on.

How it is recognised: threads that wait to lock one address; its owner and what that one waits
for, as a chain.

What it is mistaken for: a deadlock (the owner can go on), or a slow dependency of every thread
(only the owner waits for it).

What to do now: deal with what the owner waits for; where no owner is told, take a second dump.

What to do for good: do not hold a lock while calling out; hold it for less; split it.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.lock_queues import LockQueue, contention, lock_queues
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, agree, plural
from hangscope.interpret import Interpretation
from hangscope.interpret.read_holds import HELD_FOR_READING
from hangscope.knowledge import Purpose

ID = "lock-convoy"
KIND = Kind.CONTENTION
LAYER = Layer.APPLICATION
_TOLD_APART = (Purpose.LOG, Purpose.CLASS_LOADING)
"""What a lock is for where the queue is a finding of its own."""

_HOLD_FOR_LESS = Remedy(
    When.LASTING,
    "Do not hold this lock while calling out or doing slow work: copy what is needed, release it,"
    " then call; or split it so that unrelated requests do not share it.",
)
REMEDIES = (
    Remedy(When.NOW, "Deal with what the lock's owner does or waits for; the queue then drains."),
    _HOLD_FOR_LESS,
)
_READ_BY_SOME = (
    Remedy(
        When.NOW,
        "Look for the thread that reads under this lock among those that do not wait for it, and"
        " deal with what it does; the queue then drains.",
    ),
    _HOLD_FOR_LESS,
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a lock with a crowd behind it that is in no deadlock."""
    telling = Telling(interpretation)
    for queue in lock_queues(interpretation):
        if not any(map(queue.is_for, _TOLD_APART)):
            yield contention(
                interpretation,
                telling,
                queue,
                finding=ID,
                layer=LAYER,
                headline=(
                    f"{plural(len(queue.waits), 'thread')}"
                    f" {agree('queues', len(queue.waits))} behind one lock"
                    f" ({queue.lock.key})"
                ),
                remedies=_remedies(interpretation, queue),
            )


def _remedies(interpretation: Interpretation, queue: LockQueue) -> tuple[Remedy, ...]:
    """What to do about the owner, or about one of those that may read."""
    claims = interpretation.graph.claims_of(queue.lock)
    read = not queue.owners and any(claim.relation == HELD_FOR_READING for claim in claims)
    return _READ_BY_SOME if read else REMEDIES
