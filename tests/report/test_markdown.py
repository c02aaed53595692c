from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt

from hangscope.report import Document, render
from hangscope.report.story import outline

from .founding import self_call

FURNITURE = str.maketrans("", "", "`↪│┆")


def squeezed(text: str) -> str:
    return "".join(text.translate(FURNITURE).split())


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from strings(one)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from strings(getattr(value, name))


def test_it_says_what_the_terminal_says(case: Document) -> None:
    terminal = squeezed(render(case, "terminal")).casefold()
    markdown = squeezed(render(case, "markdown")).casefold()
    for text in strings(outline(case)):
        assert squeezed(text).casefold() in terminal, text
        assert squeezed(text).casefold() in markdown, text


def test_it_is_headings_lists_and_fenced_blocks(case: Document) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(render(case, "markdown"))
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
    assert kinds <= {"heading", "inline", "paragraph", "bullet_list", "list_item", "fence"}


def test_the_chain_is_drawn_in_a_fenced_block() -> None:
    tokens = MarkdownIt("commonmark").parse(render(self_call(), "markdown"))
    drawings = [token.content for token in tokens if token.type == "fence"]
    assert drawings[0].startswith("╭──▶ 10 threads of http-nio-8080-exec\n")
    assert drawings[0].endswith("╰──◀───╯ back to 10 threads of http-nio-8080-exec\n")


def test_it_begins_with_the_verdict() -> None:
    first = render(self_call(), "markdown").split("\n")[0]
    assert first.startswith("# Deadlock: The service waits for itself: all 10 worker threads")
