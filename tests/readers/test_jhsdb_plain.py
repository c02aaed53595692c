"""jhsdb: threads read many at a time are those that are read line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import InputFacts
from hangscope.readers import ReadError
from hangscope.readers.interface import Lines
from hangscope.readers.threads.jhsdb_plain import PlainThreads
from hangscope.readers.threads.jhsdb_threads import Dump

from .reading import line_by_line, read

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "jhsdb"
FILES = sorted(REAL.rglob("jhsdb-*.txt"))
OLD = """\
Attaching to process ID 26000, please wait...
Thread 26011: (state = BLOCKED)
 - java.lang.Object.wait(long) @bci=0 (Interpreted frame)


Thread 26012: (state = IN_NATIVE)


Thread 26013: (state = BLOCKED)


"""


def _facts(text: str) -> InputFacts | str:
    try:
        return read(text)
    except ReadError as error:
        return str(error)


def _assert_same(text: str) -> None:
    with line_by_line(PlainThreads):
        expected = _facts(text)
    assert _facts(text) == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_real_dumps_give_the_same_facts(path: Path) -> None:
    _assert_same(path.read_text("utf-8", "surrogateescape"))


def test_old_dumps_give_the_same_facts() -> None:
    _assert_same(OLD)
    _assert_same(OLD.replace("\n\n\n", "\n \n"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_most_threads_are_read_many_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0
    take = PlainThreads.take

    def counted(plain: PlainThreads, lines: Lines, dump: Dump) -> bool:
        nonlocal taken
        before = len(dump.threads)
        took = take(plain, lines, dump)
        taken += len(dump.threads) - before
        return took

    monkeypatch.setattr(PlainThreads, "take", counted)
    (dump,) = read(path.read_text("utf-8", "surrogateescape")).dumps
    assert taken > len(dump.threads) // 2


@settings(deadline=None)
@given(
    path=st.sampled_from(FILES),
    edits=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.sampled_from(["drop", "twice", "cut", "blank", "indent", "foreign", "swap"]),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_damaged_dumps_give_the_same_facts(path: Path, edits: list[tuple[int, str]]) -> None:
    lines = path.read_text("utf-8", "surrogateescape").split("\n")
    for where, what in edits:
        at = where % (len(lines) - 1)
        line = lines[at]
        match what:
            case "drop":
                del lines[at]
            case "twice":
                lines.insert(at, line)
            case "cut":
                lines[at] = line[: len(line) // 2]
            case "blank":
                lines.insert(at, " ")
            case "indent":
                lines[at] = f"  {line}"
            case "foreign":
                lines.insert(at, "2026-11-22 03:11:08 INFO started")
            case _:
                lines[at : at + 2] = lines[at + 1 : at - 1 : -1] if at else lines[at : at + 2]
    _assert_same("\n".join(lines))
