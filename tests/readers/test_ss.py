"""Tables of ss, with any columns."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, Owner, TcpState, Timer

from .reading import read, socket_of, table_of

TITLE = "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
LISTEN = 'LISTEN 3      100                 *:8080              *:*     users:(("java",pid=27836,fd=52))\n'
ESTAB = 'ESTAB  159    0      [::ffff:10.0.0.1]:8080 [::ffff:10.0.0.2]:37352 users:(("java",pid=27836,fd=53))\n'
QUEUED = "ESTAB  97     0      [::ffff:10.0.0.1]:8080 [::ffff:10.0.0.3]:37353\n"
TIME_WAIT = "TIME-WAIT 0 0 10.0.0.1:40000 10.0.0.9:443\n"


def test_a_table() -> None:
    table = table_of(TITLE + LISTEN + ESTAB + QUEUED + TIME_WAIT)
    assert table.evidence == Evidence("input.txt", 1, 5)
    assert table.format == "ss"
    listener, served, queued, closed = table.sockets
    assert listener.state is TcpState.LISTEN
    assert (listener.local, listener.peer) == (Endpoint("*", 8080), Endpoint("*", None))
    assert (listener.recv_q, listener.send_q) == (3, 100)
    assert listener.owners == (Owner(27836, "java", 52),)
    assert served.local == Endpoint("10.0.0.1", 8080)
    assert served.peer == Endpoint("10.0.0.2", 37352)
    assert (served.recv_q, served.send_q, served.evidence) == (159, 0, Evidence("input.txt", 3, 3))
    assert (queued.owners, closed.owners) == ((), ())
    assert table.owners_recorded
    assert table.queues_recorded
    assert table.time_wait_recorded
    assert table.listeners_recorded


def test_without_owners_none_were_recorded() -> None:
    table = table_of(TITLE + QUEUED + TIME_WAIT)
    assert not table.owners_recorded
    assert {socket.owners for socket in table.sockets} == {NOT_RECORDED}


@pytest.mark.parametrize(
    ("text", "time_wait", "listeners"),
    [
        (TITLE + LISTEN + ESTAB, True, True),
        (TITLE + LISTEN, False, True),
        (TITLE + ESTAB, False, False),
        (TITLE + ESTAB + TIME_WAIT, True, False),
        ("$ ss -tanp\n" + TITLE + ESTAB, True, True),
        ("# ss -tnp\n" + TITLE + ESTAB, False, False),
        ("$ sudo ss -tlnp\n" + TITLE + LISTEN, False, True),
        ("$ ss -tanp | grep java\n" + LISTEN + ESTAB, False, True),
        ("$ ss -tanp\n" + TITLE + ESTAB + "...\n", False, False),
        (LISTEN + ESTAB, False, True),
    ],
)
def test_what_would_be_listed(text: str, time_wait: bool, listeners: bool) -> None:
    table = table_of(text)
    assert (table.time_wait_recorded, table.listeners_recorded) == (time_wait, listeners)


def test_several_owners_and_hostile_names() -> None:
    users = '(("q"x,pid=1",pid=3368,fd=3),("my prog (x",pid=9138,fd=3),("a b,c",pid=7,fd=8))'
    socket = socket_of(TITLE + f"ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 users:{users}\n")
    assert socket.owners == (
        Owner(3368, 'q"x,pid=1', 3),
        Owner(9138, "my prog (x", 3),
        Owner(7, "a b,c", 8),
    )


def test_threads_of_one_owner_are_one_owner() -> None:
    users = '(("java",pid=1,tid=17,fd=52),("java",pid=1,tid=18,fd=52))'
    socket = socket_of(TITLE + f"ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 users:{users}\n")
    assert socket.owners == (Owner(1, "java", 52),)


def test_owners_as_before_3_14() -> None:
    socket = socket_of(TITLE + 'ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 users:(("java",27836,52))\n')
    assert socket.owners == (Owner(27836, "java", 52),)


def test_all_columns() -> None:
    socket = socket_of(
        "tcp   CLOSE-WAIT 1 0 10.0.0.1%eth0:8080 10.0.0.2:2"
        ' users:(("java",pid=1,fd=5)) timer:(keepalive,119min,0) uid:1000 ino:162004 sk:2d'
        " cgroup:/system.slice/app.service --> ts sack cubic wscale:7,7 new_word:1\n"
    )
    assert socket.state is TcpState.CLOSE_WAIT
    assert socket.local == Endpoint("10.0.0.1", 8080)
    assert (socket.inode, socket.timer) == (162004, Timer("keepalive", 7140.0, 0))


def test_an_inode_of_zero_is_none() -> None:
    assert socket_of(TITLE + "TIME-WAIT 0 0 10.0.0.1:1 10.0.0.2:2 ino:0 sk:1\n").inode is None


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("119min", 7140.0),
        ("1min30sec", 90.0),
        ("12sec", 12.0),
        ("9.501sec", 9.501),
        ("476ms", 0.476),
        ("1.568ms", 1.568),
        ("", None),
    ],
)
def test_timers(time: str, seconds: float | None) -> None:
    """Before iproute2 6.11 "1.568ms" means seconds."""
    socket = socket_of(TITLE + f"SYN-SENT 0 1 10.0.0.1:1 10.0.0.2:2 timer:(on,{time},3)\n")
    assert socket.timer == Timer("on", seconds, 3)


def test_lines_below_a_row_belong_to_it() -> None:
    details = (
        "\t skmem:(r0,rb131072) ts sack cubic wscale:7,7 rto:204\n\t inet-sockopt: ( is_icsk)\n"
    )
    table = table_of(TITLE + LISTEN + details + ESTAB + details)
    assert [socket.evidence.first_line for socket in table.sockets] == [2, 5]
    assert table.evidence.last_line == 7


def test_other_protocols_are_no_tcp_sockets() -> None:
    table = table_of(
        "NetidState Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
        "u_str ESTAB 0      0                  * 162099            * 0\n"
        "u_strESTAB 0      0                  * 162100            * 0\n"
        "udp   UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\n"
        "nl    UNCONN     4352   0                       4:23743                    *\n"
        "tcp   ESTAB 0 0 10.0.0.1:1 10.0.0.2:2\n"
    )
    assert [str(socket.peer) for socket in table.sockets] == ["10.0.0.2:2"]


def test_udp_alone_prints_no_protocol() -> None:
    assert not table_of(TITLE + "UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\n").sockets


def test_without_queues() -> None:
    table = table_of(
        "State Local Address:Port Peer Address:Port Process\nESTAB 10.0.0.1:1 10.0.0.2:2\n"
    )
    assert not table.queues_recorded
    assert table.sockets[0].recv_q is None


def test_glued_columns() -> None:
    socket = socket_of(TITLE + "FIN-WAIT-20 0 10.0.0.1:1 10.0.0.2:2\n")
    assert (socket.state, socket.recv_q) == (TcpState.FIN_WAIT2, 0)


def test_service_names_are_kept_as_names() -> None:
    socket = socket_of(TITLE + "ESTAB 0 0 localhost:http-alt 10.0.0.2:2\n")
    assert socket.local == Endpoint("localhost", None, "http-alt")


def test_addresses_without_brackets() -> None:
    listener, pair = table_of(
        TITLE + "LISTEN 0 50 :::8445 :::*\nESTAB 0 0 ::1:9 ::ffff:10.0.0.1:8\n"
    ).sockets
    assert (listener.local, listener.peer) == (Endpoint("::", 8445), Endpoint("::", None))
    assert (pair.local, pair.peer) == (Endpoint("::1", 9), Endpoint("10.0.0.1", 8))


ONE_STATE = (
    "Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n1 0 10.0.0.1:1 10.0.0.2:2\n"
)


def test_the_one_state_that_was_asked_for_is_printed_nowhere() -> None:
    assert socket_of(ONE_STATE).state is TcpState.UNKNOWN
    assert socket_of(ONE_STATE).recv_q == 1


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        ("close-wait", TcpState.CLOSE_WAIT),
        ("established", TcpState.ESTABLISHED),
        ("TIME-WAIT", TcpState.TIME_WAIT),
        ("big", TcpState.UNKNOWN),
        ("established state close-wait", TcpState.UNKNOWN),
    ],
)
def test_the_command_above_tells_the_one_state(asked: str, state: TcpState) -> None:
    assert socket_of(f"$ ss -tan state {asked}\n{ONE_STATE}").state is state


def test_a_row_without_state_needs_no_heading() -> None:
    assert socket_of('0 0 10.0.0.1:1 10.0.0.2:2 users:(("java",pid=7,fd=5))').owners == (
        Owner(7, "java", 5),
    )


def test_a_cut_row_is_told() -> None:
    facts = read(TITLE + LISTEN + ESTAB[:-12] + "\n" + QUEUED)
    assert [len(table.sockets) for table in facts.tables] == [2]
    assert [(s.first_line, s.why) for s in facts.not_understood] == [(3, "not a row of ss")]


def test_two_tables() -> None:
    tables = read(TITLE + LISTEN + "\n" + TITLE + ESTAB + QUEUED).tables
    assert [len(table.sockets) for table in tables] == [1, 2]
    assert [table.evidence.first_line for table in tables] == [1, 4]


def test_an_empty_table_is_a_table() -> None:
    assert not table_of(TITLE).sockets
