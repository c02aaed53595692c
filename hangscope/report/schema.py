"""The published JSON Schema of the report."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def schema_text() -> str:
    """The schema of ``hangscope.report/1`` as it is published."""
    return (files("hangscope.report") / "schema" / "report-1.json").read_text(encoding="utf-8")


def load() -> dict[str, Any]:
    """The schema as dictionaries."""
    schema: dict[str, Any] = json.loads(schema_text())
    return schema
