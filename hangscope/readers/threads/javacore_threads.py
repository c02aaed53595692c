"""One thread of a javacore while it is read, and the fact that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    JavaThread,
    LockAction,
    LockLine,
    StackEntry,
    ThreadState,
)
from hangscope.readers.threads.javacore_records import (
    Blocked,
    Cpu,
    Entered,
    Header,
    JavaIds,
    Native,
    NativeIds,
    Object,
    Owner,
    Record,
    ThreadType,
)

_STATES: Final = {
    "R": ThreadState.RUNNABLE,
    "B": ThreadState.BLOCKED,
    "CW": ThreadState.WAITING,
    "P": ThreadState.WAITING,
    "MW": ThreadState.BLOCKED,
    "Z": ThreadState.TERMINATED,
}
"""OpenJ9: JavaCoreDumpWriter::writeThreadState; MW (waits for a monitor) is IBM 1.4's."""
_DETAILS: Final = {"P": "parking", "S": "suspended", "I": "interrupted"}
_TIMED: Final = frozenset(
    {
        "java.lang.Thread.sleep",
        "java.util.concurrent.locks.LockSupport.parkNanos",
        "java.util.concurrent.locks.LockSupport.parkUntil",
    }
)
"""The letters do not tell whether a wait ends by itself; these methods do."""
_TOP: Final = 5
"""Frames that a platform's own wait takes at most."""

_ACTIONS: Final = {
    "Blocked": LockAction.WAITING_TO_LOCK,
    "Waiting": LockAction.WAITING_ON,
    "Parked": LockAction.PARKING,
}
_INITIALIZATION: Final = "java.lang.J9VMInternals$ClassInitializationLock"
_QUEUED: Final = frozenset({LockAction.WAITING_ON, LockAction.WAITING_TO_LOCK})

OF_A_THREAD: Final = frozenset(
    {Frame, Entered, Native, JavaIds, NativeIds, Cpu, Blocked, ThreadType}
)


class Wait(NamedTuple):
    """What a thread waits for, and which line says so."""

    line: int
    action: LockAction
    object: Object | None
    owner: Owner | None
    owner_name: str | None = None
    """Where only the name is given."""


class Held(NamedTuple):
    """A lock that a thread has, and which line says so."""

    line: int
    object: Object


class Thread:
    """A thread being read."""

    __slots__ = (
        "carrying",
        "cpu",
        "entered",
        "first_line",
        "header",
        "held",
        "ids",
        "last_line",
        "lines",
        "native",
        "native_ids",
        "owned",
        "records",
        "type",
        "wait",
    )

    def __init__(self, number: int, header: Header, last_line: int) -> None:
        self.header = header
        self.first_line = number
        self.last_line = last_line
        self.ids: JavaIds | None = None
        self.native_ids: NativeIds | None = None
        self.cpu: Cpu | None = None
        self.type: ThreadType | None = None
        self.wait: Wait | None = None
        self.records: list[Frame | Entered] = []
        self.lines: list[int] = []
        self.native: list[Frame] = []
        self.entered: set[int] = set()
        """Addresses of the monitors that its stack says it has."""
        self.held: list[Held] = []
        """Monitors that the list of monitors says it has."""
        self.owned: list[Held] = []
        """Ownable synchronizers that others say it has."""
        self.carrying: int | None = None

    def take_frames(self, numbers: Sequence[int], frames: Sequence[Frame]) -> None:
        """Lines ``numbers`` are frames of this thread."""
        self.records += frames
        self.lines += numbers

    def take(self, number: int, record: Record) -> None:
        """Line ``number`` is of this thread."""
        match record:
            case Native(frame):
                self.native.append(frame)
            case JavaIds():
                self.ids = record
            case NativeIds():
                self.native_ids = record
            case Cpu():
                self.cpu = record
            case Blocked():
                self.wait = _wait(number, record)
            case Frame():
                self.take_frames((number,), (record,))
            case Entered(of):
                self.records.append(record)
                self.lines.append(number)
                self.entered.add(of.address)
            case ThreadType():
                self.type = record
            case _:
                pass
        self.last_line = number

    @property
    def waits_on(self) -> int | None:
        """Address of the object whose monitor it gave up to wait, or waits to enter."""
        wait = self.wait
        return wait.object.address if wait and wait.object and wait.action in _QUEUED else None

    def frozen(self, input_name: str, find: Callable[[Owner], Thread | None]) -> JavaThread:
        """The fact; ``find`` knows the threads that lines speak of."""
        header = self.header
        entries, lines = self._entries(find)
        native_ids = self.native_ids
        return JavaThread(
            name=header.name,
            is_java=self._is_java(),
            evidence=Evidence(input_name, self.first_line, max([self.last_line, *self.lines[-1:]])),
            id=self.ids.id if self.ids else None,
            daemon=self.ids.daemon if self.ids else False,
            priority=header.priority,
            cpu_ms=self.cpu.ms if self.cpu else None,
            tid=header.tid,
            nid=native_ids.nid if native_ids else header.nid,
            os_state=native_ids.vm_state if native_ids else "",
            state=_state(header.state, self.records),
            state_detail=_DETAILS.get(header.state, ""),
            carrying=self.carrying,
            entries=tuple(entries),
            entry_lines=lines,
            synchronizers=tuple(_locked(one.object) for one in self.owned) or NOT_RECORDED,
            synchronizer_lines=tuple(one.line for one in self.owned),
            virtual=self.type is not None and self.type.type == "Virtual",
            native=tuple(self.native),
        )

    def _is_java(self) -> bool:
        """Those of the JIT and of the garbage collector are Java threads that run no Java."""
        if not self.header.is_java or self.header.object == 0:
            return False
        category = self.cpu.category if self.cpu else ""
        return bool(self.records) or not category or category.startswith("Application")

    def _entries(
        self, find: Callable[[Owner], Thread | None]
    ) -> tuple[Sequence[StackEntry], Sequence[int]]:
        entries: list[StackEntry] = []
        lines: list[int] = []
        if self.wait:
            entries.append(_waiting(self.wait, find))
            lines.append(self.wait.line)
        if self.entered:
            self._add_stack(entries, lines)
        else:
            entries += [record for record in self.records if type(record) is Frame]
            lines += self.lines
        for held in self.held:
            entries.append(_locked(held.object))
            lines.append(held.line)
        return entries, tuple(lines)

    def _add_stack(self, entries: list[StackEntry], lines: list[int]) -> None:
        """The stack with the monitors that were entered and not given up."""
        given_up = self.waits_on
        for record, line in zip(self.records, self.lines, strict=True):
            if type(record) is Frame:
                entries.append(record)
            elif type(record) is Entered and record.object.address != given_up:
                entries.append(_locked(record.object))
            else:
                continue
            lines.append(line)


def _state(letters: str, stack: Sequence[Frame | Entered]) -> ThreadState | None:
    if not letters:
        return None
    state = _STATES.get(letters, ThreadState.UNKNOWN)
    if state is ThreadState.WAITING:
        for record in stack[:_TOP]:
            if type(record) is Frame and record.method in _TIMED:
                return ThreadState.TIMED_WAITING
    return state


def _wait(number: int, blocked: Blocked) -> Wait:
    of = blocked.object
    if of is not None and of.class_name == _INITIALIZATION:
        unnamed = Object("", of.address)
        return Wait(number, LockAction.CLASS_INITIALIZATION, unnamed, None, blocked.initializer)
    return Wait(number, _ACTIONS[blocked.action], of, blocked.owner)


def _waiting(wait: Wait, find: Callable[[Owner], Thread | None]) -> LockLine:
    of = wait.object
    owner = find(wait.owner) if wait.owner else None
    name = wait.owner.name if wait.owner else wait.owner_name
    return LockLine(
        wait.action,
        of.address if of else None,
        of.class_name if of else "",
        owner.header.name if owner else name,
        owner.ids.id if owner and owner.ids else None,
    )


def _locked(of: Object) -> LockLine:
    return LockLine(LockAction.LOCKED, of.address, of.class_name)
