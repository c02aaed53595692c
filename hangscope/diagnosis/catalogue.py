"""The catalogue: what every finding declares of itself, and its manual page.

A finding's module says ``ID``, ``KIND`` and ``LAYER``; its docstring is the page.
"""

from __future__ import annotations

import inspect
import sys
from difflib import get_close_matches
from types import ModuleType

from hangscope.diagnosis import FINDINGS, healthy, inconclusive
from hangscope.diagnosis.model import Kind, Page

_PARTS = (
    "What it is:",
    "How it is recognised:",
    "What it is mistaken for:",
    "What to do now:",
    "What to do for good:",
)
_SUGGESTED = 5


def catalogue() -> tuple[Page, ...]:
    """Every finding, in the order of their kinds."""
    modules = (*(sys.modules[rule.__module__] for rule in FINDINGS), healthy, inconclusive)
    kinds = list(Kind)
    return tuple(sorted(map(_page, modules), key=lambda page: kinds.index(page.kind)))


def alike(unknown: str) -> tuple[str, ...]:
    """Ids that somebody may have meant who wrote ``unknown``."""
    ids = [page.id for page in catalogue()]
    wanted = unknown.strip().lower().replace("_", "-")
    within = [one for one in ids if wanted and wanted in one]
    close = get_close_matches(wanted, ids, n=_SUGGESTED)
    return tuple(dict.fromkeys([*within, *close]))[:_SUGGESTED]


def _page(module: ModuleType) -> Page:
    """The page of a finding's module."""
    summary, *paragraphs = map(_on_one_line, (inspect.getdoc(module) or "").split("\n\n"))
    parts: dict[str, str] = {}
    title = ""
    for paragraph in paragraphs:
        begun = next((one for one in _PARTS if paragraph.startswith(one)), None)
        title = begun or title
        text = paragraph.removeprefix(title).strip() if begun else paragraph
        parts[title] = f"{parts[title]} {text}" if title in parts else text
    told = [parts[one][:1].upper() + parts[one][1:] for one in _PARTS]
    return Page(module.ID, module.KIND, module.LAYER, summary, *told)


def _on_one_line(paragraph: str) -> str:
    """Without the line ends and the markup of a docstring."""
    return " ".join(paragraph.split()).replace("``", "`")
