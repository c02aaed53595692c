"""Hundreds of executors, each with a thread or two of its own, idle.

What it is: somewhere an executor, a timer or a client is made for each use and never shut down; its
thread stays. Memory and the limit of threads run out: "unable to create native thread".

How it is recognised: very many idle threads whose names differ in the number of their pool, not
only in that of the thread (pool-1-thread-1, pool-2-thread-1, ...).

What it is mistaken for: a large pool (one pool, as many threads: that is a setting), a load that is
too high (they are idle).

What to do now: restart before the limit is reached; compare with Max processes and pids.max.

What to do for good: make the executor once and share it, or shut it down (try-with-resources from
JDK 19 on).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import Telling, plural
from hangscope.facts import Limit
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Role
from hangscope.waits import Certainty

ID = "thread-leak"
KIND = Kind.EXHAUSTION
LAYER = Layer.APPLICATION
_FEWEST = 500
"""Fewer may be made on purpose."""
_A_POOL = 2
"""Threads that such a pool has at most, on average."""
_NUMBER = re.compile(r"\d+")
_LAST_NUMBER = re.compile(r"\d+$")
_SMALL = (
    "each of {:,} pools has {:.1f} threads on average and none has work: pools that were made on"
    " purpose are few, and shared"
)
_PROCESSES = "Max processes"

REMEDIES = (
    Remedy(
        When.NOW,
        "Restart before no thread can be made any more; until then watch their number (Threads in"
        " /proc/PID/status) against ulimit -u and the cgroup's pids.max.",
    ),
    Remedy(
        When.LASTING,
        "Make the executor once and share it, or shut it down where it was made (try-with-resources"
        " from JDK 19 on). Give its threads a name: it tells who made them.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a family of idle threads of very many small pools."""
    for jvm in interpretation.case.jvms:
        families: dict[str, list[Thread]] = defaultdict(list)
        for thread in jvm.everyone:
            if thread.profile.activity in IDLE and not thread.java.virtual:
                families[_NUMBER.sub("N", thread.java.name)].append(thread)
        for family, threads in sorted(families.items()):
            pools = {_pool(thread) for thread in threads}
            if len(threads) >= _FEWEST and len(threads) <= _A_POOL * len(pools):
                yield _finding(interpretation, jvm, family, threads, len(pools))


def _pool(thread: Thread) -> str:
    """The name without the thread's own number, which stands last; a timer is alone in its pool."""
    if thread.profile.pool is not None:
        return thread.profile.pool
    name = thread.java.name
    return name if thread.profile.role is Role.BACKGROUND else _LAST_NUMBER.sub("", name)


def _finding(
    interpretation: Interpretation, jvm: Jvm, family: str, threads: list[Thread], pools: int
) -> Finding:
    telling = Telling(interpretation)
    process = interpretation.case.process(jvm.scope)
    limit = _limit(interpretation, jvm)
    share = len(threads) / len(jvm.everyone)
    many = (
        f"{plural(len(threads), 'thread')} have names like {family} ({share:.0%} of all), and their"
        f" pools are {pools:,}: one is made for each use and never shut down. All are idle."
    )
    said = [many, *_ages(threads)]
    if limit is not None and isinstance(limit.soft, int):
        said.append(f"The user of the process may have {limit.soft:,} threads in all.")
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=True,
        headline=(
            f"{plural(len(threads), 'idle thread')} of {pools:,} pools ({family}): an executor is"
            " made again and again and never shut down."
        ),
        explanation=" ".join(said),
        subjects=(Subject(SubjectType.POOL, family, process, len(threads)),),
        chain=(),
        rests_on=(_SMALL.format(pools, len(threads) / pools),),
        citations=(
            *((Citation(limit.evidence, "the limit"),) if limit else ()),
            *telling.cite_threads(thread.node for thread in threads),
        ),
        remedies=REMEDIES,
        refuted_by="a dump an hour later (jstack PID), under load, that shows no more of them",
    )


def _ages(threads: list[Thread]) -> Iterator[str]:
    """That they were made one by one, as far as the dump prints how old each is."""
    ages = [thread.java.elapsed_s for thread in threads if thread.java.elapsed_s is not None]
    if len(ages) == len(threads):
        yield f"The oldest is {max(ages):,.0f} seconds old, the youngest {min(ages):,.0f}."


def _limit(interpretation: Interpretation, jvm: Jvm) -> Limit | None:
    limits = (one for of in interpretation.case.facts_of(jvm) for one in of.limits)
    return next((one for one in limits if one.name == _PROCESSES), None)
