"""Thread dumps of Android's ART: ``kill -3`` and the traces of an ANR.

What a line says is in ``art.lark``::

    "main" prio=5 tid=1 Blocked
      | sysTid=4711 nice=-10 cgrp=top-app sched=0/0 handle=0x7b2d5204f8
      at org.acme.Store.read(Store.java:42)
      - waiting to lock <0x0a1b2c3d> (a org.acme.Store) held by thread 14

The thread that holds a lock is named by its ``tid=``, which is ART's own number. Each thread
dumps itself when it comes to a checkpoint, so they are not of one moment.
Source: ART, ``runtime/thread.cc``, ``runtime/monitor.cc``.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Final

from hangscope.facts import Frame, Identity, InputKind, LockAction, LockLine, ThreadState
from hangscope.readers.syntax.lines import BLANKS, LineSyntax
from hangscope.readers.threads.thread_reading import Form, ThreadLines, ThreadReading
from hangscope.readers.threads.thread_records import Native, Opening, Record, Sign, Task, Title

_SYNTAX: Final = LineSyntax("art")
_LASTING: Final = frozenset({"frame", "native", "no_frames", "remark"})
_STATES: Final = {
    "Runnable": ThreadState.RUNNABLE,
    "Native": ThreadState.RUNNABLE,
    "Suspended": ThreadState.RUNNABLE,
    "TimedWaiting": ThreadState.TIMED_WAITING,
    "Sleeping": ThreadState.TIMED_WAITING,
    "Blocked": ThreadState.BLOCKED,
    "Waiting": ThreadState.WAITING,
    "Starting": ThreadState.NEW,
    "Terminated": ThreadState.TERMINATED,
}
"""As ``java_lang_Thread.cc`` maps them; all others begin with ``WaitingFor``."""
_ACTIONS: Final = {
    "waiting to lock": LockAction.WAITING_TO_LOCK,
    "waiting for lock inflation of": LockAction.WAITING_TO_LOCK,
    "waiting on": LockAction.WAITING_ON,
    "sleeping on": LockAction.WAITING_ON,
    "locked": LockAction.LOCKED,
}


def _header(name: str, daemon: str | None, priority: str, tid: str, state: str) -> Opening:
    waits = ThreadState.WAITING if state.startswith("Waiting") else ThreadState.UNKNOWN
    return Opening(
        name[1:-1],
        int(tid),
        daemon is not None,
        int(priority),
        state=_STATES.get(state, waits),
        os_state=intern(state),
    )


def _frame(method: str, location: str | None) -> Frame:
    place = "Native Method" if location == "Native method" else location or ""
    return Frame(intern(method), intern(place))


def _native(library: str, symbol: str | None) -> Native:
    return Native(Frame(intern(symbol or "?"), intern(library)))


def _lock(action: str, at: str, of: str | None, owner: str | None) -> LockLine:
    class_name = of or ""
    if class_name.startswith("java.lang.Class<"):
        class_name = "java.lang.Class"
    return LockLine(
        _ACTIONS[action],
        int(at, 16),
        intern(class_name),
        owner_id=None if owner is None else int(owner),
    )


_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "title": lambda pid, captured: Title(captured=captured, pid=int(pid)),
    "threads_title": lambda: Sign.ELSEWHERE,
    "header": _header,
    "unattached_header": lambda name, daemon, prio: Opening(
        name[1:-1], daemon=daemon is not None, priority=int(prio), is_java=False
    ),
    "task": lambda number: Task(int(number)),
    "remark": lambda: Sign.NOISE,
    "frame": _frame,
    "native": _native,
    "no_frames": lambda: Sign.NOISE,
    "repeated": lambda: Sign.NOISE,
    "lock": _lock,
    "unknown_lock": lambda action: LockLine(_ACTIONS[action], None, ""),
    "about": lambda: Sign.ELSEWHERE,
    "end": lambda _: Sign.END,
    "prompt": lambda _: Sign.PROMPT,
}

_FORM: Final = Form(
    name="art",
    begin_lines=lambda: ThreadLines(_SYNTAX, _BUILD, _LASTING),
    identity=Identity.HASH,
    atomic=False,
)


class Art:
    """The reader."""

    name = _FORM.name
    kind = InputKind.THREAD_DUMP
    initials = frozenset('-D"')

    def sees(self, line: str) -> str | None:
        """A title, or the first line of a thread."""
        text = line.strip(BLANKS)
        if text.startswith(("----- pid ", "DALVIK THREADS")) or (
            text.startswith('"') and " prio=" in text and (" tid=" in text or "attached" in text)
        ):
            found = _SYNTAX.match(text)
            if found and found[0] in {"title", "threads_title", "header", "unattached_header"}:
                return "it has a line of an Android thread dump"
        return None

    def begin(self, input_name: str) -> ThreadReading:
        """Start with a new input."""
        return ThreadReading(input_name, _FORM)
