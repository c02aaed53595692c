"""A read-write lock is waited for by everybody who could release it.

What it is: a thread that holds the lock for reading asks for it for writing: it waits for itself,
and readers queue behind it. Or a reader waits for a thread that wants the same lock and queues
behind a writer, which waits for that reader.

How it is recognised: several whole dumps with owned locks (``-l``) show threads that wait for a
``ReentrantReadWriteLock`` without moving, and no owner. So it is held for reading. Who reads stands
in no dump; but every thread that could hold it waits, directly or not, for this very lock.

What it is mistaken for: a convoy behind a slow reader (which then is a thread at work), or an
abandoned lock.

What to do now: restart the process.

What to do for good: release the read lock before asking for the write lock, and check again what
was read; do not wait for other threads while reading.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.deadlocks import behind, cores_of, deadlock
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation
from hangscope.interpret.read_holds import HELD_FOR_READING
from hangscope.waits import Node
from hangscope.waits.graph import Core

ID = "read-write-lock-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION
_WRITES = "rwlock-write"

REMEDIES = (
    Remedy(When.NOW, "Restart the process: nothing else frees threads that deadlock on locks."),
    Remedy(
        When.LASTING,
        "Release the read lock before asking for the write lock, and look again once it is held:"
        " a ReentrantReadWriteLock cannot be upgraded. (StampedLock.tryConvertToWriteLock can.)",
    ),
    Remedy(
        When.LASTING,
        "Do not wait, under the read lock, for a task or a reply that needs the same lock; release"
        " it in a finally block.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core with a lock that is held for reading."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "read-write-lock"):
        locks = sorted(
            {claim.waiter.key for claim in core.claims if claim.relation == HELD_FOR_READING}
        )
        writers = _writers(telling, core)
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=(
                f"{plural(len(core.threads), 'thread')} wait for a read-write lock"
                f" ({' and '.join(locks)}) that nobody else can release."
            ),
            explanation=(
                "The lock is held for reading, and each thread that could hold it waits for it:"
                f" {_who(telling, writers)} If none of them reads, a thread that is idle or gone"
                f" has left it locked, which is no better.{behind(core)}"
            ),
            refuted_by="a later dump (jstack -l PID) in which one of them has gone on",
            remedies=REMEDIES,
            start=writers[0] if writers else None,
        )


def _writers(telling: Telling, core: Core) -> list[Node]:
    """Those of the threads that want the lock for writing."""
    wanted = []
    for node in core.threads:
        thread = telling.threads.get(node)
        primitive = thread.profile.primitive if thread else None
        if primitive is not None and primitive.id == _WRITES:
            wanted.append(node)
    return wanted


def _who(telling: Telling, writers: list[Node]) -> str:
    if not writers:
        return "a reader waits, through others, for readers that queue behind a writer."
    doing = "; ".join(telling.describe(telling.threads[node]) for node in writers[:3])
    return (
        f"{plural(len(writers), 'thread')} of them for writing ({doing}), most likely while reading"
        " under it."
    )
