"""What a thread does, decided from its stack.

The order is that of what binds most: a monitor, then the thread's own client, then the most
specific outbound wait, then rest; a primitive or a socket operation is left for what no entry
knows. An outbound wait counts only while the thread is really waiting: in the socket operation of
a client that owns its socket, or parked in one that leaves the I/O to another thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from hangscope.knowledge.entries import Base, Entries, Frames, PrimitiveRule, SocketRule
from hangscope.knowledge.patterns import Patterns
from hangscope.knowledge.profile import Activity, Phase, Purpose, SocketOp, Wait
from hangscope.knowledge.stacks import Reading, Rule, Stacks

T = TypeVar("T")

_TLS = "tls"
_SLEEP = "sleep"
"""The primitive whose frames are enough to know that a thread waits."""
_OUTBOUND_OPS = frozenset({"read", "write", "connect", "selector"})
_BY_PHASE = {
    Phase.LEASE: Activity.LEASE,
    Phase.CONNECT: Activity.CONNECT,
    Phase.HANDSHAKE: Activity.HANDSHAKE,
    Phase.REPLY: Activity.REPLY,
    Phase.WRAPPER: Activity.REPLY,
    Phase.OTHER: Activity.OTHER_WAIT,
}
_TAKE_TURNS = (Activity.ACCEPTING, Activity.POLLING)
"""What threads do by turns: all but one of them are blocked, and as idle as that one."""
_AT_REST = (Activity.ACCEPTING, Activity.IDLE, Activity.POLLING)
_RANK = {phase: rank for rank, phase in enumerate(_BY_PHASE)}
_BY_OP = {
    "read": Activity.REPLY,
    "write": Activity.WRITE,
    "connect": Activity.CONNECT,
    "accept": Activity.ACCEPTING,
    "receive": Activity.OTHER_WAIT,
}


class Condition(Enum):
    """What the dump states of a thread, as far as it matters here."""

    BLOCKED = "blocked"
    CLASS_INITIALIZATION = "class initialization"
    WAITING = "waiting"
    RUNNABLE = "runnable"

    __hash__ = object.__hash__
    """By identity, as that of the states of sockets."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one stack says; positions count frames from the top."""

    activity: Activity
    wait: Wait | None
    primitive: str | None
    primitive_at: int
    io: SocketOp | None
    request: Frames | None
    runs: str | None
    base: Base | None
    application: int | None
    frames: int
    """The patterns that occur."""
    entries: tuple[str, ...]
    """Ids of the entries that were used."""
    signs: frozenset[str]
    """Ids of the signs that occur."""
    purposes: frozenset[Purpose]

    @property
    def raw_read(self) -> bool:
        """Reads a socket through nothing that the knowledge knows."""
        reads = self.io is not None and self.io.op == "read"
        return reads and self.activity is Activity.REPLY and self.wait is None


class Decider:
    """Applies all entries but names to stacks."""

    def __init__(self, entries: Entries, patterns: Patterns, stacks: Stacks) -> None:
        self._stacks = stacks
        self._requests = [(patterns.mask(entry.frames), entry) for entry in entries.requests]
        self._tasks = [(patterns.mask(entry.frames), entry) for entry in entries.tasks]
        self._signs = [(patterns.mask(entry.frames), entry.id) for entry in entries.signs]
        self._any_sign = _union(mask for mask, _ in self._signs)
        self._bases = [(patterns.mask(entry.frames), entry) for entry in entries.bases]
        self._primitives = [(patterns.mask(entry.frames), entry) for entry in entries.primitives]
        self._sleeps = _union(m for m, entry in self._primitives if entry.id == _SLEEP)
        self._primitive_ids = frozenset(entry.id for entry in entries.primitives)
        self._purposes = [(patterns.mask(e.frames), e.purpose) for e in entries.purposes]
        self._any_purpose = _union(mask for mask, _ in self._purposes)
        self._any_primitive = _union(mask for mask, _ in self._primitives)
        self._concurrent = patterns.mask(("java.util.concurrent.*",))
        self._sockets = [(Rule(entry.rule, patterns), entry) for entry in entries.sockets]
        self._waits = [(Rule(entry.rule, patterns), entry.wait) for entry in entries.waits]
        self._any_wait = _union(rule.seen for rule, _ in self._waits)
        self._ops = {entry.id: entry.op for entry in entries.activities if entry.op}
        self._rules = {
            activity: [
                (Rule(entry.rule, patterns), entry.id)
                for entry in entries.activities
                if entry.activity is activity
            ]
            for activity in Activity
        }

    def decide(self, methods: Sequence[str], stated: Condition | None) -> Verdict:
        """Decide what a thread with these frames, top first, does.

        Args:
            methods: Its methods.
            stated: What the dump says of it; None where the dump does not print states.
        """
        reading = self._stacks.read(methods)
        condition = stated or self._told_by(reading)
        socket = self._socket(reading)
        request = _first(self._requests, reading.all)
        task = _outermost(self._tasks, reading)
        base = _first(self._bases, reading.all)
        activity, wait, used = self._activity(reading, condition, socket, serves=bool(request))
        primitive, at = self._primitive(reading, condition, activity)
        named = (
            used,
            primitive if primitive in self._primitive_ids else None,
            *(entry.id for entry in (socket, request, task, base) if entry),
        )
        return Verdict(
            activity,
            wait,
            primitive,
            at,
            self._io(socket, used),
            request,
            task.runs if task and activity not in _AT_REST else None,
            base,
            reading.application,
            reading.all,
            tuple(entry_id for entry_id in named if entry_id),
            self._signs_of(reading),
            self._purposes_of(reading),
        )

    def _signs_of(self, reading: Reading) -> frozenset[str]:
        if not reading.all & self._any_sign:
            return frozenset()
        return frozenset(entry_id for mask, entry_id in self._signs if reading.all & mask)

    def _activity(
        self, reading: Reading, condition: Condition, socket: SocketRule | None, *, serves: bool
    ) -> tuple[Activity, Wait | None, str | None]:
        op = socket.op if socket else None
        stopped = condition in (Condition.BLOCKED, Condition.CLASS_INITIALIZATION)
        if not stopped:
            waits = condition is Condition.WAITING or op is not None
            inbound = self._rule(Activity.INBOUND_IO, reading, op) if waits else None
            if inbound:
                return Activity.INBOUND_IO, None, inbound
            wait = self._wait(reading, condition, op)
            if wait:
                return _activity_of(wait, op), wait, wait.id
        if not serves:
            for activity in _TAKE_TURNS if stopped else _AT_REST:
                rest = self._rule(activity, reading, op)
                if rest:
                    return activity, None, rest
        if stopped:
            return Activity.OTHER_WAIT, None, None
        return _left_over(condition, op, serves=serves), None, None

    def _purposes_of(self, reading: Reading) -> frozenset[Purpose]:
        """What the code down to the first frame that is no platform's is for."""
        if not reading.all & self._any_purpose:
            return frozenset()
        end = len(reading.masks) if reading.near is None else reading.near + 1
        on_top = _union(reading.masks[:end])
        return frozenset(
            purpose
            for mask, purpose in self._purposes
            if mask & (reading.all if purpose is Purpose.LOG_WRITER else on_top)
        )

    def _told_by(self, reading: Reading) -> Condition:
        """The state of a thread of a dump without states: waiting if its top frame is plumbing.

        Or if it sleeps. A thread that is blocked on a monitor looks like one that runs.
        """
        if not reading.masks:
            return Condition.RUNNABLE
        waits = reading.top != 0 or reading.masks[0] & self._sleeps
        return Condition.WAITING if waits else Condition.RUNNABLE

    def _io(self, socket: SocketRule | None, used: str | None) -> SocketOp | None:
        """The operation of the top frames, or the one that is left to another thread meanwhile."""
        if socket is not None:
            return SocketOp(socket.op, socket.timed)
        op = self._ops.get(used) if used else None
        return SocketOp(op, "unknown") if op else None

    def _rule(self, activity: Activity, reading: Reading, op: str | None) -> str | None:
        for rule, entry_id in self._rules[activity]:
            if not (reading.all & rule.seen and rule.holds(reading, op)):
                continue
            if activity is Activity.INBOUND_IO or _unbroken(rule, reading):
                return entry_id
        return None

    def _socket(self, reading: Reading) -> SocketRule | None:
        top = reading.top_mask
        for rule, entry in self._sockets:
            if top & rule.seen and rule.holds(reading):
                return entry
        return None

    def _wait(self, reading: Reading, condition: Condition, op: str | None) -> Wait | None:
        if not reading.all & self._any_wait:
            return None
        found = [
            (_RANK[wait.phase], rule.first(reading), wait)
            for rule, wait in self._waits
            if reading.all & rule.seen
            and _really_waits(wait, condition, op)
            and rule.holds(reading, op)
            and (wait.who == "peer" or _unbroken(rule, reading))
        ]
        if not found:
            return None
        found.sort(key=lambda one: one[:2])
        wait = found[0][2]
        beneath = next((other for _, _, other in found[1:] if other.kind != _TLS), None)
        if wait.kind == _TLS and beneath:
            library = f"{beneath.library} over {wait.library}"
            return replace(wait, kind=beneath.kind, library=library, ports=beneath.ports)
        return wait

    def _primitive(
        self, reading: Reading, condition: Condition, activity: Activity
    ) -> tuple[str | None, int]:
        if condition is Condition.BLOCKED:
            return "monitor", 0
        if condition is Condition.CLASS_INITIALIZATION:
            return "class-initialization", 0
        if condition is Condition.RUNNABLE or activity is Activity.RUNNING:
            return None, 0
        chosen: PrimitiveRule | None = None
        at = 0
        for index, mask in enumerate(reading.masks):
            if mask & self._any_primitive:
                chosen, at = _first(self._primitives, mask), index
                if chosen and chosen.final:
                    break
            elif not (self._stacks.is_plumbing(mask) or mask & self._concurrent):
                break
        return (chosen.id if chosen else None), at


def _unbroken(rule: Rule, reading: Reading) -> bool:
    """Whether no application code runs above the rule's frames: a callback may do anything."""
    return reading.application is None or rule.reach(reading) <= reading.application


def _really_waits(wait: Wait, condition: Condition, op: str | None) -> bool:
    if wait.phase is Phase.OTHER:
        return True
    if wait.who == "peer":
        return op in _OUTBOUND_OPS
    return condition is Condition.WAITING and op is None


def _activity_of(wait: Wait, op: str | None) -> Activity:
    if wait.who == "peer" and wait.phase is not Phase.OTHER and op in ("write", "connect"):
        return _BY_OP[op]
    return _BY_PHASE[wait.phase]


def _left_over(condition: Condition, op: str | None, *, serves: bool) -> Activity:
    if op == "selector":
        return Activity.OTHER_WAIT if serves else Activity.POLLING
    if op in _BY_OP:
        return _BY_OP[op]
    return Activity.OTHER_WAIT if condition is Condition.WAITING else Activity.RUNNING


def _union(masks: Iterable[int]) -> int:
    together = 0
    for mask in masks:
        together |= mask
    return together


def _first(entries: Sequence[tuple[int, T]], frames: int) -> T | None:
    return next((entry for mask, entry in entries if frames & mask), None)


def _outermost(entries: Sequence[tuple[int, T]], reading: Reading) -> T | None:
    """The entry whose frame stands nearest to the thread's start; of one frame, the first entry."""
    if not any(reading.all & mask for mask, _ in entries):
        return None
    found = (_first(entries, mask) for mask in reversed(reading.masks))
    return next((entry for entry in found if entry is not None), None)
