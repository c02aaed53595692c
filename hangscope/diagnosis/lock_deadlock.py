"""Threads wait for each other's locks.

What it is: a circle of threads, each of which holds a lock that the next one wants: monitors
(``synchronized``), ownable synchronizers (``ReentrantLock``), or both.

How it is recognised: the stuck core holds only threads and locks, by the addresses and owners
that the dump states; the owner of a structured task scope waits for its subtasks, and a virtual
thread that is ready for a carrier. What the JVM itself reports is compared with it: agreement is
told, and so is the reason where the two differ.

What it is mistaken for: contention (which moves on) or a slow lock holder.

What to do now: restart the process: HotSpot cannot break a monitor deadlock.

What to do for good: take locks in one order everywhere, hold them for less, or use ``tryLock``
with a timeout.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.deadlocks import behind, cores_of, deadlock
from hangscope.diagnosis.dump_forms import showing
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.diagnosis.own_reports import held_against
from hangscope.diagnosis.telling import Telling, plural
from hangscope.diagnosis.virtual_thread_pinning import remedies
from hangscope.interpret import Interpretation
from hangscope.interpret.carriers import Carriers
from hangscope.interpret.scopes import JOINS
from hangscope.waits import NodeKind
from hangscope.waits.graph import Core

ID = "lock-deadlock"
KIND = Kind.DEADLOCK
LAYER = Layer.APPLICATION

REMEDIES = (
    Remedy(When.NOW, "Restart the process: nothing else frees threads that deadlock on locks."),
    Remedy(
        When.LASTING,
        "Take these locks in the same order everywhere, or hold only one at a time; the quoted"
        " stacks show both orders.",
    ),
    Remedy(
        When.LASTING,
        "Where the order cannot be fixed, use ReentrantLock.tryLock with a timeout and back off.",
    ),
)
SCOPE = Remedy(
    When.LASTING,
    "Do not join a structured task scope while holding a lock that its subtasks take: release it"
    " first, or let the subtasks return values and write them after join.",
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a core of threads and locks alone."""
    telling = Telling(interpretation)
    for core in cores_of(interpretation, "lock"):
        jvm_says, reported = held_against(interpretation, telling, core)
        yield deadlock(
            interpretation,
            telling,
            core,
            finding=ID,
            headline=_headline(interpretation, core),
            explanation=f"{jvm_says}{behind(core)}",
            refuted_by=(
                f"a later dump ({showing(telling.shown(core.threads))}) that"
                " shows one of these threads elsewhere"
            ),
            remedies=_remedies(interpretation, core),
            more=reported,
        )


def _remedies(interpretation: Interpretation, core: Core) -> tuple[Remedy, ...]:
    for pool in _carriers(interpretation, core):
        return remedies(pool, sure=True)
    return (REMEDIES[0], SCOPE) if _joins(core) else REMEDIES


def _carriers(interpretation: Interpretation, core: Core) -> list[Carriers]:
    return [pool for pool in interpretation.carriers if pool.node in core.nodes]


def _joins(core: Core) -> bool:
    return any(claim.relation == JOINS for claim in core.claims)


def _headline(interpretation: Interpretation, core: Core) -> str:
    """Who waits for what: locks, and what else is part of the circle."""
    threads = plural(len(core.threads), "thread")
    locks = plural(sum(node.kind is NodeKind.LOCK for node in core.nodes), "lock")
    carriers = sum(len(pool.threads) for pool in _carriers(interpretation, core))
    more = [f"the {plural(carriers, 'carrier')} of virtual threads"] if carriers else []
    more += ["the subtasks of a structured task scope"] if _joins(core) else []
    if more:
        over = " and ".join([locks, *more])
        return f"{threads} wait for each other, over {over}, and will never go on."
    return f"{threads} wait for each other's locks ({locks}) and will never go on."
