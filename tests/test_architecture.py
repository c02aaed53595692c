"""The structure that a newcomer relies on."""

from __future__ import annotations

import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import hangscope.diagnosis
from hangscope.diagnosis import FINDINGS, OF_ONE_HOST

INTERPRET = Path(__file__).resolve().parents[1] / "hangscope" / "interpret"
SHARED = {
    "addressing",
    "blame",
    "busy_threads",
    "catalogue",
    "crowds",
    "deadlocks",
    "dump_forms",
    "effects",
    "gaps",
    "lease_exhaustion",
    "model",
    "over_time",
    "peer_gaps",
    "returning",
    "own_reports",
    "lock_queues",
    "merging",
    "native_waits",
    "second_dumps",
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


def test_each_finding_about_the_sockets_of_a_host_is_asked_host_by_host() -> None:
    """With several hosts, ``case.sockets`` is none of theirs: such a rule would see nothing."""
    of_one_host = {rule.__module__ for rule in OF_ONE_HOST}
    for module in finding_modules():
        source = inspect.getsource(module)
        if "case.sockets" in source:
            assert module.__name__ in of_one_host, module.__name__


def test_what_is_of_a_thread_is_looked_for_on_its_own_host() -> None:
    """With several hosts, ``case.sockets`` is none: a thread's are ``jvm.host.sockets``."""
    sources = {path.name: path.read_text() for path in INTERPRET.glob("*.py")}
    assert len(sources) > 10
    assert [name for name, text in sources.items() if re.search(r"\bcase\.sockets\b", text)] == []
