"""Tables of FreeBSD's sockstat; lines are those of its source and manual."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import Endpoint, Owner, TcpState
from hangscope.readers import ReadError

from .invariants import holds
from .reading import read, socket_of, table_of
from .test_properties import read_or_none

HEADING = (
    "USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         FOREIGN ADDRESS       CONN STATE\n"
)
ROW = "root     java       3952  56 tcp4   127.0.0.1:4243        127.0.0.1:61000       CLOSE_WAIT\n"
LISTENER = (
    "root     java       3952  57 tcp46  *:8080                *:*                   LISTEN\n"
)
NOBODYS = (
    "?        ?          ?     ?  tcp4   10.0.0.1:8080         10.0.0.2:4006         TIME_WAIT\n"
)


def test_a_row_says_ends_state_and_owner() -> None:
    table = table_of(HEADING + ROW)
    (socket,) = table.sockets
    assert socket.state is TcpState.CLOSE_WAIT
    assert socket.local == Endpoint("127.0.0.1", 4243)
    assert socket.peer == Endpoint("127.0.0.1", 61000)
    assert socket.owners == (Owner(3952, "java", 56),)
    assert (socket.recv_q, socket.send_q, socket.family) == (None, None, "IPv4")
    assert (table.owners_recorded, table.queues_recorded) == (True, False)


def test_a_socket_that_no_process_has_open() -> None:
    assert socket_of(NOBODYS).owners == ()
    assert socket_of(NOBODYS.replace("?", "??")).owners == ()


@pytest.mark.parametrize("protocol", ["tcp6", "tcp46", "tcp4 6"])
def test_sockets_for_both_families_are_ipv6(protocol: str) -> None:
    assert socket_of(LISTENER.replace("tcp46 ", protocol + " ")).family == "IPv6"


def test_other_columns_stand_before_and_behind_the_state() -> None:
    row = ROW.replace("CLOSE_WAIT", "0  1234  ??  CLOSE_WAIT  freebsd cubic")
    assert socket_of(row).state is TcpState.CLOSE_WAIT
    wide = ROW.replace("127.0.0.1:4243", "fe80::20c:29ff:fe1a:4e3b%em0:4243")
    assert socket_of(wide).local == Endpoint("fe80::20c:29ff:fe1a:4e3b", 4243)
    assert socket_of(ROW.replace("java", "a b c")).owners == (Owner(3952, "a b c", 56),)


def test_without_states_only_listeners_are_known() -> None:
    facts = read(HEADING + LISTENER.replace("LISTEN", "") + ROW.replace("CLOSE_WAIT", ""))
    states = [socket.state for socket in facts.tables[0].sockets]
    assert states == [TcpState.LISTEN, TcpState.UNKNOWN]
    assert facts.not_understood == ()


@pytest.mark.parametrize("heading", ["", HEADING])
def test_rows_of_one_connection_are_one_socket(heading: str) -> None:
    other = ROW.replace("3952  56", "4001   7")
    table = table_of(heading + ROW + other + ROW.replace("4243", "4244"))
    assert [socket.owners for socket in table.sockets] == [
        (Owner(3952, "java", 56), Owner(4001, "java", 7)),
        (Owner(3952, "java", 56),),
    ]


def test_other_protocols_and_further_addresses_are_known() -> None:
    text = (
        HEADING
        + ROW
        + "root     syslogd    572   7  udp4   *:514                 *:*\n"
        + "zeebsd   sshd       60028 4  stream -> ??\n"
        + "                                     10.0.0.3:80           *:*\n"
        + LISTENER
    )
    assert len(table_of(text).sockets) == 2


def test_what_is_listed_follows_from_the_command() -> None:
    table = table_of("$ sockstat -4s\n" + HEADING + ROW)
    assert (table.time_wait_recorded, table.listeners_recorded) == (True, True)
    table = table_of("$ sockstat -ls\n" + HEADING + LISTENER)
    assert (table.time_wait_recorded, table.listeners_recorded) == (False, True)
    table = table_of(HEADING + ROW)
    assert (table.time_wait_recorded, table.listeners_recorded) == (False, False)


def test_a_command_that_runs_into_its_pid_is_not_guessed() -> None:
    facts = read(HEADING + ROW + ROW.replace("java       3952", "python2.781106"))
    assert len(facts.tables[0].sockets) == 1
    assert [span.first_line for span in facts.not_understood] == [3]


def test_lines_of_other_tools_are_nobodys() -> None:
    for line in ("root 1 2 tcp4 nothing here", "a b tcp4 1.2.3.4:5 6.7.8.9:10 LISTEN"):
        with pytest.raises(ReadError):
            read(line + "\n")


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damage_gives_facts_or_a_read_error(data: st.DataObject) -> None:
    text = HEADING + ROW + LISTENER + NOBODYS + ROW
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        to = data.draw(st.integers(at, min(len(text), at + 40)))
        piece = data.draw(
            st.sampled_from(["", " ", ".", "?", "9" * 30, ":", "\n", text[at:to] * 2])
        )
        text = text[:at] + piece + text[to:]
    holds(read_or_none(text), text.count("\n") + 1)
