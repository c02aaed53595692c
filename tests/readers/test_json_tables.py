"""Socket tables as JSON; psutil's are in ``test_psutil_jsonl.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Owner, TcpState, Timer
from hangscope.readers import UnreadableInput

from .reading import read, socket_of, table_of

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "json"
LOCAL, PEER = Endpoint("10.0.0.1", 8080), Endpoint("10.0.0.2", 60494)
OSQUERY = {
    "pid": "27836",
    "fd": "52",
    "socket": "162004",
    "family": "2",
    "protocol": "6",
    "local_address": "10.0.0.1",
    "local_port": "8080",
    "remote_address": "10.0.0.2",
    "remote_port": "60494",
    "state": "CLOSE_WAIT",
}
POWERSHELL = {
    "LocalAddress": "10.0.0.1",
    "LocalPort": 8080,
    "RemoteAddress": "10.0.0.2",
    "RemotePort": 60494,
    "State": 8,
    "OwningProcess": 27836,
}
SS = {
    "netid": "tcp",
    "state": "CLOSE-WAIT",
    "recv_q": 41,
    "send_q": 0,
    "local_address": "10.0.0.1",
    "local_port": "8080",
    "peer_address": "10.0.0.2",
    "peer_port": "60494",
    "process": {"process_id": {"27836": {"user": "java", "file_descriptor": "52"}}},
}
NETSTAT = {
    "proto": "tcp",
    "recv_q": 41,
    "send_q": 0,
    "local_address": "10.0.0.1",
    "foreign_address": "10.0.0.2",
    "state": "CLOSE_WAIT",
    "program_name": "java",
    "kind": "network",
    "pid": 27836,
    "local_port": "8080",
    "foreign_port": "60494",
}
LSOF = {
    "command": "java",
    "pid": 27836,
    "user": "app",
    "fd": "52u",
    "type": "IPv4",
    "device": "162004",
    "size_off": 0,
    "node": None,
    "name": "10.0.0.1:8080->10.0.0.2:60494 (CLOSE_WAIT)",
}
PROC = {
    "entry": "0",
    "local_address": "10.0.0.1",
    "local_port": 8080,
    "remote_address": "10.0.0.2",
    "remote_port": 60494,
    "state": "08",
    "tx_queue": "00000000",
    "rx_queue": "00000029",
    "timer_active": 2,
    "jiffies_until_timer_expires": "00000064",
    "unrecovered_rto_timeouts": "00000000",
    "unanswered_0_window_probes": 0,
    "inode": 162004,
}
FILE = {
    "fd": "52",
    "type": "IPv4",
    "device": "162004",
    "protocol": "TCP",
    "name": "10.0.0.1:8080->10.0.0.2:60494",
    "tcp_info": {"state": "CLOSE_WAIT", "recv_queue": 41, "send_queue": 0},
}
NESTED = {
    "lsof_version": "4.99.6",
    "processes": [{"pid": 27836, "command": "java", "files": [FILE]}],
}
FLAT = {"pid": 27836, "command": "java"} | FILE


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize(
    ("model", "name", "owners", "recv_q"),
    [
        ([OSQUERY], "osquery-json", (Owner(27836, "", 52),), None),
        (OSQUERY, "osquery-json", (Owner(27836, "", 52),), None),
        ([POWERSHELL], "get-nettcpconnection-json", (Owner(27836, ""),), None),
        ([SS], "jc-ss", (Owner(27836, "java", 52),), 41),
        ([NETSTAT], "jc-netstat", (Owner(27836, "java"),), 41),
        ([LSOF], "jc-lsof", (Owner(27836, "java", 52),), None),
        ([PROC], "jc-proc-net-tcp", NOT_RECORDED, 41),
        (NESTED, "lsof-json", (Owner(27836, "java", 52),), 41),
        (FLAT, "lsof-json", (Owner(27836, "java", 52),), 41),
    ],
    ids=["osquery", "osquery-1", "powershell", "ss", "netstat", "lsof", "proc", "lsof-J", "lsof-j"],
)
def test_dialects(indent: int | None, model: Any, name: str, owners: Any, recv_q: Any) -> None:
    text = "\n" + json.dumps(model, indent=indent) + "\n"
    table = table_of(text)
    (socket,) = table.sockets
    assert table.format == name
    assert (socket.local, socket.peer, socket.state) == (LOCAL, PEER, TcpState.CLOSE_WAIT)
    assert (socket.owners, socket.recv_q) == (owners, recv_q)
    assert table.queues_recorded == (recv_q is not None)
    lines = text.split("\n")
    assert "{" in lines[socket.evidence.first_line - 1]
    assert "}" in lines[socket.evidence.last_line - 1]
    assert '"' in lines[socket.evidence.first_line - 1 + (indent is not None)]
    assert socket.inode in (162004, None)


def test_a_single_row_of_jc_in_lines() -> None:
    text = "".join(json.dumps(NETSTAT | {"local_port": str(port)}) + "\n" for port in (1, 2, 3))
    table = table_of(text)
    assert [socket.local.port for socket in table.sockets] == [1, 2, 3]
    assert [socket.evidence.first_line for socket in table.sockets] == [1, 2, 3]


def test_listening_ports_of_osquery() -> None:
    row = {"pid": "9", "port": "80", "protocol": "6", "family": "10", "address": "::", "fd": "4"}
    udp = row | {"protocol": "17"}
    table = table_of(json.dumps([row, udp]))
    (socket,) = table.sockets
    assert (socket.state, socket.local, socket.family) == (
        TcpState.LISTEN,
        Endpoint("::", 80),
        "IPv6",
    )
    assert (table.listeners_recorded, table.time_wait_recorded) == (True, False)


def test_nobody_s_sockets_have_no_owner() -> None:
    table = table_of(json.dumps([OSQUERY, OSQUERY | {"pid": "-1", "fd": "-1"}]))
    assert [socket.owners for socket in table.sockets] == [(Owner(27836, "", 52),), ()]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (2, TcpState.LISTEN),
        (11, TcpState.TIME_WAIT),
        ("FinWait2", TcpState.FIN_WAIT2),
        ("Listen", TcpState.LISTEN),
    ],
)
def test_states_of_powershell(state: object, expected: TcpState) -> None:
    assert socket_of(json.dumps(POWERSHELL | {"State": state})).state is expected


@pytest.mark.parametrize("state", [100, 12, "Bound"])
def test_bound_ports_are_no_sockets_of_tcp(state: object) -> None:
    assert len(table_of(json.dumps([POWERSHELL, POWERSHELL | {"State": state}])).sockets) == 1


def test_timers_of_proc() -> None:
    assert socket_of(json.dumps([PROC])).timer == Timer("keepalive", 1.0, 0)


def test_descriptors_of_one_socket_are_one_socket() -> None:
    table = table_of(json.dumps([LSOF, LSOF | {"pid": 9, "fd": "7u"}, LSOF | {"fd": "53u"}]))
    (socket,) = table.sockets
    assert socket.owners == (
        Owner(27836, "java", 52),
        Owner(9, "java", 7),
        Owner(27836, "java", 53),
    )


def test_lsof_without_names_is_told() -> None:
    nameless = {key: value for key, value in FLAT.items() if key != "name"}
    facts = read(json.dumps(FLAT) + "\n" + json.dumps(nameless) + "\n")
    (span,) = facts.not_understood
    assert span.first_line == 2
    assert "lsof -nP -i" in span.why


def test_rows_of_other_protocols_are_passed_over() -> None:
    rows = [NETSTAT, NETSTAT | {"proto": "udp", "state": None}, {"proto": "unix", "refcnt": 2}]
    assert len(table_of(json.dumps(rows)).sockets) == 1
    rows = [SS, SS | {"netid": "u_str"}, {"netid": "nl", "state": "UNCONN"}]
    assert len(table_of(json.dumps(rows)).sockets) == 1


@pytest.mark.parametrize("indent", [None, 2])
def test_damage_costs_one_row(indent: int | None) -> None:
    rows = [SS | {"local_port": str(port)} for port in (1, 2, 3)]
    text = json.dumps(rows, indent=indent).replace('"local_port": "2"', '"local_port": "2')
    facts = read(text)
    assert [socket.local.port for socket in facts.tables[0].sockets] == [1, 3]
    assert len(facts.not_understood) == 1


def test_a_state_that_is_none_is_told() -> None:
    with pytest.raises(UnreadableInput, match="not a socket as JSON"):
        read(json.dumps([NETSTAT | {"state": "SLEEPING"}]))


def test_many_faults_in_one_line_are_told_once() -> None:
    facts = read(json.dumps([NETSTAT, *[NETSTAT | {"state": "SLEEPING"}] * 50]))
    assert len(facts.not_understood) == 1


@pytest.mark.parametrize("name", ["jc-ss", "jc-netstat", "jc-lsof", "jc-proc-net-tcp", "psutil"])
def test_captures(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    table = table_of(text)
    assert table.format == ("psutil-jsonl" if name == "psutil" else name)
    rows = json.loads(text)
    assert len(table.sockets) == len(rows)
    states = [socket.state for socket in table.sockets]
    assert states.count(TcpState.LISTEN) == 1
    assert states.count(TcpState.CLOSE_WAIT) == 1
    assert states.count(TcpState.ESTABLISHED) >= 5
    if name in ("jc-ss", "jc-netstat", "jc-proc-net-tcp"):
        assert 6 in {socket.recv_q for socket in table.sockets}
    if name in ("jc-ss", "jc-netstat", "jc-lsof"):
        assert any(
            owner.pid and owner.command.startswith("python")
            for socket in table.sockets
            for owner in (() if socket.owners is NOT_RECORDED else socket.owners)
        )


@pytest.mark.parametrize(
    "text",
    [
        '{"protocol": "http", "status": 200, "pid": 7}',
        '{"State": "running", "LocalPort": 3}',
        '[{"proto": "tcp"}]',
        '{"command": "ls", "pid": 4}',
        '{"fd": 3, "type": "x"}',
    ],
)
def test_other_json_is_not_taken(text: str) -> None:
    from hangscope.readers import recognise

    assert recognise([text]) is None
