"""Builds inputs whose lines can be cited, and the report of a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from hangscope.diagnosis.model import Diagnosis
from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    InputFacts,
    InputKind,
    JavaThread,
    NotUnderstood,
    Socket,
    SocketTable,
    TcpState,
    ThreadDump,
)
from hangscope.report import Document, build
from hangscope.report.document import describe

CREATED = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)

Texts: TypeAlias = dict[str, list[str]]
"""Lines by the name of their input."""


def evidence(texts: Texts, name: str, text: str) -> Evidence:
    """Append ``text`` to an input; where it stands."""
    lines = texts.setdefault(name, ["Full thread dump" if "dump" in name else "State Recv-Q"])
    first = len(lines) + 1
    lines.extend(text.removesuffix("\n").split("\n"))
    span = Evidence(name, first, len(lines))
    lines.append("")
    return span


def thread_dump(
    span: Evidence, threads: int, captured: str | None = None, pid: int | None = None
) -> ThreadDump:
    """A dump of which only the number of threads matters here."""
    one = JavaThread("main", is_java=True, evidence=span)
    return ThreadDump(span, (one,) * threads, captured=captured, pid=pid)


def dump_input(*dumps: ThreadDump, lost: Sequence[NotUnderstood] = ()) -> InputFacts:
    return InputFacts(
        dumps[0].evidence.input,
        InputKind.THREAD_DUMP,
        "hotspot",
        "5ea1" * 16,
        13_268,
        dumps=dumps,
        not_understood=tuple(lost),
    )


def socket_input(name: str, rows: int) -> InputFacts:
    span = Evidence(name, 1, rows + 1)
    end = Endpoint("127.0.0.1", 8080)
    row = Socket(TcpState.ESTABLISHED, end, end, 0, 0, NOT_RECORDED, span)
    table = SocketTable(
        span,
        "ss",
        (row,) * rows,
        owners_recorded=True,
        queues_recorded=True,
        time_wait_recorded=True,
        listeners_recorded=True,
    )
    return InputFacts(name, InputKind.SOCKET_TABLE, "ss", "70cc" * 16, rows * 104, tables=(table,))


def document(
    diagnosis: Diagnosis, inputs: Sequence[InputFacts] = (), texts: Texts | None = None
) -> Document:
    def excerpt(span: Evidence) -> str:
        lines = (texts or {}).get(span.input, [])[span.first_line - 1 : span.last_line]
        return "".join(f"{line}\n" for line in lines)

    return build(diagnosis, tuple(map(describe, inputs)), excerpt, created=CREATED, version="0.1.0")
