"""Tables of lsof."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

import pytest

from hangscope.facts import Endpoint, Evidence, Owner, TcpState

from .reading import read, socket_of, table_of

TITLE = "COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n"
LISTEN = "java    27836  app   52u  IPv6 162003      0t0  TCP *:8080 (LISTEN)\n"
SERVED = "java    27836  app   53u  IPv6 162004      0t0  TCP 10.0.0.1:8080->10.0.0.2:37352 (ESTABLISHED)\n"
LEAKED = "java    27836  app 1712r  IPv4 162005      0t0  TCP 10.0.0.1:webcache->10.0.0.3:60494 (CLOSE_WAIT)\n"


def test_a_table() -> None:
    table = table_of(TITLE + LISTEN + SERVED + LEAKED)
    assert table.evidence == Evidence("input.txt", 1, 4)
    listener, served, leaked = table.sockets
    assert (listener.state, listener.local) == (TcpState.LISTEN, Endpoint("*", 8080))
    assert listener.peer == Endpoint("*", None)
    assert (served.recv_q, served.send_q, served.inode) == (None, None, 162004)
    assert served.owners == (Owner(27836, "java", 53),)
    assert (served.family, leaked.family) == ("IPv6", "IPv4")
    assert leaked.local == Endpoint("10.0.0.1", None, "webcache")
    assert leaked.evidence == Evidence("input.txt", 4, 4)
    assert table.owners_recorded
    assert not table.queues_recorded
    assert not table.time_wait_recorded
    assert table.listeners_recorded


@pytest.mark.parametrize(
    ("text", "listeners"),
    [
        (TITLE + SERVED, False),
        (TITLE + SERVED + LEAKED, True),
        ("$ lsof -i:8080\n" + TITLE + SERVED, True),
        ("$ lsof -i:8080\n" + TITLE + SERVED + "...\n", False),
        ("$ lsof -nP -iTCP -sTCP:CLOSE_WAIT\n" + TITLE + LEAKED, False),
        ("$ lsof -i:8080 | grep java\n" + SERVED + LEAKED, False),
    ],
)
def test_what_would_be_listed(text: str, listeners: bool) -> None:
    assert table_of(text).listeners_recorded is listeners


def test_rows_of_one_inode_are_one_socket() -> None:
    shared = LISTEN.replace("27836  app   52u", "27900  app    7u")
    table = table_of(TITLE + LISTEN + SERVED + shared + LISTEN)
    assert len(table.sockets) == 2
    assert table.sockets[0].owners == (Owner(27836, "java", 52), Owner(27900, "java", 7))
    assert table.evidence.last_line == 5


def test_rows_of_one_inode_in_two_tables_are_two_sockets() -> None:
    assert [len(table.sockets) for table in read((TITLE + LISTEN) * 2).tables] == [1, 1]


def test_descriptors_above_9999_are_not_told_apart() -> None:
    row = LISTEN.replace("52u", "*001u")
    socket = socket_of(TITLE + row + row)
    assert socket.owners == (Owner(27836, "java", None), Owner(27836, "java", None))


def test_queues() -> None:
    table = table_of(
        TITLE
        + LISTEN.replace("(LISTEN)", "(LISTEN QR=3 QS=0)")
        + SERVED.replace("(ESTABLISHED)", "(ESTABLISHED QR=18 QS=5)")
    )
    assert table.queues_recorded
    assert [(s.recv_q, s.send_q) for s in table.sockets] == [(3, None), (18, 5)]


def test_other_files_are_no_sockets() -> None:
    table = table_of(
        TITLE
        + "java    23208 root  mem    REG              254,0  13549568  328258 /usr/lib/a TCP b\n"
        + "java    23208 root    9u  IPv4 162055      0t0  UDP *:5353\n"
        + "java    23208 root   12u  sock     0,9      0t0 1623 protocol: TCP\n"
        + "java    23208 root   13u  unix 0x0000000000000000  0t0 99 type=STREAM\n"
        + LISTEN
    )
    assert len(table.sockets) == 1


def test_ipv6() -> None:
    row = SERVED.replace("10.0.0.1:8080->10.0.0.2:37352", "[::1]:8080->[fe80::1]:37352")
    socket = socket_of(TITLE + row)
    assert (socket.local, socket.peer) == (Endpoint("::1", 8080), Endpoint("fe80::1", 37352))


def test_macos_has_no_inodes() -> None:
    row = SERVED.replace("162004", "0x9c3f1a2b3c4d5e6f")
    socket = socket_of(TITLE + row + row.replace("27836", "27900"))
    assert socket.inode is None
    assert isinstance(socket.owners, tuple)
    assert len(socket.owners) == 2


def test_without_states_the_rest_is_known() -> None:
    socket = socket_of(TITLE + SERVED.replace(" (ESTABLISHED)", ""))
    assert socket.state is TcpState.UNKNOWN
    assert socket._replace(state=TcpState.ESTABLISHED) == socket_of(TITLE + SERVED)


def test_a_cut_row_is_told() -> None:
    facts = read(TITLE + LISTEN + SERVED[:-9])
    assert [(s.first_line, s.why) for s in facts.not_understood] == [(3, "not a row of lsof")]
