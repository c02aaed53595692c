"""What JSON dumps of all dialects have in common: locks, stacks and the lines they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from sys import intern
from typing import Any, Final

from hangscope.facts import Frame, LockAction, LockLine, StackEntry, ThreadState
from hangscope.readers.json_texts.json_lines import scan
from hangscope.readers.json_texts.json_walk import Record

_DIGITS: Final = 16
"""Of the longest hash that is one."""
_DIGITS_OF_AN_ID: Final = 18
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]*)?Z"
)
_depth: Final = itemgetter(0)
_STATES: Final = {state.value: state for state in ThreadState}


def lock_of(
    action: LockAction, text: Any, owner: str | None = None, owner_id: int | None = None
) -> LockLine:
    """The lock line of an object as ``Object.toString()`` writes it: ``org.acme.Ledger@1b2c3d``."""
    class_name, at, digits = str(text).rpartition("@")
    if at and len(digits) <= _DIGITS and digits.isalnum() and digits.isascii():
        try:
            return LockLine(action, int(digits, 16), intern(class_name), owner, owner_id)
        except ValueError:
            pass
    return LockLine(action, None, str(text), owner, owner_id)


def id_of(value: Any) -> int | None:
    """A thread's or a process' id, as a number or as text; None where there is none."""
    if isinstance(value, str):
        is_number = len(value) <= _DIGITS_OF_AN_ID and value.isascii() and value.isdecimal()
        return int(value) if is_number else None
    return value if isinstance(value, int) and value >= 0 else None


def state_of(value: Any) -> ThreadState | None:
    """The state by its name; None where none is told."""
    return None if value is None else _STATES.get(value, ThreadState.UNKNOWN)


def captured_of(value: Any) -> str | None:
    """``2026-11-22T03:22:16.580498205Z`` as facts have it."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]} {found[2]}Z" if found else None


def entries_of(
    frames: Sequence[Frame],
    lines: Sequence[int],
    waits: Iterable[tuple[LockLine, int]],
    held: Iterable[tuple[int, LockLine, int]],
) -> tuple[tuple[StackEntry, ...], tuple[int, ...]]:
    """A stack with its lock lines, and the line of each.

    ``waits`` are what the thread waits for, with their lines: they stand under the top frame.
    ``held`` are depths (0 is the top frame, as is any that is not in the stack), locks and their
    lines.
    """
    entries: list[StackEntry] = list(frames)
    numbers = list(lines)
    top = [*waits]
    ordered = sorted(held, key=_depth)
    for depth, lock, line in reversed(ordered):
        if 0 < depth < len(frames):
            entries.insert(depth + 1, lock)
            numbers.insert(depth + 1, line)
    top += [(lock, line) for depth, lock, line in ordered if not 0 < depth < len(frames)]
    entries[1:1] = [lock for lock, _ in top]
    numbers[1:1] = [line for _, line in top]
    return tuple(entries), tuple(numbers)


class Places:
    """Which lines the parts of a record stand in; names of members are given with their quotes.

    A text in quotes, as they are here, is a member's name or a value of its own, and no part of
    another text, where quotes are escaped.
    """

    __slots__ = ("_end", "_first", "_is_one_line", "_start", "_text")

    def __init__(self, record: Record) -> None:
        _, self._first, last, self._text, self._start, self._end = record
        self._is_one_line = self._first == last

    def of(self, name: str) -> int:
        """The line of the first member of this name."""
        if self._is_one_line:
            return self._first
        return self._line(self._member(name))

    def elements(self, name: str, count: int) -> Sequence[int]:
        """The lines in which the ``count`` elements of the array of this name start."""
        if self._is_one_line:
            return (self._first,) * count
        text, start = self._text, self._start
        place = text.find("[", max(start, text.find(name, start, self._end))) + 1
        end = text.find("]", place)
        first = self._first + text.count("\n", start, place)
        if text.count("\n", place, end) == count + 1 and text.find("{", place, end) < 0:
            return range(first + 1, first + 1 + count)  # one in each line, as the JDK writes
        return self._scanned(place, count, first)

    def tokens(self, name: str, after: str) -> list[int]:
        """The lines of the texts and nulls in all arrays of this name behind member ``after``."""
        text, lines = self._text, []
        place = self._member(after)
        line = self._line(place)
        while (start := text.find(name, place, self._end)) >= 0:
            start = text.find("[", start) + 1
            line += text.count("\n", place, start)
            place = start
            for token in _TOKEN.finditer(text, place, self._end):
                line += text.count("\n", place, token.start())
                place = token.start()
                if token[0] == "]":
                    break
                lines.append(line)
        return lines

    def _scanned(self, place: int, count: int, line: int) -> Sequence[int]:
        text, lines = self._text, []
        for _ in range(count):
            found = _NEXT.match(text, place)
            start = found.end() if found else place
            line += text.count("\n", place, start)
            lines.append(line)
            _, end = scan(text, start)
            line += text.count("\n", start, end)
            place = end
        return lines

    def _member(self, name: str) -> int:
        return max(self._start, self._text.find(name, self._start, self._end))

    def _line(self, place: int) -> int:
        return self._first + self._text.count("\n", self._start, place)


_NEXT: Final = re.compile(r"[ \t\r\n,]*")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|null|\]')
