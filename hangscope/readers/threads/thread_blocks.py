"""From the lines of one thread's block to the thread, in dumps other than HotSpot's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    JavaThread,
    LockAction,
    LockLine,
    StackEntry,
    ThreadState,
)
from hangscope.readers.threads.thread_records import (
    Doing,
    Native,
    Opening,
    Owned,
    Record,
    Sign,
    Task,
)

_ENTRIES = frozenset({Frame, LockLine})
_OVER = frozenset({Sign.BLANK, Sign.NOISE, Sign.UNKNOWN})


class Block:
    """A thread's first line and the records of all lines after it, one for each, in order."""

    __slots__ = ("first_line", "header_end", "opening", "records")

    def __init__(self, opening: Opening, first_line: int, header_end: int) -> None:
        self.opening = opening
        self.first_line = first_line
        self.header_end = header_end
        self.records: list[Record] = []


class Stack(NamedTuple):
    """What the lines of a block say, put in order."""

    entries: Sequence[StackEntry]
    lines: Sequence[int]
    """Of the entries."""
    owned: tuple[LockLine, ...]
    owned_lines: tuple[int, ...]
    owned_recorded: bool
    native: tuple[Frame, ...]
    state: ThreadState | None
    nid: int | None
    unknown: tuple[int, ...]
    last_line: int


def stack_of(block: Block) -> Stack:
    """The stack of a block, and the line where the block ends."""
    records, first = block.records, block.header_end + 1
    kinds = list(map(type, records))
    end = next((at for at, kind in enumerate(kinds) if kind not in _ENTRIES), len(kinds))
    if all(record in _OVER for record in records[end:]) and Sign.UNKNOWN not in records[end:]:
        entries: Sequence[StackEntry] = records[:end]  # type: ignore[assignment]  # by `kinds`
        state, nid = block.opening.state, block.opening.nid
        last = _last_line(block)
        return Stack(entries, range(first, first + end), (), (), False, (), state, nid, (), last)
    return _mixed_stack(block)


def _last_line(block: Block) -> int:
    records = block.records
    end = len(records)
    while end and (records[end - 1] is Sign.BLANK or records[end - 1] is Sign.UNKNOWN):
        end -= 1
    return block.header_end + end


def _mixed_stack(block: Block) -> Stack:
    entries: list[StackEntry] = []
    lines: list[int] = []
    owned: list[LockLine] = []
    owned_lines: list[int] = []
    native: list[Frame] = []
    unknown: list[int] = []
    state, nid, recorded = block.opening.state, block.opening.nid, False
    for number, record in enumerate(block.records, block.header_end + 1):
        match record:
            case LockLine(LockAction.LOCKED) if recorded:
                owned.append(record)
                owned_lines.append(number)
            case Frame() | LockLine():
                entries.append(record)
                lines.append(number)
            case Owned(lock):
                recorded = True
                owned.append(lock)
                owned_lines.append(number)
            case Sign.SYNCHRONIZERS:
                recorded = True
            case Native(frame):
                native.append(frame)
            case Doing(told):
                state = told
            case Task(told_nid):
                nid = told_nid
            case Sign.UNKNOWN:
                unknown.append(number)
            case _:
                pass
    return Stack(
        entries,
        _compact(lines),
        tuple(owned),
        tuple(owned_lines),
        recorded,
        tuple(native),
        state,
        nid,
        tuple(unknown),
        _last_line(block),
    )


def _compact(lines: list[int]) -> Sequence[int]:
    """The same numbers, as a range where nothing stands between them."""
    if lines and lines[-1] - lines[0] + 1 == len(lines):
        return range(lines[0], lines[-1] + 1)
    return tuple(lines)


def thread_of(
    block: Block,
    stack: Stack,
    input_name: str,
    *,
    synchronizers_recorded: bool,
) -> JavaThread:
    """The thread; ``synchronizers_recorded`` says whether no such line means that it has none."""
    opening = block.opening
    recorded = stack.owned_recorded or synchronizers_recorded
    return JavaThread(
        name=opening.name,
        is_java=opening.is_java,
        evidence=Evidence(input_name, block.first_line, stack.last_line),
        id=opening.id,
        daemon=opening.daemon,
        priority=opening.priority,
        tid=opening.tid,
        nid=stack.nid,
        os_state=opening.os_state,
        state=stack.state,
        entries=tuple(stack.entries),
        entry_lines=stack.lines,
        synchronizers=stack.owned if recorded else NOT_RECORDED,
        synchronizer_lines=stack.owned_lines,
        native=stack.native,
    )


_PARKS = (
    "sun.misc.Unsafe.park",
    "jdk.internal.misc.Unsafe.park",
    "java.util.concurrent.locks.LockSupport.park",
)
_WAITS = ("java.lang.Object.wait", "java.lang.Object.wait0")


def with_true_wait(stack: Stack, opening: Opening, header_end: int) -> Stack:
    """What the thread waits for, in HotSpot's words, whatever the tool calls it.

    JMX knows one "blocker" of a thread, be it a monitor or what ``LockSupport.park`` was given,
    and tools guess by the top frame: those that look for ``Object.wait`` are wrong since JDK 19,
    where it is ``wait0``. What only the first line says is put under the top frame.
    """
    entries, lines = list(stack.entries), list(stack.lines)
    at = next(
        (
            index
            for index, entry in enumerate(entries[:2])
            if isinstance(entry, LockLine) and entry.action is not LockAction.LOCKED
        ),
        None,
    )
    wanted = opening.wanted
    if at is None:
        if wanted is None:
            return stack
        at = min(1, len(entries))
        entries.insert(at, wanted)
        lines.insert(at, header_end)
    lock = entries[at]
    if not isinstance(lock, LockLine):
        return stack
    if wanted and wanted.owner is not None and lock[1:3] == wanted[1:3]:
        lock = lock._replace(owner=wanted.owner, owner_id=wanted.owner_id)
    top = next((entry for entry in entries if isinstance(entry, Frame)), None)
    entries[at] = lock._replace(action=_action_of(lock, top, stack.state))
    return stack._replace(entries=entries, lines=_compact(lines) if _rises(lines) else tuple(lines))


def _rises(lines: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(lines))


def _action_of(lock: LockLine, top: Frame | None, state: ThreadState | None) -> LockAction:
    if state is ThreadState.BLOCKED:
        return LockAction.WAITING_TO_LOCK
    if top is None:
        return lock.action
    if top.method in _WAITS:
        return LockAction.WAITING_ON
    return LockAction.PARKING if top.method.startswith(_PARKS) else lock.action
