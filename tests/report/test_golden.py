"""The reports as people see them; read these files in review.

``HANGSCOPE_UPDATE_GOLDEN=1 pytest tests/report`` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hangscope.report import render

from .cases import CASES

GOLDEN = Path(__file__).parent / "golden"
FORMS = {
    "terminal-60": ("terminal", 60, False, True),
    "terminal-80": ("terminal", 80, False, True),
    "terminal-120": ("terminal", 120, False, True),
    "terminal-80-colour": ("terminal", 80, True, True),
    "terminal-80-ascii": ("terminal", 80, False, False),
    "terminal-piped": ("terminal", None, False, True),
    "markdown": ("markdown", None, False, True),
    "json": ("json", None, False, True),
}


@pytest.mark.parametrize("form", list(FORMS))
def test_it_looks_as_it_was_approved(name: str, form: str) -> None:
    format_, width, color, unicode = FORMS[form]
    text = render(CASES[name](), format_, width=width, color=color, unicode=unicode)
    path = GOLDEN / f"{name}.{form}.txt"
    if os.environ.get("HANGSCOPE_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{name}.{form}.txt" for name in CASES for form in FORMS}
    assert {path.name for path in GOLDEN.iterdir()} == wanted
