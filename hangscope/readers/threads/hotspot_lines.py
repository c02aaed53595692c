"""From the lines of a HotSpot dump to records; what the lines look like is in ``hotspot.lark``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import filterfalse
from sys import intern
from typing import Final

from hangscope.facts import Frame, LockAction, LockLine, ThreadState
from hangscope.readers.syntax.lines import LineParser, LineSyntax
from hangscope.readers.threads.hotspot_frames import FramesAtOnce
from hangscope.readers.threads.hotspot_records import (
    Banner,
    Carrying,
    Glued,
    Header,
    HeldBy,
    ListedThreads,
    Mark,
    Mounted,
    Named,
    Owned,
    ProcessId,
    Record,
    State,
    Timestamp,
    Wants,
    Within,
)


def _address(text: str | None) -> int | None:
    return None if text is None else int(text, 16)


def _native_id(text: str) -> int:
    return int(text, 16 if text.startswith("0x") else 10)


def header_of(  # noqa: PLR0917 - as many values as HotSpot prints
    name: str,
    number: str | None,
    os_thread: str | None,
    daemon: str | None,
    priority: str | None,
    _os_priority: str | None,
    cpu: str | None,
    elapsed: str | None,
    tid: str,
    nid: str | None,
    os_state: str | None,
    stack: str | None,
) -> Header:
    """The record of a header from the values of its rule."""
    thread = os_thread if nid is None else nid
    return Header(
        name[1:-1],
        None if number is None else int(number),
        daemon is not None,
        None if priority is None else int(priority),
        None if cpu is None else float(cpu),
        None if elapsed is None else float(elapsed),
        int(tid, 16),
        None if thread is None else _native_id(thread),
        intern(os_state.strip()) if os_state else "",
        stack is not None,
    )


def _frame(method: str, location: str | None) -> Frame:
    return Frame(method, location or "")


def _lock(action: str, address: str | None, class_name: str) -> LockLine:
    return LockLine(LockAction(action), _address(address), intern(class_name))


def _lock_of_unknown(action: str) -> LockLine:
    return LockLine(LockAction(action), None, "")


def _class_initialization(class_name: str) -> LockLine:
    return LockLine(LockAction.CLASS_INITIALIZATION, None, intern(class_name))


def _synchronizer(address: str, class_name: str) -> Owned:
    return Owned(LockLine(LockAction.LOCKED, int(address, 16), intern(class_name)))


def _banner(vm: str, release: str, info: str | None) -> Banner:
    told = f"{release} {info}" if info else release
    return Banner(f"{vm}({told})", feature_of(release))


_NEWEST_HOTSPOT_NUMBER: Final = 25
_JDK_OF_HOTSPOT: Final = {25: 8, 24: 7, 23: 7, 22: 7, 21: 7}
"""Up to JDK 8 the banner has HotSpot's own release: 25.392-b08 is that of 8u392."""
_FIRST_WITH_ONE_NUMBER: Final = 9
_DIGITS_OF_A_RELEASE: Final = 3


def feature_of(release: str) -> int | None:
    """The feature release that a banner's release stands for."""
    major, _, rest = release.partition(".")
    digits = major.partition("-")[0].partition("+")[0]
    if not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS_OF_A_RELEASE:
        return None
    number = int(digits)
    if "-b" in rest.partition("+")[0] and number <= _NEWEST_HOTSPOT_NUMBER:
        return _JDK_OF_HOTSPOT.get(number, 6)
    return number if number >= _FIRST_WITH_ONE_NUMBER else None


def _elements(text: str) -> ListedThreads:
    return ListedThreads(tuple([int(part, 16) for part in text.removesuffix(",").split(",")]))


def _marking(what: Mark | Within) -> Callable[..., Record]:
    return lambda *_: what


_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "header": header_of,
    "state": lambda state, detail: State(ThreadState(state), detail or ""),
    "frame": _frame,
    "lock": _lock,
    "lock_of_unknown": _lock_of_unknown,
    "class_initialization": _class_initialization,
    "synchronizer": _synchronizer,
    "carrying": lambda number: Carrying(int(number)),
    "mounted": lambda number: Mounted(int(number)),
    "banner": _banner,
    "timestamp": Timestamp,
    "process": lambda pid: ProcessId(int(pid)),
    "process_of_jstack": lambda pid: ProcessId(int(pid)),
    "smr_elements": _elements,
    "deadlock_thread": lambda name: Named(name[1:-1]),
    "wants_monitor": lambda at, of: Wants("monitor", int(at, 16), intern(of)),
    "wants_synchronizer": lambda at, of: Wants("ownable synchronizer", int(at, 16), intern(of)),
    "wants_raw_monitor": lambda: Wants("JVM TI raw monitor", None, ""),
    "held_by": lambda name: HeldBy(name[1:-1]),
    "held_in_jni": lambda name: HeldBy(name[1:-1]),
    "held_by_unknown": lambda: HeldBy(None),
    "synchronizers_title": _marking(Within.SYNCHRONIZERS),
    "no_synchronizer": _marking(Within.NO_SYNCHRONIZER),
    "smr_title": _marking(Mark.SMR_TITLE),
    "smr_list": _marking(Mark.SMR_LIST),
    "smr_other_list": _marking(Mark.SMR_OTHER_LIST),
    "smr_end": _marking(Mark.SMR_END),
    "jni": _marking(Mark.JNI),
    "heap": _marking(Mark.HEAP),
    "histogram": _marking(Mark.HISTOGRAM),
    "histogram_row": _marking(Mark.HISTOGRAM_ROW),
    "deadlock_title": _marking(Mark.DEADLOCK),
    "deadlock_stacks": _marking(Mark.DEADLOCK_STACKS),
    "deadlock_total": _marking(Mark.DEADLOCK_TOTAL),
    "elision": _marking(Within.ELISION),
    "divider": _marking(Within.ELISION),
    "prompt": _marking(Mark.PROMPT),
    "header_of_jmx": _marking(Mark.OF_JMX),
    "compiler": _marking(Within.NOISE),
    "jdk_version": _marking(Within.NOISE),
    "tool_greeting": _marking(Within.NOISE),
    "smr_remark": _marking(Within.NOISE),
    "deadlock_rule": _marking(Within.NOISE),
}

_LASTING: Final = frozenset({"frame", "class_initialization", "lock_of_unknown"})
"""Lines of a stack that are the same in all dumps."""

SYNTAX: Final = LineSyntax("hotspot")


_SEAM: Final = re.compile(r"(?<=\))[ \t]+(?=at |- )")
"""Where JDK 8 to 17 forget the line feed after a lock that was eliminated."""


_FEWEST_GLUED: Final = 2

_WORTH_A_SEARCH: Final = 4
"""New lines of a stack that are looked at together."""
_FEW: Final = 20_000
_MANY: Final = 100_000
"""Lines remembered: many where that helps, else few, for a small memo is quick."""
_MOSTLY: Final = 0.95
"""Share of new lines among those of stacks with new ones, from which on it does not help."""


class HotspotParser(LineParser[Record]):
    """The lines of one input; several that were glued together are taken apart.

    All ``known`` lines are entries of stacks: frames, and what is said of locks.
    """

    def __init__(self) -> None:
        super().__init__(SYNTAX, _BUILD, _LASTING)
        self._frames = FramesAtOnce(SYNTAX)
        self._limit = _FEW
        self._met = self._new = 0

    def parse_stack(self, lines: Sequence[str]) -> tuple[Record, ...]:
        """The records of the lines of a stack, of which some are not known yet.

        There may be a million distinct frames; other lines are few.
        """
        known = self.known
        new = list(filterfalse(known.__contains__, lines))
        self._met += len(lines)
        self._new += len(new)
        if len(known) + len(new) > self._limit:
            self._make_room()
        if len(new) >= _WORTH_A_SEARCH:
            known.update(self._frames.among(new))
        return tuple([known.get(line) or self._parse_new(line) for line in lines])

    def _make_room(self) -> None:
        """Remember more if lines repeat; else forget those known so far."""
        if self._limit < _MANY and self._new < _MOSTLY * self._met:
            self._limit = _MANY
        else:
            self._limit = _FEW
            self.known.clear()
        self._met = self._new = 0

    def _parse_new(self, line: str) -> Record:
        record = self.parse_unknown(line)
        if isinstance(record, LockLine):
            self.known[line] = record
        return record

    def forget(self) -> None:
        """Drop what was remembered for one dump."""
        for line in self.recent:
            self.known.pop(line, None)
        super().forget()

    def _unmatched(self, text: str) -> Record:
        if not text:
            return Within.BLANK
        parts = _SEAM.split(text) if text.startswith("- eliminated ") else []
        if len(parts) < _FEWEST_GLUED:
            return Mark.UNKNOWN
        entries = [one for one in map(self.parse, parts) if isinstance(one, Frame | LockLine)]
        return Glued(tuple(entries)) if len(entries) == len(parts) else Mark.UNKNOWN
