"""Short ways to read a text in a test."""

from __future__ import annotations

from hangscope.facts import InputFacts, Socket, SocketTable, ThreadDump
from hangscope.readers import Source, read_input


def read(text: str | bytes, *, name: str = "input.txt", format: str | None = None) -> InputFacts:  # noqa: A002
    content = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return read_input(Source.from_bytes(name, content), format=format)


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
