"""The socket join: roles, mirrors, services, and several tables of one moment."""

from __future__ import annotations

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, Owner, Socket, SocketTable, TcpState
from hangscope.interpret.ledger import Entry, ledger
from hangscope.interpret.sockets import HostSockets, Role, spans
from hangscope.knowledge import load

KNOWLEDGE = load()
JAVA = (Owner(100, "java", 7),)


def end(text: str) -> Endpoint:
    address, _, port = text.rpartition(":")
    if port.isdigit():
        return Endpoint(address, int(port))
    return Endpoint(address, None, None if port == "*" else port)


def row(  # noqa: PLR0917 - a row reads like a row
    line: int,
    state: TcpState,
    local: str,
    peer: str,
    recv_q: int | None = 0,
    owners: object = JAVA,
) -> Socket:
    return Socket(
        state,
        end(local),
        end(peer),
        recv_q,
        None,
        owners,  # type: ignore[arg-type]
        Evidence("sockets.txt", line, line),
    )


def table(*rows: Socket, owners: bool = True, queues: bool = True) -> SocketTable:
    return SocketTable(
        Evidence("sockets.txt", 1, 99),
        "ss",
        rows,
        owners_recorded=owners,
        queues_recorded=queues,
        time_wait_recorded=True,
        listeners_recorded=True,
    )


LISTENER = row(1, TcpState.LISTEN, "*:8080", "*:*")
OUT = row(2, TcpState.ESTABLISHED, "127.0.0.1:50000", "127.0.0.1:8080")
IN = row(3, TcpState.ESTABLISHED, "127.0.0.1:8080", "127.0.0.1:50000", recv_q=97)


def test_a_self_connection_is_two_rows_that_mirror_each_other() -> None:
    host = HostSockets([table(LISTENER, OUT, IN)], KNOWLEDGE)
    _, outbound, accepted = host.rows
    assert [host.role(r) for r in host.rows] == [Role.LISTENER, Role.OUTBOUND, Role.ACCEPTED]
    assert host.mirror(outbound) == accepted
    assert host.mirror(accepted) == outbound
    service = host.reached(outbound)
    assert service is not None
    assert str(service.endpoint) == "*:8080"


@pytest.mark.parametrize("listener", ["*:8080", "0.0.0.0:8080", ":::8080", "127.0.0.1:8080"])
def test_wildcard_listeners_take_every_local_address(listener: str) -> None:
    host = HostSockets([table(row(1, TcpState.LISTEN, listener, "*:*"), IN)], KNOWLEDGE)
    assert host.role(host.rows[1]) is Role.ACCEPTED


def test_an_exact_listener_beats_a_wildcard() -> None:
    exact = row(4, TcpState.LISTEN, "127.0.0.1:8080", "*:*", owners=(Owner(200, "nginx"),))
    host = HostSockets([table(LISTENER, exact, OUT)], KNOWLEDGE)
    service = host.reached(host.rows[2])
    assert service is not None
    assert service.owned_by(200)


def test_a_listener_on_another_address_takes_nothing_of_ours() -> None:
    other = row(1, TcpState.LISTEN, "10.0.0.1:8080", "*:*")
    host = HostSockets([table(other, OUT)], KNOWLEDGE)
    assert host.reached(host.rows[1]) is None


def test_a_connection_to_somebody_elses_8080_is_not_a_self_call() -> None:
    away = row(2, TcpState.ESTABLISHED, "10.0.0.1:50000", "10.0.0.9:8080")
    host = HostSockets([table(LISTENER, away)], KNOWLEDGE)
    assert host.role(host.rows[1]) is Role.OUTBOUND
    assert host.reached(host.rows[1]) is None


def test_without_listen_rows_a_port_that_clients_share_is_a_service() -> None:
    rows = [
        row(n, TcpState.CLOSE_WAIT, "10.41.249.26:8080", f"10.51.31.149:{40000 + n}", recv_q=1)
        for n in range(1, 4)
    ]
    host = HostSockets([table(*rows)], KNOWLEDGE)
    (service,) = host.services
    assert service.inferred
    assert len(ledger(host, service).close_wait) == 3


def test_a_port_printed_by_name_is_read_and_remembered() -> None:
    rows = [
        row(n, TcpState.CLOSE_WAIT, "10.0.0.1:webcache", f"10.0.0.2:{n}", recv_q=None)
        for n in (5000, 5001)
    ]
    host = HostSockets([table(*rows, queues=False)], KNOWLEDGE)
    assert {r.local.port for r in host.rows} == {8080}
    assert host.resolved_names == {"webcache": 8080}


def test_two_tables_of_one_moment_are_one_row_a_connection() -> None:
    without_queue = row(9, TcpState.ESTABLISHED, "127.0.0.1:8080", "127.0.0.1:50000", recv_q=None)
    without_owner = IN._replace(owners=NOT_RECORDED)
    host = HostSockets(
        [table(without_queue, queues=False), table(LISTENER, without_owner, owners=False)],
        KNOWLEDGE,
    )
    folded = next(r for r in host.rows if r.local.port == 8080 and r.state is not TcpState.LISTEN)
    assert (folded.recv_q, folded.owners) == (97, JAVA)
    assert len(folded.evidence) == 2


@pytest.mark.parametrize(
    ("state", "recv_q", "owners", "entry"),
    [
        (TcpState.ESTABLISHED, 97, JAVA, Entry.UNREAD),
        (TcpState.ESTABLISHED, 0, JAVA, Entry.READ),
        (TcpState.ESTABLISHED, 97, (), Entry.ACCEPT_QUEUE),
        (TcpState.ESTABLISHED, None, JAVA, Entry.OPEN),
        (TcpState.CLOSE_WAIT, 0, JAVA, Entry.NOT_CLOSED),
        (TcpState.CLOSE_WAIT, 1, JAVA, Entry.ABANDONED_SERVED),
        (TcpState.CLOSE_WAIT, 98, JAVA, Entry.ABANDONED_UNREAD),
        (TcpState.CLOSE_WAIT, 98, (), Entry.ABANDONED_IN_QUEUE),
        (TcpState.CLOSE_WAIT, None, JAVA, Entry.ABANDONED),
        (TcpState.TIME_WAIT, 0, (), Entry.TIME_WAIT),
        (TcpState.FIN_WAIT2, 0, (), Entry.CLOSING),
        (TcpState.SYN_RECV, 0, (), Entry.OTHER),
    ],
)
def test_each_row_of_a_listener_is_in_one_entry_of_the_ledger(
    state: TcpState, recv_q: int | None, owners: object, entry: Entry
) -> None:
    one = row(2, state, "10.0.0.1:8080", "10.0.0.2:50000", recv_q, owners)
    host = HostSockets([table(LISTENER, one)], KNOWLEDGE)
    made = ledger(host, host.services[0])
    assert list(made.entries) == [entry]
    assert made.total == 1


def test_a_call_of_the_process_to_itself_is_told_apart_from_its_clients() -> None:
    client = row(4, TcpState.ESTABLISHED, "127.0.0.1:8080", "127.0.0.1:50001", recv_q=60)
    host = HostSockets([table(LISTENER, OUT, IN, client)], KNOWLEDGE)
    entries = ledger(host, host.services[0]).entries
    assert {e: len(rows) for e, rows in entries.items()} == {Entry.SELF_UNREAD: 1, Entry.UNREAD: 1}


def test_neighbouring_lines_are_one_span() -> None:
    host = HostSockets([table(LISTENER, OUT, IN)], KNOWLEDGE)
    assert [str(span) for span in spans(host.rows[1:])] == ["sockets.txt:2-3"]
