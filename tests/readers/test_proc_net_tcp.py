"""/proc/net/tcp and /proc/net/tcp6."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, TcpState, Timer

from .reading import read, table_of

TITLE = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTEN = "   0: 00000000:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 161925 1 0 100 0 0 10 0\n"
ESTAB = "  19: 0100007F:232B 0100007F:AEE8 01 00000002:0000001C 02:000A4F3C 00000000  1000        0 161926 2 0 20 4 30 10 -1\n"
TIME_WAIT = "  10: 01004D0A:E1FE 02004D0A:1B5B 06 00000000:00000000 03:0000142C 00000000     0        0 0 3 0000000078198449\n"
MAPPED = "   1: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000200007F:91E8 08 00000000:00000001 00:00000000 00000000     0        0 7 1 0\n"
LOOPBACK_6 = "   0: 00000000000000000000000001000000:232A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 163003 1 0\n"


def test_a_table() -> None:
    table = table_of(TITLE + LISTEN + ESTAB + TIME_WAIT)
    assert table.evidence == Evidence("input.txt", 1, 4)
    listener, connection, closed = table.sockets
    anywhere = "0.0.0.0"  # noqa: S104 - text of a table, nothing is bound
    assert (listener.local, listener.peer) == (Endpoint(anywhere, 8080), Endpoint(anywhere, None))
    assert (listener.recv_q, listener.send_q, listener.inode) == (3, None, 161925)
    assert (connection.local, connection.peer) == (
        Endpoint("127.0.0.1", 9003),
        Endpoint("127.0.0.1", 44776),
    )
    assert (connection.recv_q, connection.send_q) == (0x1C, 2)
    assert connection.timer == Timer("keepalive", 6756.44, 0)
    assert (closed.state, closed.inode) == (TcpState.TIME_WAIT, None)
    assert closed.timer == Timer("timewait", 51.64, 0)
    assert {socket.owners for socket in table.sockets} == {NOT_RECORDED}
    assert {socket.family for socket in table.sockets} == {"IPv4"}
    assert not table.owners_recorded
    assert table.queues_recorded
    assert table.time_wait_recorded
    assert table.listeners_recorded


def test_ipv6() -> None:
    mapped, loopback = table_of(TITLE + MAPPED + LOOPBACK_6).sockets
    assert (mapped.local, mapped.peer) == (
        Endpoint("127.0.0.1", 8080),
        Endpoint("127.0.0.2", 37352),
    )
    assert (loopback.local, loopback.peer) == (Endpoint("::1", 9002), Endpoint("::", None))
    assert mapped.family == "IPv6"


def test_big_endian_machines_print_the_other_way_round() -> None:
    text = ESTAB.replace("0100007F", "7F000001")
    other = TIME_WAIT.replace("01004D0A", "0A4D0001").replace("02004D0A", "0A4D0002")
    one, two = table_of(TITLE + text + other).sockets
    assert one.local.address == "127.0.0.1"
    assert two.local.address == "10.77.0.1"


def test_both_files_in_one() -> None:
    tables = read(TITLE + LISTEN + TITLE + LOOPBACK_6).tables
    assert [table.evidence.first_line for table in tables] == [1, 3]


def test_udp_has_the_same_columns() -> None:
    title = TITLE.replace("inode\n", "inode ref pointer drops\n")
    row = LISTEN.replace(" 0A ", " 07 ")
    assert table_of(title + row).sockets == ()


def test_states_out_of_range_are_told() -> None:
    facts = read(TITLE + LISTEN + ESTAB.replace(" 01 ", " 7F "))
    assert [(s.first_line, s.why) for s in facts.not_understood] == [
        (3, "its state is not one of TCP's")
    ]
