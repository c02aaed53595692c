"""What must be true of the facts of any text."""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    InputFacts,
    JavaThread,
    ProcessFacts,
    ThreadDump,
)


def holds(facts: InputFacts | None, last_line: int) -> None:
    """All that must be true of facts from any text of so many lines."""
    if facts is None:
        return
    assert facts.dumps or facts.tables or facts.translations or facts.processes
    spans = [(span.first_line, span.last_line) for span in facts.not_understood]
    assert spans == sorted(spans)
    for dump in facts.dumps:
        for thread in dump.threads:
            _is_whole(thread, dump)
    for first, last in [*spans, *((one.first_line, one.last_line) for one in _evidence(facts))]:
        assert 1 <= first <= last <= last_line


def _is_whole(thread: JavaThread, dump: ThreadDump) -> None:
    assert len(thread.entries) == len(thread.entry_lines)
    if dump.format != "javacore":
        for line in thread.entry_lines:
            assert thread.evidence.first_line <= line <= thread.evidence.last_line
    frames = [
        line
        for entry, line in zip(thread.entries, thread.entry_lines, strict=True)
        if isinstance(entry, Frame) or not _tells_waits_elsewhere(dump.format)
    ]
    assert frames == sorted(frames)
    if thread.synchronizers is not NOT_RECORDED:
        assert len(thread.synchronizers) == len(thread.synchronizer_lines)


def _tells_waits_elsewhere(form: str) -> bool:
    """Whether what a thread waits for stands above its stack, or all locks in another section."""
    return form in {"javacore", "jrockit", "thread-info", "thread-mxbean"} or "json" in form


def _evidence(facts: InputFacts) -> Iterator[Evidence]:
    for dump in facts.dumps:
        yield dump.evidence
        yield from (thread.evidence for thread in dump.threads)
        for report in dump.deadlocks:
            yield report.evidence
            yield from (member.evidence for member in report.members)
    for table in facts.tables:
        yield table.evidence
        yield from (socket.evidence for socket in table.sockets)
    for tracked in facts.translations:
        yield tracked.evidence
        yield from (one.evidence for one in tracked.translations)
    for process in facts.processes:
        yield process.evidence
        yield from _of_process(process)


def _of_process(process: ProcessFacts) -> Iterator[Evidence]:
    yield from (one.evidence for one in process.limits)
    yield from (one.evidence for one in process.settings)
    yield from (one.evidence for one in process.counters)
    yield from (one.evidence for one in process.usages)
    yield from (one.evidence for one in process.descriptors)
    yield from (one.evidence for one in process.calls)
