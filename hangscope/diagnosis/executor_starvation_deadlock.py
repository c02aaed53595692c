"""An executor whose workers wait for tasks that wait behind them.

What it is: tasks of an executor submit more tasks to the same executor and wait for them. When
every worker waits, the inner tasks stay in the queue for ever.

How it is recognised: the stuck core holds the futures of an executor and its busy workers; no
endpoint and no connection pool is part of it.

What it is mistaken for: a slow task, or a pool that is too small (a larger one hangs later).

What to do now: restart the process.

What to do for good: run the inner tasks on an executor of their own, or compose them without
blocking (``CompletableFuture.thenCompose``).
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.deadlocks import behind, cores_of, deadlock, threads_of_pool
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.telling import Telling, plural
from hangscope.interpret import Interpretation

ID = "executor-starvation-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(When.NOW, "Restart the process: the queued tasks will never be run."),
    Remedy(
        When.LASTING,
        "Never wait on a worker for a task of the same executor: give the inner tasks an executor"
        " of their own, or compose them without blocking (CompletableFuture.thenCompose).",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core of futures and the workers that should run them."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "executor"):
        names = " and ".join(threads_of_pool(telling, core.threads))
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=(
                f"All {plural(len(core.threads), 'busy worker')} of {names} wait for tasks that"
                " only they could run."
            ),
            explanation=(
                "The tasks that they wait for are queued behind them in the same executor."
                f"{behind(core)}"
            ),
            refuted_by=(
                "a later dump (jstack -l PID) in which one of these workers has gone on, or that"
                " shows a worker of this executor that is free"
            ),
            remedies=REMEDIES,
        )
