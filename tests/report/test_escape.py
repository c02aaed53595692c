from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hangscope.report.escape import code_span, fenced, for_json, for_markdown, for_terminal

from .hostile import KNOWN, TEXT, acts


def test_every_character_that_acts_is_made_visible() -> None:
    for start in range(0, sys.maxunicode + 1, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        shown = for_terminal(text)
        assert not acts(shown)
        assert "\n" not in shown
        assert for_terminal(text, unicode=False).isascii()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\u202eb", r"a\u202eb"),
        ("one\ntwo", r"one\ntwo"),
        ("\udc80", r"\udc80"),
        ("\U000e0001", r"\U000e0001"),
        ("한국어 \u00a0 [bold]", "한국어 \u00a0 [bold]"),
    ],
)
def test_what_acts_is_shown_by_its_code_and_the_rest_is_kept(text: str, shown: str) -> None:
    assert shown == for_terminal(text)


def test_ascii_keeps_the_meaning_of_our_own_typography() -> None:
    shown = for_terminal("a → b … 18 lines … 한", unicode=False)
    assert shown == r"a -> b ... 18 lines ... \ud55c"


@given(TEXT)
def test_escaping_twice_changes_nothing(text: str) -> None:
    assert for_terminal(for_terminal(text)) == for_terminal(text)


@given(TEXT)
def test_prose_is_one_paragraph_of_text_and_code(text: str) -> None:
    prose = for_markdown(f"x {text}")
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(prose)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "code_inline"}
    plain = "".join(child.content for child in children if child.type == "text")
    assert not set("<>@#|~$`") & set(plain)
    assert "://" not in plain
    assert "www." not in plain


@given(TEXT)
def test_prose_says_what_the_text_says(text: str) -> None:
    (token,) = MarkdownIt("commonmark").parseInline(for_markdown(f"x {text}"))
    said = "".join(child.content for child in token.children or [])
    assert "".join(said.split()) == "".join(for_terminal(f"x {text}").split())


@pytest.mark.parametrize("start", ["-", "+", "1.", "12)", "---", "===", "#", ">", "***", "[1]:"])
def test_no_first_word_makes_a_block(start: str) -> None:
    tokens = MarkdownIt("commonmark").parse(for_markdown(f"{start} http://x"))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize("text", ["CLOSE_WAIT", '"http-nio-8080-exec-1"', "10.0.0.5:5432", "[1-3]"])
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert text == for_markdown(text)


def test_words_that_could_act_become_code() -> None:
    assert for_markdown("on *:8080, (see @team).") == "on `*:8080`, (see `@team`)."


@given(TEXT.filter(str.strip))
def test_code_is_one_span_that_holds_the_text(text: str) -> None:
    (token,) = MarkdownIt("commonmark").parseInline(f"a {code_span(text)} b")
    kinds = [child.type for child in token.children or []]
    if for_terminal(text).strip(" "):
        assert kinds == ["text", "code_inline", "text"]
        assert (token.children or [])[1].content.strip(" ") == for_terminal(text).strip(" ")


@given(st.lists(TEXT))
def test_a_fence_holds_whatever_stands_in_it(lines: list[str]) -> None:
    block = "\n".join(fenced(lines))
    (token,) = MarkdownIt("commonmark").parse(f"{block}\n")
    assert token.type == "fence"
    assert token.info == "text"
    assert token.content == "".join(f"{for_terminal(line)}\n" for line in lines)


@given(st.lists(st.one_of(TEXT, st.sampled_from(KNOWN))))
def test_json_keeps_its_value_and_holds_nothing_that_acts(values: list[str]) -> None:
    written = for_json(json.dumps(values, ensure_ascii=False))
    assert json.loads(written) == values
    assert not acts(written)
    assert all(unicodedata.category(character) != "Cs" for character in written)
