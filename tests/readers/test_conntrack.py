"""Listings of the connection tracker."""

# ruff: noqa: E501 - the lines of the tools are as long as they are

from __future__ import annotations

from pathlib import Path

import pytest

from hangscope.facts import Endpoint, Evidence, InputKind, TcpState, Translation
from hangscope.readers import UnknownFormat

from .reading import read

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "conntrack"
TRANSLATED = "tcp      6 431997 ESTABLISHED src=10.9.1.2 dst=10.9.1.1 sport=50780 dport=8443 packets=2 bytes=112 src=192.0.2.2 dst=192.0.2.1 sport=8080 dport=50780 packets=1 bytes=60 [ASSURED] mark=0 use=1\n"
PLAIN = "ipv4     2 tcp      6 119 SYN_SENT src=10.9.1.2 dst=192.0.2.2 sport=55406 dport=8083 [UNREPLIED] src=192.0.2.2 dst=10.9.1.2 sport=8083 dport=55406 mark=0 zone=7 use=2\n"
UDP = "udp      17 29 src=10.9.1.2 dst=192.0.2.2 sport=45713 dport=53 [UNREPLIED] src=192.0.2.2 dst=192.0.2.1 sport=53 dport=45713 mark=0 use=1\n"
COUNT = "conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.\n"
WRITTEN_OUT = PLAIN.replace("src=10.9.1.2", "src=2001:0db8:0001:0000:0000:0000:0000:0002")


def test_a_listing() -> None:
    facts = read(COUNT + TRANSLATED + UDP + PLAIN)
    assert (facts.kind, facts.format) == (InputKind.SOCKET_TABLE, "conntrack")
    assert facts.not_understood == ()
    assert facts.records == 2
    (table,) = facts.translations
    assert table.evidence == Evidence("input.txt", 1, 4)
    translated, plain = table.translations
    assert translated == Translation(
        TcpState.ESTABLISHED,
        (Endpoint("10.9.1.2", 50780), Endpoint("10.9.1.1", 8443)),
        (Endpoint("192.0.2.2", 8080), Endpoint("192.0.2.1", 50780)),
        Evidence("input.txt", 2, 2),
    )
    assert translated.is_translated
    assert plain.state is TcpState.SYN_SENT
    assert not plain.is_translated


@pytest.mark.parametrize("word", ["FIN_WAIT", "NONE", "SYN_SENT2"])
def test_states_that_sockets_do_not_have(word: str) -> None:
    (table,) = read(TRANSLATED.replace("ESTABLISHED", word)).translations
    assert table.translations[0].state is None


def test_addresses_are_named_as_in_other_tables() -> None:
    (table,) = read(WRITTEN_OUT).translations
    assert table.translations[0].original[0] == Endpoint("2001:db8:1::2", 55406)


def test_a_cut_entry_costs_itself_only() -> None:
    facts = read(TRANSLATED + TRANSLATED[:70] + "\n" + PLAIN)
    assert [len(table.translations) for table in facts.translations] == [2]
    assert [(s.first_line, s.why) for s in facts.not_understood] == [
        (2, "not an entry of conntrack")
    ]


def test_lines_around_are_nobodys() -> None:
    facts = read("a log\n" + TRANSLATED + "another log\n" + PLAIN)
    assert [table.evidence.first_line for table in facts.translations] == [2, 4]
    assert facts.not_understood == ()


def test_an_entry_of_another_protocol_alone_says_nothing() -> None:
    assert read(UDP + TRANSLATED).records == 1
    assert read(UDP).records == 0


def test_netstat_is_not_taken_for_it() -> None:
    with pytest.raises(UnknownFormat):
        read("tcp      6 the text of a log\n")


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.txt")), ids=lambda path: path.name)
def test_captures(path: Path) -> None:
    text = path.read_text("utf-8")
    facts = read(text)
    assert facts.not_understood == ()
    (table,) = facts.translations
    entries = [line.split() for line in text.split("\n") if "tcp " in line]
    assert len(table.translations) == len(entries) > 1
    for found, words in zip(table.translations, entries, strict=True):
        values = [word.partition("=")[2] for word in words if word[:3] in {"src", "dst"}]
        ports = [int(word.partition("=")[2]) for word in words if word[1:6] == "port="]
        ends = (*found.original, *found.reply)
        assert [end.port for end in ends] == ports
        if ":" not in values[0]:
            assert [end.address for end in ends] == values
    to_the_server = [one for one in table.translations if one.original[1].port == 8443]
    assert all(one.reply[0] == Endpoint("192.0.2.2", 8080) for one in to_the_server)
    assert to_the_server or "ipv6" in path.name


def test_both_tools_name_the_same_connections() -> None:
    listed, kernel = (
        read((FIXTURES / name).read_text("utf-8")).translations[0].translations
        for name in ("conntrack_-L.txt", "nf_conntrack.txt")
    )
    assert {one.original for one in listed} == {one.original for one in kernel}
