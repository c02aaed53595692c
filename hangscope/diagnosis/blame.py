"""Blame: what is not a deadlock is still a hang when most workers wait for one thing.

Waits through a lock are left out where an end is weighed: a crowd behind one lock is that lock's
finding, told as a chain to where its holder waits.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, Subject, SubjectType
from hangscope.diagnosis.over_time import same_for
from hangscope.diagnosis.telling import Telling, agree, identities, inferences, plural
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.destinations import outside
from hangscope.interpret.pools import IDLE
from hangscope.interpret.remembered import remembered
from hangscope.interpret.replies import ReplyGroup
from hangscope.knowledge import Role
from hangscope.waits import Certainty, Node

_FEWEST = 3
"""Fewer threads than this are never "most" of anything."""
_CROWD = 5
"""Threads of no server pool that wait for one thing."""
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Crowd:
    """The threads behind one end, and the pools of which they are most."""

    threads: tuple[Node, ...]
    pools: tuple[str, ...]
    of_workers: int
    """Workers of these pools, idle ones included."""


@remembered
def behind_ends(interpretation: Interpretation) -> Mapping[Node, tuple[Node, ...]]:
    """Where waits end, those for locks left out, and the threads behind each end."""
    return {end.node: end.threads for end in interpretation.graph.without_locks.ends}


def crowd(interpretation: Interpretation, threads: Iterable[Node]) -> Crowd | None:
    """Whether ``threads`` are so many that the service hangs on what they wait for.

    They are when they are most workers of a server pool, or, in a process without one, a
    crowd that is most of its executor threads. Each thread that a dump lists and does not show may
    be one more of them.
    """
    nodes = frozenset(threads)
    behind = tuple(sorted(nodes))
    full = [
        pool
        for pool in interpretation.pools
        if (n := sum(w.node in nodes for w in pool.workers)) >= _FEWEST
        and n >= _MOST * (len(pool.workers) + (pool.jvm.missing or 0))
    ]
    if full:
        workers = sum(len(pool.workers) for pool in full)
        return Crowd(behind, tuple(pool.name for pool in full), workers)
    if any(pool.jvm.scope == node.scope for pool in interpretation.pools for node in nodes):
        return None
    scopes = {node.scope for node in nodes}
    jvms = [jvm for jvm in interpretation.case.jvms if jvm.scope in scopes]
    rest = [t for jvm in jvms for t in jvm.everyone if _works(t)]
    mine = [t for t in rest if t.node in nodes]
    missing = sum(jvm.missing or 0 for jvm in jvms)
    if len(behind) >= _CROWD and len(mine) >= _MOST * (len(rest) + missing):
        return Crowd(behind, (), len(rest))
    return None


def hanging_on(
    interpretation: Interpretation, protocols: Container[str], *, unseen: bool
) -> Iterator[tuple[ReplyGroup, Node, Crowd]]:
    """Dependencies outside that so many threads wait for that the service hangs on them.

    Args:
        interpretation: The case.
        protocols: Of the replies that are waited for.
        unseen: Whether a peer counts that no socket table shows.
    """
    groups = [group for group in interpretation.replies if group.protocol in protocols]
    if not groups:
        return
    ends = behind_ends(interpretation)
    for group in groups:
        nodes = [
            outside(last)
            for to in group.destinations
            if group.readers_of(to) >= _MOST * len(group.threads)
            for last in to.last()
            if last.jvm is None
        ]
        if not group.destinations and unseen:
            (claim,) = interpretation.graph.claims_of(group.threads[0].node)
            nodes = list(claim.on)
        for node in nodes:
            behind = crowd(interpretation, ends.get(node, ()))
            if behind is not None:
                yield group, node, behind


def slow_dependency(
    interpretation: Interpretation,
    group: ReplyGroup,
    end: Node,
    behind: Crowd,
    *,
    finding: str,
    layer: Layer,
    what: str,
    remedies: tuple[Remedy, ...],
) -> Finding:
    """The finding that most workers wait for the reply of one dependency.

    Args:
        interpretation: The case.
        group: The threads that read its replies.
        end: The dependency.
        behind: All threads that wait for it.
        finding: The finding's id.
        layer: Whom to call.
        what: The dependency in words: ``database``.
        remedies: What to do.
    """
    telling = Telling(interpretation)
    reader = _representative(group, behind)
    path = interpretation.graph.path(_start(interpretation, behind, reader, end), end)
    rests_on = inferences(path, identities(interpretation, path))
    certainty = Certainty.INFERRED if any(c.inference for c in path) else Certainty.PROVEN
    held = frozenset(behind.threads)
    direct = [t.node for t in group.threads if t.node in held]
    through = len(behind.threads) - len(direct)
    timed = [t.profile.io.timed for t in group.threads if t.node in held and t.profile.io]
    unset = timed.count("no")
    said = [f"{plural(len(direct), 'thread')} {agree('reads', len(direct))} a reply of {end.key}."]
    if through > 0:
        said.append(f"{plural(through, 'more thread')} {agree('waits', through)} for these.")
    if unset:
        said.append(
            f"{unset} of the reads {agree('has', unset)} no timeout and {agree('waits', unset)} for"
            " ever if no answer comes."
        )
    said.append(
        same_for(interpretation, direct)
        or "One snapshot cannot tell slow from dead: if a second one shows the same threads in the"
        " same calls, the answers do not come at all."
    )
    return Finding(
        id=finding,
        kind=Kind.SLOW_DEPENDENCY,
        layer=layer,
        certainty=certainty,
        permanent=_permanent(group),
        headline=f"{share(behind)} {agree('waits', len(behind.threads))} for the {what} {end.key}.",
        explanation=" ".join(said),
        subjects=(
            Subject(SubjectType.ENDPOINT, end.key, None),
            *telling.subjects({*behind.threads, *(claim.waiter for claim in path)}),
        ),
        chain=telling.steps(path, behind.threads),
        rests_on=rests_on if certainty is Certainty.INFERRED else (),
        citations=telling.cite_threads(direct),
        remedies=remedies,
        refuted_by=(
            "a second dump a few seconds later (jstack PID) in which other threads wait for it, or"
            f" a dependency {end.key} that answers at once when it is asked from this host"
        ),
    )


def share(behind: Crowd) -> str:
    """How many threads, and of which pools, in words."""
    count = len(behind.threads)
    if not behind.pools:
        return plural(count, "thread")
    workers = plural(behind.of_workers, "worker")
    return f"{plural(count, 'thread')} ({' and '.join(behind.pools)}: {workers})"


def _works(thread: Thread) -> bool:
    return thread.profile.role in (Role.WORKER, Role.EXECUTOR, Role.UNKNOWN) and (
        thread.profile.activity not in IDLE
    )


def _representative(group: ReplyGroup, behind: Crowd) -> Thread:
    return next((t for t in group.threads if t.node in behind.threads), group.threads[0])


def _start(interpretation: Interpretation, behind: Crowd, reader: Thread, end: Node) -> Node:
    """The thread whose way to the end is longest: its chain tells the most."""
    lengths = interpretation.graph.distances(end)
    return max(behind.threads, key=lambda node: lengths.get(node, 0), default=reader.node)


def _permanent(group: ReplyGroup) -> bool | None:
    timed = {t.profile.io.timed if t.profile.io else "unknown" for t in group.threads}
    if timed == {"yes"}:
        return False
    return True if timed == {"no"} else None
