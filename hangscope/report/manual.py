"""The manual: the catalogue of findings and their pages, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from hangscope.diagnosis.model import Page
from hangscope.report import json_format, markdown, terminal, words
from hangscope.report.outline import Headline, Outline, Paragraph, Rows, Section

SCHEMA: Final = "hangscope.catalogue/1"
"""Version of the JSON that ``hangscope explain`` prints."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A page as JSON shows it."""

    id: str
    kind: str
    layer: str | None
    summary: str
    meaning: str
    recognised_by: str
    mistaken_for: str
    do_now: str
    do_for_good: str


@dataclass(frozen=True, slots=True)
class _Catalogue:
    schema: str
    findings: tuple[_Entry, ...]


def render(
    pages: Sequence[Page],
    format_: str,
    *,
    width: int | None = None,
    color: bool = False,
    unicode: bool = True,
) -> str:
    """The pages in full if it is one, else as a list; the other arguments are a report's."""
    if format_ == "json":
        return json_format.dumps(_Catalogue(SCHEMA, tuple(map(_entry, pages))))
    sections = _page(pages[0]) if len(pages) == 1 else _list(pages)
    if format_ == "markdown":
        return markdown.lay_out(sections)
    text = terminal.lay_out(sections, width=width, color=color, unicode=unicode)
    return text.removeprefix("\n")


def _entry(page: Page) -> _Entry:
    return _Entry(
        page.id,
        page.kind.value,
        page.layer.value if page.layer else None,
        page.summary,
        page.meaning,
        page.recognised_by,
        page.mistaken_for,
        page.do_now,
        page.do_for_good,
    )


def _list(pages: Sequence[Page]) -> Outline:
    """One line a finding, by kind."""
    return tuple(
        Section(
            f"{words.KIND[kind]}: {words.KIND_MEANS[kind]}",
            (Rows(tuple((page.id, _line(page)) for page in of_kind)),),
        )
        for kind, of_kind in groupby(pages, key=lambda page: page.kind.value)
    )


def _line(page: Page) -> str:
    layer = f" [{page.layer.value}]" if page.layer else ""
    return f"{page.summary}{layer}"


def _page(page: Page) -> Outline:
    kind = page.kind.value
    label = words.KIND[kind]
    rows = [("Finding", page.id), ("Kind", f"{label.lower()}: {words.KIND_MEANS[kind]}")]
    if page.layer:
        rows.append(("Layer", words.LAYER[page.layer.value]))
    parts = (
        ("What it is", page.meaning),
        ("How it is recognised", page.recognised_by),
        ("What it is mistaken for", page.mistaken_for),
        (words.WHEN["now"], page.do_now),
        (words.WHEN["lasting"], page.do_for_good),
    )
    return (
        Section("", (Headline(kind, label, page.summary), Rows(tuple(rows)))),
        *(Section(title, (Paragraph(text),)) for title, text in parts),
    )
