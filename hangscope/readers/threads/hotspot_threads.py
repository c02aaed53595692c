"""From the lines of one thread's block to the thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    JavaThread,
    LockLine,
    StackEntry,
)
from hangscope.readers.threads.hotspot_records import (
    Carrying,
    Glued,
    Header,
    Mark,
    Mounted,
    Owned,
    Record,
    State,
    Within,
)

_ENTRIES = frozenset({Frame, LockLine})


class Block:
    """A thread's header and the records of all lines after it, one for each, in order."""

    __slots__ = ("first_line", "header", "header_end", "records")

    def __init__(self, header: Header, first_line: int, header_end: int) -> None:
        self.header = header
        self.first_line = first_line
        self.header_end = header_end
        self.records: list[Record] = []

    def unknown_since_blank(self, most: int) -> int | None:
        """Unknown lines after a blank one or a cut; None if the stack goes on above them.

        There are ``most`` of them at most: no more is looked at, for a stack may end in a million.
        """
        for count, record in enumerate(islice(reversed(self.records), most + 1)):
            if record is not Mark.UNKNOWN:
                return count if _separates(record) else None
        return None


class Threads(NamedTuple):
    """What a block tells."""

    threads: list[JavaThread]
    synchronizers_recorded: bool
    unknown: list[int]
    """Lines within the block that were not understood."""
    trailing: list[int]
    """Such lines after the block was over; whose they are depends on what follows."""
    last_line: int


class _Part:
    """A stack, and what is said about it: of the thread itself or of what it has mounted."""

    __slots__ = (
        "carrying",
        "entries",
        "entry_lines",
        "first_line",
        "last_line",
        "owned",
        "owned_lines",
        "owned_recorded",
        "state",
    )

    def __init__(self, first_line: int, last_line: int) -> None:
        self.first_line = first_line
        self.last_line = last_line
        self.state: State | None = None
        self.carrying: int | None = None
        self.entries: Sequence[StackEntry] = ()
        self.entry_lines: Sequence[int] = ()
        self.owned: tuple[LockLine, ...] = ()
        self.owned_lines: tuple[int, ...] = ()
        self.owned_recorded = False


def threads_of(block: Block, input_name: str, *, synchronizers_recorded: bool) -> Threads:
    """The thread of a block, and the virtual thread that it has mounted, if that is shown."""
    unknown: list[int] = []
    trailing: list[int] = []
    carrier, *mounted = _parts(block, unknown, trailing)
    threads = [
        java_thread(
            block.header,
            carrier.state,
            Evidence(input_name, carrier.first_line, carrier.last_line),
            tuple(carrier.entries),
            carrier.entry_lines,
            carrier.owned if carrier.owned_recorded else None,
            carrier.owned_lines,
            carrier.carrying,
            synchronizers_recorded=synchronizers_recorded,
        )
    ]
    last_line = carrier.last_line
    for part in mounted:
        threads.append(_mounted(part, input_name))
        last_line = max(last_line, part.last_line)
    return Threads(threads, carrier.owned_recorded, unknown, trailing, last_line)


def java_thread(  # noqa: PLR0917 - called for every thread of every dump
    header: Header,
    state: State | None,
    evidence: Evidence,
    entries: tuple[StackEntry, ...],
    entry_lines: Sequence[int],
    owned: tuple[LockLine, ...] | None,
    owned_lines: Sequence[int],
    carrying: int | None = None,
    *,
    synchronizers_recorded: bool,
) -> JavaThread:
    """The thread of a header; ``owned`` is None if nothing is said about its synchronizers."""
    is_java = header.has_stack or header.id is not None or state is not None
    if owned is None and synchronizers_recorded and not is_java:
        owned = ()
    return JavaThread(
        header.name,
        is_java,
        evidence,
        header.id,
        header.daemon,
        header.priority,
        header.cpu_ms,
        header.elapsed_s,
        header.tid,
        header.nid,
        header.os_state,
        state.state if state else None,
        state.detail if state else "",
        carrying,
        entries,
        entry_lines,
        NOT_RECORDED if owned is None else owned,
        owned_lines,
    )


def _mounted(part: _Part, input_name: str) -> JavaThread:
    """A virtual thread that runs: HotSpot tells its id and its stack, no more."""
    return JavaThread(
        name="",
        is_java=True,
        evidence=Evidence(input_name, part.first_line, part.last_line),
        id=part.carrying,
        entries=tuple(part.entries),
        entry_lines=part.entry_lines,
        synchronizers=NOT_RECORDED,
        virtual=True,
    )


def _separates(record: Record) -> bool:
    return record is Within.BLANK or record is Within.ELISION


def _parts(block: Block, unknown: list[int], trailing: list[int]) -> list[_Part]:
    carrier = part = _Part(block.first_line, block.header_end)
    parts = [carrier]
    done = _plain_stack(carrier, block.records, block.header_end + 1)
    over = False
    rest = islice(block.records, done, None)
    for number, record in enumerate(rest, block.header_end + 1 + done):
        if _separates(record):
            over = True
            continue
        if record is Mark.UNKNOWN:
            (trailing if over else unknown).append(number)
            continue
        over = False
        if trailing:
            unknown += trailing
            trailing.clear()
        if _is_of_synchronizers(record, number, carrier):
            carrier.last_line = number
            continue
        if isinstance(record, Mounted):
            part = _Part(number, number)
            part.carrying = record.id
            parts.append(part)
        else:
            _add(part, number, record)
        part.last_line = number
    return parts


def _is_of_synchronizers(record: Record, number: int, carrier: _Part) -> bool:
    if record is Within.SYNCHRONIZERS or record is Within.NO_SYNCHRONIZER:
        carrier.owned_recorded = True
        return True
    if isinstance(record, Owned):
        carrier.owned_recorded = True  # also where the heading above it was lost
        carrier.owned += (record.lock,)
        carrier.owned_lines += (number,)
        return True
    return False


def _plain_stack(part: _Part, records: Sequence[Record], first_line: int) -> int:
    """What nearly all blocks are: a state, then frames and locks; how many records that was."""
    kinds = list(map(type, records))
    try:
        end = kinds.index(Within)
    except ValueError:
        end = len(kinds)
    if not records or not isinstance(records[0], State) or not _ENTRIES.issuperset(kinds[1:end]):
        return 0
    part.state = records[0]
    part.entries = records[1:end]  # type: ignore[assignment]  # issuperset has checked it
    part.entry_lines = range(first_line + 1, first_line + end)
    part.last_line = first_line + end - 1
    return end


def _add(part: _Part, number: int, record: Record) -> None:
    match record:
        case State():
            part.state = record
        case Carrying(carried):
            part.carrying = carried
        case Frame() | LockLine():
            _add_entries(part, number, (record,))
        case Glued(entries):
            _add_entries(part, number, entries)
        case _:
            pass


def _add_entries(part: _Part, number: int, entries: Iterable[StackEntry]) -> None:
    if not isinstance(part.entries, list):
        part.entries = list(part.entries)
    if not isinstance(part.entry_lines, list):
        part.entry_lines = list(part.entry_lines)
    for entry in entries:
        part.entries.append(entry)
        part.entry_lines.append(number)
