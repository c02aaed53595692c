"""Threads wait for each other's classes to be initialised.

What it is: a static initialiser needs a class whose own initialiser, in another thread, needs the
first one: two classes that use each other, or a class that makes an instance of its subclass.
Whoever uses one of them later waits as well, for ever.

How it is recognised: threads that are RUNNABLE by their state and in ``Object.wait()`` by the
header, with the line ``waiting on the Class initialization monitor`` (JDK 13 and newer); the thread
that runs a class's ``<clinit>`` initialises it. The JVM's own deadlock report does not cover it.

What it is mistaken for: work (the threads are RUNNABLE), or a slow start.

What to do now: restart the process. It may come up: which thread is first is chance.

What to do for good: take the circle out of the static initialisers (an initialiser on demand, no
instance of a subclass in its superclass); or initialise one of the classes early, in one thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.deadlocks import behind, cores_of, deadlock
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation
from hangscope.waits import Certainty, NodeKind

ID = "class-initialization-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(
        When.NOW,
        "Restart the process: nothing else frees these threads. Whether it hangs again is chance.",
    ),
    Remedy(
        When.LASTING,
        "Take the circle out of the static initialisers that the quoted stacks show: initialise on"
        " demand (a holder class), and make no instance of a subclass in its superclass.",
    ),
    Remedy(
        When.LASTING,
        "Until then, initialise one of the classes early in one thread (Class.forName at start).",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core with classes that are being initialised."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "class-initialization"):
        classes = sorted(node.key for node in core.nodes if node.kind is NodeKind.CLASS)
        inferred = core.certainty is Certainty.INFERRED
        said = (
            "Each of these classes is being initialised by one of these threads, and all of them"
            " wait for one of these classes."
            if inferred
            else "Each of them initialises a class and needs one that another of them initialises."
        )
        said += (
            f"{behind(core)} Their state is RUNNABLE all the same, and the JVM reports no deadlock."
        )
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=(
                f"{plural(len(core.threads), 'thread')} wait for each other to initialise"
                f" {' and '.join(classes)}, and will never go on."
            ),
            explanation=said,
            refuted_by="a second dump (jstack PID) in which one of these threads has gone on",
            remedies=REMEDIES,
        )
