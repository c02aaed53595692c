"""Threads that are the same as one before say what they say when each is decoded."""

from __future__ import annotations

import json
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import InputFacts
from hangscope.readers import ReadError
from hangscope.readers.json_texts.json_repeated import Repeated

from .reading import read
from .test_json_dumps import dump

FRAME = "java.base/org.acme.Main.run(Main.java:4)"
PARK = "java.base/java.lang.VirtualThread.park(VirtualThread.java:742)"
KINDS: list[dict[str, object]] = [
    {"virtual": True, "name": "", "state": "RUNNABLE", "stack": [FRAME, FRAME]},
    {"name": "w", "state": "WAITING", "parkBlocker": {"object": "a.B@1f"}, "stack": [PARK, FRAME]},
    {
        "name": "w",
        "state": "WAITING",
        "parkBlocker": {"object": "a.B@1f", "owner": "3"},
        "stack": [PARK, "no frame"],
    },
    {
        "name": "]\n}",
        "state": "BLOCKED",
        "blockedOn": "a.B@1f",
        "stack": [FRAME, FRAME],
        "monitorsOwned": [{"depth": 1, "locks": ["a.B@2", None]}],
    },
    {"name": "none", "stack": []},
    {"name": "c", "carrier": "3", "stack": [FRAME]},
    {"name": "text", "stack": "abc"},
    {"name": 5, "x": {"stack": [1]}, "stack": [FRAME]},
]
EDITS = [
    ('"name"', '"tid": "77", "name"'),
    ('"name"', '"\\u0074id": "77", "name"'),
    ('"time": "', '"time": "\\u0031'),
    ('"time"', '"name": "other", "time"'),
    ('"tid": "', '"tid": "0'),
    ("{", "{ "),
    ("}", " }"),
    ("    ", "  "),
    ("[\n", "["),
    (",\n", ", "),
    ("]", ""),
]


def facts_of(text: str) -> InputFacts | str:
    try:
        return read(text)
    except ReadError as error:
        return str(error)


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_what_is_known_as_it_stands_is_what_it_was(data: st.DataObject) -> None:
    kinds = 6 * data.draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
    as_text = data.draw(st.booleans())
    threads = [
        {"tid": str(n) if as_text else n, "time": "2026-11-22T03:22:16.58Z"} | kind
        for n, kind in enumerate(kinds, 20)
    ]
    text = json.dumps(dump(*threads), indent=data.draw(st.sampled_from([2, 2, 2, 0, None])))
    for old, new in data.draw(st.lists(st.sampled_from(EDITS), max_size=2)):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + text[at:].replace(old, new, data.draw(st.integers(1, 3)))
    text *= data.draw(st.sampled_from([1, 2]))
    known = facts_of(text)
    with patch.object(Repeated, "find", return_value=None):
        assert facts_of(text) == known


def test_threads_that_are_alike_share_what_they_say() -> None:
    time = "2026-11-22T03:22:16.58Z"
    threads = [{"tid": str(number), "time": time} | KINDS[1] for number in range(20, 80)]
    *_, last_but_one, last, _ = read(json.dumps(dump(*threads), indent=2)).dumps[0].threads
    assert last_but_one.entries is last.entries
    assert [last_but_one.id, last.id] == [78, 79]
    assert last.entry_lines[0] - last_but_one.entry_lines[0] == (
        last.evidence.first_line - last_but_one.evidence.first_line
    )
