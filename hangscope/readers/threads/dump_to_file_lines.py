"""From the lines of ``Thread.dump_to_file`` to records; see ``dump_to_file.lark``.

Frames and lock lines are the facts themselves; equal lines share one record.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from sys import intern
from typing import Final, NamedTuple, TypeAlias

from hangscope.facts import Frame, LockAction, LockLine, ThreadState
from hangscope.readers.syntax.lines import BLANKS, LineParser, LineSyntax


class Mark(Enum):
    """Lines that say all by being there."""

    UNKNOWN = auto()
    BLANK = auto()
    NOISE = auto()
    PROMPT = auto()


class Header(NamedTuple):
    """The first line of a thread."""

    id: int
    name: str
    virtual: bool
    state: ThreadState | None
    """None before JDK 25, which prints none."""


class ProcessId(NamedTuple):
    """The first line of a dump."""

    pid: int


class Instant(NamedTuple):
    """The second line of a dump, in UTC: ``YYYY-MM-DD HH:MM:SSZ``."""

    text: str


class Version(NamedTuple):
    """The third line of a dump: ``Runtime.version()``."""

    text: str

    @property
    def feature(self) -> int:
        """Feature release: 25 of ``25.0.3+9-LTS``."""
        digits = self.text[: next(i for i, c in enumerate(self.text) if not c.isdigit())]
        return int(digits)


Record: TypeAlias = Frame | LockLine | Mark | Header | ProcessId | Instant | Version

SYNTAX: Final = LineSyntax("dump_to_file")
STATES: Final = {state.value: state for state in ThreadState}


def header_of(number: str, name: str, virtual: str | None, state: str | None) -> Header:
    """The first line of a thread, from the values of the rule ``header``."""
    return Header(int(number), name[1:-1], virtual is not None, STATES[state] if state else None)


def _frame(method: str, location: str | None) -> Frame:
    return Frame(method, location or "")


def _lock(action: str, class_name: str, identity: str, owner: str | None) -> LockLine:
    owner_id = int(owner) if owner else None
    return LockLine(LockAction(action), int(identity, 16), intern(class_name), None, owner_id)


_ELIMINATED: Final = LockLine(LockAction.ELIMINATED, None, "")

_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "frame": _frame,
    "frame_without_at": _frame,
    "lock": _lock,
    "eliminated": lambda: _ELIMINATED,
    "header": header_of,
    "process": lambda pid: ProcessId(int(pid)),
    "instant": lambda date, time: Instant(f"{date} {time}Z"),
    "version": Version,
    "elision": lambda: Mark.NOISE,
    "divider": lambda: Mark.NOISE,
    "prompt": lambda _: Mark.PROMPT,
}

_REMEMBERED: Final = 200_000
"""Frames kept, of an input that does not repeat itself."""
_LOCKS: Final = 4_096
"""Locks kept: many threads may wait for one."""
_LASTING: Final = frozenset({"frame", "frame_without_at", "eliminated"})
"""Lines of stacks that are the same in all dumps."""


class DumpToFileParser(LineParser[Record]):
    """The lines of one input; all that are ``known`` are of stacks, or blank."""

    def __init__(self) -> None:
        super().__init__(SYNTAX, _BUILD, _LASTING)
        self._frame = SYNTAX.matcher("frame")
        self._lock = SYNTAX.matcher("lock")
        self._locks: dict[str, LockLine] = {}

    def parse_entry(self, line: str) -> Record:
        """The same as ``parse``, for lines of stacks: locks differ, and few are remembered."""
        text = line.strip(BLANKS)
        if text.startswith("at "):
            values = self._frame(text)
            if values is not None:
                if len(self.known) >= _REMEMBERED:
                    self.known.clear()
                record = self.known[line] = _frame(*values)
                return record
        lock = self._locks.get(text)
        if lock is not None:
            return lock
        values = self._lock(text) if text.startswith("- ") else None
        if values is None:
            return self.parse(line)
        if len(self._locks) >= _LOCKS:
            self._locks.clear()
        lock = self._locks[text] = _lock(*values)
        return lock

    def _unmatched(self, text: str) -> Record:
        return Mark.UNKNOWN if text else Mark.BLANK
