"""What a thread dump states: threads, frames, locks and the JVM's own deadlock report.

Terms are HotSpot's own ("Full thread dump" as printed by ``jstack``, ``jcmd Thread.print``
and SIGQUIT); states are those of ``java.lang.Thread.State``. Other JVMs and tools say the same
things in other words, and some of them less: what a dump cannot say is *not recorded*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from hangscope.facts.evidence import Evidence, NotRecorded


class ThreadState(Enum):
    """``java.lang.Thread.State``, plus what HotSpot prints when it knows none."""

    NEW = "NEW"
    RUNNABLE = "RUNNABLE"
    BLOCKED = "BLOCKED"
    WAITING = "WAITING"
    TIMED_WAITING = "TIMED_WAITING"
    TERMINATED = "TERMINATED"
    UNKNOWN = "UNKNOWN"

    __hash__ = object.__hash__
    """By identity, as that of the states of sockets."""


class LockAction(Enum):
    """What a ``- …`` line under a frame says about a lock; values are HotSpot's words."""

    LOCKED = "locked"
    WAITING_TO_LOCK = "waiting to lock"
    WAITING_ON = "waiting on"
    WAITING_TO_RELOCK = "waiting to re-lock in wait()"
    PARKING = "parking to wait for"
    ELIMINATED = "eliminated"
    CLASS_INITIALIZATION = "waiting on the Class initialization monitor for"

    __hash__ = object.__hash__
    """By identity, as that of the states of sockets."""


class Monitors(Enum):
    """What the lock lines of a dump are worth."""

    RECORDED = "recorded"
    UNRELIABLE = "unreliable"
    """They are printed and may be wrong: ``jhsdb`` swaps the monitors of one frame."""
    NOT_RECORDED = "not recorded"
    """The tool prints none: no line is no proof that a thread holds nothing."""


class Identity(Enum):
    """What tells the objects of one dump apart."""

    ADDRESS = "address"
    """The place in the heap, of one moment: it means nothing in another dump."""
    HASH = "identity hash"
    """``Class@1b2c3d``: stays the same for the object's life, but is unique only with the class."""


class Frame(NamedTuple):
    """One ``at …`` line. Identical lines share one object."""

    method: str
    """Fully qualified class and method, no module: ``java.lang.Object.wait``."""
    location: str
    """``Object.java:338``, ``Native Method``, ``Unknown Source``, … without the module."""


class LockLine(NamedTuple):
    """One ``- …`` line under a frame, or of the ownable synchronizers."""

    action: LockAction
    address: int | None
    """Heap address or identity hash of the object; None when the line names no object."""
    class_name: str
    """Class of the object, dotted (``[I`` for arrays); for class initialisation, the class."""
    owner: str | None = None
    """Name of the thread that has it, where the line itself says so."""
    owner_id: int | None = None
    """``Thread.threadId()`` of that thread, where the line says so."""


StackEntry: TypeAlias = Frame | LockLine


class JavaThread(NamedTuple):
    """One thread of a dump; a VM thread (GC, compiler) has ``is_java`` False.

    ``entries`` are the frames and lock lines from the top of the stack down and
    ``entry_lines[i]`` is the input line of ``entries[i]`` (a ``range`` where nothing
    stands between them). Times are in milliseconds (``cpu``) and seconds (``elapsed``).
    """

    name: str
    is_java: bool
    evidence: Evidence
    id: int | None = None
    """``#12``: ``Thread.threadId()``, never reused within a JVM."""
    daemon: bool = False
    priority: int | None = None
    cpu_ms: float | None = None
    elapsed_s: float | None = None
    tid: int | None = None
    """Address of the VM's thread structure; listed in the SMR block."""
    nid: int | None = None
    """Native id: the kernel's thread id on Linux."""
    os_state: str = ""
    """HotSpot's words: ``runnable``, ``waiting on condition``, ``in Object.wait()``, …"""
    state: ThreadState | None = None
    state_detail: str = ""
    """What stands in parentheses after the state: ``parking``, ``sleeping``, …"""
    carrying: int | None = None
    """Id of the virtual thread that this carrier has mounted."""
    entries: tuple[StackEntry, ...] = ()
    entry_lines: Sequence[int] = ()
    synchronizers: tuple[LockLine, ...] | NotRecorded = ()
    """``Locked ownable synchronizers``; not recorded without ``-l``."""
    synchronizer_lines: Sequence[int] = ()
    virtual: bool = False
    """Whether the dump says that it is a virtual thread."""
    container: str | None = None
    """The executor or scope that started it, as ``Thread.dump_to_file`` names it."""
    container_owner: int | None = None
    """Id of the thread that owns that container: only a structured scope has an owner."""
    native: tuple[Frame, ...] = ()
    """Frames of C code above the Java ones, top first, where the tool shows them."""

    def frames(self) -> Iterator[Frame]:
        """The frames alone, top first."""
        return (entry for entry in self.entries if isinstance(entry, Frame))

    def line_of(self, index: int) -> Evidence:
        """The line of ``entries[index]``."""
        line = self.entry_lines[index]
        return Evidence(self.evidence.input, line, line)


@dataclass(frozen=True, slots=True)
class DeadlockMember:
    """One thread of a deadlock that the JVM itself reported."""

    thread: str
    waits_for: str
    """HotSpot's words: ``monitor``, ``ownable synchronizer``, ``JVM TI raw monitor``."""
    address: int | None
    """Heap address of the lock object (not of the VM's ObjectMonitor)."""
    class_name: str
    held_by: str | None
    """Name of the owner; None when the JVM could not name it."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class DeadlockReport:
    """``Found one Java-level deadlock``: one cycle, in the order printed."""

    members: tuple[DeadlockMember, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ThreadDump:
    """The threads of one JVM at one moment."""

    evidence: Evidence
    threads: tuple[JavaThread, ...]
    deadlocks: tuple[DeadlockReport, ...] = ()
    captured: str | None = None
    """``YYYY-MM-DD HH:MM:SS`` in the server's local time, as printed before the banner; with a
    ``Z`` at the end where the dump prints UTC."""
    vm: str | None = None
    """The banner: ``OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing)``."""
    jdk_feature: int | None = None
    """Feature release (8, 11, 17 …) read from the banner; None when it does not say."""
    pid: int | None = None
    """Printed by ``jcmd`` before the dump; None in other dumps."""
    synchronizers_recorded: bool = False
    """Whether the dump was taken with ``-l``."""
    ended: bool = False
    """Whether the line after the last thread (``JNI global ref``) is there."""
    listed_tids: tuple[int, ...] | None = None
    """Elements of the SMR block (JDK 10+): what ``tid`` values must be there."""
    format: str = "hotspot"
    """The reader's name."""
    monitors: Monitors = Monitors.RECORDED
    identity: Identity = Identity.ADDRESS
    atomic: bool = True
    """Whether all threads were stopped at once; else each was seen at a moment of its own."""
