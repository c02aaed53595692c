"""Tables of netstat of BSD, macOS, AIX and HP-UX; lines as in their sources and manuals."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import NOT_RECORDED, Endpoint, Owner, TcpState
from hangscope.readers import ReadError

from .invariants import holds
from .reading import read, socket_of, table_of
from .test_properties import LINES, read_or_none

TITLE = "Active Internet connections (including servers)\n"
HEADING = "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)\n"
ROW = "tcp4       7      9  127.0.0.1.8080         127.0.0.1.51234        ESTABLISHED\n"
LISTENER = "tcp46      5      0  *.8080                 *.*                    LISTEN\n"
BLOCKS = (
    "Socket           Flowhash Proto Recv-Q Send-Q  Local Address      Foreign Address    (state)\n"
)
PLAIN = "tcp        0      0  10.0.0.1.8080          10.0.0.2.4006          CLOSE_WAIT\n"
AIX = "f1000e0000180bb8 tcp4       0      0  *.1334                *.*                   LISTEN\n"
ANSWER = "The socket 0xf1000e0000180808 is being held by proccess 3211434 (writesrv).\n"


def test_a_row_says_ends_queues_and_state() -> None:
    socket = socket_of(TITLE + HEADING + ROW)
    assert socket.state is TcpState.ESTABLISHED
    assert socket.local == Endpoint("127.0.0.1", 8080)
    assert socket.peer == Endpoint("127.0.0.1", 51234)
    assert (socket.recv_q, socket.send_q, socket.family) == (7, 9, "IPv4")
    assert socket.owners is NOT_RECORDED
    assert socket.evidence.first_line == 3


def test_queues_of_a_listener_are_no_accept_queue() -> None:
    socket = socket_of(LISTENER)
    assert (socket.recv_q, socket.send_q, socket.family) == (None, None, "IPv6")
    assert socket.peer == Endpoint("*", None)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SYN_RCVD", TcpState.SYN_RECV),
        ("FIN_WAIT_1", TcpState.FIN_WAIT1),
        ("FIN_WAIT_2", TcpState.FIN_WAIT2),
        ("CLOSED", TcpState.CLOSE),
        ("SYN_SENT*", TcpState.SYN_SENT),
    ],
)
def test_states_of_other_names(word: str, state: TcpState) -> None:
    assert socket_of(ROW.replace("ESTABLISHED", word)).state is state


@pytest.mark.parametrize(
    ("columns", "owners"),
    [
        ("131072 131072  31195      0", (Owner(31195, ""),)),
        ("131072 131072  31195      0 0x0102 0x00000104", (Owner(31195, ""),)),
        ("131072 131072  31195      0 00102 00000104 00000000000c38ca 0", (Owner(31195, ""),)),
        ("1108 1454 131072 131072  31195      0", (Owner(31195, ""),)),
        (
            "2960 528 406912 146988  Codex (Service):56664  00102 00000008 000000000bf559ba 1",
            (Owner(56664, "Codex (Service)"),),
        ),
        ("0 0 131072 131072  java:12 launchd:1 00102 00000008", (Owner(12, "java"),)),
        ("0 0 131072 131072  kernel:0 00100 00000006", ()),
        ("4958       3996", NOT_RECORDED),
        ("-", NOT_RECORDED),
    ],
)
def test_owners_of_every_release_of_macos(columns: str, owners: object) -> None:
    table = table_of(HEADING + ROW.rstrip() + "   " + columns + "\n")
    assert table.sockets[0].owners == owners
    assert table.owners_recorded is (owners is not NOT_RECORDED)


def test_half_a_port_is_no_port() -> None:
    text = (
        BLOCKS
        + "7fb03cb95fad8165  6a3d6e4 tcp4 0 0 192.168.1.221.5450 192.168.1.20.49231 ESTABLISHED\n"
        + "7fb03cb95fad8166        0 tcp4 0 0 192.168.1.221.9100 127.0.0.1.443      ESTABLISHED\n"
    )
    first, second = table_of(text).sockets
    assert first.local == Endpoint("192.168.1.221", None, "5450…")
    assert first.peer.port == 49231  # of five digits, so whole
    assert second.local.port == 9100  # no port has five digits that start so
    assert second.peer == Endpoint("127.0.0.1", 443)


def test_wider_cells_show_that_nothing_was_cut() -> None:
    text = (
        AIX.replace("*.1334", "192.168.1.221.5450")
        + "f1000f00055cc3c0 tcp4  0  0  192.168.242.122.22    24.236.207.124.40326  ESTABLISHED\n"
    )
    first, second = table_of(text).sockets
    assert (first.local.port, second.peer.port) == (5450, 40326)


def test_cut_names_match_nothing() -> None:
    """16 letters, 12 with -A where names are printed."""
    v6 = "tcp6       0      0  2600:1700:bab0:d.443   ::1.51234              ESTABLISHED\n"
    assert socket_of(v6).local == Endpoint("2600:1700:bab0:d…", 443)
    beside = "fffff80003df43d0 tcp4  0  0 192.168.71.1.ssh   192.168.71.1.56321 ESTABLISHED\n"
    assert socket_of(beside).local == Endpoint("192.168.71.1…", None, "ssh")
    whole = "tcp6       0      0  2600:1700:bab0:d::7.443   2600:1700:bab0:d.51234   ESTABLISHED\n"
    assert [str(end) for end in socket_of(whole)[1:3]] == [
        "[2600:1700:bab0:d::7]:443",
        "[2600:1700:bab0:d]:51234",
    ]


def test_listen_queues_are_accept_queues() -> None:
    text = (
        "Current listen queue sizes (qlen/incqlen/maxqlen)\n"
        "Listen         Local Address         \n"
        "192/0/128        *.80       \n"
    )
    table = table_of(text)
    (socket,) = table.sockets
    assert (socket.state, socket.recv_q, socket.send_q) == (TcpState.LISTEN, 192, 128)
    assert (table.listeners_recorded, table.time_wait_recorded) == (True, False)
    assert socket_of("tcp4  3/0/10        127.0.0.1.25\n").family == "IPv4"


def test_a_row_without_a_state_is_told_where_others_have_one() -> None:
    cut = "tcp4       0      0  127.0.0.1.8080         127.0.0.1.51235\n"
    for text in (HEADING + cut + ROW, ROW + cut):
        facts = read(text)
        assert [span.why for span in facts.not_understood] == [
            "its state is missing, which other rows of the table have"
        ]
        assert [len(table.sockets) for table in facts.tables] == [1]


def test_states_are_unknown_under_options_that_print_none() -> None:
    """-x: buffers and timers; -T: retransmissions and others in place of the queues."""
    buffers = "tcp4       5      6  10.0.0.1.8080  10.0.0.2.4006  0  65700  1.50  0.00\n"
    counters = "tcp4       5      6      7 localhost.smtp         *.*\n"
    for row, queues in ((buffers, (5, 6)), (counters, (None, None))):
        table = table_of(TITLE + row)
        (socket,) = table.sockets
        assert socket.state is TcpState.UNKNOWN
        assert (socket.recv_q, socket.send_q) == queues
        assert table.queues_recorded == (row is buffers)
        assert (table.time_wait_recorded, table.listeners_recorded) == (False, False)


def test_other_sections_and_the_last_sentence_are_known() -> None:
    text = (
        TITLE
        + HEADING
        + ROW
        + "udp4       0      0  *.514                  *.*\n"
        + "Active UNIX domain sockets\n"
        + "fffff80003ab6100 stream      0      0      0 fffff80003ab6200      0      0\n"
        + "Some tcp sockets may have been created.\n"
    )
    table = table_of(text)
    assert len(table.sockets) == 1
    assert table.evidence.last_line >= 6


def test_what_the_title_says_of_what_is_listed() -> None:
    table = table_of(TITLE + HEADING + ROW)
    assert (table.time_wait_recorded, table.listeners_recorded) == (True, True)
    table = table_of("Active Internet connections\n" + HEADING + ROW)
    assert (table.time_wait_recorded, table.listeners_recorded) == (True, False)
    table = table_of(ROW)
    assert (table.time_wait_recorded, table.listeners_recorded) == (False, False)


def test_tables_of_two_systems_in_one_file() -> None:
    linux = (
        "Active Internet connections (w/o servers)\n"
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"
        "tcp        0      0 10.0.0.1:8080           10.0.0.2:16011          ESTABLISHED\n"
    )
    formats = [table.format for table in read(TITLE + HEADING + ROW + linux).tables]
    assert formats == ["bsd-netstat", "netstat"]
    formats = [table.format for table in read(linux + TITLE + HEADING + ROW).tables]
    assert formats == ["netstat", "bsd-netstat"]


def test_two_runs_are_two_tables() -> None:
    text = TITLE + HEADING + ROW + LISTENER
    assert [len(table.sockets) for table in read(text + text).tables] == [2, 2]


def test_queues_of_hp_ux_say_nothing() -> None:
    table = table_of(TITLE + HEADING + PLAIN)
    assert not table.queues_recorded
    assert table.sockets[0].recv_q is None
    assert table_of(TITLE + HEADING + PLAIN.replace("tcp    ", "tcp4   ")).queues_recorded
    assert table_of(PLAIN.replace("    0      0  10", "    3      0  10")).sockets[0].recv_q == 3


def test_rmsock_names_the_owner_by_the_address_of_the_socket() -> None:
    other = AIX.replace("180bb8", "1803b8").replace("1334", "80")
    table = table_of(AIX + other + ANSWER)
    assert table.format == "aix-netstat"
    assert table.owners_recorded
    assert [socket.owners for socket in table.sockets] == [
        (Owner(3211434, "writesrv"),),
        NOT_RECORDED,
    ]


def test_rmsock_names_the_owner_by_its_command() -> None:
    text = (
        "# netstat -Aan | grep 1334\n"
        + AIX
        + "# rmsock f1000e0000180bb8 tcpcb\n"
        + "The socket 0x864e808 is being held by proccess 143640 (java).\n"
    )
    facts = read(text)
    (table,) = facts.tables
    assert facts.not_understood == ()
    assert facts.format == "aix-netstat"
    assert table.sockets[0].owners == (Owner(143640, "java"),)


def test_what_the_kernel_holds_has_no_owner() -> None:
    answer = "The socket 0xf1000e0000180808 is being held by Kernel/Kernel Extension.\n"
    assert table_of(AIX + answer).sockets[0].owners == ()


def test_an_ambiguous_answer_is_none() -> None:
    assert {socket.owners for socket in table_of(AIX + AIX + ANSWER).sockets} == {NOT_RECORDED}


def test_aix_prints_accept_queues_below_the_row() -> None:
    text = (
        TITLE
        + HEADING
        + "tcp4       0      0  *.8080                 *.*                    LISTEN\n\n"
        + "    so_options: (ACCEPTCONN|REUSEADDR)\n"
        + "    q0len:0 qlen:7 qlimit:50     so_state: (PRIV)\n"
        + "    timeo:0 uid:0\n\n"
        + ROW
    )
    table = table_of(text)
    listener, connection = table.sockets
    assert table.format == "aix-netstat"
    assert (listener.recv_q, listener.send_q) == (7, 50)
    assert (listener.evidence.first_line, listener.evidence.last_line) == (3, 6)
    assert connection.recv_q == 7


def test_lines_of_logs_are_nobodys() -> None:
    for line in ("ERROR [tcp] 0 0 a.1 b.2 LISTEN", "tcp4 0 0 a.1 b.2 CLOSED_BY", "0/0/128 x.y"):
        with pytest.raises(ReadError):
            read(line + "\n")


@given(
    st.lists(st.one_of(st.sampled_from(LINES), st.sampled_from([AIX, ANSWER, ROW, LISTENER, ""])))
)
@settings(max_examples=200, deadline=None)
def test_any_lines_in_any_order_give_facts_or_a_read_error(lines: list[str]) -> None:
    text = "\n".join(line.rstrip("\n") for line in lines)
    holds(read_or_none(text), text.count("\n") + 1)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damage_gives_facts_or_a_read_error(data: st.DataObject) -> None:
    text = TITLE + HEADING + ROW + LISTENER + AIX + ANSWER + "q0len:0 qlen:7 qlimit:50\n" + PLAIN
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        to = data.draw(st.integers(at, min(len(text), at + 40)))
        piece = data.draw(
            st.sampled_from(["", " ", ".", "…", "9" * 30, ":", "\n", text[at:to] * 2])
        )
        text = text[:at] + piece + text[to:]
    holds(read_or_none(text), text.count("\n") + 1)
