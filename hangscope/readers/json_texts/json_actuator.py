"""``/actuator/threaddump`` of Spring Boot, ``/dump`` of Spring Boot 1: ``ThreadInfo`` as JSON.

::

    {"threads": [{"threadName": "worker", "threadId": 18, "threadState": "BLOCKED",
      "lockInfo": {"className": "java.lang.Object", "identityHashCode": 1018014235},
      "lockOwnerId": 17, "lockOwnerName": "holder",
      "stackTrace": [{"className": "org.acme.Main", "methodName": "run",
        "fileName": "Main.java", "lineNumber": 23, "nativeMethod": false}],
      "lockedMonitors": [{"className": "java.lang.Object", "identityHashCode": 325888395,
        "lockedStackDepth": 0}], "lockedSynchronizers": []}]}

All threads are stopped for it (``ThreadMXBean.dumpAllThreads``), virtual ones are not in it, and
the owner of a lock is told for ``java.util.concurrent`` too. A monitor that a thread waits on is
not among those it has locked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from sys import intern
from typing import Any, Final

from hangscope.facts import (
    NOT_RECORDED,
    Frame,
    Identity,
    InputKind,
    JavaThread,
    LockAction,
    LockLine,
    Monitors,
    NotRecorded,
    ThreadDump,
    ThreadState,
)
from hangscope.readers.json_texts.json_dumps import JsonDumps
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_reading import Dialect
from hangscope.readers.json_texts.json_threads import Places, entries_of, id_of, lock_of, state_of
from hangscope.readers.json_texts.json_walk import Record, Shape

NAME: Final = "actuator-json"
_NATIVE: Final = -2
"""Line number of a native method (``StackTraceElement``)."""
_REMEMBERED: Final = 100_000
_PARK: Final = "Unsafe.park"


class Actuator(JsonDumps):
    """All dumps of this dialect in one input."""

    def record(self, record: Record) -> None:
        """One thread."""
        value = record.value
        name, state = value["threadName"], state_of(value["threadState"])
        places = Places(record)
        stack = value.get("stackTrace") or ()
        lines = places.elements('"stackTrace"', len(stack)) if stack else ()
        frames = self._shared(tuple(map(self._frame, stack)))
        waits = _waits(value, frames, state, places)
        held = _held(value.get("lockedMonitors") or (), places)
        entries, entry_lines = entries_of(frames, lines, waits, held)
        owned, owned_lines = _owned(value.get("lockedSynchronizers"), places)
        self.monitors_recorded |= "lockedMonitors" in value
        self.synchronizers_recorded |= owned is not NOT_RECORDED
        self.threads.append(
            JavaThread(
                str(name),
                True,
                self.evidence_of(record),
                id_of(value.get("threadId")),
                value.get("daemon") is True,
                id_of(value.get("priority")),
                state=state,
                entries=entries,
                entry_lines=entry_lines,
                synchronizers=owned,
                synchronizer_lines=owned_lines,
            )
        )

    def _frame(self, element: dict[str, Any]) -> Frame:
        key = (
            element["className"],
            element["methodName"],
            element.get("fileName"),
            element.get("lineNumber"),
        )
        frame = self.frames.get(key)
        if frame is None:
            if len(self.frames) >= _REMEMBERED:
                self.frames.clear()
            frame = self.frames[key] = _frame(*key)
        return frame

    def _shared(self, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
        return self.stacks.setdefault(frames, frames)

    def frozen(self) -> ThreadDump:
        """The dump that was read last."""
        return ThreadDump(
            evidence=self.evidence(),
            threads=tuple(self.threads),
            synchronizers_recorded=self.synchronizers_recorded,
            ended=self.ended,
            format=NAME,
            monitors=Monitors.RECORDED if self.monitors_recorded else Monitors.NOT_RECORDED,
            identity=Identity.HASH,
        )


def _frame(class_name: str, method: str, file: str | None, line: int | None) -> Frame:
    if line == _NATIVE:
        location = "Native Method"
    elif file is None:
        location = "Unknown Source"
    else:
        location = file if line is None or line < 0 else f"{file}:{line}"
    return Frame(intern(f"{class_name}.{method}"), intern(location))


def _waits(
    value: dict[str, Any], frames: Sequence[Frame], state: ThreadState | None, places: Places
) -> list[tuple[LockLine, int]]:
    info, name = value.get("lockInfo"), value.get("lockName")
    if info is None and name is None:
        return []
    action = LockAction.WAITING_ON
    if state is ThreadState.BLOCKED:
        action = LockAction.WAITING_TO_LOCK
    elif frames and frames[0].method.endswith(_PARK):
        action = LockAction.PARKING
    owner = value.get("lockOwnerName")
    owner_name = None if owner is None else str(owner)
    owner_id = id_of(value.get("lockOwnerId"))
    if info is not None:
        lock = _lock(action, info)._replace(owner=owner_name, owner_id=owner_id)
        return [(lock, places.of('"lockInfo"'))]
    return [(lock_of(action, name, owner_name, owner_id), places.of('"lockName"'))]


def _lock(action: LockAction, info: dict[str, Any]) -> LockLine:
    code = info.get("identityHashCode")
    address = None if code is None else int(code) & 0xFFFFFFFF
    return LockLine(action, address, intern(str(info["className"])))


def _held(monitors: Sequence[dict[str, Any]], places: Places) -> list[tuple[int, LockLine, int]]:
    if not monitors:
        return []
    lines = places.elements('"lockedMonitors"', len(monitors))
    return [
        (int(one.get("lockedStackDepth", 0)), _lock(LockAction.LOCKED, one), line)
        for one, line in zip(monitors, lines, strict=True)
    ]


def _owned(
    synchronizers: Any, places: Places
) -> tuple[tuple[LockLine, ...] | NotRecorded, Sequence[int]]:
    if synchronizers is None:
        return NOT_RECORDED, ()
    if not synchronizers:
        return (), ()
    lines = places.elements('"lockedSynchronizers"', len(synchronizers))
    return tuple(_lock(LockAction.LOCKED, one) for one in synchronizers), lines


def _fits(head: Head) -> bool:
    return head.path in ((), ("threads",)) and {"threadName", "threadState"} <= head.keys


ACTUATOR: Final = Dialect(
    name=NAME,
    kind=InputKind.THREAD_DUMP,
    shape=Shape(
        walked=frozenset({"threads"}),
        records=frozenset({"threads"}),
        start=re.compile(r'\{\s*"threads"\s*:'),
        what="a thread",
    ),
    tells=frozenset({"threads", "threadName", "threadState"}),
    fits=_fits,
    begin=Actuator,
)
