"""HotSpot: threads read many at a time are those that are read line by line."""

from __future__ import annotations

import operator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hangscope.facts import Frame, InputFacts
from hangscope.readers import ReadError
from hangscope.readers.syntax.lines import LONGEST
from hangscope.readers.threads.hotspot_frames import FramesAtOnce
from hangscope.readers.threads.hotspot_lines import SYNTAX, HotspotParser
from hangscope.readers.threads.hotspot_plain import PlainThreads

from .reading import line_by_line, read, with_lists_of_lines

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PAIRS = Path(__file__).resolve().parents[1] / "grammars" / "pairs" / "hotspot.txt"
DUMPS = sorted(
    path for path in FIXTURES.glob("*/dump*.txt") if "tid=" in path.read_text("utf-8", "replace")
)
LINES = [
    line.removeprefix("> ").replace("\\n", "\n")
    for line in PAIRS.read_text("utf-8").splitlines()
    if line.startswith("> ")
]
FRAMES = [line for line in LINES if line.startswith("at ")]
TITLE = "Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode):"
HEADER = '"a" #1 prio=5 tid=0x1 nid=0x2 runnable [0x3]'
PIECES = ("", " ", "\t", "\n", "(", ")", "/", "@", "at ", "\x85", "\r", "é", "java.base@17/")


def _facts(text: str) -> InputFacts | str:
    try:
        return with_lists_of_lines(read(text))
    except ReadError as error:
        return str(error)


def _assert_same(text: str) -> None:
    with line_by_line(PlainThreads):
        expected = _facts(text)
    assert _facts(text) == expected


@pytest.mark.parametrize("path", DUMPS, ids=lambda path: path.parent.name)
def test_real_dumps_give_the_same_facts(path: Path) -> None:
    _assert_same(path.read_text("utf-8", "surrogateescape"))


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_stacks_give_the_same_facts(data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from([*LINES, *FRAMES, *FRAMES]), max_size=8))
    stack = "\n".join(f"\t{_damaged(line, data)}" for line in lines)
    one = f"{HEADER}\n   java.lang.Thread.State: RUNNABLE\n{stack}\n\n"
    other = one.replace('"a" #1', '"b" #2').replace("tid=0x1", "tid=0x4")
    _assert_same(f"{TITLE}\n\n{one}{other}{one}")


def _damaged(line: str, data: st.DataObject) -> str:
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(line)))
        to = data.draw(st.integers(at, min(len(line), at + 12)))
        line = line[:at] + data.draw(st.sampled_from(PIECES)) + line[to:]
    return line


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_what_is_found_among_many_lines_is_what_each_line_is(data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.sampled_from([*LINES, *FRAMES, *FRAMES]), max_size=8))
    before = data.draw(st.sampled_from(["", "\t", "    "]))
    _assert_each([before + _damaged(line, data) for line in drawn])


@given(st.lists(st.text(alphabet="at (/)@.\n\t\r\x85é", max_size=20), max_size=8))
@example(["at a", "b(c)"])
@example(["at a\nb(c)", "at d(e)"])
@example(["at a(b/c", "d)"])
@example(["x at a(b)", "(at a(b)"])
@settings(max_examples=400, deadline=None)
def test_what_is_found_among_any_lines_is_what_each_line_is(lines: list[str]) -> None:
    _assert_each(lines)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_all_frames_of_a_stack_are_found(count: int) -> None:
    lines = [f"\tat org.acme.Proxy{n}.call(java.base@17/Proxy{n}.java:{n})" for n in range(count)]
    lines.insert(count // 2, "\t- locked <0x000000076ab0c5d8> (a A)")
    frames = list(FramesAtOnce(SYNTAX).among(lines))
    assert [line for line, _ in frames] == [line for line in lines if "- " not in line]
    assert frames[0][1] == Frame("org.acme.Proxy0.call", "Proxy0.java:0")


def test_a_line_that_is_too_long_is_no_frame() -> None:
    long = f"at a({'b' * LONGEST})"
    assert list(FramesAtOnce(SYNTAX).among([long])) == []
    assert list(FramesAtOnce(SYNTAX).among(["at a(b)"])) == [("at a(b)", Frame("a", "b"))]


def _assert_each(lines: list[str]) -> None:
    expected = {
        line: Frame(*("" if value is None else value for value in values))
        for line in lines
        if (values := SYNTAX.matcher("frame")(line.strip(" \t"))) is not None
    }
    found = dict(FramesAtOnce(SYNTAX).among(lines))
    assert found.items() <= expected.items()
    assert HotspotParser().parse_stack(lines) == tuple(map(HotspotParser().parse, lines))


def _stack(first: int, count: int) -> list[str]:
    return [f"\tat org.acme.Ledger.post(Ledger.java:{n})" for n in range(first, first + count)]


def test_few_lines_are_remembered_where_none_is_met_again() -> None:
    parser = HotspotParser()
    for first in range(0, 50_000, 50):
        parser.parse_stack(_stack(first, 50))
    assert len(parser.known) <= 20_000


def test_many_lines_are_remembered_where_some_are_met_again() -> None:
    parser = HotspotParser()
    stacks = [[*_stack(first, 40), *_stack(0, 10)] for first in range(100, 50_000, 40)]
    before = [parser.parse_stack(stack) for stack in stacks]
    assert len(parser.known) > 40_000
    for stack, entries in zip(stacks, before, strict=True):
        assert all(map(operator.is_, parser.parse_stack(stack), entries))


def test_lines_about_locks_are_forgotten_with_their_dump() -> None:
    parser = HotspotParser()
    parser.parse_stack([*_stack(0, 2), "\t- locked <0x000000076ab0c5d8> (a A)"])
    assert len(parser.known) == 3
    parser.forget()
    assert list(parser.known) == _stack(0, 2)
