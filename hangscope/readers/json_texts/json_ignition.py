"""Thread dumps of Ignition gateways (Inductive Automation), 8.0 and later.

::

    {"version": "8.1.16", "deadlocks": [676, 683], "threads": [{"name": "worker", "id": 676,
      "state": "BLOCKED", "daemon": false, "waitingFor": {"lock": "java.lang.String@38be24e8",
      "owner": 683}, "lockedMonitors": [{"lock": "…", "frame": "org.acme.Main.run(…)"}],
      "stacktrace": ["org.acme.Main.run(Main.java:4)"]}]}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from hangscope.facts import (
    NOT_RECORDED,
    DeadlockMember,
    DeadlockReport,
    Evidence,
    Frame,
    Identity,
    InputKind,
    JavaThread,
    LockAction,
    LockLine,
    Monitors,
    ThreadDump,
    ThreadState,
)
from hangscope.readers.json_texts.json_dumps import JsonDumps
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_reading import Dialect
from hangscope.readers.json_texts.json_threads import Places, entries_of, id_of, lock_of, state_of
from hangscope.readers.json_texts.json_walk import Record, Shape
from hangscope.readers.json_texts.stack_trace_elements import frame_of

NAME: Final = "ignition-json"
_PARK: Final = "Unsafe.park"
_NO_FRAME: Final = "not a frame of a stack"


class Ignition(JsonDumps):
    """All dumps of this dialect in one input."""

    def begun(self) -> None:
        """Forget the deadlocks of the dump before."""
        self._deadlocked: list[int] = []
        self._deadlocks_line = 0
        self._waits: dict[int | None, tuple[str, LockLine, Evidence]] = {}

    def member(self, key: str, value: Any, line: int) -> None:
        """The version, and the ids of all threads in deadlocks."""
        if key == "deadlocks":
            self._deadlocks_line = line
            self._deadlocked = [number for one in value if (number := id_of(one)) is not None]
        super().member(key, value, line)

    def record(self, record: Record) -> None:
        """One thread."""
        value = record.value
        name, state = str(value["name"]), state_of(value["state"])
        places = Places(record)
        frames, lines = self._stack(value.get("stacktrace") or (), places)
        thread_id = id_of(value.get("id"))
        waits = _waits(value, frames, state, places)
        for lock, line in waits:
            self._waits[thread_id] = name, lock, self.evidence_at(line)
        held = _held(value.get("lockedMonitors") or (), frames, places)
        entries, entry_lines = entries_of(frames, lines, waits, held)
        self.threads.append(
            JavaThread(
                name,
                True,
                self.evidence_of(record),
                thread_id,
                value.get("daemon") is True,
                state=state,
                entries=entries,
                entry_lines=entry_lines,
                synchronizers=NOT_RECORDED,
            )
        )

    def _stack(
        self, texts: Sequence[Any], places: Places
    ) -> tuple[tuple[Frame, ...], Sequence[int]]:
        lines = places.elements('"stacktrace"', len(texts)) if texts else ()
        found = [(frame_of(str(text)), line) for text, line in zip(texts, lines, strict=True)]
        for frame, line in found:
            if frame is None:
                self.spans.add(line, _NO_FRAME)
        frames = tuple(frame for frame, _ in found if frame is not None)
        return (
            self.stacks.setdefault(frames, frames),
            lines if len(frames) == len(found) else [line for frame, line in found if frame],
        )

    def frozen(self) -> ThreadDump:
        """The dump that was read last."""
        version = self.title.get("version")
        return ThreadDump(
            evidence=self.evidence(),
            threads=tuple(self.threads),
            deadlocks=tuple(self._reports()),
            vm=None if version is None else f"Ignition {version}",
            ended=self.ended,
            format=NAME,
            monitors=Monitors.RECORDED,
            identity=Identity.HASH,
            atomic=False,
        )

    def _reports(self) -> list[DeadlockReport]:
        """The ids are told in no order: each cycle is walked along the owners."""
        left = dict.fromkeys(self._deadlocked)
        names = {thread.id: thread.name for thread in self.threads}
        reports = []
        for start in self._deadlocked:
            members = []
            number: int | None = start
            while number in left and number in self._waits:
                del left[number]
                name, lock, evidence = self._waits[number]
                number = lock.owner_id
                members.append(
                    DeadlockMember(
                        name,
                        "monitor"
                        if lock.action is LockAction.WAITING_TO_LOCK
                        else "ownable synchronizer",
                        lock.address,
                        lock.class_name,
                        names.get(number),
                        evidence,
                    )
                )
            if members:
                line = self.evidence_at(self._deadlocks_line)
                reports.append(DeadlockReport(tuple(members), line))
        return reports


def _waits(
    value: dict[str, Any], frames: Sequence[Frame], state: ThreadState | None, places: Places
) -> list[tuple[LockLine, int]]:
    wanted = value.get("waitingFor")
    if wanted is None:
        return []
    action = LockAction.WAITING_ON
    if state is ThreadState.BLOCKED:
        action = LockAction.WAITING_TO_LOCK
    elif frames and frames[0].method.endswith(_PARK):
        action = LockAction.PARKING
    lock = lock_of(action, wanted["lock"], None, id_of(wanted.get("owner")))
    return [(lock, places.of('"waitingFor"'))]


def _held(
    monitors: Sequence[dict[str, Any]], frames: Sequence[Frame], places: Places
) -> list[tuple[int, LockLine, int]]:
    """The frame of each monitor is told by its text: the first from the top that is equal."""
    if not monitors:
        return []
    held = []
    lines = places.elements('"lockedMonitors"', len(monitors))
    for one, line in zip(monitors, lines, strict=True):
        frame = frame_of(str(one.get("frame", "")))
        depth = frames.index(frame) if frame in frames else 0
        held.append((depth, lock_of(LockAction.LOCKED, one["lock"]), line))
    return held


def _fits(head: Head) -> bool:
    return head.path in ((), ("threads",)) and {"name", "id", "state", "stacktrace"} <= head.keys


IGNITION: Final = Dialect(
    name=NAME,
    kind=InputKind.THREAD_DUMP,
    shape=Shape(
        walked=frozenset({"threads"}),
        records=frozenset({"threads"}),
        start=re.compile(r'\{\s*"version"\s*:'),
        what="a thread",
    ),
    tells=frozenset({"threads", "deadlocks", "stacktrace"}),
    fits=_fits,
    begin=Ignition,
)
