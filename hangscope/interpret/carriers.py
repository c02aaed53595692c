"""Virtual threads and their carriers: which are mounted, pinned, or ready and without a carrier.

``Thread.print`` tells which carrier has mounted which virtual thread (JDK 21+) and shows no others;
``Thread.dump_to_file`` shows all of them, with states since JDK 25. A virtual thread that waits
without leaving its carrier *pins* it: within ``synchronized`` before JDK 24, and below a native
frame or a class initialiser in every release.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from hangscope.facts import JavaThread, LockAction, LockLine, ThreadState
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_PINNED_PARK = "pinned-park"
_CARRIER = "carrier"
_WORKER = "forkjoin-worker"
_PRINT = "hotspot"
"""The form of dump that tells of each carrier whether it has mounted a virtual thread."""
_AT_REST_MS = 1.0
_APART_S = 1.0
"""A thread that runs uses more of a processor than that in this time."""
_WAITS = frozenset({ThreadState.BLOCKED, ThreadState.WAITING, ThreadState.TIMED_WAITING})
_BLOCKED = frozenset({LockAction.WAITING_TO_LOCK, LockAction.CLASS_INITIALIZATION})


@dataclass(frozen=True)
class Carriers:
    """The pool of one JVM that runs virtual threads."""

    jvm: Jvm
    name: str
    threads: tuple[Thread, ...]
    """The carriers, whether they have mounted a virtual thread or not."""
    mounted: dict[Node, Thread]
    """The virtual thread that each carrier has mounted, as far as a dump shows it."""
    pinned: tuple[Thread, ...]
    """Virtual threads that wait and keep their carriers."""
    ready: tuple[Thread, ...]
    """Virtual threads that could run and have no carrier."""

    @property
    def node(self) -> Node:
        """A carrier that is free."""
        return Node(NodeKind.SCHEDULER, f"a carrier of {self.name}", self.jvm.scope)

    @cached_property
    def idle(self) -> tuple[Thread, ...]:
        """Carriers that have mounted nothing."""
        return tuple(thread for thread in self.threads if not _carries(self.jvm, thread))

    @cached_property
    def held(self) -> bool:
        """Whether a pinned virtual thread holds each carrier while others are ready to run."""
        if self.jvm.unseen or self.idle or not self.ready:
            return False
        known = [self.mounted.get(thread.node) for thread in self.threads]
        pinned = {thread.node for thread in self.pinned}
        if all(known):
            return all(thread is not None and thread.node in pinned for thread in known)
        return not any(known) and len(pinned) >= len(self.threads)

    @property
    def inference(self) -> str:
        """Why nothing else runs virtual threads, in words."""
        return (
            f"The {len(self.threads)} carriers of {self.name} are all that run virtual threads: had"
            " the pool been able to grow, it would have made one for those that are ready to run"
            " (dumps show each virtual thread at a moment of its own)"
        )


def carriers_of(case: Case) -> tuple[Carriers, ...]:
    """The carriers of every JVM that has virtual threads; more pools than one are told apart."""
    return tuple(found for jvm in case.jvms for found in _carriers(jvm))


def claims(pools: tuple[Carriers, ...]) -> Iterator[Claim]:
    """What virtual threads that are ready wait for: ANY of the threads that hold the carriers."""
    for pool in pools:
        if not pool.held:
            continue
        for thread in pool.ready:
            yield Claim(
                thread.node,
                Need.ALL,
                (pool.node,),
                "is ready and waits for",
                Certainty.INFERRED,
                Until.NEVER,
                (thread.top(),),
                pool.inference,
            )
        yield Claim(
            pool.node,
            Need.ANY,
            tuple(thread.node for thread in pool.pinned),
            "is held by",
            Certainty.INFERRED,
            Until.NEVER,
            tuple(thread.top() for thread in pool.pinned),
            pool.inference,
        )


def is_carrier(thread: Thread) -> bool:
    """Whether the thread has mounted a virtual thread, by its own lines."""
    return thread.java.carrying is not None or _CARRIER in thread.profile.signs


def standing(pools: tuple[Carriers, ...], jvm: Jvm) -> Iterator[tuple[Thread, str]]:
    """Every virtual thread of ``jvm``, and how it stands to its carrier, in a word."""
    pool = next((pool for pool in pools if pool.jvm is jvm), None)
    on_carriers = {t.node for t in pool.mounted.values()} if pool else frozenset()
    pinned = {t.node for t in pool.pinned} if pool else frozenset()
    ready = {t.node for t in pool.ready} if pool else frozenset()
    told = pool is not None or any(view.dump.format == _PRINT for view in jvm.views)
    for thread in jvm.everyone:
        if not _is_virtual(jvm, thread):
            continue
        if thread.node in pinned:
            yield thread, "pinned"
        elif thread.node in on_carriers:
            yield thread, "mounted"
        elif thread.node in ready:
            yield thread, "ready, without a carrier"
        else:
            yield thread, "unmounted" if told else "whether it is mounted is not recorded"


def hidden(jvm: Jvm) -> tuple[Thread, ...]:
    """The carriers, if each has mounted a virtual thread that no dump shows.

    Before JDK 24 ``Thread.print`` tells who is mounted, and not what that one does.
    """
    _, carriers = _pool(jvm)
    shown = {t.java.id for t in jvm.everyone if _is_virtual(jvm, t)}
    unseen = [t for t in carriers if t.java.carrying is not None and t.java.carrying not in shown]
    return tuple(unseen) if len(unseen) == len(carriers) else ()


def _pool(jvm: Jvm) -> tuple[str, tuple[Thread, ...]]:
    """The pool that runs virtual threads; none where several may, as no dump tells which do."""
    names = {
        thread.profile.pool
        for view in jvm.views
        for thread in view.threads
        if is_carrier(thread) and not thread.java.virtual and thread.profile.pool is not None
    }
    if len(names) != 1:
        return "", ()
    (name,) = names
    workers = (t for t in jvm.everyone if t.profile.pool == name and _WORKER in t.profile.signs)
    return name, tuple(workers)


def _carriers(jvm: Jvm) -> Iterator[Carriers]:
    virtual = [thread for thread in jvm.everyone if _is_virtual(jvm, thread)]
    name, threads = _pool(jvm)
    if not virtual or not threads:
        return
    mounted = _mounted(jvm, threads)
    on_carriers = {thread.node for thread in mounted.values()}
    at_rest = {mounted[t.node].node for t in threads if t.node in mounted and _rests(jvm, t)}
    stay = [thread for thread in virtual if thread.node not in jvm.moved]
    pinned = tuple(
        thread
        for thread in stay
        if _PINNED_PARK in thread.profile.signs
        or (thread.node in on_carriers and (_waits(jvm, thread) or thread.node in at_rest))
    )
    held = on_carriers | {thread.node for thread in pinned}
    ready = tuple(thread for thread in stay if thread.node not in held and _is_ready(jvm, thread))
    yield Carriers(jvm, name, threads, mounted, pinned, ready)


def _is_virtual(jvm: Jvm, thread: Thread) -> bool:
    """Whether a dump says so, or no whole ``Thread.print`` lists it and it has not begun.

    Before JDK 25, JSON does not tell of a thread without a stack whether it is virtual.
    """
    if thread.java.virtual or thread.java.entries or thread.java.state is not None:
        return thread.java.virtual
    lists = [view for view in jvm.views if view.dump.listed_tids is not None and not view.unseen]
    return bool(lists) and not any(thread.java.id in view.by_id for view in lists)


def _views_of(jvm: Jvm, thread: Thread) -> Iterator[Thread]:
    """The thread as each form of dump shows it."""
    for view in jvm.views:
        found = view.by_id.get(thread.java.id) if thread.java.id is not None else None
        if found is not None and found.node == thread.node:
            yield found


def _carries(jvm: Jvm, carrier: Thread) -> bool:
    return all(is_carrier(seen) for seen in _views_of(jvm, carrier)) and is_carrier(carrier)


def _mounted(jvm: Jvm, carriers: tuple[Thread, ...]) -> dict[Node, Thread]:
    by_id = {thread.java.id: thread for thread in jvm.everyone if thread.java.virtual}
    mounted: dict[Node, Thread] = {}
    for carrier in carriers:
        told = {seen.java.carrying for seen in _views_of(jvm, carrier)} - {None}
        found = by_id.get(next(iter(told))) if len(told) == 1 else None
        if found is not None:
            mounted[carrier.node] = found
    return mounted


def _waits(jvm: Jvm, thread: Thread) -> bool:
    """Whether some dump states that it waits, by its state or by what stands under its frames."""
    return any(
        seen.java.state in _WAITS
        or any(isinstance(e, LockLine) and e.action in _BLOCKED for e in seen.java.entries)
        for seen in _views_of(jvm, thread)
    )


def _rests(jvm: Jvm, carrier: Thread) -> bool:
    """Whether it had the same thread mounted in an earlier dump and used no processor since.

    Before JDK 24 nothing else tells a mounted thread that is blocked from one that runs.
    """
    return any(
        earlier.id == seen.java.id and _same(earlier, seen.java)
        for seen in _views_of(jvm, carrier)
        for view in jvm.views
        for dump in view.series[:-1]
        for earlier in dump.threads
    )


def _same(earlier: JavaThread, later: JavaThread) -> bool:
    times = (earlier.cpu_ms, later.cpu_ms, earlier.elapsed_s, later.elapsed_s)
    if earlier.carrying is None or earlier.carrying != later.carrying or None in times:
        return False
    used = (later.cpu_ms or 0) - (earlier.cpu_ms or 0)
    return used < _AT_REST_MS and (later.elapsed_s or 0) - (earlier.elapsed_s or 0) >= _APART_S


def _is_ready(jvm: Jvm, thread: Thread) -> bool:
    """Whether every dump that shows it says that it could run: JDK 25 by its state.

    Before, a virtual thread without a stack has not begun, and others are not told apart.
    """
    return all(
        seen.java.state is ThreadState.RUNNABLE
        or (seen.java.state in (None, ThreadState.NEW) and not seen.java.entries)
        for seen in _views_of(jvm, thread)
    )
