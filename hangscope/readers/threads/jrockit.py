"""Thread dumps of BEA's and Oracle's JRockit, 7 to R28.

What a line says is in ``jrockit.lark``::

    ===== FULL THREAD DUMP ===============
    Sun Jul 20 17:03:48 2014
    BEA JRockit(R) R27.6.5-32_o-121899-1.6.0_14-20091001-2113-linux-x86_64

    "Main Thread" id=1 idx=0x4 tid=27878 prio=5 alive, in native, waiting
        -- Waiting for notification on: java/lang/UNIXProcess@0x7b483a0[fat lock]
        at java/lang/Object.wait(Object.java:485)
        ^-- Lock released while waiting: java/lang/UNIXProcess@0x7b483a0[fat lock]
        -- end of trace

Chains of threads that wait for each other follow; the circular ones are deadlocks.
Source: Oracle JRockit JDK Tools Guide R28, "Using Thread Dumps".
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Final

from hangscope.facts import (
    DeadlockMember,
    DeadlockReport,
    Evidence,
    Frame,
    Identity,
    InputKind,
    LockAction,
    LockLine,
    ThreadState,
)
from hangscope.readers.interface import Lines, Numbered
from hangscope.readers.syntax.lines import BLANKS, LineSyntax
from hangscope.readers.threads.thread_blocks import Stack
from hangscope.readers.threads.thread_reading import Form, ThreadLines, ThreadReading
from hangscope.readers.threads.thread_records import Chain, Link, Opening, Record, Sign, Title, Told

_SYNTAX: Final = LineSyntax("jrockit")
_LASTING: Final = frozenset({"frame", "stack_end"})
_MONTHS: Final = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
_ACTIONS: Final = {
    "-- Blocked trying to get lock:": LockAction.WAITING_TO_LOCK,
    "-- Waiting for notification on:": LockAction.WAITING_ON,
    "-- Parking to wait for:": LockAction.PARKING,
    "^-- Holding lock:": LockAction.LOCKED,
}
_STATES: Final = (
    ("blocked", ThreadState.BLOCKED),
    ("sleeping", ThreadState.TIMED_WAITING),
    ("parked", ThreadState.WAITING),
    ("waiting", ThreadState.WAITING),
    ("alive", ThreadState.RUNNABLE),
    ("active", ThreadState.RUNNABLE),
)
"""By JRockit's word, the more telling first. ``native_waiting`` is a state of its own code."""


def _id(text: str) -> int | None:
    if text == "?":
        return None
    return int(text[text.rfind("x") + 1 :], 16) if "x" in text else int(text)


def _header(  # noqa: PLR0917 - as many values as are printed
    name: str,
    before: str | None,
    number: str,
    task: str,
    after: str | None,
    doing: str,
) -> Opening:
    priority = after if before is None else before
    return _opening(name, number, priority, doing.strip(BLANKS), int(task))


def _opening(name: str, number: str, priority: str | None, doing: str, nid: int | None) -> Opening:
    words = doing.lower().split(", ")
    state = next((state for word, state in _STATES if _is_one(word, words)), None)
    return Opening(
        name[1:-1],
        _id(number),
        "daemon" in words,
        None if priority is None else int(priority),
        nid,
        state=state,
        os_state=intern(", ".join(word for word in doing.split(", ") if word.lower() != "daemon")),
        is_java=not name.startswith('"('),
    )


def _is_one(state: str, words: list[str]) -> bool:
    return any(word.split(" ")[0] == state for word in words)


def _frame(method: str, location: str | None) -> Frame:
    return Frame(intern(method.replace("/", ".")), intern(location or ""))


def _lock(action: str, of: str, at: str) -> LockLine:
    return LockLine(_ACTIONS[action], int(at, 16), intern(of.replace("/", ".")))


def _date(month: str, day: str, time: str, year: str) -> Told:
    return Told(captured=f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02} {time}")


def _link(name: str, wanted: str) -> Link:
    class_name, _, address = wanted.rpartition("@")
    return Link(name[1:-1], int(address, 16), intern(class_name.replace("/", ".")))


_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "title": Title,
    "end": lambda: Sign.END,
    "date": _date,
    "release": lambda vm: Told(vm=vm),
    "header": _header,
    "old_header": lambda name, number, prio, doing: _opening(name, number, prio, doing, None),
    "lock": _lock,
    "released": lambda: Sign.NOISE,
    "frame": _frame,
    "place": lambda: Sign.NOISE,
    "stack_end": lambda: Sign.NOISE,
    "chains_title": lambda: Chain(is_circular=False),
    "circular_title": lambda: Chain(is_circular=True),
    "chain_title": lambda: Chain(is_circular=None),
    "link": lambda name, _before, _id, _task, _after, wanted: _link(name, wanted),
    "old_link": _link,
    "link_end": lambda name, *_: Link(name[1:-1], None, ""),
    "old_link_end": lambda name: Link(name[1:-1], None, ""),
    "divider": lambda: Sign.ELSEWHERE,
    "prompt": lambda _: Sign.PROMPT,
}


def _under_the_top_frame(stack: Stack, _opening: Opening, _header_end: int) -> Stack:
    """What the thread waits for, which JRockit prints above the frames, where HotSpot does."""
    entries, lines = list(stack.entries), list(stack.lines)
    if len(entries) > 1 and isinstance(entries[0], LockLine) and isinstance(entries[1], Frame):
        entries[:2] = entries[1::-1]
        lines[:2] = lines[1::-1]
        return stack._replace(entries=entries, lines=tuple(lines))
    return stack


_FORM: Final = Form(
    name="jrockit",
    begin_lines=lambda: ThreadLines(_SYNTAX, _BUILD, _LASTING),
    identity=Identity.ADDRESS,
    settle=_under_the_top_frame,
)


class Jrockit:
    """The reader."""

    name = _FORM.name
    kind = InputKind.THREAD_DUMP
    initials = frozenset('="')

    def sees(self, line: str) -> str | None:
        """A title, or the first line of a thread."""
        text = line.strip(BLANKS)
        if text.startswith("===== FULL THREAD DUMP ") or (
            text.startswith('"') and (" id=" in text or "  id: " in text)
        ):
            found = _SYNTAX.match(text)
            if found and found[0] in {"title", "header", "old_header"}:
                return "it has a line of a JRockit thread dump"
        return None

    def begin(self, input_name: str) -> JrockitReading:
        """Start with a new input."""
        return JrockitReading(input_name)


class JrockitReading(ThreadReading):
    """All dumps of one input, and the chains of threads below each."""

    def __init__(self, input_name: str) -> None:
        super().__init__(input_name, _FORM)
        self._is_circular = False
        self._links: list[tuple[int, Link]] = []

    def _particular(self, numbered: Numbered, record: Record, lines: Lines) -> bool | None:
        number = numbered[0]
        dump = self._dump
        if dump is None:
            return self._leave(numbered, lines)
        self._close_block()
        dump.last_line = number
        match record:
            case Chain(is_circular):
                self._close_chain()
                if is_circular is not None:
                    self._is_circular = is_circular
            case Link() if self._is_circular:
                self._links.append((number, record))
            case _:
                pass
        return None

    def _close_chain(self) -> None:
        links, self._links = self._links, []
        waiting = [(number, link) for number, link in links if link.address is not None]
        if self._dump is None or not waiting:
            return
        owners = [*(link.thread for _, link in links[1:]), links[0][1].thread]
        members = tuple(
            DeadlockMember(
                thread=link.thread,
                waits_for="monitor",
                address=link.address,
                class_name=link.class_name,
                held_by=owner,
                evidence=Evidence(self._input, number, number),
            )
            for (number, link), owner in zip(links, owners, strict=True)
            if link.address is not None
        )
        evidence = Evidence(self._input, links[0][0], links[-1][0])
        self._dump.deadlocks.append(DeadlockReport(members, evidence))

    def _end(self, number: int) -> None:
        self._close_chain()
        super()._end(number)

    def _close_dump(self) -> None:
        self._close_chain()
        self._is_circular = False
        super()._close_dump()
