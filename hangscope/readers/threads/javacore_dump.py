"""One javacore while it is read: its threads, and the monitors that are told before them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from hangscope.facts import (
    Evidence,
    Identity,
    LockAction,
    Monitors,
    ThreadDump,
)
from hangscope.readers.threads.javacore_deadlocks import DeadlockChains
from hangscope.readers.threads.javacore_records import (
    Header,
    Mark,
    Monitor,
    Owner,
    Preparation,
    ProcessId,
    Record,
    Section,
    Time,
    Version,
    Waiter,
)
from hangscope.readers.threads.javacore_threads import Held, Thread, Wait

OF_THE_DUMP = frozenset({Time, Preparation, Version, ProcessId})


class Queued(NamedTuple):
    """A thread in a queue of a monitor."""

    line: int
    waiter: Waiter


@dataclass
class MonitorTold:
    """A monitor of ``LOCKS``."""

    line: int
    monitor: Monitor
    is_inflated: bool
    queue: list[Queued] = field(default_factory=list)


@dataclass
class Dump:
    """A dump being read."""

    input: str
    first_line: int
    last_line: int
    sections: set[str] = field(default_factory=set)
    time: Time | None = None
    version: Version | None = None
    pid: int | None = None
    atomic: bool = True
    ended: bool = False
    threads: list[Thread] = field(default_factory=list)
    monitors: list[MonitorTold] = field(default_factory=list)
    idents: dict[int, int] = field(default_factory=dict)
    left_at: int | None = None
    """The first line within it that was not its own."""
    is_current: bool = False
    """Whether threads that follow are told once more among all threads."""
    _by_pointer: dict[int, Thread] = field(default_factory=dict)
    _current: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.deadlocks = DeadlockChains(self.input)

    def open(self, number: int, header: Header, last_line: int) -> Thread:
        """A thread begins; Java 6 and older list the current one twice, which is one thread."""
        thread = Thread(number, header, last_line)
        tid = header.tid
        if tid is not None and tid in self._current and not self.is_current:
            self._current.discard(tid)
            return thread
        self.threads.append(thread)
        for pointer in (tid, header.other_tid):
            if pointer is not None:
                self._by_pointer.setdefault(pointer, thread)
        if self.is_current and tid is not None:
            self._current.add(tid)
        return thread

    def is_over_at(self, record: Record) -> bool:
        """Whether ``record`` cannot be of this dump, for it has its like already."""
        match record:
            case Section("TITLE"):
                return bool(self.sections or self.threads)
            case Section(title):
                return title in self.sections
            case Version():
                return bool(self.threads) and not self.sections
            case Header():
                return not self.sections and self._has(record)
            case _:
                return False

    def _has(self, header: Header) -> bool:
        """Whether this thread was read already."""
        return header.tid in self._by_pointer and header.tid not in self._current

    def tell(self, record: Record) -> None:
        """A line about the dump as a whole; a time in UTC is better than the local one."""
        match record:
            case Time(_, is_utc) if self.time is None or is_utc:
                self.time = record
            case Preparation(is_exclusive):
                self.atomic &= is_exclusive
            case Mark.INCONSISTENT:
                self.atomic = False
            case Version():
                self.version = self.version or record
            case ProcessId(pid):
                self.pid = pid
            case _:
                pass

    def frozen(self) -> ThreadDump:
        """The dump as a fact."""
        for told in self.monitors:
            self._join(told)
        self._join_synchronizers()
        self._join_carriers()
        time = self.time
        version = self.version
        return ThreadDump(
            evidence=Evidence(self.input, self.first_line, self.last_line),
            threads=tuple(thread.frozen(self.input, self._find) for thread in self.threads),
            deadlocks=self.deadlocks.reports(),
            captured=time.text + ("Z" if time.is_utc else "") if time else None,
            vm=version.vm if version else None,
            jdk_feature=version.feature if version else None,
            pid=self.pid,
            synchronizers_recorded=self._tells_synchronizers(),
            ended=self.ended,
            format="javacore",
            monitors=Monitors.RECORDED if self._tells_monitors() else Monitors.NOT_RECORDED,
            identity=Identity.ADDRESS,
            atomic=self.atomic,
        )

    def _find(self, owner: Owner) -> Thread | None:
        pointer = owner.pointer if owner.ident is None else self.idents.get(owner.ident)
        return None if pointer is None else self._by_pointer.get(pointer)

    def _join(self, told: MonitorTold) -> None:
        """Tell the threads of one monitor what their own lines do not say."""
        of, owner = told.monitor
        for line, (name, is_notified) in told.queue:
            thread = self._find(name)
            if thread is None or thread.wait is not None:
                continue
            # No flat lock is waited on: IBM 1.4 lists threads that wait for a flat one as notified.
            enters = not is_notified or (owner is not None and owner.ident is not None)
            enters = enters and (not is_notified or not told.is_inflated)
            action = LockAction.WAITING_TO_LOCK if enters else LockAction.WAITING_ON
            thread.wait = Wait(line, action, of, owner)
        holder = self._find(owner) if owner else None
        if holder and holder.waits_on != of.address and of.address not in holder.entered:
            holder.held.append(Held(told.line, of))

    def _join_synchronizers(self) -> None:
        """Who has a lock of java.util.concurrent is only told by those who wait for it."""
        told: set[int] = set()
        for thread in self.threads:
            wait = thread.wait
            if not wait or wait.action is not LockAction.PARKING or not wait.object:
                continue
            owner = self._find(wait.owner) if wait.owner else None
            if owner and wait.object.address not in told:
                told.add(wait.object.address)
                owner.owned.append(Held(wait.line, wait.object))

    def _join_carriers(self) -> None:
        for thread in self.threads:
            pointer = thread.type.mounted_on if thread.type else None
            mounted = self._by_pointer.get(pointer) if pointer is not None else None
            if mounted and mounted.ids:
                thread.carrying = mounted.ids.id

    def _tells_monitors(self) -> bool:
        return (
            bool(self.monitors)
            or not self.sections.isdisjoint({"LOCKS", "LK"})
            or any(thread.ids or thread.wait for thread in self.threads)
        )

    def _tells_synchronizers(self) -> bool:
        return any(
            thread.wait and thread.wait.action is LockAction.PARKING for thread in self.threads
        )
