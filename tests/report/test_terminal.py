from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest

from hangscope.report import Document, render
from hangscope.report.layout import cells, wrap, wrap_verbatim

from .cases import CASES, inconclusive, lock_deadlock
from .founding import self_call

SGR = re.compile(r"\x1b\[[\d;]*m")
WIDTHS = (40, 60, 80, 120, 200)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("unicode", [True, False])
def test_no_line_is_wider_than_the_terminal(case: Document, width: int, unicode: bool) -> None:
    for line in render(case, "terminal", width=width, unicode=unicode).split("\n"):
        assert cells(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("width", WIDTHS)
def test_colour_changes_nothing_but_colour(case: Document, width: int) -> None:
    coloured = render(case, "terminal", width=width, color=True)
    assert "\x1b[" in coloured
    assert SGR.sub("", coloured) == render(case, "terminal", width=width)


def test_colour_ends_on_its_own_line(case: Document) -> None:
    for line in render(case, "terminal", color=True).split("\n"):
        codes = SGR.findall(line)
        assert not codes or codes[-1] == "\x1b[0m"


def test_without_colour_there_are_no_escapes(case: Document) -> None:
    assert "\x1b" not in render(case, "terminal", width=80)


def test_ascii_is_enough(case: Document) -> None:
    assert render(case, "terminal", width=80, unicode=False).isascii()


def test_the_verdict_comes_first_and_says_all_of_it() -> None:
    first, _, _ = render(self_call(), "terminal", width=80).partition("──")
    assert first.startswith("DEADLOCK: The service waits for itself")
    for told in ("deadlock", "user application", "inferred", "never: no timeout", "self-call"):
        assert told in first


def test_a_line_can_be_found_by_its_number() -> None:
    text = render(self_call(), "terminal")
    assert "[1] dump.txt:2-17" in text
    assert re.search(r'^ +2 │ "http-nio-8080-exec-1" #15 daemon .*\]$', text, re.MULTILINE)
    assert "$ sed -n '2,17p' dump.txt" in text


def test_where_there_is_no_terminal_quoted_lines_stay_whole() -> None:
    document = self_call()
    text = render(document, "terminal")
    for line in document.findings[0].evidence[0].text.split("\n"):
        assert line.expandtabs(4) in text


def test_a_stack_that_was_quoted_is_quoted_again_only_where_it_differs() -> None:
    text = render(lock_deadlock(), "terminal")
    quoted = text[text.index("[3] ") : text.index("[4] ticket")].split("\n")
    numbers = [re.match(r" +(\d+) │", line) for line in quoted]
    assert [found[1] for found in numbers if found] == ["10", "13", "14"]
    assert any(line.endswith("┆ the rest as quoted at [1]") for line in quoted)


def test_the_rows_of_a_ledger_add_up_in_sight() -> None:
    text = render(self_call(), "terminal")
    ledger = text[text.index("Connections on *:8080") :].split("\n\n")[0].split("\n")
    numbers = [int(found[1]) for line in ledger if (found := re.match(r" +(\d+)  ", line))]
    assert sum(numbers[:-1]) == numbers[-1] == 101


def test_what_does_not_add_up_is_said() -> None:
    document = self_call()
    endpoint = replace(document.summary.sockets.by_endpoint[0], rows=105)
    sockets = replace(document.summary.sockets, by_endpoint=(endpoint,))
    changed = replace(document, summary=replace(document.summary, sockets=sockets))
    assert re.search(r"  4  not accounted for\n", render(changed, "terminal"))


def test_effects_are_marked_and_chains_of_others_cite_on() -> None:
    assert "close-wait-pile-up  (effect of self-call-deadlock)" in render(self_call(), "terminal")
    other = render(lock_deadlock(), "terminal").partition("slow-database")[2]
    assert "wait for a connection of (proven) [6]" in other
    assert "[6]  waits for a lease: ticket.zip!node-1/dump.txt:10-16" in other


def test_an_undecided_report_begins_with_what_would_decide_it() -> None:
    text = render(inconclusive(), "terminal")
    assert text.index("What would decide it") < text.index("Numbers")
    assert "    $ jstack -l PID > dump.txt\n" in text
    assert "Not recorded" not in text


def test_lines_not_understood_are_counted_and_placed() -> None:
    text = " ".join(render(self_call(), "terminal").split())
    assert "17 lines not understood: 812 (looks like a frame, but is cut off), 900-915" in text


def test_rich_is_loaded_for_colour_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.style", None)
    assert render(self_call(), "terminal")
    with pytest.raises(ImportError):
        render(self_call(), "terminal", color=True)


@pytest.mark.parametrize("name", list(CASES))
def test_a_narrow_terminal_gets_forty_columns(name: str) -> None:
    assert render(CASES[name](), "terminal", width=1) == render(CASES[name](), "terminal", width=40)


def test_words_too_long_for_a_line_are_broken_and_marked() -> None:
    assert wrap("ab cdefghij kl", 6, "↪") == ["ab", "cdefgh", "↪ij kl"]
    assert wrap("", 6, "↪") == [""]


def test_wide_characters_count_twice() -> None:
    assert cells("한국") == 4
    assert cells("e\u0301") == 1
    assert wrap("한국어 한국", 6, "") == ["한국어", "한국"]


def test_a_quoted_line_keeps_every_character() -> None:
    line = "  at  a.b.c(D.java:1)   x" * 9
    pieces = wrap_verbatim(line, 30, "↪")
    assert all(cells(piece) <= 30 for piece in pieces)
    assert "".join([pieces[0], *(piece.removeprefix("↪ ") for piece in pieces[1:])]) == line
