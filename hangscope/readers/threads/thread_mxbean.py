"""What tools print of a ``ThreadMXBean`` in HotSpot's manner: VisualVM, Spring Boot's Actuator.

What a line says is in ``thread_mxbean.lark``::

    "http-nio-8080-exec-1" - Thread t@45
       java.lang.Thread.State: BLOCKED
            at org.acme.Ledger.book(Ledger.java:12)
            - waiting to lock <1b2c3d> (a org.acme.Ledger) owned by "http-nio-8080-exec-2" t@46

       Locked ownable synchronizers:
            - None

Sources: Spring Boot, ``PlainTextThreadDumpFormatter``; VisualVM, ``ThreadDump``. Both guess by
the top frame what a thread waits for, and guess wrong since JDK 19; see ``thread_blocks``.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Final

from hangscope.facts import Frame, InputKind, LockAction, LockLine, ThreadState
from hangscope.readers.syntax.lines import BLANKS, LineSyntax
from hangscope.readers.threads.thread_blocks import with_true_wait
from hangscope.readers.threads.thread_reading import Form, ThreadLines, ThreadReading
from hangscope.readers.threads.thread_records import Doing, Opening, Record, Sign, Told

_SYNTAX: Final = LineSyntax("thread_mxbean")
_LASTING: Final = frozenset({"frame", "state", "synchronizers_title", "no_synchronizer", "elision"})


def _header(name: str, number: str) -> Opening:
    return Opening(name[1:-1], int(number))


def _frame(method: str, location: str | None) -> Frame:
    return Frame(method, location or "")


def _wait(
    action: str, identity: str, class_name: str, owner: str | None, owner_id: str | None
) -> LockLine:
    return LockLine(
        LockAction(action),
        int(identity, 16),
        intern(class_name),
        None if owner is None else owner[1:-1],
        None if owner_id is None else int(owner_id),
    )


_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "header": _header,
    "state": lambda state: Doing(ThreadState(state)),
    "frame": _frame,
    "wait": _wait,
    "locked": lambda at, of: LockLine(LockAction.LOCKED, int(at, 16), intern(of)),
    "synchronizers_title": lambda: Sign.SYNCHRONIZERS,
    "no_synchronizer": lambda: Sign.SYNCHRONIZERS,
    "banner": lambda vm: Told(vm=vm),
    "timestamp": lambda text: Told(captured=text),
    "elision": lambda: Sign.NOISE,
    "prompt": lambda _: Sign.PROMPT,
}

_FORM: Final = Form(
    name="thread-mxbean",
    begin_lines=lambda: ThreadLines(_SYNTAX, _BUILD, _LASTING),
    settle=with_true_wait,
)


class ThreadMxbean:
    """The reader."""

    name = _FORM.name
    kind = InputKind.THREAD_DUMP
    initials = frozenset('"')

    def sees(self, line: str) -> str | None:
        """The first line of a thread."""
        if " - Thread t@" in line:
            found = _SYNTAX.match(line.strip(BLANKS))
            if found is not None and found[0] == "header":
                return "it has the first line of a thread as JMX tools print it"
        return None

    def begin(self, input_name: str) -> ThreadReading:
        """Start with a new input."""
        return ThreadReading(input_name, _FORM)
