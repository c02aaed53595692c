"""The report for a ticket: CommonMark without HTML, readable in its raw form too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from hangscope.report import picture
from hangscope.report.document import Document
from hangscope.report.escape import code_span, fenced, for_markdown, for_terminal
from hangscope.report.glyphs import UNICODE
from hangscope.report.layout import trimmed
from hangscope.report.outline import (
    Block,
    Bullets,
    Chain,
    Command,
    Exhibit,
    Headline,
    Item,
    Outline,
    Paragraph,
    Rows,
    Section,
    Tally,
    cleaned,
)
from hangscope.report.story import outline

_PICTURE: Final = 96
"""Columns of a drawing: what a ticket shows without scrolling sideways."""


def render(document: Document) -> str:
    """The report as Markdown."""
    return lay_out(outline(document))


def lay_out(sections: Outline) -> str:
    """Any outline as Markdown."""
    harmless = cleaned(sections, for_terminal)
    parts = [part for section in harmless for part in _section(section)]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> Iterator[str]:
    """The parts of a section, between which an empty line belongs."""
    if section.title:
        yield f"## {section.title}"
    for block in section.blocks:
        yield "\n".join(_block(block))


def _block(block: Block) -> Iterable[str]:
    match block:
        case Headline(_, label, text):
            return [f"# {label}: {for_markdown(text)}"]
        case Paragraph(text):
            return [for_markdown(text)]
        case Item(title, note):
            return [f"### {for_markdown(f'{title} ({note})' if note else title)}"]
        case Rows(rows):
            return [f"- **{for_markdown(label)}:** {for_markdown(text)}" for label, text in rows]
        case Bullets(items):
            return [f"- {for_markdown(item)}" for item in items]
        case Chain(arrows):
            lines = picture.draw(arrows, UNICODE, _PICTURE)
            return fenced("".join(span.text for span in trimmed(line)) for line in lines)
        case Tally():
            return _tally(block)
        case Exhibit():
            return _exhibit(block)
        case Command(command, note):
            return [f"{code_span(command)} {for_markdown(f'({note})' if note else '')}".rstrip(" ")]
    assert_never(block)


def _tally(block: Tally) -> list[str]:
    column = block.column
    lines = [f"{count:>{column},}  {label}" for label, count in block.entries]
    if len(block.entries) != 1:
        lines += [UNICODE.rule * column, f"{block.total:>{column},}  {block.unit}"]
    return [for_markdown(block.name), "", *fenced(lines)]


def _exhibit(block: Exhibit) -> list[str]:
    said = f"**{block.reference}** {code_span(block.place)} {for_markdown(block.says)}"
    if not block.lines:
        return [said]
    lines = []
    for number, text in block.lines:
        gutter = UNICODE.gap if number is None else UNICODE.gutter
        lines.append(f"{number or '':>{block.column}} {gutter} {text}")
    return [said, "", *fenced(lines)]
