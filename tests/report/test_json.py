from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hangscope.diagnosis.model import Kind, Layer, SubjectType, When
from hangscope.facts import InputKind
from hangscope.report import Document, render
from hangscope.report.json_format import plain
from hangscope.report.schema import load, schema_text
from hangscope.waits.claims import Certainty

from .cases import CASES, lock_deadlock
from .founding import self_call

CONTRACT = {
    "": "schema tool created inputs verdict findings summary",
    "tool": "name version",
    "inputs.0": "name kind format sha256 bytes captured process records not_understood",
    "inputs.0.not_understood.0": "first_line last_line why",
    "verdict": "kind finding layer certainty headline",
    "findings.0": (
        "id kind layer certainty permanent headline explanation subjects chain rests_on refuted_by"
        " evidence effect_of remedies"
    ),
    "findings.0.subjects.0": "type name process count",
    "findings.0.chain.0": "from to relation certainty evidence",
    "findings.0.evidence.0": "input first_line last_line says text",
    "findings.0.remedies.0": "when text",
    "summary": "threads sockets",
}
"""The members that shared/report.md promises, by where they are."""

VALIDATOR = Draft202012Validator(load())


def loaded(document: Document) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(render(document, "json"))
    return report


def at(report: Any, path: str) -> Any:
    for step in path.split(".") if path else []:
        report = report[int(step) if step.isdecimal() else step]
    return report


def members() -> Iterator[tuple[str, str]]:
    return ((path, name) for path, names in CONTRACT.items() for name in names.split())


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(load())
    assert json.loads(schema_text())["properties"]["schema"]["const"] == "hangscope.report/1"


def test_every_report_is_valid(case: Document) -> None:
    VALIDATOR.validate(loaded(case))


@pytest.mark.parametrize(("path", "name"), list(members()))
def test_every_promised_member_is_there_required_and_typed(path: str, name: str) -> None:
    report = loaded(self_call())
    assert name in at(report, path)
    without = deepcopy(report)
    del at(without, path)[name]
    assert not VALIDATOR.is_valid(without)
    mistyped = deepcopy(report)
    at(mistyped, path)[name] = {"not": "this"}
    assert not VALIDATOR.is_valid(mistyped)


def test_members_may_be_added() -> None:
    report = loaded(self_call())
    for path in CONTRACT:
        at(report, path)["added"] = 1
    VALIDATOR.validate(report)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("kind", Kind),
        ("layer", Layer),
        ("certainty", Certainty),
    ],
)
def test_the_closed_sets_of_the_schema_are_the_models(
    name: str, values: type[Kind | Layer | Certainty]
) -> None:
    assert [one.value for one in values] == load()["$defs"][name]["enum"]


def test_the_closed_sets_within_members_are_the_models_too() -> None:
    definitions = load()["$defs"]
    for where, member, values in (
        ("subject", "type", list(SubjectType)),
        ("remedy", "when", list(When)),
        ("input", "kind", list(InputKind)),
    ):
        wanted = {one.value for one in values}
        assert wanted == set(definitions[where]["properties"][member]["enum"])


def test_the_text_is_the_document(case: Document) -> None:
    assert loaded(case) == plain(case)


def test_the_same_document_gives_the_same_bytes(name: str) -> None:
    first, second = (render(CASES[name](), "json") for _ in range(2))
    assert first == second
    assert first.startswith('{\n  "schema": "hangscope.report/1",')
    assert first.endswith("}\n")


def test_null_is_written_where_the_contract_has_it() -> None:
    report = loaded(lock_deadlock())
    assert report["findings"][0]["effect_of"] is None
    assert report["findings"][1]["permanent"] is None
    assert report["findings"][0]["subjects"][0]["process"] is None
