"""Tables are read many lines at a time, and say what they say when read line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import InputFacts
from hangscope.readers import ReadError, Source, dispatch, read_input
from hangscope.readers.interface import Batch
from hangscope.readers.sockets.rows_of_batch import RowsOfBatch
from hangscope.readers.syntax.lines import LineSyntax
from hangscope.readers.wrappings.cut_lines import rejoined_lines

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PAIRS = Path(__file__).resolve().parents[1] / "grammars" / "pairs"
TABLES = sorted(
    path
    for path in FIXTURES.rglob("*")
    if path.is_file() and path.suffix in {".txt", ".out"} and path.stat().st_size < 1 << 17
)
ROWS = {
    "ss": ("row", "row_without_state"),
    "netstat": ("row",),
    "lsof": ("row",),
    "proc_net_tcp": ("row",),
    "windows_netstat": ("row",),
    "sockstat": ("row", "row_without_state"),
}
LINES = {
    grammar: [
        line.removeprefix("> ")
        for line in (PAIRS / f"{grammar}.txt").read_text("utf-8").splitlines()
        if line.startswith("> ")
    ]
    for grammar in ROWS
}


def sliced(at_once: int) -> Callable[[Iterable[Batch]], Iterator[Batch]]:
    """Gives the lines of an input, wrappings undone, a few at a time."""

    def slices(batches: Iterable[Batch]) -> Iterator[Batch]:
        for numbers, texts in rejoined_lines(batches):
            for at in range(0, len(texts), at_once):
                yield Batch(numbers[at : at + at_once], texts[at : at + at_once])

    return slices


def facts_of(source: Source) -> InputFacts | str:
    try:
        facts = read_input(source)
    except ReadError as error:
        return str(error)
    tables = tuple(replace(table, sockets=tuple(table.sockets)) for table in facts.tables)
    return replace(facts, tables=tables, dumps=())


def agrees(content: bytes) -> None:
    whole = facts_of(Source.from_bytes("input.txt", content))
    for at_once in (1, 3):
        with patch.object(dispatch, "rejoined_lines", sliced(at_once)):
            assert facts_of(Source.from_bytes("input.txt", content)) == whole


def test_there_are_tables() -> None:
    formats = {
        table.format
        for path in TABLES
        if isinstance(facts := facts_of(Source.from_path(path)), InputFacts)
        for table in facts.tables
    }
    assert formats >= {"ss", "netstat", "lsof"}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_line_by_line_a_fixture_says_the_same(path: Path) -> None:
    agrees(path.read_bytes())


@pytest.mark.parametrize("grammar", LINES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_line_by_line_any_lines_say_the_same(grammar: str, data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from([*LINES[grammar], "", "and prose"]), max_size=12))
    agrees("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("grammar", "rule"), [(grammar, rule) for grammar, rules in ROWS.items() for rule in rules]
)
@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_one_search_finds_what_each_line_is(grammar: str, rule: str, data: st.DataObject) -> None:
    """Whatever the lines are cut to, and even if a line holds the end of a line."""
    syntax = LineSyntax(grammar)
    texts = data.draw(st.lists(st.sampled_from(LINES[grammar]), min_size=1, max_size=6))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(texts) - 1))
        at = data.draw(st.integers(0, len(texts[place])))
        piece = data.draw(st.sampled_from(["", " ", "\n", ")", "(", ":", "\\", "\t", "é"]))
        keeps = data.draw(st.booleans())
        texts[place] = texts[place][:at] + piece + (texts[place][at:] if keeps else "")
    found = RowsOfBatch(syntax, rule).find(texts)
    for text, (*values, is_row) in zip(texts, found, strict=True):
        alone = syntax.matcher(rule)(text.strip(" \t"))
        assert (alone is not None) == bool(is_row)
        assert values == ["" if value is None else value for value in alone or values]


def test_rows_go_on_with_a_table_of_which_lines_were_left_out() -> None:
    row = "tcp        1      0 10.0.0.1:8080           10.0.0.2:5000          CLOSE_WAIT"
    cut = "tcp 0 0 10.0.0.1:8080 10.0.0.2:99"
    agrees(f"{row}\n...\n{row}\nudp        0      0 0.0.0.0:68  0.0.0.0:*\n{cut}".encode())
