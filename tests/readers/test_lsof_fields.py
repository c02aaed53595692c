"""Output of lsof -F, and lsof with odd flags, against what the program under it has open."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, Owner, SocketTable, TcpState
from hangscope.readers import UnreadableInput

from .reading import read, socket_of, table_of

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "lsof"
PROCESS = "p27836\ng1\nR1\ncjava\nu0\nLroot\n"
LISTEN = (
    "f52\nau\nl \ntIPv6\nG0x80002;0x0\nd162003\no0t0\nPTCP\nn*:8080\nTST=LISTEN\nTQR=3\nTQS=0\n"
)
SERVED = (
    "f53\ntIPv6\nd162004\nPTCP\nn10.0.0.1:8080->10.0.0.2:37352\nTST=ESTABLISHED\nTQR=18\nTQS=5\n"
)
FILES = "fcwd\ntDIR\nn/opt/a b\nfmem\ntREG\nn/usr/lib/libc.so\nf7\ntIPv4\nPUDP\nn*:5353\n"
DEAD = "f6\ntsock\nd0,9\ni16108\nnprotocol: TCP\n"


def test_fields() -> None:
    table = table_of(PROCESS + FILES + DEAD + LISTEN + SERVED)
    assert table.format == "lsof-fields"
    assert table.evidence == Evidence("input.txt", 1, 41)
    listener, served = table.sockets
    assert (listener.state, listener.local) == (TcpState.LISTEN, Endpoint("*", 8080))
    assert (listener.recv_q, listener.send_q) == (3, None)
    assert listener.owners == (Owner(27836, "java", 52),)
    assert (served.peer, served.inode) == (Endpoint("10.0.0.2", 37352), 162004)
    assert (served.recv_q, served.send_q, served.family) == (18, 5, "IPv6")
    assert served.evidence == Evidence("input.txt", 34, 41)
    assert table.owners_recorded
    assert table.queues_recorded
    assert table.listeners_recorded
    assert not table.time_wait_recorded


def test_fields_that_end_with_nul() -> None:
    text = (
        "p27836\0cjava\0\n" + LISTEN.replace("\n", "\0") + "\n" + SERVED.replace("\n", "\0") + "\n"
    )
    table = table_of(text)
    assert [socket.evidence.first_line for socket in table.sockets] == [2, 3]
    assert table.sockets[0].owners == (Owner(27836, "java", 52),)


def test_files_of_one_inode_are_one_socket() -> None:
    other = "p27900\ncjava\n" + LISTEN.replace("f52", "f7")
    (listener,) = table_of(PROCESS + LISTEN + LISTEN + other).sockets
    assert listener.owners == (Owner(27836, "java", 52), Owner(27900, "java", 7))


def test_descriptors_above_9999_are_not_told_apart() -> None:
    high = LISTEN.replace("f52", "f*001")
    assert socket_of(PROCESS + high + high).owners == (Owner(27836, "java"), Owner(27836, "java"))


def test_without_inodes_the_addresses_tell() -> None:
    text = SERVED.replace("d162004\n", "")
    (served,) = table_of(PROCESS + text + "p27900\ncsh\n" + text).sockets
    assert served.owners == (Owner(27836, "java", 53), Owner(27900, "sh", 53))


def test_a_lost_head() -> None:
    socket = socket_of(SERVED[4:])
    assert socket.owners is NOT_RECORDED
    assert socket.evidence == Evidence("input.txt", 1, 7)


def test_without_states_the_rest_is_known() -> None:
    text = "p22957\ncpython3\nf3\ntIPv4\nPTCP\nn*:80\n"
    sockets = table_of(text + text.replace("n*:80", "n*:81")).sockets
    assert [(one.state, str(one.local)) for one in sockets] == [
        (TcpState.UNKNOWN, "*:80"),
        (TcpState.UNKNOWN, "*:81"),
    ]


def test_the_only_file_without_a_state_may_be_cut() -> None:
    with pytest.raises(UnreadableInput, match="may be cut"):
        read("p22957\ncpython3\nf3\ntIPv4\nPTCP\nn*:80")


def test_a_cut_name_is_no_socket() -> None:
    facts = read(PROCESS + LISTEN + SERVED.replace("37352", ""))
    assert len(facts.tables[0].sockets) == 1


def test_a_file_without_a_state_is_a_socket_of_unknown_state() -> None:
    facts = read(PROCESS + SERVED.replace("TST=ESTABLISHED\n", "") + LISTEN)
    assert facts.not_understood == ()
    states = [socket.state for table in facts.tables for socket in table.sockets]
    assert states == [TcpState.UNKNOWN, TcpState.LISTEN]


def test_text_around_is_nobodys() -> None:
    facts = read("a log\np1\nanother log\n" + PROCESS + LISTEN + "and more\n" + PROCESS + SERVED)
    assert facts.not_understood == ()
    assert [len(table.sockets) for table in facts.tables] == [1, 1]
    assert facts.tables[0].evidence == Evidence("input.txt", 4, 21)


WITHOUT_STATE = {"lsof_-nP_-iTCP_-T.txt", "lsof_-nP_-iTCP_-Tq.txt", "lsof_-nP_-iTCP_-Fpcfn.txt"}
CAPTURES = sorted(path for path in FIXTURES.glob("*.txt") if path.name not in WITHOUT_STATE)


def of(path: Path) -> SocketTable:
    facts = read(path.read_bytes())
    assert facts.not_understood == ()
    (table,) = facts.tables
    return table


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_captures(path: Path) -> None:
    """``program.py`` has 12 sockets of TCP in a table, and a child that shares the listeners."""
    table = of(path)
    assert Counter(socket.state for socket in table.sockets) == {
        TcpState.LISTEN: 2,
        TcpState.ESTABLISHED: 7,
        TcpState.CLOSE_WAIT: 2,
        TcpState.FIN_WAIT2: 1,
    }
    of_one_process = "_-p_" in path.name
    for socket in table.sockets:
        assert isinstance(socket.owners, tuple)
        pids = {owner.pid for owner in socket.owners}
        shared = socket.state is TcpState.LISTEN and not of_one_process
        assert len(pids) == (2 if shared else 1)
        assert all(owner.command == "python3" for owner in socket.owners)
        high = sum(owner.fd is None for owner in socket.owners)
        is_doubled = socket.state is TcpState.LISTEN and socket.local.port != 8443
        assert high == (2 * len(pids) if is_doubled else 0)


@pytest.mark.parametrize("name", sorted(WITHOUT_STATE))
def test_captures_without_state_are_sockets_of_unknown_state(name: str) -> None:
    facts = read((FIXTURES / name).read_bytes())
    assert facts.not_understood == ()
    assert {one.state for table in facts.tables for one in table.sockets} == {TcpState.UNKNOWN}


def test_fields_say_what_the_table_says() -> None:
    table, fields = (
        of(FIXTURES / "lsof_-nP_-iTCP_-Tqs.txt"),
        of(FIXTURES / "lsof_-nP_-iTCP_-F0.txt"),
    )
    assert [socket._replace(evidence=None) for socket in table.sockets] == [  # type: ignore[arg-type]
        socket._replace(evidence=None)  # type: ignore[arg-type]
        for socket in fields.sockets
    ]
