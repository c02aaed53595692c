"""Threads wait for direct memory that is used up, or handle an OutOfMemoryError.

What it is: direct buffers (``ByteBuffer.allocateDirect``, and with them NIO, Netty and TLS) share
a limit (``-XX:MaxDirectMemorySize``, or else the size of the heap). Once it is reached, each
further request collects garbage, sleeps, tries again and fails with an OutOfMemoryError.

How it is recognised: threads sleep in ``Bits.reserveMemory``, which they do only while the limit
is reached, or build an OutOfMemoryError. A heap that is full shows otherwise: see
``gc-thrashing``.

What it is mistaken for: threads that sleep of their own accord, or a full heap.

What to do now: restart the process, with a larger ``-XX:MaxDirectMemorySize`` if there is memory.

What to do for good: find who keeps the buffers (``BufferPoolMXBean`` "direct" tells number and
size), reuse them, and release them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation, Thread
from hangscope.waits import Certainty

ID = "memory-exhaustion"
KIND = Kind.EXHAUSTION
LAYER = Layer.JVM
_DIRECT = "direct-memory"
_ERROR = "out-of-memory"
_SLEEP = "sleep"

REMEDIES = (
    Remedy(
        When.NOW,
        "Restart the process, with a larger -XX:MaxDirectMemorySize if the host has the memory.",
    ),
    Remedy(
        When.LASTING,
        'Find who keeps the buffers (BufferPoolMXBean "direct", or a heap dump: instances of'
        " java.nio.DirectByteBuffer), reuse them and release them.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a JVM whose threads are out of memory."""
    for jvm in interpretation.case.jvms:
        out = [thread for thread in jvm.everyone if _is_out(thread)]
        if out:
            yield _finding(interpretation, out)


def _is_out(thread: Thread) -> bool:
    """Whether it sleeps until direct memory is released, or builds the error."""
    profile = thread.profile
    sleeps = profile.primitive is not None and profile.primitive.id == _SLEEP
    return _ERROR in profile.signs or (_DIRECT in profile.signs and sleeps)


def _finding(interpretation: Interpretation, out: Sequence[Thread]) -> Finding:
    telling = Telling(interpretation)
    nodes = [thread.node for thread in out]
    direct = [thread for thread in out if _DIRECT in thread.profile.signs]
    waits = "waits" if len(out) == 1 else "wait"
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.PROVEN,
        permanent=None,
        headline=(
            f"{plural(len(out), 'thread')} {waits} for direct memory, and its limit is reached."
            if direct
            else f"{plural(len(out), 'thread')} handle{'s' if len(out) == 1 else ''} an"
            " OutOfMemoryError."
        ),
        explanation=(
            "A thread sleeps in java.nio.Bits.reserveMemory only while the buffers that are in"
            " use take all of -XX:MaxDirectMemorySize (by default as much as the heap); it"
            " tries again for about half a second, and then gets an OutOfMemoryError."
            if direct
            else "They build the error at this moment."
        ),
        subjects=telling.subjects(nodes),
        chain=(),
        rests_on=(),
        citations=telling.cite_threads(nodes),
        remedies=REMEDIES,
        refuted_by=(
            "later dumps (jstack PID) without such threads: then the limit was reached for a moment"
            " only"
        ),
    )
