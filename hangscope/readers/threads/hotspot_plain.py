"""Threads as nearly all are printed, read many at a time: header, state, stack, a blank line.

Whatever looks different in any way is left to the line-by-line reading of ``hotspot``, which
gives the same for these; only speed is gained here.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import Evidence, Frame, JavaThread, LockLine
from hangscope.readers.interface import Lines
from hangscope.readers.syntax.lines import BLANKS
from hangscope.readers.threads.hotspot_dump import Dump
from hangscope.readers.threads.hotspot_lines import SYNTAX, HotspotParser, header_of
from hangscope.readers.threads.hotspot_records import Owned, State
from hangscope.readers.threads.hotspot_threads import java_thread

_SYNCHRONIZERS: Final = "   Locked ownable synchronizers:"
_NONE: Final = "\t- None"
_ENTRIES: Final = frozenset({Frame, LockLine})


class _NotPlainError(Exception):
    """A line that nearly all threads do not have."""


class PlainThreads:
    """Reads such threads of one input."""

    def __init__(self, input_name: str, parser: HotspotParser) -> None:
        self._input = input_name
        self._parser = parser
        self._header = SYNTAX.matcher("header")
        self._states: dict[str, State] = {}

    def take(self, lines: Lines, dump: Dump) -> bool:
        """Give ``dump`` the threads that come next, each up to the first line of another one.

        Returns:
            Whether there was any.
        """
        (numbers, texts), start = lines.ahead()
        at = start
        stop = len(texts)
        known = self._parser.known.__getitem__
        header_values = self._header
        threads: list[JavaThread] = []
        try:
            while at < stop and texts[at][:1] == '"':
                end = texts.index("", at)
                after, owned = self._owned(texts, end)
                if after >= stop or texts[after][:1] != '"':
                    break
                values = header_values(texts[at].rstrip(BLANKS))
                if values is None:
                    break
                header = header_of(*values)
                if not dump.has(header):
                    break
                state = self._state(texts[at + 1]) if end > at + 1 else None
                stack = texts[at + 2 : end]
                try:
                    entries = tuple(map(known, stack))
                except KeyError:
                    entries = self._parser.parse_stack(stack)
                    if not _ENTRIES.issuperset(map(type, entries)):
                        break
                thread = java_thread(
                    header,
                    state,
                    Evidence(
                        self._input, numbers[at], numbers[end - 1 if owned is None else after - 2]
                    ),
                    entries,  # type: ignore[arg-type]  # issuperset has checked it
                    numbers[at + 2 : end],
                    owned,
                    numbers[after - 1 - len(owned) : after - 1] if owned else (),
                    synchronizers_recorded=dump.synchronizers_recorded,
                )
                dump.synchronizers_recorded |= owned is not None
                threads.append(thread)
                dump.tids.add(header.tid)
                at = after
        except (IndexError, ValueError, _NotPlainError):
            pass  # it goes on in the next batch, or is not plain
        if not threads:
            return False
        lines.skip(at - start)
        dump.threads += threads
        dump.last_line = threads[-1].evidence.last_line
        return True

    def _state(self, line: str) -> State:
        state = self._states.get(line)
        if state is None:
            found = self._parser.parse(line)
            if not isinstance(found, State):
                raise _NotPlainError
            state = self._states[line] = found
        return state

    def _owned(self, texts: list[str], end: int) -> tuple[int, tuple[LockLine, ...] | None]:
        """Where the next thread starts, and the ownable synchronizers if they are printed."""
        after = end + 1
        if texts[after] != _SYNCHRONIZERS:
            return after, None
        if texts[after + 1] == _NONE and not texts[after + 2]:
            return after + 3, ()
        over = texts.index("", after)
        records = [self._parser.parse(line) for line in texts[after + 1 : over]]
        locks = tuple(record.lock for record in records if isinstance(record, Owned))
        if len(locks) < len(records):
            raise _NotPlainError
        return over + 1, locks
