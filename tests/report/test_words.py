from __future__ import annotations

import pytest

from hangscope.diagnosis.model import Kind, Layer, SubjectType, When
from hangscope.facts import Evidence, InputKind
from hangscope.report import words
from hangscope.report.document import Subject
from hangscope.report.exhibits import compact, references
from hangscope.waits.claims import Certainty


def test_every_value_of_the_contract_has_its_words() -> None:
    assert set(words.KIND) == set(words.KIND_MEANS) == {one.value for one in Kind}
    assert set(words.LAYER) == {one.value for one in Layer}
    assert set(words.CERTAINTY) == {one.value for one in Certainty}
    assert set(words.WHEN) == {one.value for one in When}
    assert set(words.INPUT_KIND) == {one.value for one in InputKind}
    assert set(words.ENDS) == {True, False, None}
    for one in SubjectType:
        assert words.subject(Subject(one.value, "name", None, 2)).endswith("name")


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Subject("pool", "exec", "pid 1", 1), "1 thread of exec (pid 1)"),
        (Subject("pool", "exec", None, 1200), "1,200 threads of exec"),
        (Subject("endpoint", "*:8080", "pid 1", 1), "endpoint *:8080 (pid 1)"),
        (Subject("process", "pid 1", "pid 1", 1), "process pid 1"),
        (Subject("socket-group", "CLOSE_WAIT", None, 61), "61 sockets: CLOSE_WAIT"),
    ],
)
def test_subjects_in_words(one: Subject, said: str) -> None:
    assert said == words.subject(one)


def test_references_draw_runs_together() -> None:
    assert references([1, 2, 3, 7, 9, 10, 2]) == "[1-3] [7] [9-10]"
    assert references([]) == ""


def test_spans_name_their_input_once() -> None:
    spans = [Evidence("a", 1, 2), Evidence("b", 7, 7), Evidence("a", 9, 9), Evidence("a", 1, 2)]
    assert compact(spans) == "a:1-2, 9; b:7"


def test_what_an_answer_would_end_is_not_said_to_last_for_ever() -> None:
    for kind in Kind:
        for permanent in words.ENDS:
            assert words.ends(kind.value, permanent)
    assert "never" in words.ends("deadlock", True)
    assert "never" not in words.ends("slow-dependency", True)
    assert "never" not in words.ends("contention", True)
    assert "timeout" not in words.ends("busy", None)
