"""A long table says the same, however many processors read it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hangscope.facts import InputFacts
from hangscope.readers import Source, read_input
from hangscope.readers.content import pieces
from hangscope.readers.content.encodings import UTF_8
from hangscope.readers.content.pieces import Piece, Pieces
from hangscope.readers.interface import Batch
from hangscope.readers.sockets import columnar
from hangscope.readers.sockets.columnar import ColumnarReading
from hangscope.readers.workers import Workers

SS = "ESTAB {q} 0 [::ffff:10.0.0.{a}]:8080 10.1.{b}.{a}:{p} " + 'users:(("java",pid={q},fd={p}))'
NETSTAT = "tcp6  {q}  0 10.0.0.{a}:8080   10.1.{b}.{a}:{p}   CLOSE_WAIT  {q}/java"
LSOF = "java {q} app {p}u IPv6 {i} 0t0 TCP 10.0.0.{a}:http-alt->10.1.{b}.{a}:{p} (CLOSE_WAIT)"
HEADINGS = {
    "ss": (SS, "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process"),
    "netstat": (
        NETSTAT,
        "Proto Recv-Q Send-Q Local Address Foreign Address State PID/Program name",
    ),
    "lsof": (LSOF, "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME"),
}
ROWS = 3000


def rows_of(form: str) -> list[str]:
    return [
        form.format(
            q=row % 7, a=row % 250, b=row // 250, p=1024 + row % 60_000, i=90_000 + row // 2
        )
        for row in range(ROWS)
    ]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is a little longer than a page counts as long."""
    monkeypatch.setattr(columnar, "_LARGE", 100)
    monkeypatch.setattr(pieces, "_LENGTH", 9000)
    monkeypatch.setattr("hangscope.readers.content.source._CHUNK", 4096)
    monkeypatch.setattr("hangscope.readers.content.source.HEAD", 4096)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lines of each batch that was taken over from another process."""
    found: list[int] = []
    take = ColumnarReading._took_what_another_read  # noqa: SLF001 - only looked at

    def noted(reading: ColumnarReading, *args: object) -> bool:
        took = take(reading, *args)  # type: ignore[arg-type]
        if took:
            batch = args[0]
            assert isinstance(batch, Batch)
            found.append(len(batch.texts))
        return took

    monkeypatch.setattr(ColumnarReading, "_took_what_another_read", noted)
    return found


def facts_of(path: Path, processors: int) -> tuple[InputFacts, list[str]]:
    source = Source.from_path(path)
    facts = read_input(source, processors=processors)
    tables = tuple(replace(table, sockets=tuple(table.sockets)) for table in facts.tables)
    lines = [1, 150, facts.lines // 2, facts.lines]
    return replace(facts, tables=tables), [source.excerpt(line, line) for line in lines]


def plain(rows: list[str]) -> list[str]:
    return rows


def damaged(rows: list[str]) -> list[str]:
    return [row[:40] if at % 500 == 77 else row for at, row in enumerate(rows)]


def with_others(rows: list[str]) -> list[str]:
    return [
        line
        for at, row in enumerate(rows)
        for line in (
            (row, "", "udp   UNCONN 0 0 0.0.0.0:68 0.0.0.0:*") if at % 900 == 9 else (row,)
        )
    ]


def two_tables(rows: list[str]) -> list[str]:
    half = len(rows) // 2
    return [*rows[:half], "", "Mon Nov 23 10:11:12 UTC 2026", "$ ss -tanp", *rows[half:]]


def before_a_dump(rows: list[str]) -> list[str]:
    return [
        *rows,
        "",
        '"main" #1 prio=5 os_prio=0 tid=0x00007f nid=0x1 runnable',
        "\tat a.B.c(D.java:1)",
    ]


@pytest.mark.parametrize("alter", [plain, damaged, with_others, two_tables, before_a_dump])
@pytest.mark.parametrize("format_", HEADINGS)
def test_it_says_the_same(
    format_: str,
    alter: Callable[[list[str]], list[str]],
    tmp_path: Path,
    taken: list[int],
) -> None:
    form, heading = HEADINGS[format_]
    path = tmp_path / "table.txt"
    path.write_text("\n".join([heading, *alter(rows_of(form))]) + "\n", "utf-8")
    alone = facts_of(path, 1)
    assert not taken
    assert facts_of(path, 3) == alone
    assert taken
    assert sum(len(table.sockets) for table in alone[0].tables) > ROWS * 2 // 5


def dies(_: list[str]) -> object:
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return None


def counts(lines: list[str]) -> object:
    return len(lines)


def test_a_process_that_dies_leaves_its_piece_to_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"some text\n" * 9000)
    whole = Piece(path, path.stat().st_ino, 0, path.stat().st_size, UTF_8)
    with Workers(2) as workers:
        first, *others = list(Pieces(whole, workers, dies))
    assert first[1] is None
    assert len(others) < 9
    assert {said for _, said in others} <= {None}


def test_pieces_are_whole_lines_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"some text\n" * 9001 + b"no end")
    whole = Piece(path, path.stat().st_ino, 10, path.stat().st_size - 10, UTF_8)
    with Workers(2) as workers:
        found = list(Pieces(whole, workers, counts))
    place = 10
    for piece, said in found:
        assert piece.offset == place
        assert said in {None, len(piece.lines())}
        assert piece.length % 10 == 0
        place += piece.length
    assert any(said for _, said in found)
    assert path.stat().st_size - place < 9001


def test_a_file_that_was_replaced_is_not_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"some text\n" * 9000)
    whole = Piece(path, path.stat().st_ino + 1, 0, path.stat().st_size, UTF_8)
    with Workers(2) as workers:
        assert {said for _, said in Pieces(whole, workers, counts)} == {None}
