"""Threads of ``jhsdb jstack`` as nearly all are printed, read many at a time.

Whatever looks different in any way is left to the line-by-line reading of ``jhsdb``, which
gives the same for these; only speed is gained here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import compress, count, repeat
from typing import Any, Final

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    JavaThread,
    LockLine,
    NotRecorded,
    StackEntry,
)
from hangscope.readers.interface import Lines
from hangscope.readers.threads.jhsdb_lines import (
    Header,
    JhsdbParser,
    Mark,
    MixedTitle,
    Native,
    Owned,
    Record,
    State,
    VmState,
)
from hangscope.readers.threads.jhsdb_threads import Dump, java_thread, line_numbers

_STARTS: Final = ('"', "-----", "Thread ")
"""Of the first lines of threads."""
_ENTRY: Final = frozenset({Frame, LockLine})
_PLAIN: Final = frozenset({Frame, LockLine, Native, Owned, State, VmState})
_BLANK: Final = Mark.BLANK
_TITLE: Final = Mark.SYNCHRONIZERS
_CODE: Final = Mark.CODE
_MARKS: Final = frozenset({_BLANK, _TITLE, _CODE})
_NONE_OWNED: Final = ["Locked ownable synchronizers:", "    - None", ""]
_STARTING: Final = frozenset({Header, MixedTitle})
_REMEMBERED: Final = 200_000
"""Lines kept, of an input that does not repeat itself."""


class _NotPlainError(Exception):
    """A line that nearly all threads do not have."""


class _Records(dict[str, Record]):
    """Lines and what they say; looked up by ``map``, so that known lines cost little."""

    def __init__(self, parser: JhsdbParser) -> None:
        super().__init__()
        self._parser = parser
        self._passing: list[str] = []

    def __missing__(self, line: str) -> Record:
        record = self._parser.parse(line)
        if type(record) not in _PLAIN and record not in _MARKS:
            raise _NotPlainError
        if len(self) >= _REMEMBERED:
            self.clear()
            self._passing.clear()
        self[line] = record
        if isinstance(record, LockLine | Owned):
            self._passing.append(line)
        return record

    def forget(self) -> None:
        """Drop the lines with addresses, which mean nothing in the next dump."""
        for line in self._passing:
            self.pop(line, None)
        self._passing.clear()


class PlainThreads:
    """Reads such threads of one input."""

    def __init__(self, input_name: str, parser: JhsdbParser) -> None:
        self._input = input_name
        self._parser = parser
        self._records = _Records(parser)
        self._texts: list[str] = []
        self._starts: list[int] = []
        """Where in ``_texts`` threads seem to begin."""

    def forget(self) -> None:
        """A new dump begins."""
        self._records.forget()

    def take(self, lines: Lines, dump: Dump) -> bool:
        """Give ``dump`` the threads that come next, each up to the first line of another one.

        Returns:
            Whether there was any.
        """
        (numbers, texts), taken = lines.ahead()
        started = self._parser.parse_unknown
        threads, seen = dump.threads, dump.seen
        before = len(threads)
        starts = iter(self._starts_after(texts, taken))
        start = started(texts[taken])
        at = taken
        try:
            for end in starts:
                after = started(texts[end])
                header, body = None, at + 1
                key: tuple[int | None, int] = None, start.nid  # type: ignore[union-attr]
                if type(start) is Header:
                    header, key = start, (start.tid, start.nid)
                    make = self._thread
                else:
                    make = self._mixed_thread
                    if type(after) is Header and end == body:
                        if after.nid != start.nid:  # type: ignore[union-attr]
                            break
                        header, body = after, end + 1
                        end = next(starts, at)  # noqa: PLW2901 - the thread has two first lines
                        if end == at:
                            break
                        after = started(texts[end])
                if key in seen or type(after) not in _STARTING:
                    break
                thread = make(texts, numbers, (at, body, end), header, key[1])
                dump.ended = header is start or end > body
                threads.append(thread)
                seen.add(key)
                taken = at = end
                start = after
        except _NotPlainError:
            pass
        if len(threads) == before:
            return False
        lines.skip(taken - lines.ahead()[1])
        dump.last_line = threads[-1].evidence.last_line
        return True

    def _starts_after(self, texts: list[str], at: int) -> list[int]:
        if self._texts is not texts:
            self._texts = texts
            self._starts = list(compress(count(), map(str.startswith, texts, repeat(_STARTS))))
        return self._starts[bisect_right(self._starts, at) :]

    def _thread(
        self,
        texts: list[str],
        numbers: Sequence[int],
        places: tuple[int, int, int],
        header: Header | None,
        nid: int,
    ) -> JavaThread:
        """States, the stack, and after a blank line the ownable synchronizers."""
        at, first, end = places
        try:
            over = texts.index("", first, end)
        except ValueError:
            raise _NotPlainError from None
        record_of = self._records.__getitem__
        entries: tuple[Any, ...] = tuple(map(record_of, texts[first:over]))
        state, vm_state = None, ""
        if entries and type(entries[0]) is State:
            state = entries[0]
            entries = entries[1:]
        if entries and type(entries[0]) is VmState:
            vm_state = entries[0].text
            entries = entries[1:]
        if not _ENTRY.issuperset(map(type, entries)):
            raise _NotPlainError
        owned: tuple[LockLine, ...] | NotRecorded = NOT_RECORDED
        owned_lines: Sequence[int] = ()
        last = over
        rest = texts[over:end]
        if rest[1:4] == _NONE_OWNED and not any(rest[4:]):
            owned, last = (), over + 3
        elif any(rest):
            owned, owned_lines = self._owned(rest, numbers[over:end])
            last = over + numbers[over:end].index(owned_lines[-1]) + 1
        return java_thread(
            header,
            nid,
            Evidence(self._input, numbers[at], numbers[last - 1]),
            state,
            vm_state,
            entries,
            line_numbers(numbers[over - len(entries) : over]),
            (),
            owned,
            owned_lines,
        )

    def _owned(
        self, texts: list[str], numbers: Sequence[int]
    ) -> tuple[tuple[LockLine, ...], Sequence[int]]:
        """Ownable synchronizers, one at least, with nothing but blank lines after them."""
        records = list(map(self._records.__getitem__, texts))
        places = [place for place, record in enumerate(records) if isinstance(record, Owned)]
        if not places:
            raise _NotPlainError
        rest = {*records[: places[0]], *records[places[-1] + 1 :]}
        if places[-1] - places[0] + 1 != len(places) or not rest <= {_BLANK, _TITLE}:
            raise _NotPlainError
        if _TITLE in records[places[-1] :]:
            raise _NotPlainError
        locks = tuple(record.lock for record in records if isinstance(record, Owned))
        return locks, line_numbers(numbers[places[0] : places[-1] + 1])

    def _mixed_thread(
        self,
        texts: list[str],
        numbers: Sequence[int],
        places: tuple[int, int, int],
        header: Header | None,
        nid: int,
    ) -> JavaThread:
        """In mixed mode C frames stand above and below the others, and there is no blank line."""
        at, first, end = places
        records: list[Any] = list(map(self._records.__getitem__, texts[first:end]))
        state, vm_state = None, ""
        native: list[Frame] = []
        entries: list[StackEntry] = []
        lines: list[int] = []
        for number, record in zip(numbers[first:end], records, strict=True):
            kind = type(record)
            if kind is Native:
                if not entries:
                    native.append(record.frame)
            elif kind is Frame or kind is LockLine:
                entries.append(record)
                lines.append(number)
            elif kind is State:
                state = record
            elif kind is VmState:
                vm_state = record.text
            elif record is not _CODE and record is not _BLANK:
                raise _NotPlainError
        last = end
        while last > first and records[last - first - 1] is _BLANK:
            last -= 1
        return java_thread(
            header,
            nid,
            Evidence(self._input, numbers[at], numbers[last - 1]),
            state,
            vm_state,
            tuple(entries),
            line_numbers(lines),
            tuple(native),
            NOT_RECORDED,
            (),
        )
