"""The entries of the data files, as types; what their fields mean stands in the files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from hangscope.knowledge.profile import Activity, Purpose, Role, Wait


class FrameRule(NamedTuple):
    """Which frames a stack must show: patterns of ``Class.method`` with ``*``."""

    top: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    io: tuple[str, ...] = ()


class ThreadName(NamedTuple):
    """``[pool.ID]``: a thread's name and what it tells."""

    id: str
    name: str
    role: Role
    starts: tuple[str, ...] = ()
    server: str | None = None
    size_key: str | None = None
    default_max: int | None = None
    by_stack: bool = False
    self_tuning: bool = False
    with_acceptor: bool = False
    frames: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


class Frames(NamedTuple):
    """Frames with one meaning: request, task, holds, sign, transaction, … (``[request.ID]``)."""

    id: str
    frames: tuple[str, ...]
    server: str | None = None
    runs: str | None = None


class Base(NamedTuple):
    """``[base.ID]``: the outermost frames of a pool's threads."""

    id: str
    frames: tuple[str, ...]
    role: Role
    server: str | None = None


class ActivityRule(NamedTuple):
    """``[activity.ID]``: what a thread with such a stack does."""

    id: str
    activity: Activity
    rule: FrameRule
    op: str | None = None


class WaitRule(NamedTuple):
    """``[wait.ID]``: for whom a thread with such a stack waits."""

    wait: Wait
    rule: FrameRule
    borrow: tuple[str, ...] = ()


class Natives(NamedTuple):
    """``[native.ID]``: functions of the JVM in C++, without their parameters."""

    id: str
    names: tuple[str, ...]


class PrimitiveRule(NamedTuple):
    """``[primitive.ID]``: frames of a wait primitive."""

    id: str
    frames: tuple[str, ...]
    final: bool = False


class SocketRule(NamedTuple):
    """``[socket.ID]``: frames of a blocking socket or file operation."""

    id: str
    op: str
    timed: str
    rule: FrameRule


class PurposeFrames(NamedTuple):
    """``[purpose.ID]``: what code with such frames is for."""

    id: str
    purpose: Purpose
    frames: tuple[str, ...]


class Code(NamedTuple):
    """``[code.ID]``: whose code the classes below some packages are."""

    id: str
    kind: str
    prefixes: tuple[str, ...]


class Rename(NamedTuple):
    """``[rename.ID]``: what others add to thread names."""

    id: str
    strip: str
    examples: tuple[str, ...] = ()


class ServiceNames(NamedTuple):
    """``[service.ID]``: names of ports in one ``/etc/services``."""

    id: str
    names: dict[str, int]


class Proxy(NamedTuple):
    """``[proxy.ID]``: commands of a program that answers by asking somebody else."""

    id: str
    name: str
    commands: tuple[str, ...]


class ProtocolPorts(NamedTuple):
    """``[protocol.ID]``: what is usually spoken on some ports."""

    id: str
    kind: str
    ports: tuple[int, ...]
    own_servers: bool = False
    """Whether servers of its own speak it: no servlet engine does."""


@dataclass(slots=True)
class Entries:
    """All entries, in the order in which they count."""

    names: list[ThreadName] = field(default_factory=list)
    bases: list[Base] = field(default_factory=list)
    requests: list[Frames] = field(default_factory=list)
    tasks: list[Frames] = field(default_factory=list)
    holds: list[Frames] = field(default_factory=list)
    signs: list[Frames] = field(default_factory=list)
    natives: list[Natives] = field(default_factory=list)
    transactions: list[Frames] = field(default_factory=list)
    plumbing: list[Frames] = field(default_factory=list)
    activities: list[ActivityRule] = field(default_factory=list)
    waits: list[WaitRule] = field(default_factory=list)
    primitives: list[PrimitiveRule] = field(default_factory=list)
    sockets: list[SocketRule] = field(default_factory=list)
    purposes: list[PurposeFrames] = field(default_factory=list)
    code: list[Code] = field(default_factory=list)
    renames: list[Rename] = field(default_factory=list)
    services: list[ServiceNames] = field(default_factory=list)
    proxies: list[Proxy] = field(default_factory=list)
    protocols: list[ProtocolPorts] = field(default_factory=list)
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Where each entry's facts were read, by id."""
