"""What ``hangscope facts`` prints: what each input was taken for, and what it says in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hangscope.facts import (
    NOT_RECORDED,
    DeadlockReport,
    InputFacts,
    JavaThread,
    LockLine,
    Monitors,
    NotRecorded,
    ProcessFacts,
    Socket,
    SocketTable,
    TcpState,
    ThreadDump,
    TranslationTable,
)
from hangscope.facts.socket_rows import states_of
from hangscope.report import words
from hangscope.report.document import Input, Tool, describe
from hangscope.report.escape import for_terminal
from hangscope.report.json_format import dumps

SCHEMA: Final = "hangscope.facts/1"
"""Version of the JSON that ``hangscope facts`` prints."""

_LISTENERS: Final = 20
"""Listeners that are listed one by one."""
_PLACES: Final = 50
"""Places of lines not understood that are listed one by one; the rest is counted."""
_TOP: Final = 3
"""Frames shown of each thread in a full listing."""


@dataclass(frozen=True, slots=True)
class FactsDocument:
    """What was read, without any diagnosis."""

    schema: str
    tool: Tool
    inputs: tuple[Input, ...]


def as_json(inputs: Sequence[InputFacts], version: str, *, compact: bool) -> str:
    """The inputs as one JSON document, on one line if ``compact``; its ``inputs`` is a report's."""
    tool = Tool("hangscope", version)
    document = FactsDocument(SCHEMA, tool, tuple(describe(one) for one in inputs))
    return dumps(document, indent=None if compact else 2)


def as_text(inputs: Sequence[InputFacts], *, full: bool, unicode: bool) -> Iterator[str]:
    """The inputs for a person, line by line; with ``full``, every thread and socket too."""
    for place, facts in enumerate(inputs):
        if place:
            yield "\n"
        for line in _input(facts, full=full):
            yield for_terminal(line, unicode=unicode) + "\n"


def _input(facts: InputFacts, *, full: bool) -> Iterator[str]:
    if not facts.lines:
        yield from (f"{one.why}" for one in facts.not_understood)
        return
    kind = words.INPUT_KIND[facts.kind.value]
    yield f"{facts.name}: {kind}, {facts.format}: {facts.reason}"
    if facts.also:
        yield f"  it could also be {' or '.join(facts.also)}: --as decides"
    size = words.counted(facts.size, "byte", "bytes")
    yield f"  {words.counted(facts.lines, 'line', 'lines')}, {size}, {facts.encoding or 'text'}"
    if facts.carrier:
        yield f"  {facts.carrier}"
    for dump in facts.dumps:
        yield from _dump(dump, full=full)
    for table in facts.tables:
        yield from _table(table, full=full)
    for tracked in facts.translations:
        translated = sum(one.is_translated for one in tracked.translations)
        count = words.counted(len(tracked.translations), "connection", "connections")
        yield f"  {_span(tracked)} {tracked.format}: {count} tracked, {translated} translated"
    for process in facts.processes:
        yield from _process(process, full=full)
    if facts.outside:
        lines = words.counted(facts.outside, "line", "lines")
        yield f"  {lines} outside of all of these: logs, prompts, prose"
    yield from _not_understood(facts)


def _not_understood(facts: InputFacts) -> Iterator[str]:
    spans = facts.not_understood
    count = sum(span.last_line - span.first_line + 1 for span in spans)
    if not count:
        yield "  not understood: nothing"
        return
    yield f"  not understood: {words.counted(count, 'line', 'lines')}"
    for span in spans[:_PLACES]:
        last = "" if span.first_line == span.last_line else f"-{span.last_line}"
        yield f"    {facts.name}:{span.first_line}{last}: {span.why}"
    if len(spans) > _PLACES:
        yield f"    and {words.counted(len(spans) - _PLACES, 'more place', 'more places')}"


def _span(one: ThreadDump | SocketTable | TranslationTable | ProcessFacts | DeadlockReport) -> str:
    _, first, last = one.evidence
    return f"line {first}:" if first == last else f"lines {first}-{last}:"


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _tally(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.most_common())


def _dump(dump: ThreadDump, *, full: bool) -> Iterator[str]:
    count = words.counted(len(dump.threads), "thread", "threads")
    pid = f"pid {dump.pid}" if dump.pid is not None else None
    yield f"  {_span(dump)} {_joined(dump.format, count, pid, dump.captured, dump.vm)}"
    states = Counter(
        thread.state.value if thread.state else "of unknown state"
        for thread in dump.threads
        if thread.is_java
    )
    internal = sum(not thread.is_java for thread in dump.threads)
    if internal:
        states["of the VM itself"] = internal
    yield f"    {_tally(states)}" if states else "    no thread"
    yield f"    {_joined(*_remarks(dump))}"
    for report in dump.deadlocks:
        names = ", ".join(f'"{member.thread}"' for member in report.members)
        yield f"    the JVM reports a deadlock of {names} ({_span(report)[:-1]})"
    if full:
        for thread in dump.threads:
            yield from _thread(thread)


def _remarks(dump: ThreadDump) -> Iterator[str]:
    if dump.listed_tids is not None:
        seen = {thread.tid for thread in dump.threads}
        missing = sum(tid not in seen for tid in dump.listed_tids)
        yield f"{missing} of {len(dump.listed_tids)} threads that it lists are missing"
    yield "ends as it should" if dump.ended else "nothing shows that it is whole"
    if dump.monitors is Monitors.UNRELIABLE:
        yield "its lock lines are unreliable"
    elif dump.monitors is Monitors.NOT_RECORDED:
        yield "monitors are not recorded"
    if not dump.synchronizers_recorded:
        yield "ownable synchronizers are not recorded"
    if not dump.atomic:
        yield "each thread was seen at a moment of its own"


def _thread(thread: JavaThread) -> Iterator[str]:
    state = thread.state.value if thread.state else thread.os_state or None
    number = f"#{thread.id}" if thread.id is not None else None
    nid = f"nid {thread.nid}" if thread.nid is not None else None
    kind = "virtual" if thread.virtual else None
    yield f'    {_span_of(thread)} "{thread.name}" {_joined(number, nid, kind, state)}'
    for entry in thread.entries[:_TOP]:
        if isinstance(entry, LockLine):
            yield f"        - {_lock(entry)}"
        else:
            yield f"        at {entry.method}({entry.location})"


def _span_of(one: JavaThread | Socket) -> str:
    _, first, last = one.evidence
    return f"{first}:" if first == last else f"{first}-{last}:"


def _lock(lock: LockLine) -> str:
    place = "" if lock.address is None else f" <{lock.address:#x}>"
    owner = "" if lock.owner is None else f', owned by "{lock.owner}"'
    return f"{lock.action.value}{place} {lock.class_name}{owner}"


def _table(table: SocketTable, *, full: bool) -> Iterator[str]:
    count = words.counted(len(table.sockets), "TCP socket", "TCP sockets")
    yield f"  {_span(table)} {_joined(table.format, count, table.captured)}"
    states = list(states_of(table.sockets))
    if states:
        counts = Counter(states).items()
        yield f"    {_tally(Counter({state.value: count for state, count in counts}))}"
    missing = _joined(
        None if table.owners_recorded else "owners",
        None if table.queues_recorded else "queues",
        None if table.time_wait_recorded else "TIME_WAIT",
        None if table.listeners_recorded else "listeners",
    )
    if missing:
        yield f"    not recorded: {missing}"
    listeners = [at for at, state in enumerate(states) if state is TcpState.LISTEN]
    some = (table.sockets[at] for at in listeners[:_LISTENERS])
    for socket in table.sockets if full else some:
        yield f"    {_socket(socket)}"
    if not full and len(listeners) > _LISTENERS:
        yield f"    and {len(listeners) - _LISTENERS} more listeners"


def _socket(socket: Socket) -> str:
    peer = "" if socket.state is TcpState.LISTEN else f" -> {socket.peer}"
    owners: Iterable[str] = ()
    if socket.owners is not NOT_RECORDED:
        owners = (f"{one.command}({one.pid})" for one in socket.owners)
    queues = None
    if socket.recv_q is not None:
        limit = "" if socket.send_q is None else f"/{socket.send_q}"
        queues = f"queues {socket.recv_q}{limit}"
    told = _joined(socket.state.value, queues, *owners)
    return f"{_span_of(socket)} {socket.local}{peer} {told}"


def _process(process: ProcessFacts, *, full: bool) -> Iterator[str]:
    pid = f"pid {process.pid}" if process.pid is not None else None
    count = words.counted(process.records, "fact", "facts")
    yield f"  {_span(process)} {_joined(process.format, count, pid, process.captured)}"
    lines = list(_process_facts(process))
    for line in lines if full else lines[:_LISTENERS]:
        yield f"    {line}"
    if not full and len(lines) > _LISTENERS:
        yield f"    and {len(lines) - _LISTENERS} more"


def _limit(value: int | NotRecorded | None) -> str:
    if value is NOT_RECORDED:
        return NOT_RECORDED.value
    return "unlimited" if value is None else str(value)


def _process_facts(process: ProcessFacts) -> Iterator[str]:
    for limit in process.limits:
        soft, hard = _limit(limit.soft), _limit(limit.hard)
        yield f"{limit.evidence.first_line}: {limit.name}: {soft} of {hard} {limit.unit}".rstrip()
    for setting in process.settings:
        yield f"{setting.evidence.first_line}: {setting.name} = {setting.value}"
    for counter in process.counters:
        yield f"{counter.evidence.first_line}: {counter.name} = {counter.value}"
    for usage in process.usages:
        line = usage.evidence.first_line
        cpu = "% CPU not recorded" if usage.cpu_percent is None else f"{usage.cpu_percent} % CPU"
        yield f"{line}: thread {usage.tid} {usage.command}: {cpu}"
    for one in process.descriptors:
        yield f"{one.evidence.first_line}: descriptor {one.fd}: {one.target}"
    for call in process.calls:
        what = "running" if call.number is None else f"in system call {call.number}"
        yield f"{call.evidence.first_line}: thread {call.tid} {call.command}: {what}"
