"""What the knowledge says about one thread: whose it is, and what it does or waits for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a thread is for in its process."""

    WORKER = "worker"
    """Serves requests of a server."""
    ACCEPTOR = "acceptor"
    POLLER = "poller"
    """Watches many sockets: selectors and event loops."""
    EXECUTOR = "executor"
    """Runs tasks of an executor of the application or of a framework."""
    CLIENT_IO = "client-io"
    """Owns the sockets of a client library."""
    BACKGROUND = "background"
    JVM = "jvm"
    MAIN = "main"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__
    """By identity, as that of the states of sockets."""


class Activity(Enum):
    """What a thread is doing at the moment of the dump."""

    IDLE = "idle"
    """Waits for work: free capacity."""
    ACCEPTING = "accepting"
    POLLING = "polling"
    INBOUND_IO = "inbound"
    """Waits for its own client: for the rest of a request, or to take the response."""
    LEASE = "lease"
    """Waits for a pooled connection that other threads of this JVM hold."""
    REPLY = "reply"
    CONNECT = "connect"
    HANDSHAKE = "handshake"
    WRITE = "write"
    """Blocked in a write to a peer that does not read."""
    OTHER_WAIT = "wait"
    """Waits with a primitive: a lock, a future, a queue, time."""
    RUNNING = "running"

    __hash__ = object.__hash__
    """By identity, as that of the states of sockets."""


class Phase(Enum):
    """How far an outbound call has got."""

    REPLY = "reply"
    CONNECT = "connect"
    HANDSHAKE = "handshake"
    LEASE = "lease"
    WRAPPER = "wrapper"
    """The library only calls another one; which of its phases it is in is not known."""
    OTHER = "other"
    """Waits for something that is no TCP peer: a resolver, a child process."""


class Purpose(Enum):
    """What the code on top of a stack is for, whatever the application wants with it."""

    CONSOLE = "console"
    """Prints to standard output or standard error."""
    LOG = "log"
    """Writes a log event, under an appender's lock."""
    LOG_QUEUE = "log-queue"
    """Puts a log event into the queue of an asynchronous appender."""
    LOG_WRITER = "log-writer"
    """Takes events from such a queue and writes them."""
    CLASS_LOADING = "class-loading"
    """Looks for a class, a resource or a service."""
    ENTROPY = "entropy"
    """Reads random bytes of the operating system."""


@dataclass(frozen=True, slots=True)
class Wait:
    """For whom, and through which library, a thread waits."""

    id: str
    kind: str
    """``http``, ``jdbc``, ``tls``, ``redis``, …"""
    phase: Phase
    library: str
    who: str
    """``peer``: the thread owns the socket; ``io-thread``: another thread of this JVM does;
    ``holders``: threads of this JVM hold what it waits for."""
    ports: tuple[int, ...] = ()
    """Where such peers listen when nobody says otherwise."""
    timeout: str | None = None
    """The default timeout and its setting, in words."""
    pool_size: str | None = None
    """The default size of the connection pool and its setting, in words."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """The wait primitive on top of a stack."""

    id: str
    """``futuretask``, ``reentrantlock``, ``monitor``, …"""
    frame_index: int
    """Index in ``JavaThread.entries`` of the frame that shows it."""


@dataclass(frozen=True, slots=True)
class SocketOp:
    """The input or output that the top frames are in, or wait for where a poller does it."""

    op: str
    """``read``, ``write``, ``connect``, ``accept``, ``selector``, ``receive`` (datagrams),
    ``file-read``, ``file-write``."""
    timed: str
    """Whether a timeout is set: ``yes``, ``no`` or ``unknown``."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one thread; ``None`` is "the knowledge does not say"."""

    pool: str | None
    """What its pool is called: the thread's name without its number."""
    role: Role
    server: str | None
    """The server or library that made the thread."""
    port: int | None
    """A port that the server listens on, read from the name."""
    address: str | None
    """The local address read from the name, as printed."""
    pool_key: str | None
    """The setting that sizes the pool."""
    default_max: int | None
    """The pool's size when nobody sets it."""
    self_tuning: bool
    """Whether the server adds threads to the pool by itself while requests wait."""
    with_acceptor: bool
    """Whether a thread that accepts for the same port runs beside it, as long as both are well."""
    activity: Activity
    wait: Wait | None
    primitive: Primitive | None
    io: SocketOp | None
    serves_request: bool
    """Whether a request of a server is being handled on this stack."""
    runs_task: str | None
    """``executor`` or ``forkjoin`` while it runs a task of such a pool."""
    application_frame: int | None
    """Index in ``JavaThread.entries`` of the first frame, from the top, that is no library's."""
    entries: tuple[str, ...]
    """Ids of the entries that were used; see ``Knowledge.source_of``."""
    signs: frozenset[str]
    """Ids of the ``[sign.ID]`` entries whose frames occur anywhere in the stack."""
    purposes: frozenset[Purpose] = frozenset()
    """What the code above the first frame of the application or of a library is for, that frame
    included; ``LOG_WRITER`` by any frame."""
