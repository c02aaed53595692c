"""``java.lang.management.ThreadInfo.toString()``, as agents and logs print it; JDK 6 to 26.

What a line says is in ``thread_info.lark``::

    "mon-1" daemon prio=5 Id=12 BLOCKED on java.lang.Object@2f92e0f4 owned by "mon-2" Id=13
            at app//Mx.lambda$main$0(Mx.java:9)
            -  blocked on java.lang.Object@2f92e0f4
            -  locked java.lang.Object@4517d9a3

Eight frames are printed at most. The text dump of Ignition's gateway says the same in other
words, and is read here too (``Daemon Thread [name] id=30, (WAITING)``).
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Final

from hangscope.facts import Frame, InputKind, LockAction, LockLine, ThreadState
from hangscope.readers.syntax.lines import BLANKS, LineSyntax
from hangscope.readers.threads.thread_blocks import with_true_wait
from hangscope.readers.threads.thread_reading import Form, ThreadLines, ThreadReading
from hangscope.readers.threads.thread_records import Opening, Owned, Record, Sign, Told

_SYNTAX: Final = LineSyntax("thread_info")
_LASTING: Final = frozenset({"frame", "bare_frame", "synchronizers_title", "elision"})
_HEADERS: Final = frozenset({"header", "ignition_header"})


def _lock(action: LockAction, object_: str) -> LockLine:
    class_name, _, identity = object_.rpartition("@")
    return LockLine(action, int(identity, 16), intern(class_name))


def _header(  # noqa: PLR0917 - as many values as are printed
    name: str,
    daemon: str | None,
    priority: str | None,
    number: str,
    state: str,
    wanted: str | None,
    owner: str | None,
    owner_id: str | None,
    suspended: str | None,
    in_native: str | None,
) -> Opening:
    lock = None
    if wanted is not None:
        blocked = state == "BLOCKED"
        lock = _lock(LockAction.WAITING_TO_LOCK if blocked else LockAction.WAITING_ON, wanted)
        if owner is not None and owner_id is not None:
            lock = lock._replace(owner=owner[1:-1], owner_id=int(owner_id))
    remarks = [text.strip(" ()") for text in (suspended, in_native) if text]
    return Opening(
        name[1:-1],
        int(number),
        daemon is not None,
        None if priority is None else int(priority),
        state=ThreadState(state),
        os_state=", ".join(remarks),
        wanted=lock,
    )


def _ignition_header(
    daemon: str | None, name: str, number: str, state: str, native: str | None
) -> Opening:
    return Opening(
        name[1:-1],
        int(number),
        daemon is not None,
        state=ThreadState(state),
        os_state="in native" if native else "",
    )


def _frame(method: str, location: str | None) -> Frame:
    return Frame(method, location or "")


_WAITING: Final = {
    "blocked": LockAction.WAITING_TO_LOCK,
    "waiting": LockAction.WAITING_ON,
    "parking": LockAction.PARKING,
}

_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "header": _header,
    "ignition_header": _ignition_header,
    "frame": _frame,
    "bare_frame": _frame,
    "wait": lambda waiting, of: _lock(_WAITING[waiting], of),
    "ignition_wait": lambda words, of: _lock(_WAITING[words.split()[0]], of),
    "locked": lambda of: _lock(LockAction.LOCKED, of),
    "ignition_locked": lambda of: _lock(LockAction.LOCKED, of),
    "synchronizers_title": lambda: Sign.SYNCHRONIZERS,
    "synchronizer": lambda of: Owned(_lock(LockAction.LOCKED, of)),
    "banner": lambda vm: Told(vm=vm),
    "timestamp": lambda text: Told(captured=text),
    "elision": lambda: Sign.NOISE,
    "quote": lambda: Sign.NOISE,
    "prompt": lambda _: Sign.PROMPT,
}

_FORM: Final = Form(
    name="thread-info",
    begin_lines=lambda: ThreadLines(_SYNTAX, _BUILD, _LASTING),
    settle=with_true_wait,
)


class ThreadInfo:
    """The reader."""

    name = _FORM.name
    kind = InputKind.THREAD_DUMP
    initials = frozenset('"TD')

    def sees(self, line: str) -> str | None:
        """The first line of a thread."""
        text = line.strip(BLANKS)
        if text.startswith(('"', "Thread [", "Daemon Thread [")) and (
            "Id=" in text or "id=" in text
        ):
            found = _SYNTAX.match(text)
            if found is not None and found[0] in _HEADERS:
                return "it has the first line of a thread as ThreadInfo prints it"
        return None

    def begin(self, input_name: str) -> ThreadReading:
        """Start with a new input."""
        return ThreadReading(input_name, _FORM)
