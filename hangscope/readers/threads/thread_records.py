"""What a line says in the dumps of JVMs and tools other than HotSpot, each line as a record.

Frames and lock lines are the facts themselves; equal lines share one record.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from hangscope.facts import Frame, LockLine, ThreadState


class Sign(Enum):
    """Lines that say all by being there."""

    BLANK = auto()
    NOISE = auto()
    """Known, and nothing that is a fact here."""
    SYNCHRONIZERS = auto()
    """The ownable synchronizers follow, or it says that there are none."""
    END = auto()
    """The last line of a dump."""
    ELSEWHERE = auto()
    """A line of the dump that no thread has: it ends the stack above it."""
    PROMPT = auto()
    UNKNOWN = auto()


class Opening(NamedTuple):
    """The first line of a thread."""

    name: str
    id: int | None = None
    daemon: bool = False
    priority: int | None = None
    nid: int | None = None
    tid: int | None = None
    state: ThreadState | None = None
    os_state: str = ""
    wanted: LockLine | None = None
    """What it waits for and who has it, where the first line says so."""
    is_java: bool = True


class Doing(NamedTuple):
    """A line that tells the state of the thread above."""

    state: ThreadState | None


class Task(NamedTuple):
    """A line that tells the native id of the thread above."""

    nid: int


class Owned(NamedTuple):
    """One of the ownable synchronizers."""

    lock: LockLine


class Native(NamedTuple):
    """A frame of C code."""

    frame: Frame


class Title(NamedTuple):
    """The first line of a dump."""

    vm: str | None = None
    feature: int | None = None
    captured: str | None = None
    pid: int | None = None


class Told(NamedTuple):
    """A line under the title, or right above it, that tells more of the dump."""

    vm: str | None = None
    captured: str | None = None
    pid: int | None = None


class Chain(NamedTuple):
    """The title of one chain of threads that wait for each other, or of all of a kind."""

    is_circular: bool | None
    """None for the title of one chain."""


class Link(NamedTuple):
    """A thread of a chain, and what it waits for; the next line names who has it."""

    thread: str
    address: int | None
    class_name: str


Record: TypeAlias = (
    Frame | LockLine | Sign | Opening | Doing | Task | Owned | Native | Title | Told | Chain | Link
)
