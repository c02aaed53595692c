"""The structure that a newcomer relies on."""

from __future__ import annotations

import inspect
import pkgutil
from types import ModuleType

import pytest

import hangscope.diagnosis
from hangscope.diagnosis import FINDINGS

SHARED = {
    "blame",
    "crowds",
    "deadlocks",
    "dump_forms",
    "gaps",
    "lock_queues",
    "model",
    "native_waits",
    "summary",
    "telling",
    "unexplained",
    "verdict",
}
"""Modules of the diagnosis that are not findings."""
HEADINGS = ("What it is:", "How it is recognised:", "What it is mistaken for:")
REMEDIES = ("What to do now:", "What to do for good:")


def finding_modules() -> list[ModuleType]:
    names = {module.name for module in pkgutil.iter_modules(hangscope.diagnosis.__path__)}
    return [getattr(hangscope.diagnosis, name) for name in sorted(names - SHARED)]


@pytest.mark.parametrize("module", finding_modules(), ids=lambda m: m.__name__)
def test_each_finding_is_one_module_named_after_its_id_with_its_manual_page(
    module: ModuleType,
) -> None:
    assert module.__name__.rsplit(".", 1)[-1].replace("_", "-") == module.ID
    page = inspect.getdoc(module) or ""
    places = [page.index(heading) for heading in (*HEADINGS, *REMEDIES)]
    assert places == sorted(places)


def test_each_finding_is_asked_once() -> None:
    asked = [rule.__module__ for rule in FINDINGS]
    closing = {"hangscope.diagnosis.healthy", "hangscope.diagnosis.inconclusive"}
    assert sorted({module.__name__ for module in finding_modules()} - closing) == sorted(asked)
