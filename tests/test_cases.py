"""Every real case gets its verdict, its subjects and evidence that holds; near misses raise
nothing.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hangscope.knowledge import Knowledge, load
from hangscope.pipeline import correlate
from hangscope.readers.content.source import Source
from hangscope.report import render

ROOT = Path(__file__).resolve().parents[1]

CASES = sorted(path.parent for path in (ROOT / "fixtures").glob("*/expected.json"))
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
QUOTED = re.compile(r'"([^"]+)"')
ADDRESS = re.compile(r"<(0x[0-9a-f]+)>")
ENDPOINT = re.compile(r"(?:[\d.]+|\*|::|\]):(\d+)\b")


@cache
def knowledge() -> Knowledge:
    return load()


def inputs(case: Path, table: str = "sockets.txt") -> list[Path]:
    return [*sorted(case.glob("dump*.txt")), case / table, *sorted(case.glob("process*.txt"))]


def report(files: list[Path]) -> dict[str, Any]:
    sources = [Source.from_path(path) for path in files]
    document = correlate(sources, knowledge=knowledge(), created=CREATED).document
    text = render(document, "json", width=None, color=False, unicode=True)
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def report_of(case: Path) -> dict[str, Any]:
    return report(inputs(case))


def expected(case: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((case / "expected.json").read_text())
    return loaded


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=lambda path: path.name)


def test_verdict_is_the_expected_one(case: Path) -> None:
    verdict = report_of(case)["verdict"]
    wanted = expected(case)["verdict"]
    assert (wanted["kind"], wanted["finding"]) == (verdict["kind"], verdict["finding"])
    if wanted["layer"] is not None:
        assert wanted["layer"] == verdict["layer"]


def test_findings_and_effects_are_the_expected_ones(case: Path) -> None:
    told = [(f["id"], f["effect_of"]) for f in report_of(case)["findings"]]
    assert [(f["id"], f["effect_of"]) for f in expected(case)["findings"]] == told


def test_nothing_forbidden_is_raised(case: Path) -> None:
    told = {finding["id"] for finding in report_of(case)["findings"]}
    assert not told & set(expected(case)["never"])


def test_subjects_of_the_verdict_are_named(case: Path) -> None:
    wanted = expected(case)["subjects"]
    if not wanted:
        return
    subjects = report_of(case)["findings"][0]["subjects"]
    for one in wanted:
        assert any(
            subject["type"] == one["type"]
            and subject["name"].startswith(one["name"])
            and one.get("count", subject["count"]) == subject["count"]
            for subject in subjects
        ), (one, subjects)


def test_every_cited_line_contains_what_it_is_cited_for(case: Path) -> None:
    cited = 0
    for finding in report_of(case)["findings"]:
        for evidence in finding["evidence"]:
            lines = (case / Path(evidence["input"]).name).read_text().split("\n")
            span = lines[evidence["first_line"] - 1 : evidence["last_line"]]
            assert span, evidence
            text = "\n".join(span)
            for name in QUOTED.findall(evidence["says"])[:1]:
                assert name.split(" #")[0] in text, evidence
            for address in ADDRESS.findall(evidence["says"]):
                assert address in text, evidence
            for port in ENDPOINT.findall(evidence["says"]):
                assert re.search(rf"\b{port}\b", text), evidence
            assert evidence["text"].split("\n")[0].strip() in text, evidence
            cited += 1
    assert cited


def test_every_row_of_a_listener_is_in_the_ledger(case: Path) -> None:
    for endpoint in report_of(case)["summary"]["sockets"]["by_endpoint"]:
        assert endpoint["rows"] == sum(entry["count"] for entry in endpoint["ledger"])


def test_same_inputs_give_the_same_report_in_any_order(case: Path) -> None:
    assert report_of(case) == report(inputs(case))
    backwards = report(list(reversed(inputs(case))))
    assert report_of(case)["inputs"] == list(reversed(backwards["inputs"]))
    for part in ("verdict", "findings", "not_recorded", "summary"):
        assert report_of(case)[part] == backwards[part]


@pytest.mark.parametrize("table", ["sockets-netstat.txt", "sockets-lsof.txt"])
def test_the_founding_case_is_the_same_through_every_tool(table: str) -> None:
    case = ROOT / "fixtures" / "tomcat-self-call-two-pools"
    verdict = report(inputs(case, table))["verdict"]
    assert expected(case)["verdict"]["finding"] == verdict["finding"]


def test_every_finding_has_a_real_case_and_a_near_miss() -> None:
    raised = {finding["id"] for case in CASES for finding in expected(case)["findings"]}
    never = {identifier for case in CASES for identifier in expected(case)["never"]}
    assert {identifier for identifier in raised if identifier.endswith("deadlock")} <= never
