"""The facts of an input as JSON Lines: one thread, socket or other fact a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    Frame,
    InputFacts,
    JavaThread,
    LockLine,
    NotRecorded,
    ProcessFacts,
    Socket,
    SocketTable,
    StackEntry,
    ThreadDump,
    TranslationTable,
)
from hangscope.report.escape import for_json

Fact: TypeAlias = dict[str, Any]


def fact_lines(facts: InputFacts) -> Iterator[str]:
    """Every fact of ``facts`` as a line of JSON; what is not recorded is null."""
    for fact in _all(facts):
        yield for_json(json.dumps(fact, ensure_ascii=False)) + "\n"


def _all(facts: InputFacts) -> Iterator[Fact]:
    for number, dump in enumerate(facts.dumps, 1):
        yield from _dump(dump, number)
    for number, table in enumerate(facts.tables, 1):
        yield from _table(table, number)
    for number, tracked in enumerate(facts.translations, 1):
        yield from _tracked(tracked, number)
    for number, process in enumerate(facts.processes, 1):
        yield from _process(process, number)


def _fact(what: str, evidence: Evidence, **fields: object) -> Fact:
    place = {"input": evidence.input, "first_line": evidence.first_line}
    return {"fact": what, **place, "last_line": evidence.last_line, **fields}


def _dump(dump: ThreadDump, number: int) -> Iterator[Fact]:
    yield _fact(
        "thread-dump",
        dump.evidence,
        dump=number,
        format=dump.format,
        captured=dump.captured,
        vm=dump.vm,
        jdk=dump.jdk_feature,
        pid=dump.pid,
        ended=dump.ended,
        atomic=dump.atomic,
        monitors=dump.monitors.value,
        objects_by=dump.identity.value,
        synchronizers_recorded=dump.synchronizers_recorded,
        listed_threads=None if dump.listed_tids is None else len(dump.listed_tids),
    )
    for thread in dump.threads:
        yield _thread(thread, number)
    for report in dump.deadlocks:
        members = [
            {
                "thread": one.thread,
                "waits_for": one.waits_for,
                "object": one.address,
                "class": one.class_name,
                "held_by": one.held_by,
                "line": one.evidence.first_line,
            }
            for one in report.members
        ]
        yield _fact("deadlock", report.evidence, dump=number, members=members)


def _thread(thread: JavaThread, dump: int) -> Fact:
    return _fact(
        "thread",
        thread.evidence,
        dump=dump,
        name=thread.name,
        java=thread.is_java,
        id=thread.id,
        daemon=thread.daemon,
        priority=thread.priority,
        cpu_ms=thread.cpu_ms,
        elapsed_s=thread.elapsed_s,
        tid=thread.tid,
        nid=thread.nid,
        os_state=thread.os_state,
        state=thread.state.value if thread.state else None,
        state_detail=thread.state_detail,
        virtual=thread.virtual,
        carrying=thread.carrying,
        container=thread.container,
        container_owner=thread.container_owner,
        stack=[
            _entry(entry, line)
            for entry, line in zip(thread.entries, thread.entry_lines, strict=True)
        ],
        synchronizers=_synchronizers(thread),
        native=[frame.method for frame in thread.native],
    )


def _entry(entry: StackEntry, line: int) -> Fact:
    if isinstance(entry, Frame):
        return {"line": line, "method": entry.method, "location": entry.location}
    return {"line": line, **_lock(entry)}


def _lock(lock: LockLine) -> Fact:
    told: Fact = {"lock": lock.action.value, "object": lock.address, "class": lock.class_name}
    if lock.owner is not None or lock.owner_id is not None:
        told |= {"owner": lock.owner, "owner_id": lock.owner_id}
    return told


def _synchronizers(thread: JavaThread) -> list[Fact] | None:
    if thread.synchronizers is NOT_RECORDED:
        return None
    return [
        {"line": line, **_lock(lock)}
        for lock, line in zip(thread.synchronizers, thread.synchronizer_lines, strict=True)
    ]


def _table(table: SocketTable, number: int) -> Iterator[Fact]:
    yield _fact(
        "socket-table",
        table.evidence,
        table=number,
        format=table.format,
        captured=table.captured,
        owners_recorded=table.owners_recorded,
        queues_recorded=table.queues_recorded,
        time_wait_recorded=table.time_wait_recorded,
        listeners_recorded=table.listeners_recorded,
    )
    for socket in table.sockets:
        yield _socket(socket, number)


def _socket(socket: Socket, table: int) -> Fact:
    timer = socket.timer
    return _fact(
        "socket",
        socket.evidence,
        table=table,
        state=socket.state.value,
        local=_end(socket.local),
        peer=_end(socket.peer),
        recv_q=socket.recv_q,
        send_q=socket.send_q,
        owners=_owners(socket),
        inode=socket.inode,
        timer=timer._asdict() if timer else None,
        family=socket.family,
    )


def _owners(socket: Socket) -> list[Fact] | None:
    owners: Iterable[Any] | NotRecorded = socket.owners
    if owners is NOT_RECORDED:
        return None
    return [owner._asdict() for owner in owners]


def _end(end: Endpoint) -> Fact:
    return {"address": end.address, "port": end.service if end.port is None else end.port}


def _tracked(table: TranslationTable, number: int) -> Iterator[Fact]:
    yield _fact(
        "translation-table",
        table.evidence,
        table=number,
        format=table.format,
        captured=table.captured,
    )
    for one in table.translations:
        yield _fact(
            "translation",
            one.evidence,
            table=number,
            state=one.state.value if one.state else None,
            original=[_end(end) for end in one.original],
            reply=[_end(end) for end in one.reply],
            translated=one.is_translated,
        )


def _limit(value: int | NotRecorded | None) -> int | str | None:
    """Null where it is not recorded, the word where there is none."""
    if value is NOT_RECORDED:
        return None
    return "unlimited" if value is None else value


def _process(process: ProcessFacts, number: int) -> Iterator[Fact]:
    yield _fact(
        "process",
        process.evidence,
        process=number,
        format=process.format,
        pid=process.pid,
        captured=process.captured,
    )
    for limit in process.limits:
        yield _fact(
            "limit",
            limit.evidence,
            process=number,
            name=limit.name,
            soft=_limit(limit.soft),
            hard=_limit(limit.hard),
            unit=limit.unit,
        )
    kinds: dict[str, Sequence[Any]] = {
        "setting": process.settings,
        "counter": process.counters,
        "thread-usage": process.usages,
        "descriptor": process.descriptors,
        "thread-call": process.calls,
    }
    for what, facts in kinds.items():
        for one in facts:
            fields = one._asdict()
            yield _fact(what, fields.pop("evidence"), process=number, **fields)
