"""What the lines of a HotSpot dump say, each line as a record.

Frames and lock lines are the facts themselves; equal lines share one record.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from hangscope.facts import Frame, LockLine, ThreadState


class Within(Enum):
    """Lines that say all by being there, and may stand in the block of a thread."""

    BLANK = auto()
    ELISION = auto()
    NOISE = auto()
    SYNCHRONIZERS = auto()
    NO_SYNCHRONIZER = auto()


class Mark(Enum):
    """Lines that say all by being there, and stand elsewhere."""

    UNKNOWN = auto()
    PROMPT = auto()
    OF_JMX = auto()
    """The first line of a thread as JMX tools print it, under HotSpot's title."""
    SMR_TITLE = auto()
    SMR_LIST = auto()
    SMR_OTHER_LIST = auto()
    SMR_END = auto()
    JNI = auto()
    HEAP = auto()
    HISTOGRAM = auto()
    HISTOGRAM_ROW = auto()
    DEADLOCK = auto()
    DEADLOCK_STACKS = auto()
    DEADLOCK_TOTAL = auto()


class Header(NamedTuple):
    """The first line of a thread."""

    name: str
    id: int | None
    daemon: bool
    priority: int | None
    cpu_ms: float | None
    elapsed_s: float | None
    tid: int
    nid: int | None
    os_state: str
    has_stack: bool
    """Whether a stack pointer is printed: HotSpot does so for Java threads alone."""


class State(NamedTuple):
    """The ``java.lang.Thread.State`` line."""

    state: ThreadState
    detail: str


class Owned(NamedTuple):
    """One of the ownable synchronizers."""

    lock: LockLine


class Carrying(NamedTuple):
    """The carrier's remark about its virtual thread."""

    id: int


class Mounted(NamedTuple):
    """The title over the stack of a mounted virtual thread."""

    id: int


class Glued(NamedTuple):
    """Several entries on one line: JDK 8 to 17 forget a line feed after some of them."""

    entries: tuple[Frame | LockLine, ...]


class Banner(NamedTuple):
    """The title of a dump."""

    vm: str
    feature: int | None


class Timestamp(NamedTuple):
    """The line before the title."""

    text: str


class ProcessId(NamedTuple):
    """The line that ``jcmd`` puts before each process' answer."""

    pid: int


class ListedThreads(NamedTuple):
    """A line of the SMR block."""

    tids: tuple[int, ...]


class Named(NamedTuple):
    """``"name":``, the title of a thread in a deadlock report."""

    name: str


class Wants(NamedTuple):
    """What a thread of a deadlock report waits for."""

    what: str
    address: int | None
    class_name: str


class HeldBy(NamedTuple):
    """Who has it; None when the JVM could not say."""

    name: str | None


Record: TypeAlias = (
    Frame
    | LockLine
    | Mark
    | Within
    | Header
    | State
    | Owned
    | Carrying
    | Mounted
    | Glued
    | Banner
    | Timestamp
    | ProcessId
    | ListedThreads
    | Named
    | Wants
    | HeldBy
)
