"""JSON: the document as other programs read it. Stable to the byte but for ``created``."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from hangscope.report.document import OMITTED_IF_NONE, Document
from hangscope.report.escape import for_json


def render(document: Document) -> str:
    """The document as indented JSON."""
    return dumps(document)


def dumps(value: object, indent: int | None = 2) -> str:
    """Any part of a document, or a sequence of parts, as indented JSON."""
    return for_json(json.dumps(plain(value), indent=indent, ensure_ascii=False)) + "\n"


def plain(value: object) -> Any:
    """Any part of a document as dictionaries, lists and scalars; null where the contract has it."""
    if is_dataclass(value):
        return {
            f.name.rstrip("_"): plain(of)
            for f in fields(value)
            if (of := getattr(value, f.name)) is not None or f.metadata != OMITTED_IF_NONE
        }
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value
