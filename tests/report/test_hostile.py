from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from hangscope.report import Document, render
from hangscope.report.json_format import plain
from hangscope.report.layout import cells
from hangscope.report.schema import load

from .cases import inconclusive, lock_deadlock
from .founding import self_call
from .hostile import KNOWN, TEXT, acts, infested

SGR = re.compile(r"\x1b\[[\d;]*m")
DOCUMENTS = [self_call(), lock_deadlock(), inconclusive()]
INFESTED = st.builds(
    infested,
    st.sampled_from(DOCUMENTS),
    st.one_of(st.just(list(KNOWN)), st.lists(TEXT, min_size=1)),
)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def harmless_like(texts: list[str]) -> list[str]:
    """Words that are equal where ``texts`` are, and name an archive's member where they do."""
    return [f"word{texts.index(text)}{'!' * ('!' in text)}" for text in texts]


def skeleton(markdown: str) -> list[str]:
    return [token.type for token in PARSER.parse(markdown)]


@pytest.mark.parametrize("format_", ["terminal", "markdown", "json"])
@given(document=INFESTED)
@settings(max_examples=50, deadline=None)
def test_nothing_from_an_input_acts(format_: str, document: Document) -> None:
    text = render(document, format_, width=80)
    assert not acts(text)
    text.encode("utf-8")


@given(document=INFESTED, width=st.sampled_from([40, 60, 80, 120]), unicode=st.booleans())
@settings(max_examples=50, deadline=None)
def test_no_input_breaks_the_page(document: Document, width: int, unicode: bool) -> None:
    text = render(document, "terminal", width=width, unicode=unicode)
    assert max(map(cells, text.split("\n"))) <= width
    assert unicode or text.isascii()
    coloured = render(document, "terminal", width=width, unicode=unicode, color=True)
    assert SGR.sub("", coloured) == text


@given(document=INFESTED)
@settings(max_examples=50, deadline=None)
def test_json_is_valid_whatever_the_inputs_hold(document: Document) -> None:
    report = json.loads(render(document, "json"))
    assert report == plain(document)
    Draft202012Validator(load()).validate(report)


@pytest.mark.parametrize("index", range(len(DOCUMENTS)))
@given(texts=st.one_of(st.just(list(KNOWN)), st.lists(TEXT, min_size=1)))
@settings(max_examples=50, deadline=None)
def test_no_input_changes_the_structure_of_the_markdown(index: int, texts: list[str]) -> None:
    hostile = render(infested(DOCUMENTS[index], texts), "markdown")
    harmless = render(infested(DOCUMENTS[index], harmless_like(texts)), "markdown")
    assert skeleton(hostile) == skeleton(harmless)
    inline = {child.type for token in PARSER.parse(hostile) for child in token.children or []}
    assert inline <= {"text", "code_inline", "strong_open", "strong_close"}


@pytest.mark.parametrize("format_", ["terminal", "markdown"])
def test_a_name_of_a_megabyte_is_shown_in_part(format_: str) -> None:
    document = self_call()
    verdict = replace(document.verdict, headline="x" * 1_000_000)
    text = render(replace(document, verdict=verdict), format_)
    assert len(text) < 30_000
    assert "996,000" in text


def test_rich_markup_is_text() -> None:
    document = infested(self_call(), ["[bold red]x[/] [link=http://x]y[/link]"])
    text = render(document, "terminal", color=True)
    assert "[bold red]x[/] [link=http://x]y[/link]" in text
