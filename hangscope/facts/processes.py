"""What the kernel and the usual tools state about a process and its host, sockets aside.

Names are those that the source prints: ``Max open files`` of ``/proc/PID/limits``, ``Threads`` of
``/proc/PID/status``, ``net.core.somaxconn`` of ``sysctl``, ``TcpExtListenOverflows`` of ``nstat``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hangscope.facts.evidence import Evidence, NotRecorded


class Limit(NamedTuple):
    """A resource limit; None where it is unlimited.

    ``ulimit`` prints one of the two: the other is not recorded.
    """

    name: str
    soft: int | NotRecorded | None
    hard: int | NotRecorded | None
    unit: str
    """``files``, ``processes``, ``bytes``, …; empty where the kernel prints none."""
    evidence: Evidence


class Setting(NamedTuple):
    """A named value as it stands there: a sysctl, or a field of ``/proc/PID/status``."""

    name: str
    value: str
    evidence: Evidence


class Counter(NamedTuple):
    """A counter or gauge of the kernel, since the host started unless the tool says otherwise."""

    name: str
    value: int
    evidence: Evidence


class ThreadUsage(NamedTuple):
    """One row of ``top -H`` or ``ps -L``: what a native thread used."""

    tid: int
    """Native id: the ``nid`` of a thread dump."""
    command: str
    """The thread's name, cut to 15 bytes by the kernel."""
    cpu_percent: float | None
    """None where it is not printed: ``ps -T`` has no column for it."""
    cpu_seconds: float | None
    state: str
    """The kernel's letter: R, S, D, Z, T, …; empty where it is not printed."""
    evidence: Evidence


class Descriptor(NamedTuple):
    """An open file descriptor of a process: an entry of ``/proc/PID/fd``."""

    fd: int
    target: str
    """What the link points at: ``socket:[162004]``, ``/dev/null``, ``anon_inode:[eventpoll]``."""
    inode: int | None
    """Of a socket: joins with the inode of a socket table."""
    evidence: Evidence


class ThreadCall(NamedTuple):
    """What ``/proc/PID/task/TID/syscall`` says: the system call that a native thread is in."""

    tid: int
    number: int | None
    """Number of the call; None while the thread runs."""
    arguments: tuple[int, ...]
    command: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What one text says about one process, or about its host."""

    evidence: Evidence
    format: str
    """``proc-limits``, ``proc-status``, ``sysctl``, ``nstat``, ``top``, ``proc-fd``, …"""
    pid: int | None = None
    captured: str | None = None
    limits: tuple[Limit, ...] = ()
    settings: tuple[Setting, ...] = ()
    counters: tuple[Counter, ...] = ()
    usages: tuple[ThreadUsage, ...] = ()
    descriptors: tuple[Descriptor, ...] = ()
    calls: tuple[ThreadCall, ...] = ()

    @property
    def records(self) -> int:
        """How many single facts these are."""
        parts = (
            self.limits,
            self.settings,
            self.counters,
            self.usages,
            self.descriptors,
            self.calls,
        )
        return sum(map(len, parts))
