"""Threads wait behind a write to standard output that nobody takes.

What it is: standard output (or error) is a pipe or a terminal: a container's log, a pipe to a log
collector, a console under XOFF. When its reader stops, the pipe fills (64 KiB) and the next write
blocks while it holds the locks of ``System.out`` and of the appender: everybody who logs queues
behind it.

How it is recognised: a thread in the write of a ``PrintStream`` to a file descriptor, and a crowd
whose waits end at it, through locks or through an asynchronous appender's queue.

What it is mistaken for: lock contention, a logging problem, or a deadlock.

What to do now: see who should read the pipe, and let it read (the log collector, the container
runtime, the terminal). Don't send SIGQUIT: the JVM would print its dump into the same pipe and
freeze as a whole.

What to do for good: log to a file or a socket that drops; an asynchronous appender that drops.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.lock_queues import is_many
from hangscope.diagnosis.model import Citation, Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, inferences, plural
from hangscope.facts import Descriptor, Evidence
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.knowledge import Purpose
from hangscope.waits import Certainty
from hangscope.waits.graph import End

ID = "output-blocked"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.APPLICATION
_STANDARD = {1: "standard output", 2: "standard error"}
_MEANS = "that is System.out or System.err, unless the program opened such a stream to a file"

REMEDIES = (
    Remedy(
        When.NOW,
        "See where standard output leads (ls -l /proc/PID/fd/1 /proc/PID/fd/2) and make its reader"
        " read again: the log collector, the container runtime, the terminal.",
    ),
    Remedy(
        When.NOW,
        "Do not send SIGQUIT (kill -3): the JVM prints its dump to the same place, and all of it"
        " stops until that is read. Use jcmd or jstack.",
    ),
    Remedy(
        When.LASTING,
        "Log to a file, or through an asynchronous appender that drops events rather than wait"
        " (Logback: neverBlock=true; Log4j 2: a discarding queue-full policy).",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a thread in a write to standard output with a crowd behind it."""
    telling = Telling(interpretation)
    for jvm in interpretation.case.jvms:
        if _leads_to_files(interpretation, jvm):
            continue
        for end in interpretation.graph.ends:
            writer = telling.threads.get(end.node)
            if writer is None or end.node.scope != jvm.scope or end.node in jvm.moved:
                continue
            crowd = [writer.node, *end.threads]
            if _prints(writer) and end.threads and is_many(interpretation, crowd):
                yield _finding(interpretation, telling, jvm, writer, end)


def _prints(thread: Thread) -> bool:
    """Whether it is in the operating system's write, for a ``PrintStream``."""
    io = thread.profile.io
    return io is not None and io.op == "file-write" and Purpose.CONSOLE in thread.profile.purposes


def _finding(
    interpretation: Interpretation, telling: Telling, jvm: Jvm, writer: Thread, end: End
) -> Finding:
    graph = interpretation.graph
    path = graph.longest_path(end.threads, end.node)
    count = len(end.threads)
    targets = tuple(_targets(interpretation, jvm))
    where = f" Of the process, {' and '.join(says for _, says in targets)}." if targets else ""
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=(
            f"{plural(count, 'thread')} {'waits' if count == 1 else 'wait'} behind"
            f' "{writer.name}", which is in a write to standard output.'
        ),
        explanation=(
            f"Who is behind it waits for as long as the write lasts.{where} One snapshot cannot"
            " tell slow from dead."
        ),
        subjects=telling.subjects({writer.node, *end.threads, *(c.waiter for c in path)}),
        chain=telling.steps(path, end.threads),
        rests_on=(
            f'"{writer.name}" prints through a java.io.PrintStream to a file descriptor: {_MEANS}',
            *inferences(path, [jvm.identity.inference]),
        ),
        citations=(
            *telling.cite_threads([writer.node]),
            *(Citation(evidence, says) for evidence, says in targets),
            *telling.cite_threads(end.threads),
        ),
        remedies=REMEDIES,
        refuted_by=(
            "a second dump (jstack PID) in which another thread writes, or standard output that is"
            " a file (ls -l /proc/PID/fd/1 /proc/PID/fd/2)"
        ),
    )


def _targets(interpretation: Interpretation, jvm: Jvm) -> Iterator[tuple[Evidence, str]]:
    """Where standard output and error lead, in words, if that is given."""
    for descriptor in _standard(interpretation, jvm):
        yield descriptor.evidence, f"{_STANDARD[descriptor.fd]} is {descriptor.target}"


def _leads_to_files(interpretation: Interpretation, jvm: Jvm) -> bool:
    """Whether both are known to be files, which need no reader."""
    targets = {d.fd: d.target for d in _standard(interpretation, jvm)}
    return targets.keys() == _STANDARD.keys() and all(
        target.startswith("/") and not target.startswith("/dev/") for target in targets.values()
    )


def _standard(interpretation: Interpretation, jvm: Jvm) -> Iterator[Descriptor]:
    for facts in interpretation.case.facts_of(jvm):
        yield from (one for one in facts.descriptors if one.fd in _STANDARD)
