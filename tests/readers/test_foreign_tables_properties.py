"""What holds for every text of Windows' sockets, lsof -F and connection trackers."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import InputFacts
from hangscope.readers import ReadError

from . import test_conntrack, test_get_net_tcp_connection, test_lsof_fields, test_windows_netstat
from .reading import read

PAIRS = Path(__file__).resolve().parents[1] / "grammars" / "pairs"
LINES = [
    raw[2:].replace("\\t", "\t")
    for name in ("conntrack", "get_net_tcp_connection", "lsof", "lsof_fields", "windows_netstat")
    for raw in (PAIRS / f"{name}.txt").read_text("utf-8").split("\n")
    if raw.startswith(">")
]
WHOLE = [
    test_windows_netstat.TITLE
    + test_windows_netstat.HEADER
    + test_windows_netstat.LISTEN
    + " [java.exe]\n"
    + test_windows_netstat.LEAKED,
    test_lsof_fields.PROCESS + test_lsof_fields.LISTEN + test_lsof_fields.SERVED,
    test_get_net_tcp_connection.HEADER + test_get_net_tcp_connection.SERVED,
    test_get_net_tcp_connection.BLOCK * 2,
    test_get_net_tcp_connection.CSV_HEADER + test_get_net_tcp_connection.CSV_ROW,
    test_conntrack.COUNT + test_conntrack.TRANSLATED + test_conntrack.PLAIN,
]


def read_or_none(text: str | bytes) -> InputFacts | None:
    try:
        return read(text)
    except ReadError:
        return None


def holds(facts: InputFacts | None, last_line: int) -> None:
    """Whatever is told stands within the input, and rows within their tables."""
    if facts is None:
        return
    places = [(span.first_line, span.last_line) for span in facts.not_understood]
    for table in facts.tables:
        first, last = table.evidence.first_line, table.evidence.last_line
        places.append((first, last))
        for socket in table.sockets:
            assert first <= socket.evidence.first_line <= socket.evidence.last_line <= last
    for listing in facts.translations:
        first, last = listing.evidence.first_line, listing.evidence.last_line
        places.append((first, last))
        for entry in listing.translations:
            assert first <= entry.evidence.first_line <= last
    for first, last in places:
        assert 1 <= first <= last <= last_line


@given(
    st.lists(
        st.one_of(
            st.sampled_from(LINES),
            st.sampled_from([line for text in WHOLE for line in text.split("\n")]),
            st.just(""),
            st.text(max_size=10),
        )
    )
)
@settings(max_examples=500, deadline=None)
def test_any_lines_in_any_order_give_facts_or_a_read_error(lines: list[str]) -> None:
    text = "\n".join(lines)
    holds(read_or_none(text), text.count("\n") + 1)


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_mutated_texts_give_facts_or_a_read_error(data: st.DataObject) -> None:
    content = "".join(data.draw(st.lists(st.sampled_from(WHOLE), min_size=1, max_size=3))).encode()
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(content)))
        to = data.draw(st.integers(at, min(len(content), at + 60)))
        new = data.draw(
            st.one_of(
                st.binary(max_size=4),
                st.just(content[at:to] * 2),
                st.sampled_from([b"\n", b"\0", b'"', b"9" * 30, "٣".encode()]),
            )
        )
        content = content[:at] + new + content[to:]
    holds(read_or_none(content), content.count(b"\n") + 1)


def test_a_table_cut_at_any_byte_invents_no_address() -> None:
    for whole in WHOLE:
        known = {
            (end.address, end.port)
            for table in read(whole).tables
            for socket in table.sockets
            for end in (socket.local, socket.peer)
        }
        for end in range(len(whole)):
            text = whole[:end]
            facts = read_or_none(text)
            holds(facts, text.count("\n") + 1)
            for table in facts.tables if facts else ():
                for socket in table.sockets:
                    assert (socket.local.address, socket.local.port) in known
                    assert (socket.peer.address, socket.peer.port) in known
