"""What holds for every JSON text, however damaged: nothing raises, nothing is invented."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import NOT_RECORDED, InputFacts
from hangscope.readers import ReadError

from .reading import read
from .test_json_dumps import INFO, dump, thread
from .test_json_tables import FLAT, LSOF, NESTED, NETSTAT, OSQUERY, POWERSHELL, PROC, SS

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "json"
MODELS = [
    dump(
        thread(
            state="WAITING",
            waitingOn="a.B@1f",
            monitorsOwned=[{"depth": 0, "locks": ["a.B@1f", None]}],
        ),
        thread(4, "v", virtual=True, carrier=3, parkBlocker={"object": "a.B@2", "owner": "3"}),
    ),
    {"threads": [INFO, INFO]},
    {
        "version": "8.1",
        "deadlocks": [1],
        "threads": [
            {
                "name": "a",
                "id": 1,
                "state": "BLOCKED",
                "waitingFor": {"lock": "a.B@1", "owner": 2},
                "lockedMonitors": [{"lock": "a.B@2", "frame": "a.B.c(D.java:1)"}],
                "stacktrace": ["a.B.c(D.java:1)"],
            }
        ],
    },
    [OSQUERY, OSQUERY],
    [POWERSHELL],
    [SS, SS],
    [NETSTAT],
    [LSOF],
    [PROC],
    NESTED,
    FLAT,
]
TEXTS = [json.dumps(model, indent=indent) for model in MODELS for indent in (None, 1, 2)]
TEXTS += [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.json"))]
LINES = sorted({line for text in TEXTS for line in text.split("\n")})
VALUES = ["null", "true", "-1", "1e999", "NaN", "[]", "{}", '"x"', '[[["', "9" * 5000, '"\\ud800"']


def holds(text: str) -> InputFacts | None:
    """Facts or a ReadError, and all evidence within the text."""
    try:
        facts = read(text.encode("utf-8", "surrogatepass"))
    except ReadError:
        return None
    last = text.count("\n") + 1
    spans = [(span.first_line, span.last_line) for span in facts.not_understood]
    assert spans == sorted(spans, key=lambda span: span[0])
    evidence = [found.evidence for found in facts.dumps]
    evidence += [table.evidence for table in facts.tables]
    for found in facts.dumps:
        for one in found.threads:
            evidence.append(one.evidence)
            assert len(one.entries) == len(one.entry_lines)
            for line in one.entry_lines:
                assert one.evidence.first_line <= line <= one.evidence.last_line
            if one.synchronizers is not NOT_RECORDED:
                assert len(one.synchronizers) == len(one.synchronizer_lines)
    for table in facts.tables:
        evidence += [socket.evidence for socket in table.sockets]
    for first, end in [*spans, *((one.first_line, one.last_line) for one in evidence)]:
        assert 1 <= first <= end <= last
    return facts


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=8)), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_lines_in_any_order(lines: list[str]) -> None:
    holds("\n".join(lines))


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_damaged_texts(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    start = data.draw(st.integers(0, max(0, len(text) - 6000)))
    text = text[start : start + 6000] if data.draw(st.booleans()) else text
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(text)))
        to = data.draw(st.integers(at, min(len(text), at + 60)))
        new = data.draw(
            st.one_of(
                st.sampled_from(["", "\n", '"', "{", "}", "[", "]", ",", ":", *VALUES]),
                st.just(text[at:to] * 2),
                st.text(max_size=4),
            )
        )
        text = text[:at] + new + text[to:]
    holds(text)


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_values_of_another_kind(data: st.DataObject) -> None:
    """Any value in the place of any other: the record is read, or told."""
    model = json.loads(data.draw(st.sampled_from(TEXTS[: 3 * len(MODELS)])))
    places: list[tuple[dict[str, object] | list[object], str | int]] = []

    def walk(value: object) -> None:
        if isinstance(value, dict | list):
            for key, one in value.items() if isinstance(value, dict) else enumerate(value):
                places.append((value, key))
                walk(one)

    walk(model)
    for _ in range(data.draw(st.integers(1, 3))):
        within, key = data.draw(st.sampled_from(places))
        new: object = data.draw(
            st.sampled_from([None, True, -1, 2**70, 1.5, float("inf"), "", "x", "٣", [], [1], {}])
        )
        within[key] = new  # type: ignore[index]
    holds(json.dumps(model, indent=data.draw(st.sampled_from([None, 1]))))
