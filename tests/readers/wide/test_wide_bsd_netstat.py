"""Tables of macOS and FreeBSD from the wild: ``--shared=PATH``; counted once more by words."""

from __future__ import annotations

import re
from pathlib import Path

from hangscope.facts import TcpState
from hangscope.readers import Source, read_input

ROW = re.compile(r"^(?:[0-9a-f]+ +)*tcp[46]+ .* ([A-Z][A-Z_0-9]+) *(?:$| )", re.MULTILINE)
STATELESS = re.compile(r"netstat-a?A?a[Tx]*[Tx]\.out$")


def samples(shared: Path) -> list[Path]:
    """Texts with rows of BSD's netstat."""
    found = [
        path
        for path in sorted(shared.glob("**/*netstat*.out"))
        if STATELESS.search(path.name) or "(state)" in path.read_text("utf-8", "replace")
    ]
    assert len(found) >= 7
    return found


def test_every_row_with_a_state_is_a_socket(shared: Path) -> None:
    rows = 0
    for path in samples(shared):
        if STATELESS.search(path.name):
            continue
        facts = read_input(Source.from_path(path))
        (table,) = facts.tables
        states = ROW.findall(path.read_text("utf-8"))
        assert facts.format == table.format == "bsd-netstat"
        assert facts.not_understood == (), path
        assert len(table.sockets) == len(states), path
        counted = sum(state == "LISTEN" for state in states)
        assert sum(s.state.value == "LISTEN" for s in table.sockets) == counted
        rows += len(states)
    assert rows >= 150


def test_no_port_that_may_be_cut_is_given_as_a_number(shared: Path) -> None:
    """The samples have cells of 18 letters with -A: a port below 6554 at their end may be half."""
    for path in samples(shared):
        if "-A" not in path.name or STATELESS.search(path.name):
            continue
        (table,) = read_input(Source.from_path(path)).tables
        full = set(re.findall(r"(?<= )\S{18}(?= )", path.read_text("utf-8")))
        doubtful = {cell for cell in full if re.search(r"\.[0-9]{1,4}$", cell)}
        for socket in table.sockets:
            for end in (socket.local, socket.peer):
                cell = f"{end.address.rstrip('…')}.{end.port}"
                assert cell not in doubtful or (end.port or 0) > 6553, (path, end)


def test_tables_without_states_are_read_too(shared: Path) -> None:
    tried = [path for path in samples(shared) if STATELESS.search(path.name)]
    assert len(tried) == 3
    for path in tried:
        facts = read_input(Source.from_path(path))
        (table,) = facts.tables
        rows = re.findall(r"^(?:[0-9a-f]+ +)*tcp[46]+ ", path.read_text("utf-8"), re.MULTILINE)
        assert len(table.sockets) == len(rows) > 0
        assert facts.not_understood == ()
        assert {socket.state for socket in table.sockets} == {TcpState.UNKNOWN}
