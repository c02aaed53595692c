"""One case: the JVMs whose dumps are given, what each thread is, and the host's sockets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from hangscope.facts import Evidence, Frame, JavaThread, SocketTable, ThreadDump
from hangscope.interpret.identity import Identity, identify, same_jvm
from hangscope.interpret.sockets import HostSockets
from hangscope.knowledge import Knowledge, Profile
from hangscope.waits import Node, NodeKind

_MOVED_CPU_MS = 1.0
"""A parked thread burns none; HotSpot prints hundredths of a millisecond."""


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
    """One process whose thread dump is given; of several dumps, its last."""

    dump: ThreadDump
    identity: Identity
    threads: tuple[Thread, ...]
    moved: frozenset[Node]
    """Threads that an earlier dump of the same process shows elsewhere, or that burnt CPU since."""
    dumps: int = 1
    """How many dumps of this process are given."""

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
        if self.dump.vm is None or not told_whole:
            return (Node(NodeKind.OUTSIDE, "threads that the dump does not show", self.scope),)
        return ()

    @cached_property
    def by_name(self) -> dict[str, tuple[Thread, ...]]:
        """Threads by the name that the dump prints; names need not be unique."""
        by_name: dict[str, tuple[Thread, ...]] = {}
        for thread in self.threads:
            by_name[thread.java.name] = (*by_name.get(thread.java.name, ()), thread)
        return by_name


@dataclass(frozen=True)
class Case:
    """All inputs of one analysis, joined."""

    jvms: tuple[Jvm, ...]
    sockets: HostSockets | None
    knowledge: Knowledge

    def jvm_of(self, pids: Iterable[int]) -> Jvm | None:
        """The JVM with one of ``pids``, if its dump is given."""
        wanted = set(pids)
        return next((jvm for jvm in self.jvms if jvm.pid in wanted), None)

    def process(self, scope: str) -> str | None:
        """How reports name the process of ``scope``; None for the only one, of unknown pid."""
        known = len(self.jvms) > 1 or any(jvm.pid is not None for jvm in self.jvms)
        return scope if scope and known else None

    def waiting(self) -> Iterator[tuple[Jvm, Thread]]:
        """Every thread that may be held to its wait: all but those that moved between dumps."""
        for jvm in self.jvms:
            for thread in jvm.threads:
                if thread.node not in jvm.moved:
                    yield jvm, thread


def assemble(
    dumps: Sequence[ThreadDump],
    tables: Sequence[SocketTable],
    knowledge: Knowledge,
    *,
    pid: int | None = None,
) -> Case:
    """Join dumps and tables of one host.

    Args:
        dumps: Of any JVMs; those of one JVM are told by their threads and put in order of time.
        tables: Tables of one moment.
        knowledge: Names pools, clients and waits.
        pid: The process of the dump, when the caller knows it; only with dumps of one JVM.
    """
    series = _by_jvm(_in_time(dumps))
    profiles = [knowledge.profiles(t for t in of[-1].threads if t.is_java) for of in series]
    ports = {p.port for listed in profiles for p in listed if p.port is not None}
    sockets = HostSockets(tables, knowledge, ports) if tables else None
    identities = [
        identify(
            of[-1],
            listed,
            sockets,
            pid if len(series) == 1 else None,
            alone=len(series) == 1,
        )
        for of, listed in zip(series, profiles, strict=True)
    ]
    jvms = tuple(
        _jvm(of, listed, identity)
        for of, listed, identity in zip(
            series, profiles, _distinct(identities, series), strict=True
        )
    )
    return Case(tuple(sorted(jvms, key=lambda jvm: jvm.scope)), sockets, knowledge)


def _in_time(dumps: Sequence[ThreadDump]) -> Sequence[ThreadDump]:
    """By the time that each dump prints; as given if one prints none."""
    if any(dump.captured is None for dump in dumps):
        return dumps
    return sorted(dumps, key=lambda dump: dump.captured or "")


def _distinct(
    identities: Sequence[Identity], series: Sequence[Sequence[ThreadDump]]
) -> Iterator[Identity]:
    """Labels that name one JVM each; dumps that claim one process without being one JVM lose it."""
    labels = Counter(one.label for one in identities)
    for one, of in zip(identities, series, strict=True):
        yield one if labels[one.label] == 1 else one.of_dump(of[-1].evidence)


def _by_jvm(dumps: Sequence[ThreadDump]) -> list[list[ThreadDump]]:
    series: list[list[ThreadDump]] = []
    for dump in dumps:
        for of in series:
            if same_jvm(of[-1], dump):
                of.append(dump)
                break
        else:
            series.append([dump])
    return series


def _jvm(series: Sequence[ThreadDump], profiles: Sequence[Profile], identity: Identity) -> Jvm:
    last = series[-1]
    java = [thread for thread in last.threads if thread.is_java]
    names = Counter(thread.name for thread in java)
    threads = tuple(
        Thread(thread, profile, Node(NodeKind.THREAD, key, identity.label))
        for thread, profile, key in zip(java, profiles, _keys(java, names), strict=True)
    )
    moved = frozenset(
        thread.node
        for earlier in map(_by_identity, series[:-1])
        for thread in threads
        if _moved(earlier.get(_identity(thread.java)), thread.java)
    )
    return Jvm(last, identity, threads, moved, len(series))


def _keys(threads: Sequence[JavaThread], names: Counter[str]) -> Iterator[str]:
    for thread in threads:
        if names[thread.name] == 1:
            yield thread.name
        elif thread.id is not None:
            yield f"{thread.name} #{thread.id}"
        else:
            yield f"{thread.name} (line {thread.evidence.first_line})"


def _identity(thread: JavaThread) -> tuple[int | None, int | None, str]:
    """What stays the same for a thread's life: its id, its VM structure and (mostly) its name."""
    return thread.id, thread.tid, thread.name


def _by_identity(dump: ThreadDump) -> dict[tuple[int | None, int | None, str], JavaThread]:
    return {_identity(thread): thread for thread in dump.threads}


def _moved(earlier: JavaThread | None, later: JavaThread) -> bool:
    """Whether ``later`` was not where it is now when the earlier dump was taken."""
    if earlier is None:
        return True
    burnt = (later.cpu_ms or 0.0) - (earlier.cpu_ms or 0.0)
    return burnt >= _MOVED_CPU_MS or tuple(earlier.frames()) != tuple(later.frames())
