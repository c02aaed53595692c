r"""``jcmd PID Thread.dump_to_file -format=json``, of JDK 19 to 27.

::

    {"threadDump": {"processId": "25853", "time": "2026-11-22T03:22:16.58Z", "runtimeVersion": …,
      "threadContainers": [{"container": "<root>", "parent": null, "owner": null,
        "threads": [{"tid": "3", "time": …, "name": "main", "state": "BLOCKED",
          "blockedOn": "java.lang.Object@1b2c3d", "stack": ["Main.main(Main.java:1)"],
          "monitorsOwned": [{"depth": 0, "locks": ["java.lang.Object@4e5f60", null]}]}]}]}}

(in many lines). States and locks are there since JDK 25, owners of parked threads' locks since
26, ids are numbers since 27 and texts before (OpenJDK:
src/java.base/share/classes/jdk/internal/vm/ThreadDumper.java). Threads are looked at one after
the other. The monitor that a thread waits on is among those it owns, though it has released it
(JDK-8361926); ``waiting on`` says so here, as it does in the classic text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from sys import intern
from typing import Any, Final, NamedTuple

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    Identity,
    InputKind,
    JavaThread,
    LockAction,
    LockLine,
    Monitors,
    StackEntry,
    ThreadDump,
    ThreadState,
)
from hangscope.readers.json_texts.json_dumps import JsonDumps
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_lines import JsonLines
from hangscope.readers.json_texts.json_reading import Dialect
from hangscope.readers.json_texts.json_repeated import Repeated
from hangscope.readers.json_texts.json_threads import (
    Places,
    captured_of,
    entries_of,
    id_of,
    lock_of,
    state_of,
)
from hangscope.readers.json_texts.json_walk import Record, Shape
from hangscope.readers.json_texts.stack_trace_elements import frame_of
from hangscope.readers.spans import Spans
from hangscope.readers.threads.hotspot_lines import feature_of

NAME: Final = "dump-to-file-json"
_ROOT: Final = "<root>"
_RUN: Final = "java.lang.VirtualThread.run"
"""The outermost frame of every virtual thread, which is all that JDK 19 to 24 tell of it."""
_NO_FRAME: Final = "not a frame of a stack"
_LOCKED: Final = LockAction.LOCKED
_PARKING: Final = LockAction.PARKING
_ELIMINATED: Final = LockLine(LockAction.ELIMINATED, None, "")
_WAITS: Final = (
    ("blockedOn", '"blockedOn"', LockAction.WAITING_TO_LOCK),
    ("waitingOn", '"waitingOn"', LockAction.WAITING_ON),
)


class _Thread(NamedTuple):
    """What threads may have in common."""

    name: str
    state: ThreadState | None
    entries: tuple[StackEntry, ...]
    lines: Sequence[int]
    virtual: bool


class DumpToFile(JsonDumps):
    """All dumps of this dialect in one input."""

    def __init__(self, input_name: str, spans: Spans) -> None:
        self._repeated: Repeated[_Thread] = Repeated()
        super().__init__(input_name, spans)

    def begun(self) -> None:
        """Forget the containers, carriers and locks of the dump before."""
        self._container: str | None = None
        self._owner: int | None = None
        self._carriers: dict[int | None, int | None] = {}
        self._locks: dict[tuple[LockAction, str, int | None], LockLine] = {}

    def member(self, key: str, value: Any, line: int) -> None:
        """What is told of the process, and of each container of threads."""
        if key == "container":
            self._container = None if value in (None, _ROOT) else intern(str(value))
            self._owner = None
        elif key == "owner":
            self._owner = id_of(value)
        else:
            super().member(key, value, line)

    def gap(self) -> None:
        """It is not known any more which container this is."""
        self._container = None
        self._owner = None

    def record(self, record: Record) -> None:
        """One thread."""
        value = record.value
        name, tid = value["name"], id_of(value["tid"])
        texts = tuple(value.get("stack", ()))
        places = Places(record)
        lines = places.elements('"stack"', len(texts)) if texts else ()
        frames = self.stacks.get(texts)
        if frames is None:
            frames, lines = self._frames(texts, lines)
        entries: tuple[StackEntry, ...] = frames
        waits = self._waits(value, places)
        owned = value.get("monitorsOwned")
        if owned:
            entries, lines = entries_of(frames, lines, waits, _held(owned, places))
        elif waits:
            locks, places_of_locks = zip(*waits, strict=True)
            entries = frames[:1] + locks + frames[1:]
            lines = (*lines[:1], *places_of_locks, *lines[1:])
        virtual = "virtual" in value or (bool(frames) and frames[-1].method == _RUN)
        thread = _Thread(str(name), state_of(value.get("state")), entries, lines, virtual)
        if "carrier" in value:
            self._carriers[id_of(value["carrier"])] = tid
        elif len(frames) == len(texts):
            self._remember(thread, record)
        self._add(tid, self.evidence_of(record), thread, lines)

    def again(self, text: JsonLines, place: int) -> int | None:
        """Where the thread at ``place`` ends, if it was taken as one that is like another."""
        found = self._repeated.find(text.text, place)
        if found is None:
            return None
        first, last = text.line(place), text.line(found.end)
        if first == last:
            return None
        line = first + text.text.count("\n", place, found.place)
        thread = found.thread
        self._add(
            found.id, Evidence(self._input, first, last), thread, _shifted(thread.lines, line)
        )
        return found.end

    def _remember(self, thread: _Thread, record: Record) -> None:
        """Its lines are counted from the one in which the part starts that may be there again."""
        stack = record.value.get("stack", [])
        is_plain = isinstance(stack, list) and isinstance(thread.lines, range | tuple)
        if not is_plain or record.first_line == record.last_line:
            return
        place = self._repeated.rest_of(record)
        if place is not None:
            line = record.first_line + record.text.count("\n", record.start, place)
            self._repeated.learn(thread._replace(lines=_shifted(thread.lines, -line)))

    def _add(
        self, tid: int | None, evidence: Evidence, thread: _Thread, lines: Sequence[int]
    ) -> None:
        if thread.state is not None:
            self.monitors_recorded = True
        self.threads.append(
            JavaThread(
                thread.name,
                True,
                evidence,
                tid,
                state=thread.state,
                entries=thread.entries,
                entry_lines=lines,
                synchronizers=NOT_RECORDED,
                virtual=thread.virtual,
                container=self._container,
                container_owner=self._owner,
            )
        )

    def _waits(self, value: dict[str, Any], places: Places) -> list[tuple[LockLine, int]]:
        waits = []
        for key, quoted, action in _WAITS:
            if key in value:
                waits.append((self._lock(action, value[key], None), places.of(quoted)))
        if "parkBlocker" in value:
            blocker = value["parkBlocker"]
            lock = self._lock(_PARKING, blocker["object"], id_of(blocker.get("owner")))
            waits.append((lock, places.of('"object"')))
        return waits

    def _lock(self, action: LockAction, text: Any, owner: int | None) -> LockLine:
        """One object for all that wait for the same."""
        if not isinstance(text, str):
            return lock_of(action, text, None, owner)
        lock = self._locks.get((action, text, owner))
        if lock is None:
            if len(self._locks) >= _REMEMBERED:
                self._locks.clear()
            lock = self._locks[action, text, owner] = lock_of(action, text, None, owner)
        return lock

    def _frames(self, texts: tuple[str, ...], lines: Any) -> tuple[tuple[Frame, ...], Any]:
        found = [(frame_of(str(text)), line) for text, line in zip(texts, lines, strict=True)]
        frames = tuple(frame for frame, _ in found if frame is not None)
        if len(frames) == len(texts):
            if len(self.stacks) >= _REMEMBERED:
                self.stacks.clear()
            self.stacks[texts] = frames
            return frames, lines
        for frame, line in found:
            if frame is None:
                self.spans.add(line, _NO_FRAME)
        return frames, [line for frame, line in found if frame is not None]

    def frozen(self) -> ThreadDump:
        """The dump that was read last."""
        title = self.title
        version = title.get("runtimeVersion")
        return ThreadDump(
            evidence=self.evidence(),
            threads=tuple(self._carrying()),
            captured=captured_of(title.get("time")),
            vm=None if version is None else str(version),
            jdk_feature=feature_of(str(version)),
            pid=id_of(title.get("processId")),
            ended=self.ended and "processId" in title,
            format=NAME,
            monitors=Monitors.RECORDED if self.monitors_recorded else Monitors.NOT_RECORDED,
            identity=Identity.HASH,
            atomic=False,
        )

    def _carrying(self) -> list[JavaThread]:
        carriers = self._carriers
        if not carriers:
            return self.threads
        return [
            thread._replace(carrying=carriers[thread.id]) if thread.id in carriers else thread
            for thread in self.threads
        ]


_REMEMBERED: Final = 50_000
"""Stacks kept for sharing, and locks."""


def _shifted(lines: Sequence[int], by: int) -> Sequence[int]:
    if isinstance(lines, range):
        return range(lines.start + by, lines.stop + by)
    return tuple([line + by for line in lines])


def _held(owned: Any, places: Places) -> list[tuple[int, LockLine, int]]:
    lines = iter(places.tokens('"locks"', after='"monitorsOwned"'))
    return [
        (int(one["depth"]), lock_of(_LOCKED, text) if text else _ELIMINATED, next(lines))
        for one in owned
        for text in one["locks"]
    ]


def _fits(head: Head) -> bool:
    if head.path[:1] == ("threadDump",):
        return True
    if head.path == ("threads",):
        return "container" in head.top
    return not head.path and {"tid", "name", "stack"} <= head.keys


DUMP_TO_FILE: Final = Dialect(
    name=NAME,
    kind=InputKind.THREAD_DUMP,
    shape=Shape(
        walked=frozenset({"threadDump", "threadContainers", "threads"}),
        records=frozenset({"threads"}),
        outer=frozenset({"container"}),
        first=frozenset({"tid"}),
        start=re.compile(r'\{\s*"threadDump"\s*:'),
        what="a thread",
    ),
    tells=frozenset({"threadDump", "container", "tid"}),
    fits=_fits,
    begin=DumpToFile,
)
