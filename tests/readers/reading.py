"""Short ways to read a text in a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hangscope.facts import InputFacts, JavaThread, Socket, SocketTable, ThreadDump
from hangscope.readers import Source, read_input


def read(text: str | bytes, *, name: str = "input.txt", format: str | None = None) -> InputFacts:  # noqa: A002
    content = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return read_input(Source.from_bytes(name, content), format=format)


def with_lists_of_lines(facts: InputFacts) -> InputFacts:
    """The same; that the numbers of a thread's lines are a range or not is none of it."""
    dumps = tuple(
        replace(dump, threads=tuple(map(_with_lists_of_lines, dump.threads)))
        for dump in facts.dumps
    )
    return replace(facts, dumps=dumps)


def _with_lists_of_lines(thread: JavaThread) -> JavaThread:
    return thread._replace(
        entry_lines=tuple(thread.entry_lines), synchronizer_lines=tuple(thread.synchronizer_lines)
    )


@contextmanager
def line_by_line(many_at_a_time: type) -> Iterator[None]:
    """Without the reading of threads many at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many_at_a_time, "take", lambda *_: False)
        yield


def dump_of(text: str) -> ThreadDump:
    """The one dump of a text that is understood as a whole."""
    facts = read(text)
    assert facts.not_understood == ()
    (dump,) = facts.dumps
    return dump


def table_of(text: str) -> SocketTable:
    """The one table of a text that is understood as a whole."""
    facts = read(text)
    assert facts.not_understood == ()
    (table,) = facts.tables
    return table


def socket_of(text: str) -> Socket:
    """The one socket of a text."""
    (socket,) = table_of(text).sockets
    return socket
