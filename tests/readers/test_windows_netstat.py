"""Tables of Windows' netstat."""

from __future__ import annotations

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, Owner, TcpState

from .reading import read, socket_of, table_of

TITLE = "\nActive Connections\n\n"
HEADER = "  Proto  Local Address          Foreign Address        State           PID\n"
LISTEN = "  TCP    0.0.0.0:8080           0.0.0.0:0              LISTENING       1712\n"
SERVED = "  TCP    10.0.0.4:8080          10.0.0.9:50124         ESTABLISHED     1712\n"
LEAKED = "  TCP    [fe80::1%12]:50123     [2001:db8::9]:443      CLOSE_WAIT      9396\n"
BUCKET = "  TCP    10.0.0.4:50200         10.0.0.9:443           TIME_WAIT       0\n"
UDP = "  UDP    0.0.0.0:5353           *:*                                    8888\n"

GERMAN = "  TCP    0.0.0.0:8080           0.0.0.0:0              ABHÖREN         1712\n"
HEADINGS = {
    "de": ("Aktive Verbindungen", "Proto  Lokale Adresse         Remoteadresse          Status"),
    "ko": (
        "활성 연결",
        "프로토콜  로컬 주소              외부 주소              상태            PID",
    ),
    "ja": (
        "アクティブな接続",
        "プロトコル  ローカル アドレス          外部アドレス        状態           PID",
    ),
    "zh-CN": ("活动连接", "协议  本地地址          外部地址        状态           PID"),
    "ru": (
        "Активные подключения",
        "Имя    Локальный адрес        Внешний адрес          Состояние",
    ),
    "fr": ("Connexions actives", "Proto  Adresse locale         Adresse distante       État"),
    "es": ("Conexiones activas", "Proto  Dirección local          Dirección remota        Estado"),
    "damaged": ("\ufffd\ufffd\ufffd\ufffd", "\\x83v\\x83\\x8d  \\x83\\x8d  ?O??  ???  PID"),
}


def test_a_table() -> None:
    table = table_of(
        (TITLE + HEADER + LISTEN + SERVED + LEAKED + BUCKET + UDP).replace("\n", "\r\n")
    )
    assert table.format == "windows-netstat"
    assert table.evidence == Evidence("input.txt", 2, 9)
    listener, served, leaked, bucket = table.sockets
    assert (listener.state, listener.local) == (TcpState.LISTEN, Endpoint("0.0.0.0", 8080))  # noqa: S104
    assert (served.state, served.peer) == (TcpState.ESTABLISHED, Endpoint("10.0.0.9", 50124))
    assert served.owners == (Owner(1712, ""),)
    assert (leaked.local, leaked.family) == (Endpoint("fe80::1", 50123), "IPv6")
    assert (bucket.state, bucket.owners) == (TcpState.TIME_WAIT, ())
    assert bucket.evidence == Evidence("input.txt", 8, 8)
    assert (served.recv_q, served.send_q, served.inode) == (None, None, None)
    assert table.owners_recorded
    assert not table.queues_recorded
    assert table.listeners_recorded
    assert table.time_wait_recorded


def test_programs_are_below_their_rows() -> None:
    facts = read(
        TITLE
        + HEADER
        + LISTEN
        + "  RpcSs\n [svchost.exe]\n"
        + SERVED
        + " Can not obtain ownership information\n"
        + UDP
        + " [chrome.exe]\n"
        + BUCKET
        + " Es konnten keine Besitzerinformationen abgerufen werden.\n"
        + LEAKED
        + " [NVIDIA Web Helper.exe]\n"
    )
    assert facts.not_understood == ()
    (table,) = facts.tables
    assert [socket.owners for socket in table.sockets] == [
        (Owner(1712, "svchost.exe"),),
        (Owner(1712, ""),),
        (),
        (Owner(9396, "NVIDIA Web Helper.exe"),),
    ]
    assert table.evidence.last_line == 15


@pytest.mark.parametrize("language", HEADINGS)
def test_headings_in_any_language_are_headings(language: str) -> None:
    title, header = HEADINGS[language]
    one = f"\n{title}\n\n  {header}\n{LISTEN}{SERVED}\n"
    facts = read(one + one)
    assert facts.not_understood == ()
    assert [len(table.sockets) for table in facts.tables] == [2, 2]
    assert facts.tables[1].time_wait_recorded


@pytest.mark.parametrize("word", ["ABHÖREN", "ABH?REN", "ABH™REN", "ABH\\x99REN", "LAUSCHT"])
def test_listeners_are_told_by_their_foreign_port(word: str) -> None:
    assert socket_of(GERMAN.replace("ABHÖREN", word)).state is TcpState.LISTEN


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("HERGESTELLT", TcpState.ESTABLISHED),
        ("WARTEND", TcpState.TIME_WAIT),
        ("SCHLIESSEN_WARTEN", TcpState.CLOSE_WAIT),
        ("SYN_GESENDET", TcpState.SYN_SENT),
        ("FIN_WARTEN_2", TcpState.FIN_WAIT2),
        ("SCHLIESSEND", TcpState.CLOSING),
        ("SYN_RECEIVED", TcpState.SYN_RECV),
        ("FIN_WAIT_1", TcpState.FIN_WAIT1),
        ("LAST_ACK", TcpState.LAST_ACK),
    ],
)
def test_states(word: str, state: TcpState) -> None:
    assert socket_of(SERVED.replace("ESTABLISHED", word)).state is state


def test_an_unknown_state_is_told() -> None:
    facts = read(HEADER + SERVED.replace("ESTABLISHED", "ESTABLECIDO") + LISTEN)
    assert [(s.first_line, s.why) for s in facts.not_understood] == [
        (2, "a state of TCP in a language that is not known")
    ]
    assert len(facts.tables[0].sockets) == 1


def test_bound_sockets_do_not_listen() -> None:
    bound = socket_of(LISTEN.replace("LISTENING", "BOUND    "))
    assert bound.state is TcpState.CLOSE


def test_without_process_ids() -> None:
    row = "  TCP    127.0.0.1:1031         api:https              ESTABLISHED\n"
    table = table_of(HEADER.replace("PID", "") + row)
    assert table.sockets[0].peer == Endpoint("api", None, "https")
    assert table.sockets[0].owners is NOT_RECORDED
    assert not table.owners_recorded
    assert not table.listeners_recorded


def test_offload_states() -> None:
    assert socket_of(SERVED[:-1] + "    InHost\n").owners == (Owner(1712, ""),)


def test_a_cut_row_costs_itself_only() -> None:
    facts = read(HEADER + LISTEN + SERVED[:50] + "\n" + BUCKET)
    assert [(s.first_line, s.why) for s in facts.not_understood] == [
        (3, "not a row of Windows' netstat")
    ]
    assert len(facts.tables[0].sockets) == 2


def test_lines_around_are_nobodys() -> None:
    facts = read("C:\\>netstat -ano\n" + TITLE + HEADER + LISTEN + "\n12:00:01 some log: text\n")
    assert facts.not_understood == ()
    assert facts.tables[0].evidence == Evidence("input.txt", 3, 6)


def test_lost_indentation() -> None:
    text = TITLE + HEADER + LISTEN + " [java.exe]\n" + SERVED
    lines = "\n".join(line.strip() for line in text.split("\n"))
    assert [socket.owners for socket in table_of(lines).sockets] == [
        (Owner(1712, "java.exe"),),
        (Owner(1712, ""),),
    ]
