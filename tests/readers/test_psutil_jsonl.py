"""psutil's connections as JSON Lines."""

from __future__ import annotations

import json

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, InputKind, Owner, TcpState
from hangscope.readers import UnreadableInput

from .reading import read, socket_of, table_of

TITLE = {"hangscope": "sockets/1", "captured": "2026-11-22T03:16:27+00:00", "pid": 27836}
ESTAB = {
    "fd": 3,
    "family": 2,
    "type": 1,
    "laddr": ["127.0.0.1", 49068],
    "raddr": ["127.0.0.1", 8080],
    "status": "ESTABLISHED",
    "pid": 30287,
}
LISTEN = ESTAB | {"laddr": ["::", 8080], "raddr": [], "status": "LISTEN", "family": 10}
TIME_WAIT = ESTAB | {"status": "TIME_WAIT", "pid": None, "fd": -1}


def text(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_table() -> None:
    facts = read(text(TITLE, ESTAB, LISTEN, TIME_WAIT))
    assert (facts.kind, facts.format) == (InputKind.SOCKET_TABLE, "psutil-jsonl")
    (table,) = facts.tables
    assert table.evidence == Evidence("input.txt", 1, 4)
    assert table.captured == "2026-11-22T03:16:27+00:00"
    connection, listener, closed = table.sockets
    assert connection.local == Endpoint("127.0.0.1", 49068)
    assert connection.owners == (Owner(30287, "", 3),)
    assert connection.evidence == Evidence("input.txt", 2, 2)
    assert (listener.local, listener.peer) == (Endpoint("::", 8080), Endpoint("*", None))
    assert (closed.state, closed.owners) == (TcpState.TIME_WAIT, ())
    assert (table.owners_recorded, table.queues_recorded) == (True, False)
    assert (table.time_wait_recorded, table.listeners_recorded) == (True, True)


def test_what_capturing_adds() -> None:
    more = {"recv_q": 7, "send_q": 5, "inode": 161926, "command": "java"}
    table = table_of(text(TITLE, ESTAB | more))
    socket = table.sockets[0]
    assert (socket.recv_q, socket.send_q, socket.inode) == (7, 5, 161926)
    assert socket.owners == (Owner(30287, "java", 3),)
    assert table.queues_recorded


def test_mapped_addresses_are_folded() -> None:
    socket = socket_of(text(ESTAB | {"family": 10, "laddr": ["::ffff:10.0.0.1", 8080]}))
    assert (socket.local, socket.family) == (Endpoint("10.0.0.1", 8080), "IPv6")


def test_one_process_alone_has_no_time_wait() -> None:
    table = table_of(text(ESTAB, LISTEN))
    assert (table.time_wait_recorded, table.listeners_recorded) == (False, True)


def test_without_any_owner_none_were_recorded() -> None:
    table = table_of(text(TIME_WAIT))
    assert not table.owners_recorded
    assert table.sockets[0].owners is NOT_RECORDED


def test_udp_is_no_tcp_socket() -> None:
    assert table_of(text(TITLE, ESTAB | {"type": 2, "status": "NONE"})).sockets == ()


@pytest.mark.parametrize(
    "change",
    [
        {"status": "SLEEPING"},
        {"laddr": 7},
        {"laddr": ["127.0.0.1"]},
        {"raddr": ["127.0.0.1", "x"]},
        {"pid": "none"},
        {"inode": []},
    ],
)
def test_damaged_rows_are_told(change: dict[str, object]) -> None:
    facts = read(text(TITLE, ESTAB, ESTAB | change))
    assert len(facts.tables[0].sockets) == 1
    assert [(s.first_line, s.why) for s in facts.not_understood] == [(3, "not a socket as JSON")]


def test_a_cut_row_is_told() -> None:
    facts = read(text(TITLE, ESTAB, ESTAB)[:-20])
    assert [span.first_line for span in facts.not_understood] == [3]


def test_two_tables() -> None:
    tables = read(text(TITLE, ESTAB, TITLE, LISTEN)).tables
    assert [table.evidence.first_line for table in tables] == [1, 3]


def test_a_title_alone_is_an_empty_table() -> None:
    assert table_of(text(TITLE)).sockets == ()


def test_json_of_something_else_is_not_taken() -> None:
    with pytest.raises(UnreadableInput):
        read('{"laddr": [1], "status": []}\n')
