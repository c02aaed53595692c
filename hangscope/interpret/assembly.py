"""Dumps and tables become one case: which dumps are of one JVM, and on which host it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from hangscope.facts import (
    HostFacts,
    JavaThread,
    Monitors,
    ProcessFacts,
    SocketTable,
    ThreadDump,
    TranslationTable,
)
from hangscope.facts import Identity as ObjectIdentity
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.hosts import Host
from hangscope.interpret.identity import Identity, is_copy, place, same_jvm
from hangscope.interpret.movement import (
    by_key,
    key_of,
    moved_between_forms,
    times_the_same,
    watched_seconds,
)
from hangscope.interpret.namespaces import hosts_of
from hangscope.knowledge import Knowledge, Profile
from hangscope.waits import Node, NodeKind


def assemble(
    dumps: Sequence[ThreadDump],
    tables: Sequence[SocketTable],
    knowledge: Knowledge,
    *,
    pid: int | None = None,
    processes: Sequence[ProcessFacts] = (),
    translations: Sequence[TranslationTable] = (),
) -> Case:
    """Join dumps and tables of one host.

    Args:
        dumps: Of any JVMs; those of one JVM are told by their threads and put in order of time.
        tables: Of any moments; the one nearest to the last dump is reasoned from.
        knowledge: Names pools, clients and waits.
        pid: The process of the dump, when the caller knows it; only with dumps of one JVM.
        processes: What is stated about any process, or about the host.
        translations: What the host's connection tracker states.
    """
    facts = HostFacts("", dumps, tables, processes, translations)
    return assemble_hosts((facts,), knowledge, pid=pid)


def assemble_hosts(
    hosts: Sequence[HostFacts], knowledge: Knowledge, *, pid: int | None = None
) -> Case:
    """Join the dumps and tables of any number of hosts.

    Args:
        hosts: What the inputs of each say; at least one, and no two of one name.
        knowledge: Names pools, clients and waits.
        pid: The process of the dump, when the caller knows it; only with dumps of one JVM.
    """
    alone = pid is not None and sum(len(_by_jvm(_in_time(host.dumps))) for host in hosts) == 1
    placed = [_of_host(host, knowledge, pid if alone else None) for host in hosts]
    jvms = sorted((jvm for of, _ in placed for jvm in of), key=lambda jvm: jvm.scope)
    known = sorted((host for _, of in placed for host in of), key=lambda host: host.name)
    return Case(tuple(jvms), tuple(known), knowledge)


def _of_host(
    facts: HostFacts, knowledge: Knowledge, pid: int | None
) -> tuple[tuple[Jvm, ...], tuple[Host, ...]]:
    """The JVMs of one host, and its network namespaces: mostly one."""
    series = [_Series(of) for of in _by_jvm(_in_time(facts.dumps))]
    profiles = [knowledge.profiles(_java(of.best)) for of in series]
    ports = {p.port for listed in profiles for p in listed if p.port is not None}
    hosts = hosts_of(facts, knowledge, ports)
    places = [
        place(hosts, of.best, listed, pid if pid is not None else of.pid, alone=len(series) == 1)
        for of, listed in zip(series, profiles, strict=True)
    ]
    identities = _distinct([identity.on(host.name) for host, identity in places], series)
    jvms = tuple(
        _jvm(of, listed, identity, knowledge, host)
        for of, listed, identity, (host, _) in zip(
            series, profiles, identities, places, strict=True
        )
    )
    used = [host for host, _ in places if host not in hosts]
    return jvms, (*hosts, *dict.fromkeys(used))


class _Series:
    """The dumps of one JVM, in order of time."""

    def __init__(self, dumps: Sequence[ThreadDump]) -> None:
        self.dumps = tuple(dumps)
        self.last = {_form(dump): dump for dump in dumps}
        """The last dump of each form."""
        self.best = max(reversed(self.last.values()), key=_worth)
        self.others = tuple(dump for dump in self.last.values() if dump is not self.best)

    @property
    def pid(self) -> int | None:
        """The process id that one of the dumps prints."""
        return next((dump.pid for dump in self.dumps if dump.pid is not None), None)


def _form(dump: ThreadDump) -> tuple[str, Monitors]:
    """What dumps must share to be compared line by line: one tool may look in several ways."""
    return dump.format, dump.monitors


def _worth(dump: ThreadDump) -> tuple[bool, bool, bool]:
    """How much can be concluded from a dump: whole and with locks, of one moment."""
    return dump.ended, dump.monitors is Monitors.RECORDED, dump.atomic


def _in_time(dumps: Sequence[ThreadDump]) -> Sequence[ThreadDump]:
    """By the time that each dump prints; as given if one prints none, or in another time zone.

    Tools print different zones: the dumps of each form are put in order among themselves.
    """
    if len(_zones(dumps)) == 1:
        return _sorted(dumps)
    in_time = list(dumps)
    for form in dict.fromkeys(map(_form, dumps)):
        seats = [seat for seat, dump in enumerate(dumps) if _form(dump) == form]
        for seat, dump in zip(seats, _sorted([dumps[s] for s in seats]), strict=True):
            in_time[seat] = dump
    return in_time


def _sorted(dumps: Sequence[ThreadDump]) -> Sequence[ThreadDump]:
    zones = _zones(dumps)
    if len(zones) != 1 or None in zones:
        return dumps
    return sorted(dumps, key=lambda dump: dump.captured or "")


def _zones(dumps: Iterable[ThreadDump]) -> set[bool | None]:
    return {None if dump.captured is None else dump.captured[-1:] == "Z" for dump in dumps}


def _distinct(identities: Sequence[Identity], series: Sequence[_Series]) -> Iterator[Identity]:
    """Labels that name one JVM each; dumps that claim one process without being one JVM lose it."""
    labels = Counter(one.label for one in identities)
    for one, of in zip(identities, series, strict=True):
        yield one if labels[one.label] == 1 else one.of_dump(of.best.evidence)


def _by_jvm(dumps: Sequence[ThreadDump]) -> list[list[ThreadDump]]:
    series: list[list[ThreadDump]] = []
    for dump in dumps:
        if any(is_copy(one, dump) for of in series for one in of):
            continue
        for of in series:
            alike = [one for one in of if _form(one) == _form(dump)]
            if same_jvm((alike or of)[-1], dump):
                of.append(dump)
                break
        else:
            series.append([dump])
    return series


def _jvm(
    series: _Series,
    profiles: Sequence[Profile],
    identity: Identity,
    knowledge: Knowledge,
    host: Host,
) -> Jvm:
    """One JVM: by its best dump, and by those of other forms."""
    shown = (series.best, *series.others)
    listed = (profiles, *(knowledge.profiles(_java(dump)) for dump in series.others))
    names = _Names(shown)
    views = [
        _view(series.dumps, dump, of, identity, names)
        for dump, of in zip(shown, listed, strict=True)
    ]
    moved = frozenset(node for view in views for node in view.moved)
    first, *others = (replace(view, moved=moved, host=host) for view in views)
    return replace(first, others=tuple(others))


def _view(
    dumps: Sequence[ThreadDump],
    dump: ThreadDump,
    profiles: Sequence[Profile],
    identity: Identity,
    names: _Names,
) -> Jvm:
    alone = all(_form(one) == _form(dump) for one in dumps)
    java = _java(dump)
    keys = (names.key(thread, alone=alone) for thread in java)
    threads = tuple(
        Thread(thread, profile, Node(NodeKind.THREAD, key, identity.label))
        for thread, profile, key in zip(java, profiles, keys, strict=True)
    )
    alike = tuple(one for one in dumps if _form(one) == _form(dump))
    before = [by_key(one) for one in alike if one is not dump]
    lasting = {thread.node: times_the_same(before, thread.java) for thread in threads}
    moved = {node for node, count in lasting.items() if before and count == 1}
    for other in dumps:
        if _form(other) != _form(dump):
            moved.update(moved_between_forms(threads, other))
    hashes = dump.identity is ObjectIdentity.HASH
    steady = frozenset(
        thread.node
        for thread in threads
        if hashes
        and lasting[thread.node] > 1
        and before[-1][key_of(thread.java)].entries == thread.java.entries
    )
    earlier = (one for one in alike if one is not dump)
    watched = max((watched_seconds(one, dump) for one in earlier), default=0.0)
    moving = frozenset(moved)
    return Jvm(
        dump, identity, threads, moving, len(dumps), steady, alike, lasting, watched_s=watched
    )


def _java(dump: ThreadDump) -> list[JavaThread]:
    return [thread for thread in dump.threads if thread.is_java]


class _Names:
    """What to call the threads of one JVM, by all the forms of dump that are given."""

    def __init__(self, dumps: Iterable[ThreadDump]) -> None:
        self._shared: set[str] = set()
        self._mounted: dict[int, str] = {}
        ids: dict[str, int] = {}
        for dump in dumps:
            java = _java(dump)
            counts = Counter(thread.name for thread in java)
            self._shared.update(name for name, count in counts.items() if count > 1)
            for thread in java:
                if thread.id is None:
                    continue
                if ids.setdefault(thread.name, thread.id) != thread.id:
                    self._shared.add(thread.name)
                if thread.virtual and thread.name:
                    self._mounted[thread.id] = thread.name

    def key(self, thread: JavaThread, *, alone: bool) -> str:
        """Its name, with its id or place where several threads share the name.

        ``Thread.print`` shows mounted virtual threads without their names.
        """
        name = thread.name
        if not name and thread.virtual and thread.id is not None:
            name = self._mounted.get(thread.id, name)
        if name not in self._shared:
            return name
        if thread.id is not None:
            return f"{name} #{thread.id}"
        place = thread.evidence
        where = f"line {place.first_line}" if alone else f"{place.input}:{place.first_line}"
        return f"{name} ({where})"
