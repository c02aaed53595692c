"""The report: a diagnosis written down, and the formats it can be read in.

A new format is one module and one line in :data:`FORMATS`.
"""

from __future__ import annotations

from typing import Final, Protocol

from hangscope.report import json_format, markdown, terminal
from hangscope.report.document import SCHEMA, Document, Excerpts, build, describe

__all__ = ["FORMATS", "SCHEMA", "Document", "Excerpts", "Renderer", "build", "describe", "render"]


class Renderer(Protocol):
    """One format: a document in, its whole text out."""

    def __call__(self, document: Document, *, width: int | None, color: bool, unicode: bool) -> str:
        """See :func:`render`."""


FORMATS: Final[dict[str, Renderer]] = {
    "terminal": terminal.render,
    "markdown": lambda document, **_: markdown.render(document),
    "json": lambda document, **_: json_format.render(document),
}


def render(
    document: Document,
    format_: str,
    *,
    width: int | None = None,
    color: bool = False,
    unicode: bool = True,
) -> str:
    """The document in one of :data:`FORMATS`; ends in a line break.

    Args:
        document: The report.
        format_: Name of the format.
        width: Columns of the terminal; None where the text does not go to one.
        color: Whether ANSI colours are understood there.
        unicode: Whether more than ASCII can be shown there.
    """
    return FORMATS[format_](document, width=width, color=color, unicode=unicode)
