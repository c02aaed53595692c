"""The knowledge: everything that the data files say, asked about one thread or port at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from hangscope.facts.threads import Frame, JavaThread, LockAction, LockLine, ThreadState
from hangscope.knowledge.code import CodeOwners
from hangscope.knowledge.deciding import Condition, Decider, Verdict
from hangscope.knowledge.entries import Entries
from hangscope.knowledge.loading import read
from hangscope.knowledge.names import NameMatch, Names
from hangscope.knowledge.patterns import Patterns
from hangscope.knowledge.profile import Activity, Primitive, Profile, Role
from hangscope.knowledge.stacks import Stacks

_CAN_SERVE = frozenset({Role.EXECUTOR, Role.UNKNOWN})
_READERS = frozenset({Role.CLIENT_IO, Role.BACKGROUND})
"""Their threads rest in a socket read."""
_WAITING = frozenset({ThreadState.WAITING, ThreadState.TIMED_WAITING})


def load(*extra: Path) -> Knowledge:
    """Load the built-in knowledge, with users' files in front of it.

    Args:
        extra: Files of the same form as the built-in ones; their entries count first.

    Raises:
        KnowledgeError: A file cannot be read, or an entry of it cannot be used.
    """
    return Knowledge(read(*extra))


class Knowledge:
    """Says of threads whose they are and what they do, and of ports what is spoken on them."""

    def __init__(self, entries: Entries) -> None:
        patterns = Patterns()
        self._entries = entries
        self._patterns = patterns
        self._owners = CodeOwners(entries.code)
        self._names = Names(entries.names, entries.renames, patterns)
        stacks = Stacks(patterns, entries.plumbing, self._owners)
        self._decider = Decider(entries, patterns, stacks)
        self._borrow = patterns.mask(p for entry in entries.waits for p in entry.borrow)
        self._signs = {entry.id: patterns.mask(entry.frames) for entry in reversed(entries.signs)}
        self._natives = {entry.id: frozenset(entry.names) for entry in reversed(entries.natives)}
        self._holds = patterns.mask(p for entry in entries.holds for p in entry.frames)
        self._transactions = patterns.mask(p for e in entries.transactions for p in e.frames)
        self._verdicts: dict[tuple[tuple[str, ...], Condition | None], Verdict] = {}
        self._profiles: dict[tuple[object, ...], Profile] = {}
        self._services = {
            name: (port, "; ".join(entries.sources[entry.id]))
            for entry in reversed(entries.services)
            for name, port in entry.names.items()
        }
        self._proxies = {
            command: entry.name for entry in reversed(entries.proxies) for command in entry.commands
        }
        self._of_own_servers = {entry.kind for entry in entries.protocols if entry.own_servers}
        self._protocols = {
            port: entry.kind for entry in reversed(entries.protocols) for port in entry.ports
        }

    def profile(self, thread: JavaThread) -> Profile:
        """What is known of ``thread`` by itself."""
        methods = tuple([entry.method for entry in thread.entries if isinstance(entry, Frame)])
        key = methods, _condition(thread, methods)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = self._decider.decide(*key)
        named = self._names.match(thread.name, verdict.frames)
        if named is None or (named.pool is None and named.entry.by_stack):
            pool = (self._names.stem(thread.name) or None) if verdict.base else None
        else:
            pool = named.pool
        primitive = application = None
        if verdict.primitive:
            primitive = _position(thread, verdict.primitive_at) if methods else 0
        if verdict.application is not None:
            application = _position(thread, verdict.application)
        # Most threads of a pool differ in nothing but their numbers. Verdicts are kept, so that
        # each is told by where it is.
        told = (named.entry.id, named.port, named.address) if named else None
        like = (id(verdict), told, pool, primitive, application)
        known = self._profiles.get(like)
        if known is None:
            known = self._profiles[like] = _profile(
                verdict, named, pool, (primitive, application), has_frames=bool(methods)
            )
        return known

    def profiles(self, threads: Iterable[JavaThread]) -> tuple[Profile, ...]:
        """Profiles of the threads of one JVM, read together.

        Where one thread of an executor serves requests, its idle siblings could serve them too.
        """
        alone = [self.profile(thread) for thread in threads]
        serving = {p.pool: p.server for p in alone if p.role is Role.WORKER and p.pool is not None}
        return tuple(
            replace(one, role=Role.WORKER, server=serving[one.pool])
            if one.pool in serving and one.role in _CAN_SERVE
            else one
            for one in alone
        )

    def source_of(self, entry_id: str) -> tuple[str, ...]:
        """Where the facts of an entry were read; empty for an id that no entry has."""
        return self._entries.sources.get(entry_id, ())

    def port_of_service(self, name: str) -> tuple[int, str] | None:
        """The port that a service name of a socket table stands for, and who says so."""
        return self._services.get(name)

    def protocol_of_port(self, port: int) -> str | None:
        """What is usually spoken on ``port``: the ``kind`` of waits for such peers."""
        return self._protocols.get(port)

    def has_own_servers(self, protocol: str) -> bool:
        """Whether servers of its own speak ``protocol``, and no servlet engine does."""
        return protocol in self._of_own_servers

    def proxy_of_command(self, command: str) -> str | None:
        """The proxy that a process of this command is; it answers by asking somebody else."""
        return self._proxies.get(command)

    def is_borrow(self, method: str) -> bool:
        """Whether the caller of ``method`` borrows a connection of a pool."""
        return bool(self._patterns.match(self._owners.plain(method)) & self._borrow)

    def holds_connection(self, method: str) -> bool:
        """Whether a thread with ``method`` on its stack holds a pooled connection."""
        return bool(self._patterns.match(self._owners.plain(method)) & self._holds)

    def has_sign(self, sign: str, method: str) -> bool:
        """Whether ``method`` is a frame of the entry ``[sign.ID]``."""
        return bool(self._patterns.match(self._owners.plain(method)) & self._signs.get(sign, 0))

    def is_native(self, entry_id: str, function: str) -> bool:
        """Whether a frame of C++ is a function of the entry ``[native.ID]``."""
        return function.partition("(")[0] in self._natives.get(entry_id, ())

    def runs_transaction(self, method: str) -> bool:
        """Whether what ``method`` calls is run inside a database transaction."""
        return bool(self._patterns.match(self._owners.plain(method)) & self._transactions)

    def is_application(self, method: str) -> bool:
        """Whether ``method`` belongs to no known library."""
        return self._owners.is_application(method)

    def is_platform(self, method: str) -> bool:
        """Whether ``method`` is the platform's own: collections, text, I/O."""
        return self._owners.is_platform(self._owners.plain(method))

    @property
    def entries(self) -> Entries:
        """All entries, for those that list or test them."""
        return self._entries


def _profile(
    verdict: Verdict,
    named: NameMatch | None,
    pool: str | None,
    positions: tuple[int | None, int | None],
    *,
    has_frames: bool,
) -> Profile:
    role = _role(named, verdict)
    entry = named.entry if named else None
    primitive, application = positions
    return Profile(
        pool=pool,
        role=role,
        server=_server(named, verdict, role),
        port=named.port if named else None,
        address=named.address if named else None,
        pool_key=entry.size_key if entry else None,
        default_max=entry.default_max if entry else None,
        self_tuning=entry.self_tuning if entry else False,
        with_acceptor=entry.with_acceptor if entry else False,
        activity=_activity(verdict, role, has_frames=has_frames),
        wait=verdict.wait,
        primitive=(
            Primitive(verdict.primitive, primitive)
            if verdict.primitive and primitive is not None
            else None
        ),
        io=verdict.io,
        serves_request=verdict.request is not None,
        runs_task=verdict.runs,
        application_frame=application,
        entries=(*((entry.id,) if entry else ()), *verdict.entries),
        signs=verdict.signs,
        purposes=verdict.purposes,
    )


def _position(thread: JavaThread, frame: int) -> int:
    """Where the frame of this number stands among the entries of ``thread``."""
    frames = (i for i, entry in enumerate(thread.entries) if isinstance(entry, Frame))
    return next(islice(frames, frame, None))


def _condition(thread: JavaThread, methods: Sequence[str]) -> Condition | None:
    if len(methods) < len(thread.entries):
        for entry in thread.entries:
            if isinstance(entry, LockLine):
                if entry.action is LockAction.CLASS_INITIALIZATION:
                    return Condition.CLASS_INITIALIZATION
                if entry.action is LockAction.WAITING_TO_LOCK:
                    return Condition.BLOCKED
    state = thread.state
    if state is ThreadState.BLOCKED or thread.os_state.startswith("waiting for monitor"):
        return Condition.BLOCKED
    if state in _WAITING:
        return Condition.WAITING
    if state is ThreadState.RUNNABLE:
        # JDK 12 and older print no line for a thread that waits for a class to be initialised.
        in_wait = thread.os_state.startswith("in Object.wait()")
        if in_wait and methods and not methods[0].startswith("java.lang.Object.wait"):
            return Condition.CLASS_INITIALIZATION
        return Condition.RUNNABLE
    return None


def _role(named: NameMatch | None, verdict: Verdict) -> Role:
    role = named.entry.role if named else Role.UNKNOWN
    by_stack = role is Role.UNKNOWN or (named is not None and named.entry.by_stack)
    base = verdict.base
    if base and (role is Role.UNKNOWN or (role is Role.EXECUTOR and base.role is Role.WORKER)):
        role = base.role
    if verdict.request and (role in _CAN_SERVE or (by_stack and role is not Role.JVM)):
        return Role.WORKER
    if by_stack and verdict.activity is Activity.ACCEPTING:
        return Role.ACCEPTOR
    if by_stack and verdict.activity is Activity.POLLING:
        return Role.POLLER
    return role


def _server(named: NameMatch | None, verdict: Verdict, role: Role) -> str | None:
    if named and named.entry.server:
        return named.entry.server
    if role is Role.WORKER and verdict.request:
        return verdict.request.server
    return verdict.base.server if verdict.base else None


def _activity(verdict: Verdict, role: Role, *, has_frames: bool) -> Activity:
    if role is Role.JVM and not has_frames and verdict.activity is Activity.RUNNING:
        return Activity.IDLE
    if verdict.raw_read and not verdict.request:
        if role in _READERS or (role is Role.UNKNOWN and verdict.application is None):
            return Activity.IDLE
        if role is Role.WORKER and verdict.application is None:
            return Activity.INBOUND_IO
    return verdict.activity
