"""Tables of Linux' netstat, with any columns and in any language."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, Owner, TcpState, Timer
from hangscope.readers.sockets.netstat import STATES, SYNTAX

from .reading import read, socket_of, table_of

ALL = "Active Internet connections (servers and established)\n"
CONNECTED = "Active Internet connections (w/o servers)\n"
ONLY_SERVERS = "Active Internet connections (only servers)\n"
HEADER = "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
WITH_PID = HEADER.rstrip() + "       PID/Program name    \n"
LISTEN = "tcp6       3      0 :::8080                 :::*                    LISTEN      27836/java          \n"
SERVED = "tcp6     144      0 10.0.0.1:8080           10.0.0.2:37378          ESTABLISHED 27836/java          \n"
QUEUED = "tcp6      97      0 10.0.0.1:8080           10.0.0.3:37379          ESTABLISHED -                   \n"


def test_a_table() -> None:
    table = table_of(ALL + WITH_PID + LISTEN + SERVED + QUEUED)
    assert table.evidence == Evidence("input.txt", 1, 5)
    listener, served, queued = table.sockets
    assert (listener.local, listener.peer) == (Endpoint("::", 8080), Endpoint("::", None))
    assert (listener.recv_q, listener.send_q) == (3, None)  # it does not know the backlog
    assert listener.owners == (Owner(27836, "java"),)
    assert (served.local, served.peer) == (Endpoint("10.0.0.1", 8080), Endpoint("10.0.0.2", 37378))
    assert (served.recv_q, served.send_q, served.family) == (144, 0, "IPv6")
    assert queued.owners == ()
    assert queued.evidence == Evidence("input.txt", 5, 5)
    assert table.owners_recorded
    assert table.queues_recorded
    assert table.time_wait_recorded
    assert table.listeners_recorded


def test_without_the_column_no_owners_were_recorded() -> None:
    table = table_of(ALL + HEADER + QUEUED.replace(" -  ", "    "))
    assert not table.owners_recorded
    assert table.sockets[0].owners is NOT_RECORDED


@pytest.mark.parametrize(
    "text",
    [
        ALL + WITH_PID + LISTEN.replace("27836/java", "-") + QUEUED,
        '(No info could be read for "-p": geteuid()=1000 but you should be root.)\n'
        + ALL
        + WITH_PID
        + QUEUED,
    ],
)
def test_a_user_without_rights_sees_no_owners(text: str) -> None:
    """A dash is "none" only where others are shown."""
    table = table_of(text)
    assert not table.owners_recorded
    assert {socket.owners for socket in table.sockets} == {NOT_RECORDED}


def test_a_user_with_some_rights_sees_his_own() -> None:
    remark = "(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n"
    served, queued = table_of(remark + ALL + WITH_PID + SERVED + QUEUED).sockets
    assert served.owners == (Owner(27836, "java"),)
    assert queued.owners is NOT_RECORDED


@pytest.mark.parametrize(
    ("text", "time_wait", "listeners"),
    [
        (ALL + WITH_PID + SERVED, True, True),
        (CONNECTED + WITH_PID + SERVED, True, False),
        (ONLY_SERVERS + WITH_PID + LISTEN, False, True),
        ("$ netstat -tonp\n" + SERVED, True, False),
        ("$ netstat -tanp\n" + SERVED, True, True),
        ("$ netstat -tlnp\n" + LISTEN, False, True),
        ("$ netstat -tonp\n" + SERVED + "...\n", False, False),
        (SERVED, False, False),
        (HEADER + SERVED, True, False),
    ],
)
def test_what_would_be_listed(text: str, time_wait: bool, listeners: bool) -> None:
    table = table_of(text)
    assert (table.time_wait_recorded, table.listeners_recorded) == (time_wait, listeners)


@pytest.mark.parametrize("state", [s for s in TcpState if s is not TcpState.UNKNOWN])
def test_states(state: TcpState) -> None:
    assert socket_of(f"tcp 0 0 10.0.0.1:1 10.0.0.2:2 {state.value}\n").state is state


@pytest.mark.parametrize("word", sorted(STATES))
def test_translated_states(word: str) -> None:
    assert socket_of(f"tcp 0 0 10.0.0.1:1 10.0.0.2:2 {word}  -\n").state is STATES[word]


def test_no_state_of_the_grammar_is_forgotten() -> None:
    (pattern,) = [t.pattern.value for t in SYNTAX.grammar.terminals if t.name == "STATE"]
    assert set(pattern.split("|")) == set(STATES)


@pytest.mark.parametrize(
    ("tail", "inode", "owners", "timer"),
    [
        ("", None, NOT_RECORDED, None),
        ("1000  162004", 162004, NOT_RECORDED, None),
        ("0  0", None, NOT_RECORDED, None),
        ("root 162004 27836/java", 162004, (Owner(27836, "java"),), None),
        ("27836/java", None, (Owner(27836, "java"),), None),
        ("9139/nginx: worker ", None, (Owner(9139, "nginx: worker"),), None),
        ("9146/LISTEN 1/java   off (0.00/0/0)", None, (Owner(9146, "LISTEN 1/java"),), None),
        ("1/a on (2.63/6/0)", None, (Owner(1, "a"),), Timer("on", 2.63, 6)),
        ("probe (6.2/0/4)", None, NOT_RECORDED, Timer("persist", 6.2, 4)),
        ("keepalive (7196.98/0/0)", None, NOT_RECORDED, Timer("keepalive", 7196.98, 0)),
        ("0 5 1/a b timewait (28.29/0/0)", 5, (Owner(1, "a b"),), Timer("timewait", 28.29, 0)),
        ("1/java aus (0.00/0/0)", None, (Owner(1, "java"),), None),
        ("1/java ein (1.50/2/0)", None, (Owner(1, "java"),), Timer("on", 1.5, 2)),
    ],
)
def test_columns_after_the_state(
    tail: str, inode: int | None, owners: object, timer: Timer | None
) -> None:
    socket = socket_of(f"tcp 0 0 10.0.0.1:1 10.0.0.2:2 ESTABLISHED {tail}\n")
    assert (socket.inode, socket.owners, socket.timer) == (inode, owners, timer)


def test_cut_addresses_match_nothing() -> None:
    """All of these are 22 characters long with their port, as netstat's columns are wide."""
    row = "tcp6 0 0 2001:db8:1234:567:18080 2001:db8::1:8080 ESTABLISHED\n"
    socket = socket_of(ALL + HEADER + row)
    assert socket.local == Endpoint("2001:db8:1234:567…", 18080)
    assert socket.peer == Endpoint("2001:db8::1", 8080)


def test_wide_tables_cut_nothing() -> None:
    row = "tcp6 0 0 2001:db8:1234:5678:9abc:def0:1234:5671:18080 2001:db8:1234:567:18080 LISTEN\n"
    socket = socket_of(ALL + HEADER + row)
    assert socket.peer == Endpoint("2001:db8:1234:567", 18080)


def test_other_families_are_no_tcp_sockets() -> None:
    table = table_of(
        ALL
        + WITH_PID
        + SERVED
        + "udp        0      0 0.0.0.0:68              0.0.0.0:*                           1/dhclient\n"
        + "raw6       0      0 :::58                   :::*                    7           1/x\n"
        + "Active UNIX domain sockets (servers and established)\n"
        + "Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path\n"
        + "unix  2      [ ACC ]     STREAM     LISTENING     1234     1/init               /run/x\n"
    )
    assert len(table.sockets) == 1


def test_busybox() -> None:
    row = "tcp        0      0 ::ffff:127.0.0.1:8080   ::ffff:127.0.0.1:37352  ESTABLISHED 1/java\n"
    socket = socket_of(ALL + HEADER + row)
    assert socket.local == Endpoint("127.0.0.1", 8080)


def test_repeated_output_is_several_tables() -> None:
    tables = read((ALL + WITH_PID + SERVED) * 3).tables
    assert [table.evidence.first_line for table in tables] == [1, 4, 7]


def test_german() -> None:
    table = table_of(
        "Aktive Internetverbindungen (Server und stehende Verbindungen)\n"
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name\n"
        "tcp6       1      0 10.0.0.1:8080           10.0.0.2:37378          VERBUNDEN   27836/java\n"
    )
    assert table.sockets[0].state is TcpState.ESTABLISHED
