"""Output of Get-NetTCPConnection."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

import pytest

from hangscope.facts import NOT_RECORDED, Endpoint, Evidence, Owner, TcpState
from hangscope.readers import UnreadableInput

from .reading import read, socket_of, table_of

HEADER = (
    "\nLocalAddress                        LocalPort RemoteAddress                       RemotePort State       AppliedSetting OwningProcess\n"
    "------------                        --------- -------------                       ---------- -----       -------------- -------------\n"
)
LISTEN = "::                                  49670     ::                                  0          Listen                     944\n"
SERVED = "10.0.0.4                            50123     20.1.2.3                            443        Established Internet       5678\n"
BUCKET = "10.0.0.4                            50124     20.1.2.3                            443        TimeWait                   0\n"
CUT = "2001:db8:1234:5678:9abc:def0:123... 50125     2001:db8::9                         443        SynSent     Internet       5678\n"
BLOCK = """
LocalAddress   : 10.0.0.4
LocalPort      : 50123
RemoteAddress  : 20.1.2.3
RemotePort     : 443
State          : Established
AppliedSetting : Internet
OwningProcess  : 5678
CreationTime   : 11/25/2026 8:16:01 AM
OffloadState   : InHost
"""
TYPE = "#TYPE Microsoft.Management.Infrastructure.CimInstance#ROOT/StandardCimv2/MSFT_NetTCPConnection\n"
CSV_HEADER = '"State","AppliedSetting","OwningProcess","CreationTime","LocalAddress","LocalPort","RemoteAddress","RemotePort"\n'
CSV_ROW = (
    '"Established","Internet","5678","11/25/2026 8:16:01 AM","10.0.0.4","50123","20.1.2.3","443"\n'
)
CSV_LISTEN = '"Listen",,"944","11/25/2026 8:16:01 AM","::","49670","::","0"\n'


def test_a_table() -> None:
    table = table_of((HEADER + LISTEN + SERVED + BUCKET).replace("\n", "\r\n") + "\r\n\r\n")
    assert table.format == "get-net-tcp-connection"
    assert table.evidence == Evidence("input.txt", 2, 6)
    listener, served, bucket = table.sockets
    assert (listener.state, listener.local) == (TcpState.LISTEN, Endpoint("::", 49670))
    assert (listener.family, served.family) == ("IPv6", "IPv4")
    assert (served.state, served.peer) == (TcpState.ESTABLISHED, Endpoint("20.1.2.3", 443))
    assert served.owners == (Owner(5678, ""),)
    assert (bucket.state, bucket.owners) == (TcpState.TIME_WAIT, ())
    assert (served.recv_q, served.send_q) == (None, None)
    assert table.owners_recorded
    assert table.listeners_recorded
    assert table.time_wait_recorded
    assert not table.queues_recorded


def test_without_owners() -> None:
    table = table_of(HEADER.replace("OwningProcess", "") + SERVED.replace("       5678", ""))
    assert table.sockets[0].owners is NOT_RECORDED
    assert not table.owners_recorded
    assert not table.listeners_recorded


@pytest.mark.parametrize("mark", ["...", "…"])
def test_cut_addresses_match_nothing(mark: str) -> None:
    socket = socket_of(HEADER + CUT.replace("...", mark))
    assert socket.local == Endpoint("2001:db8:1234:5678:9abc:def0:123…", 50125)


def test_a_list() -> None:
    table = table_of(BLOCK + BLOCK.replace("50123", "50199").replace("5678", "0"))
    assert table.evidence == Evidence("input.txt", 2, 20)
    first, second = table.sockets
    assert first.evidence == Evidence("input.txt", 2, 10)
    assert first.local == Endpoint("10.0.0.4", 50123)
    assert first.owners == (Owner(5678, ""),)
    assert second.evidence == Evidence("input.txt", 12, 20)
    assert (second.local.port, second.owners) == (50199, ())


def test_a_list_without_its_blank_lines() -> None:
    block = BLOCK[1:]
    assert len(table_of(block * 3).sockets) == 3


def test_a_list_that_was_cut() -> None:
    facts = read(BLOCK + BLOCK[:60])
    assert len(facts.tables[0].sockets) == 1
    assert [(s.first_line, s.last_line) for s in facts.not_understood] == [(12, 13), (14, 14)]


def test_csv() -> None:
    table = table_of(TYPE + CSV_HEADER + CSV_ROW + CSV_LISTEN)
    served, listener = table.sockets
    assert (served.state, served.local) == (TcpState.ESTABLISHED, Endpoint("10.0.0.4", 50123))
    assert served.evidence == Evidence("input.txt", 3, 3)
    assert listener.owners == (Owner(944, ""),)
    assert table.evidence == Evidence("input.txt", 1, 4)


def test_csv_without_quotes_and_of_other_countries() -> None:
    text = (CSV_HEADER + CSV_ROW).replace('"', "").replace(",", ";")
    assert socket_of(text).peer == Endpoint("20.1.2.3", 443)


def test_csv_with_numbers_for_states() -> None:
    assert socket_of(CSV_HEADER + CSV_ROW.replace("Established", "11")).state is TcpState.TIME_WAIT


def test_csv_without_what_tells_a_connection_is_refused_in_words() -> None:
    with pytest.raises(UnreadableInput, match="cannot be told"):
        read('"LocalAddress","RemoteAddress","OwningProcess"\n"10.0.0.4","20.1.2.3","5678"\n')


def test_several_of_all_kinds() -> None:
    text = HEADER + SERVED + "\n" + BLOCK + "\n" + CSV_HEADER + CSV_ROW + CSV_HEADER + CSV_LISTEN
    facts = read(text)
    assert facts.not_understood == ()
    assert sum(len(table.sockets) for table in facts.tables) == 4


def test_a_cut_row_costs_itself_only() -> None:
    facts = read(HEADER + LISTEN + SERVED[:95] + "\n" + BUCKET)
    assert len(facts.tables[0].sockets) == 2
    assert [(s.first_line, s.why) for s in facts.not_understood] == [
        (5, "not a row of Get-NetTCPConnection")
    ]
