from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import hangscope.report

MODULES = sorted(Path(hangscope.report.__file__).parent.glob("*.py"))
ALLOWED = (
    "hangscope.report",
    "hangscope.facts",
    "hangscope.diagnosis.model",
    "hangscope.waits.claims",
)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_report_knows_the_model_and_decides_nothing(path: Path) -> None:
    ours = [name for name in imported(path) if name.startswith("hangscope.")]
    assert all(name.startswith(ALLOWED) for name in ours)


def test_one_module_knows_rich() -> None:
    users = [path.stem for path in MODULES if any(n.startswith("rich") for n in imported(path))]
    assert users == ["terminal"]
