"""Threads wait for random bytes of the operating system.

What it is: ``SecureRandom`` reads seeds from the blocking device (/dev/random), and the kernel has
none to give: a virtual machine just started, a kernel before 5.6, a container with a device of its
own. One thread reads, under a lock; the others queue behind it.

How it is recognised: a thread in ``NativePRNG`` or ``SeedGenerator`` that reads a file, and a crowd
behind it.

What it is mistaken for: a lock convoy, a slow start of the server, a slow TLS handshake.

What to do now: see how much there is (cat /proc/sys/kernel/random/entropy_avail); start a daemon
that feeds the device (rng-tools, haveged).

What to do for good: -Djava.security.egd=file:/dev/./urandom, or the same as securerandom.source in
java.security; a newer kernel; no SecureRandom.getInstanceStrong() for a request.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.native_waits import hanging_in, native_wait
from hangscope.interpret import Interpretation, Thread
from hangscope.knowledge import Purpose

ID = "entropy-wait"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.JVM

REMEDIES = (
    Remedy(
        When.NOW,
        "See how much randomness there is (cat /proc/sys/kernel/random/entropy_avail) and feed the"
        " device (rng-tools, haveged, virtio-rng).",
    ),
    Remedy(
        When.LASTING,
        "Let the JVM read /dev/urandom (-Djava.security.egd=file:/dev/./urandom), which is as good"
        " once the kernel has started, and keep SecureRandom.getInstanceStrong() out of requests.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a process most of whose workers wait for random bytes."""
    for hang in hanging_in(interpretation, _reads_device):
        yield native_wait(
            interpretation,
            hang,
            finding=ID,
            layer=LAYER,
            what="random bytes",
            doing=("reads the random device for a seed", "read the random device for a seed"),
            inference=(
                "Which device is read stands in no dump: SecureRandom reads /dev/random for seeds"
                " unless it is told otherwise"
            ),
            remedies=REMEDIES,
        )


def _reads_device(thread: Thread) -> bool:
    io = thread.profile.io
    return io is not None and io.op == "file-read" and Purpose.ENTROPY in thread.profile.purposes
