"""Thread dumps of GraalVM native images: names, states and stacks, but no locks at all.

What a line says is in ``native_image.lark``::

    Full thread dump:

    "main" #1 thread=0x00007f3a4c000b00 state=TIMED_WAITING
      A  SP 0x00007ffd3f2a4b50 IP 0x000000000052d2a8 size=32  java.lang.Thread.sleep(Thread.java:9)

Source: GraalVM, ``com.oracle.svm.core`` (thread dumps at SIGQUIT); another form is known by a
sample alone, whose lines are those of HotSpot.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Final

from hangscope.facts import Frame, InputKind, Monitors, ThreadState
from hangscope.readers.syntax.lines import BLANKS, LineSyntax
from hangscope.readers.threads.thread_reading import Form, ThreadLines, ThreadReading
from hangscope.readers.threads.thread_records import Opening, Record, Sign, Title

_SYNTAX: Final = LineSyntax("native_image")
_LASTING: Final = frozenset({"java_frame", "truncated"})
_STARTS: Final = ("Full thread dump:", "Full thread dump GraalVM Native Image")
_STATES: Final = {state.value: state for state in ThreadState}
_DOING: Final = {
    "runnable": ThreadState.RUNNABLE,
    "blocked": ThreadState.BLOCKED,
    "waiting": ThreadState.WAITING,
    "timed waiting": ThreadState.TIMED_WAITING,
    "sleeping": ThreadState.TIMED_WAITING,
}


def _header(name: str, number: str, daemon: str | None, thread: str, state: str) -> Opening:
    return Opening(
        name[1:-1],
        int(number),
        daemon is not None,
        tid=int(thread, 16),
        state=_STATES.get(state, ThreadState.UNKNOWN),
    )


def _plain_header(  # noqa: PLR0917 - as many values as are printed
    name: str, number: str, daemon: str | None, priority: str, tid: str, nid: str, doing: str
) -> Opening:
    return Opening(
        name[1:-1],
        int(number),
        daemon is not None,
        int(priority),
        nid=int(nid, 16 if nid.startswith("0x") else 10),
        tid=int(tid),
        state=_DOING.get(doing),
        os_state=intern(doing),
    )


def _title(vm: str | None) -> Title:
    return Title(vm=vm)


def _frame(method: str, location: str | None) -> Frame:
    return Frame(method, location or "")


_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "title": _title,
    "header": _header,
    "vm_thread": lambda thread: Opening("", tid=int(thread, 16), is_java=False),
    "plain_header": _plain_header,
    "frame": _frame,
    "java_frame": _frame,
    "section": lambda: Sign.ELSEWHERE,
    "section_end": lambda: Sign.ELSEWHERE,
    "section_line": lambda: Sign.ELSEWHERE,
    "truncated": lambda: Sign.NOISE,
    "prompt": lambda _: Sign.PROMPT,
}

_FORM: Final = Form(
    name="native-image",
    begin_lines=lambda: ThreadLines(_SYNTAX, _BUILD, _LASTING),
    monitors=Monitors.NOT_RECORDED,
)


class NativeImage:
    """The reader."""

    name = _FORM.name
    kind = InputKind.THREAD_DUMP
    initials = None

    def sees(self, line: str) -> str | None:
        """The title, or the first line of a thread."""
        if " thread=" in line or line.lstrip(BLANKS).startswith(_STARTS):
            found = _SYNTAX.match(line.strip(BLANKS))
            if found is not None and found[0] in {"title", "header", "vm_thread"}:
                return "it has a line of a native image's thread dump"
        return None

    def begin(self, input_name: str) -> ThreadReading:
        """Start with a new input."""
        return ThreadReading(input_name, _FORM)
