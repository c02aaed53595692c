"""Which process of the socket table a thread dump belongs to, and how that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from hangscope.facts import NOT_RECORDED, Evidence, JavaThread, ThreadDump
from hangscope.interpret.hosts import Host
from hangscope.interpret.remembered import remembered
from hangscope.interpret.sockets import HostSockets
from hangscope.knowledge import Profile

_MARKS: tuple[tuple[Callable[[JavaThread], tuple[object, ...] | None], float], ...] = (
    (lambda thread: None if thread.tid is None else (thread.id, thread.tid, thread.nid), 0.5),
    (lambda thread: None if thread.nid is None else (thread.id, thread.nid, thread.name), 0.5),
    (lambda thread: (thread.id, thread.name) if _is_shown_by_all(thread) else None, 0.8),
)
"""What tells a thread from those of other JVMs, strongest first, and the share of threads that two
dumps of one JVM have in common at least: threads come and go, but most stay. JVMs of one kind start
with threads of the same ids and names.
"""


_FIRST_THREADS = 200
"""Ids that other processes may take between the start of a JVM and its first thread."""


def _is_shown_by_all(thread: JavaThread) -> bool:
    """Whether every form of dump lists it: no virtual thread, no thread of the VM's own."""
    has_frames = any(True for _ in thread.frames())
    return thread.id is not None and not thread.virtual and has_frames


@dataclass(frozen=True, slots=True)
class Identity:
    """The process of a dump: ``label`` names it in reports."""

    label: str
    pid: int | None
    inference: str
    """How the pid was found, in words; empty when an input or the caller states it."""

    def on(self, host: str) -> Identity:
        """The same process, where several hosts are spoken of: ids are unique on one alone."""
        return replace(self, label=f"{self.label} on {host}") if host else self

    def of_dump(self, evidence: Evidence) -> Identity:
        """A dump of which nothing is known but where it stands."""
        return replace(
            self, label=f"{evidence.input}:{evidence.first_line}", pid=None, inference=""
        )


def place(
    hosts: Sequence[Host],
    dump: ThreadDump,
    profiles: Sequence[Profile],
    pid: int | None,
    *,
    alone: bool,
) -> tuple[Host, Identity]:
    """Find the process of ``dump``, and which network namespace of its host it is in.

    Where several might be it, its sockets are not known: connections mean one namespace each.

    Args:
        hosts: The namespaces of the host; mostly one.
        dump: The thread dump.
        profiles: What its threads are.
        pid: The process id, when the caller states it.
        alone: Whether this is the only JVM of the host whose dump is given.
    """
    found = [(host, identify(dump, profiles, host.sockets, pid, alone=alone)) for host in hosts]
    if len(found) == 1:
        return found[0]
    ports = {profile.port for profile in profiles if profile.port is not None}
    shown = [one for one in found if _is_shown(*one, ports)]
    if len(shown) == 1:
        return shown[0]
    first = hosts[0]
    nowhere = Host(
        f"an unknown network ({dump.evidence.input})", None, first.processes, first.translations
    )
    return nowhere, identify(dump, profiles, None, pid, alone=alone)


def _is_shown(host: Host, identity: Identity, ports: AbstractSet[int]) -> bool:
    """Whether a namespace has a socket of the process, or a service on a port of its threads."""
    sockets = host.sockets
    if sockets is None:
        return False
    if identity.pid is not None and sockets.owners_recorded:
        return identity.pid in _owner_pids(sockets)
    return any(service.endpoint.port in ports for service in sockets.services)


def identify(
    dump: ThreadDump,
    profiles: Sequence[Profile],
    sockets: HostSockets | None,
    pid: int | None,
    *,
    alone: bool,
) -> Identity:
    """Find the process of ``dump``, by the strongest means that the inputs allow.

    Args:
        dump: The thread dump.
        profiles: What its threads are.
        sockets: The host's sockets.
        pid: The process id, when the caller states it.
        alone: Whether this is the only JVM whose dump is given.
    """
    label = dump.evidence.input
    stated = pid if pid is not None else dump.pid
    if stated is not None:
        return Identity(f"pid {stated}", stated, "")
    if sockets is None or not sockets.owners_recorded:
        return Identity(label, None, "")
    ports = {profile.port for profile in profiles if profile.port is not None}
    owners = {
        owner.pid
        for service in sockets.services
        if service.endpoint.port in ports
        for owner in service.owners
    }
    if len(owners) == 1:
        (found,) = owners
        owned = sorted(ports & {s.endpoint.port for s in sockets.services if s.owners})
        named = f"port{'s' if len(owned) > 1 else ''} {', '.join(map(str, owned))}"
        how = f"{label} is process {found}: it owns {named}, which the threads are named after"
        how += _doubt(dump, found)
        return Identity(f"pid {found}", found, how)
    launched = _launcher_of(dump, sockets)
    if launched is not None:
        how = (
            f"{label} is process {launched}: the first Java thread's native id is the next one"
            " after it, as the java launcher leaves it"
        )
        return Identity(f"pid {launched}", launched, how)
    java = _java_processes(sockets)
    if alone and len(java) == 1:
        (found,) = java
        how = f"{label} is process {found}: the only java in the socket table"
        how += _doubt(dump, found)
        return Identity(f"pid {found}", found, how)
    return Identity(label, None, "")


def same_jvm(earlier: ThreadDump, later: ThreadDump) -> bool:
    """Whether two dumps, of whatever forms, are of one run of one JVM: most threads stay.

    Threads are compared by the strongest mark that both dumps print: the place of the VM's thread
    structure, else the native id, else ``Thread.threadId()`` with the name.
    """
    if earlier.pid is not None and later.pid is not None and earlier.pid != later.pid:
        return False
    for mark, share in _MARKS:
        before = {mark(thread) for thread in earlier.threads} - {None}
        after = {mark(thread) for thread in later.threads} - {None}
        if before and after:
            return len(before & after) >= share * min(len(before), len(after))
    return False


def same_run(one: ThreadDump, other: ThreadDump) -> bool:
    """Whether two dumps are of one run of one JVM, by what no two JVMs have in common.

    Unlike :func:`same_jvm` it tells JVMs of one kind on different hosts apart.
    """
    mark, share = _MARKS[0]
    before = {mark(thread) for thread in one.threads} - {None}
    after = {mark(thread) for thread in other.threads} - {None}
    return bool(before and after) and len(before & after) >= share * min(len(before), len(after))


@remembered
def _owner_pids(sockets: HostSockets) -> Mapping[int, set[str]]:
    pids: dict[int, set[str]] = {}
    known: set[tuple[int, str]] = set()
    for row in sockets.rows:
        if row.owners is not NOT_RECORDED:
            known.update((owner.pid, owner.command) for owner in row.owners)
    for pid, command in known:
        pids.setdefault(pid, set()).add(command)
    return pids


def _java_processes(sockets: HostSockets) -> set[int]:
    return {pid for pid, commands in _owner_pids(sockets).items() if "java" in commands}


def _launcher_of(dump: ThreadDump, sockets: HostSockets) -> int | None:
    """The ``java`` launcher starts the JVM on a new thread, whose id is the pid plus one.

    Source: ``JLI``'s ``CallJavaMainInNewThread`` (java.base/unix/native/libjli/java_md.c).
    """
    main = next((thread for thread in dump.threads if thread.name == "main"), None)
    first = main.nid if main else None
    if first is None:
        return None
    return first - 1 if first - 1 in _owner_pids(sockets) else None


def _doubt(dump: ThreadDump, pid: int) -> str:
    """What speaks against ``pid``, in words: a JVM's first threads get the next ids after it."""
    first = min((thread.nid for thread in dump.threads if thread.nid is not None), default=pid)
    if 0 <= first - pid <= _FIRST_THREADS:
        return ""
    return (
        f"; its native ids, from {first} on, do not follow that pid: it counts its own, in a"
        " container, or it is another process and the table not of it"
    )


def is_copy(one: ThreadDump, dump: ThreadDump) -> bool:
    """Whether one dump was given twice: a second one of the same moment tells nothing new."""
    same_moment = one.captured is not None and one.captured == dump.captured
    same_form = (one.format, one.monitors, one.pid) == (dump.format, dump.monitors, dump.pid)
    if not (same_moment and same_form and len(one.threads) == len(dump.threads)):
        return False
    return all(map(_printed_alike, one.threads, dump.threads))


def _printed_alike(one: JavaThread, other: JavaThread) -> bool:
    """As no two threads of two dumps are where the JVM prints the time that they used."""
    return (
        (one.cpu_ms, one.elapsed_s, one.name) == (other.cpu_ms, other.elapsed_s, other.name)
        and (one.id, one.tid, one.state) == (other.id, other.tid, other.state)
        and one.entries == other.entries
    )
