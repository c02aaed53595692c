"""One case: the JVMs whose dumps are given, what each thread is, and the sockets of each host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from hangscope.facts import (
    Evidence,
    Frame,
    JavaThread,
    ProcessFacts,
    ThreadDump,
    ThreadState,
)
from hangscope.interpret.far_ends import FarEnds
from hangscope.interpret.hosts import NOWHERE, Host
from hangscope.interpret.identity import Identity
from hangscope.interpret.sockets import HostSockets
from hangscope.knowledge import Activity, Knowledge, Profile
from hangscope.waits import Node, NodeKind, Until

_HANDED_OVER_S = 1.0
"""A lock is handed from one thread to the next in less time than this between two dumps."""
_ENDLESS = frozenset({"jhsdb"})
"""Forms cut between two threads look whole: neither an end nor a number of threads is printed."""
_MOUNTED_ALONE = frozenset({"hotspot"})
"""Forms that show virtual threads only while a carrier has mounted them."""
_HELPERS = ("VirtualThread-", "Read-Poller", "Write-Poller", "MasterPoller")
"""Names of threads that the JDK starts for virtual threads."""
_SCHEDULER = re.compile(r"ForkJoinPool-\d+-(?:worker-\d+|delayScheduler)$")
"""Threads of the pool that carries virtual threads; others may have such names."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One Java thread of a dump, what it is and the node that stands for it."""

    java: JavaThread
    profile: Profile
    node: Node

    @property
    def name(self) -> str:
        """Its name, with its id where several threads of the dump share the name."""
        return self.node.key

    @property
    def header(self) -> Evidence:
        """The line that names it."""
        evidence = self.java.evidence
        return evidence._replace(last_line=evidence.first_line)

    @property
    def until(self) -> Until:
        """Whether its wait ends by itself, as far as its state tells."""
        if self.java.state is None:
            return Until.UNKNOWN
        timed = self.java.state is ThreadState.TIMED_WAITING
        return Until.DEADLINE if timed else Until.NEVER

    def top(self) -> Evidence:
        """The lines from its header down to the application's own frame."""
        evidence = self.java.evidence
        if not self.java.entries:
            return evidence
        index = self.profile.application_frame
        last = self.java.entry_lines[-1 if index is None else index]
        return evidence._replace(last_line=max(last, evidence.first_line))

    def frame(self, index: int) -> Frame | None:
        """Entry ``index`` of its stack if that is a frame."""
        entry = self.java.entries[index]
        return entry if isinstance(entry, Frame) else None


@dataclass(frozen=True)
class Jvm:
    """One process whose thread dump is given; of several dumps of one form, its last."""

    dump: ThreadDump
    identity: Identity
    threads: tuple[Thread, ...]
    moved: frozenset[Node]
    """Threads that the dump before shows elsewhere, or that burnt CPU since; and those that a dump
    of another form shows elsewhere."""
    dumps: int = 1
    """How many dumps of this process are given."""
    steady: frozenset[Node] = frozenset()
    """Threads that an earlier dump shows in the same frames with the very same locks."""
    series: tuple[ThreadDump, ...] = ()
    """The dumps of this form in order of time, ``dump`` the last."""
    lasting: Mapping[Node, int] = field(default_factory=dict)
    """In how many of them, from the last one back, a thread is the same."""
    watched_s: float = 0.0
    """Seconds from the first dump of this form to this one; none where they do not tell."""
    others: tuple[Jvm, ...] = ()
    """The same process by dumps of other forms: their threads are the same nodes, while their
    addresses and hashes name the same objects differently."""
    host: Host = NOWHERE
    """Where it runs."""

    @property
    def is_past_handovers(self) -> bool:
        """Whether a lock without an owner in its dumps is not just on its way to the next one."""
        return self.watched_s >= _HANDED_OVER_S

    @property
    def views(self) -> tuple[Jvm, ...]:
        """The process by each form of dump that is given; itself first."""
        return (self, *self.others)

    @cached_property
    def everyone(self) -> tuple[Thread, ...]:
        """Its threads, and those that dumps of another form alone show: virtual ones, above all."""
        known = {thread.node for thread in self.threads}
        more = {t.node: t for view in reversed(self.others) for t in view.threads}
        return (*self.threads, *(t for node, t in more.items() if node not in known))

    @property
    def scope(self) -> str:
        """Names this process in nodes and reports."""
        return self.identity.label

    @property
    def pid(self) -> int | None:
        """Its process id; None when nothing tells."""
        return self.identity.pid

    @cached_property
    def missing(self) -> int | None:
        """Threads that the dump lists (SMR block) and does not show; None when it does not tell."""
        if self.dump.listed_tids is None:
            return None
        seen = {thread.tid for thread in self.dump.threads}
        return sum(tid not in seen for tid in self.dump.listed_tids)

    @property
    def unseen(self) -> tuple[Node, ...]:
        """Stands for threads that may exist and are not in the dump: an excerpt, or cut.

        Such a thread can act by itself, so that no pool is called stuck for lack of it.
        """
        told_whole = self.dump.ended if self.missing is None else not self.missing
        if self.is_excerpt or not told_whole or self.dump.format in _ENDLESS:
            return (Node(NodeKind.OUTSIDE, "threads that the dump does not show", self.scope),)
        return ()

    @property
    def taken_as_whole(self) -> str:
        """A remark for inferences where a dump is taken as whole and has no line that says so."""
        if self.unseen or self.dump.format != "dump-to-file":
            return ""
        return f" ({self.dump.evidence.input} has no last line that says that it is whole)"

    @property
    def is_excerpt(self) -> bool:
        """Whether the beginning is missing that every whole dump of its form has."""
        begins_with_a_title = not self.dump.format.endswith("-json")
        return begins_with_a_title and self.dump.vm is None

    @cached_property
    def unseen_virtual(self) -> tuple[Node, ...]:
        """Stands for virtual threads where there may be some and no dump shows them.

        HotSpot's ``Thread.print`` shows none but those mounted at that moment.
        """
        if any(
            thread.java.virtual
            for view in self.views
            if view.dump.format not in _MOUNTED_ALONE
            for thread in view.threads
        ):
            return ()
        if any(map(_tells_of_virtual_threads, self.threads)):
            return (Node(NodeKind.OUTSIDE, "virtual threads that the dump omits", self.scope),)
        return ()

    @cached_property
    def by_name(self) -> dict[str, tuple[Thread, ...]]:
        """Threads by the name that the dump prints; names need not be unique."""
        by_name: dict[str, list[Thread]] = {}
        for thread in self.threads:
            by_name.setdefault(thread.java.name, []).append(thread)
        return {name: tuple(threads) for name, threads in by_name.items()}

    @cached_property
    def by_id(self) -> dict[int, Thread]:
        """Threads by ``Thread.threadId()``, as far as the dump prints it."""
        return {thread.java.id: thread for thread in self.threads if thread.java.id is not None}


@dataclass(frozen=True)
class Case:
    """All inputs of one analysis, joined."""

    jvms: tuple[Jvm, ...]
    hosts: tuple[Host, ...]
    """At least one, in the order of their names."""
    knowledge: Knowledge

    @property
    def sockets(self) -> HostSockets | None:
        """The sockets of the only host; None of several, each of which has its own."""
        return self.hosts[0].sockets if len(self.hosts) == 1 else None

    @property
    def processes(self) -> tuple[ProcessFacts, ...]:
        """What the kernel and the usual tools state about the processes and their hosts."""
        return tuple(dict.fromkeys(one for host in self.hosts for one in host.processes))

    @cached_property
    def far_ends(self) -> FarEnds:
        """The other ends of connections, on whichever host they are."""
        return FarEnds(self.hosts)

    def of(self, host: Host) -> Case:
        """What concerns one of the hosts alone."""
        return replace(
            self, hosts=(host,), jvms=tuple(jvm for jvm in self.jvms if jvm.host is host)
        )

    @property
    def sockets_of_hosts(self) -> tuple[HostSockets, ...]:
        """The sockets of every host of which tables are given."""
        return tuple(host.sockets for host in self.hosts if host.sockets is not None)

    def facts_of(self, jvm: Jvm) -> Iterator[ProcessFacts]:
        """What is stated about the process of ``jvm``.

        A text that names no process (``ulimit -a``, a saved ``/proc/PID/limits``) is taken to be
        about the only one of its host whose dump is given, and about none of several.
        """
        alone = sum(other.host is jvm.host for other in self.jvms) == 1
        for stated in jvm.host.processes:
            if alone if stated.pid is None else stated.pid == jvm.pid:
                yield stated

    def jvm_of(self, pids: Iterable[int], host: Host | None = None) -> Jvm | None:
        """The JVM of ``host`` (by default of the only one) with one of ``pids``, if it is given."""
        wanted, place = set(pids), host or self.hosts[0]
        return next((j for j in self.jvms if j.host is place and j.pid in wanted), None)

    def process(self, scope: str) -> str | None:
        """How reports name the process of ``scope``; None for the only one, of unknown pid."""
        several = len(self.jvms) > 1 or any(host.name for host in self.hosts)
        known = several or any(jvm.pid is not None for jvm in self.jvms)
        return scope if scope and known else None

    def waiting(self) -> Iterator[tuple[Jvm, Thread]]:
        """Every thread that may be held to its wait: all but those that moved between dumps."""
        for jvm in self.jvms:
            for thread in jvm.everyone:
                if thread.node not in jvm.moved:
                    yield jvm, thread


def _tells_of_virtual_threads(thread: Thread) -> bool:
    """Whether ``thread`` is there for virtual threads, or may be: their pool rests meanwhile."""
    name = thread.java.name
    if thread.java.carrying is not None or name.startswith(_HELPERS):
        return True
    return thread.profile.activity is Activity.IDLE and _SCHEDULER.match(name) is not None
