"""The catalogue: each finding has its page, a real case and a near miss, and the docs say which."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.builder.catalogue import CATALOGUE
from fixtures.table import TABLE, cases, missed_by, shown_by, text
from hangscope.diagnosis.catalogue import alike, catalogue
from hangscope.diagnosis.model import Page

ROOT = Path(__file__).resolve().parents[1]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", catalogue(), ids=lambda page: page.id)


def test_it_declares_the_kind_and_layer_of_the_catalogue(page: Page) -> None:
    layer = page.layer.value if page.layer else None
    assert CATALOGUE[page.id] == (page.kind.value, layer)


def test_no_part_of_its_page_is_empty_or_runs_into_the_next(page: Page) -> None:
    parts = (page.meaning, page.recognised_by, page.mistaken_for, page.do_now, page.do_for_good)
    assert all(parts)
    assert page.summary.endswith(".")
    for part in parts:
        assert "What to do" not in part
        assert "\n" not in part
        assert "``" not in part


def test_it_has_a_real_case_and_a_near_miss(page: Page) -> None:
    known = cases()
    assert shown_by(page.id, known), "no case in fixtures/ raises it"
    assert missed_by(page.id, known), "no case in fixtures/ has it under `never`"


def test_the_docs_table_is_up_to_date() -> None:
    assert text() == TABLE.read_text(), "run: python fixtures/table.py"


def test_ids_are_unique() -> None:
    ids = [page.id for page in catalogue()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("unknown", "meant"),
    [
        ("self-call-deadlok", "self-call-deadlock"),
        ("SELF_CALL_DEADLOCK", "self-call-deadlock"),
        ("convoy", "lock-convoy"),
    ],
)
def test_an_unknown_id_has_near_matches(unknown: str, meant: str) -> None:
    assert alike(unknown)[0] == meant


@pytest.mark.parametrize("unknown", ["", "   ", "x" * 5000, "\x1b[31m"])
def test_nonsense_has_none(unknown: str) -> None:
    assert alike(unknown) == ()


def explained(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hangscope", "explain", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_without_an_id_all_are_listed_on_a_line_each() -> None:
    told = explained().stdout
    for page in catalogue():
        assert f"  {page.id}" in told


@pytest.mark.parametrize("format_", ["terminal", "markdown"])
def test_a_page_says_all_that_its_module_says(format_: str) -> None:
    told = explained("lock-convoy", "--format", format_).stdout
    (page,) = (page for page in catalogue() if page.id == "lock-convoy")
    words = " ".join(told.replace("`", "").split())
    for part in (page.summary, page.meaning, page.recognised_by, page.mistaken_for):
        assert part in words
    assert "Do now" in told


def test_json_is_for_programs() -> None:
    told = json.loads(explained("--format", "json").stdout)
    assert told["schema"] == "hangscope.catalogue/1"
    assert {one["id"] for one in told["findings"]} == {page.id for page in catalogue()}
    (one,) = json.loads(explained("healthy", "--format", "json").stdout)["findings"]
    assert (one["kind"], one["layer"]) == ("healthy", None)


def test_an_unknown_id_is_wrong_usage() -> None:
    done = explained("lock-convoys")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "there is no finding 'lock-convoys'; did you mean lock-convoy" in done.stderr
    assert "\x1b" not in explained("\x1b[31m").stderr
