"""Tables of Solaris' and illumos' netstat; lines are those of the source and the manual."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import NOT_RECORDED, Endpoint, Owner, TcpState
from hangscope.readers import ReadError

from .invariants import holds
from .reading import read, socket_of, table_of
from .test_properties import read_or_none

V4 = "TCP: IPv4\n"
HEADING = (
    "   Local Address        Remote Address    Swind Send-Q Rwind Recv-Q    State\n"
    "-------------------- -------------------- ----- ------ ----- ------ -----------\n"
)
ROW = "127.0.0.1.8080       127.0.0.1.51234      49152     51 49152      7 ESTABLISHED\n"
LISTENER = "      *.22                 *.*                0      0 128000      0 LISTEN\n"
V6 = (
    "TCP: IPv6\n"
    "   Local Address                     Remote Address                 Swind Send-Q Rwind Recv-Q"
    "   State      If\n"
    "--------------------------------- --------------------------------- ----- ------ ----- ------"
    " ----------- -----\n"
    "fe80::1.22                        fe80::2.1234                      49152      0 49152      3"
    " CLOSE_WAIT  net0\n"
)
OWNERS = (
    "   Local Address        Remote Address      User    Pid       Command     Swind Send-Q Rwind"
    " Recv-Q    State\n"
)
OWNED = (
    "192.168.1.1.22       192.168.1.79.34640   root        531 sshd           134664     51"
    "  128872      0 ESTABLISHED\n"
)
VERBOSE = (
    "Local/Remote Address Swind  Snext     Suna   Rwind  Rnext     Rack    Rto   Mss     State\n"
    "-------------------- ----- -------- -------- ----- -------- -------- ----- ----- -----------\n"
)
FAR = (
    "127.0.0.1.51234      49152 0a000000 0a000000 49152 00000000 00000000  3375  1460 CLOSE_WAIT\n"
)


def test_send_q_stands_before_recv_q() -> None:
    socket = socket_of(V4 + HEADING + ROW)
    assert socket.state is TcpState.ESTABLISHED
    assert (socket.recv_q, socket.send_q) == (7, 51)
    assert socket.local == Endpoint("127.0.0.1", 8080)
    assert socket.peer == Endpoint("127.0.0.1", 51234)
    assert (socket.family, socket.owners) == ("IPv4", NOT_RECORDED)
    assert socket.evidence.first_line == 4


def test_queues_of_a_listener_are_not_printed() -> None:
    socket = socket_of(LISTENER)
    assert (socket.local, socket.recv_q, socket.send_q) == (Endpoint("*", 22), None, None)


def test_both_families_are_one_table() -> None:
    table = table_of(V4 + HEADING + ROW + LISTENER + "\n" + V6)
    assert [socket.family for socket in table.sockets] == ["IPv4", "IPv4", "IPv6"]
    assert table.sockets[2].recv_q == 3


def test_two_runs_are_two_tables() -> None:
    text = V4 + HEADING + ROW + "\n" + V6
    assert [len(table.sockets) for table in read(text + text).tables] == [2, 2]


@pytest.mark.parametrize(
    ("word", "state"),
    [("IDLE", "CLOSE"), ("BOUND", "CLOSE"), ("SYN_RCVD", "SYN_RECV"), ("FIN_WAIT_2", "FIN_WAIT2")],
)
def test_states_of_other_names(word: str, state: str) -> None:
    assert socket_of(ROW.replace("ESTABLISHED", word)).state.value == state


def test_owners_of_u() -> None:
    gone = OWNED.replace("root        531 sshd", " " * 20).replace("ESTABLISHED", "TIME_WAIT")
    table = table_of(
        V4 + OWNERS + OWNED + OWNED.replace("root        531", "af          533") + gone
    )
    assert [socket.owners for socket in table.sockets] == [
        (Owner(531, "sshd"), Owner(533, "sshd")),
        (),
    ]
    assert socket_of(OWNED.replace("sshd", "my daemon")).owners == (Owner(531, "my daemon"),)


def test_verbose_rows_are_two_lines() -> None:
    table = table_of(V4 + VERBOSE + "127.0.0.1.8080\n" + FAR)
    (socket,) = table.sockets
    assert socket.local == Endpoint("127.0.0.1", 8080)
    assert socket.peer == Endpoint("127.0.0.1", 51234)
    assert socket.state is TcpState.CLOSE_WAIT
    assert (socket.recv_q, table.queues_recorded) == (None, False)
    assert (socket.evidence.first_line, socket.evidence.last_line) == (4, 5)


def test_a_verbose_row_without_its_first_line_is_told() -> None:
    facts = read(V4 + VERBOSE + FAR + "127.0.0.1.8080\n" + FAR)
    assert len(facts.tables[0].sockets) == 1
    assert [span.first_line for span in facts.not_understood] == [4]


def test_other_sections_are_known() -> None:
    udp = (
        "UDP: IPv4\n"
        "   Local Address        Remote Address      State\n"
        "-------------------- -------------------- ----------\n"
        "      *.111                               Idle\n\n"
    )
    unix = (
        "Active UNIX domain sockets\n"
        "Address  Type          Vnode     Conn  Local Addr      Remote Addr\n"
        "300009ea0 stream-ord 00000000 00000000\n"
    )
    assert len(table_of(udp + V4 + HEADING + ROW + "\n" + unix).sockets) == 1


def test_what_is_listed() -> None:
    table = table_of(V4 + HEADING + ROW)
    assert (table.time_wait_recorded, table.listeners_recorded) == (True, False)
    assert table_of("# netstat -an -f inet\n" + V4 + HEADING + ROW).listeners_recorded
    assert not table_of(ROW).time_wait_recorded


def test_lines_of_logs_are_nobodys() -> None:
    for line in ("state is now ESTABLISHED", "a.b c.d 1 2 3 LISTEN", "TCP: IPv4 is used"):
        with pytest.raises(ReadError):
            read(line + "\n")


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damage_gives_facts_or_a_read_error(data: st.DataObject) -> None:
    text = V4 + HEADING + ROW + LISTENER + V6 + OWNERS + OWNED + VERBOSE + "127.0.0.1.8080\n" + FAR
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        to = data.draw(st.integers(at, min(len(text), at + 40)))
        piece = data.draw(st.sampled_from(["", " ", ".", "9" * 30, "\n", text[at:to] * 2]))
        text = text[:at] + piece + text[to:]
    holds(read_or_none(text), text.count("\n") + 1)
