"""What the lines of a javacore say, each line as a record; Java frames are the facts themselves."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from hangscope.facts import Frame


class Mark(Enum):
    """Lines that say all by being there."""

    OTHER = auto()
    """A tag of no interest."""
    DAMAGED = auto()
    """A tag that is known with a text that is not."""
    UNTAGGED = auto()
    BLANK = auto()
    END = auto()
    INCOMPLETE = auto()
    INCONSISTENT = auto()
    SYSTEM_MONITOR = auto()
    QUEUE = auto()
    DEADLOCK = auto()
    DEADLOCK_MONITOR = auto()
    DEADLOCK_OWNED = auto()
    CURRENT_THREAD = auto()
    ALL_THREADS = auto()
    MISSING_FRAME = auto()


class Section(NamedTuple):
    """``0SECTION``."""

    title: str


class Time(NamedTuple):
    """When the dump was taken."""

    text: str
    is_utc: bool


class Preparation(NamedTuple):
    """Whether the JVM stood still."""

    is_exclusive: bool


class Version(NamedTuple):
    """Which Java it is."""

    vm: str
    feature: int | None


class ProcessId(NamedTuple):
    """``1CIPROCESSID``."""

    pid: int


class Object(NamedTuple):
    """An object whose monitor, or which as a lock, is spoken of."""

    class_name: str
    address: int


class Owner(NamedTuple):
    """Who has a lock; ``pointer`` is the address of the VM's thread, ``ident`` IBM 1.4's number."""

    name: str | None
    pointer: int | None
    ident: int | None = None


class MonitorInUse(NamedTuple):
    """The line before a monitor: whether the monitor is inflated."""

    is_inflated: bool


class Monitor(NamedTuple):
    """An object's monitor, and who has it."""

    object: Object
    owner: Owner | None


class Waiter(NamedTuple):
    """A thread in a queue of a monitor."""

    thread: Owner
    is_notified: bool
    """Whether it waits to be notified, and not to enter."""


class Ident(NamedTuple):
    """What IBM 1.4 calls a thread in its flat locks."""

    ident: int
    pointer: int


class DeadlockThread(NamedTuple):
    """A thread of a deadlock."""

    name: str


class DeadlockWaits(NamedTuple):
    """``is waiting for:``; the first thread of a chain has no ``which``."""

    is_first: bool


class DeadlockObject(NamedTuple):
    """What it waits for; ``object`` is None for a monitor of the VM's own."""

    object: Object | None
    name: str


class Header(NamedTuple):
    """The first line of a thread."""

    name: str
    tid: int | None = None
    other_tid: int | None = None
    """What else its monitors may call it."""
    object: int | None = None
    """Address of the ``java.lang.Thread``; 0 if there is none."""
    state: str = ""
    priority: int | None = None
    nid: int | None = None
    is_java: bool = True


class JavaIds(NamedTuple):
    """What the ``java.lang.Thread`` says."""

    id: int
    daemon: bool


class NativeIds(NamedTuple):
    """What the operating system and the VM say."""

    nid: int
    vm_state: str


class Cpu(NamedTuple):
    """CPU time and what it is spent for."""

    ms: float | None
    category: str


class Blocked(NamedTuple):
    """What a thread waits for."""

    action: str
    object: Object | None
    owner: Owner | None
    initializer: str | None


class ThreadType(NamedTuple):
    """``Platform``, ``Virtual`` or ``Carrier``."""

    type: str
    mounted_on: int | None = None


class Entered(NamedTuple):
    """A monitor that was entered in the frame above."""

    object: Object


class Native(NamedTuple):
    """A frame of C code."""

    frame: Frame


Record: TypeAlias = (
    Frame
    | Mark
    | Section
    | Time
    | Preparation
    | Version
    | ProcessId
    | MonitorInUse
    | Monitor
    | Waiter
    | Ident
    | DeadlockThread
    | DeadlockWaits
    | DeadlockObject
    | Header
    | JavaIds
    | NativeIds
    | Cpu
    | Blocked
    | ThreadType
    | Entered
    | Native
)
