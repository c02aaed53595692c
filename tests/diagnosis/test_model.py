"""What a finding must have to be one."""

from __future__ import annotations

import pytest

from hangscope.diagnosis.model import Citation, Finding, Kind, Layer
from hangscope.facts import Evidence
from hangscope.waits import Certainty


def finding(certainty: Certainty, rests_on: tuple[str, ...], refuted_by: str) -> Finding:
    return Finding(
        id="lock-convoy",
        kind=Kind.CONTENTION,
        layer=Layer.APPLICATION,
        certainty=certainty,
        permanent=None,
        headline="",
        explanation="",
        subjects=(),
        chain=(),
        rests_on=rests_on,
        citations=(Citation(Evidence("dump.txt", 1, 1), "says"),),
        remedies=(),
        refuted_by=refuted_by,
    )


@pytest.mark.parametrize("nothing", ["", " \n"])
def test_what_is_inferred_says_what_would_refute_it(nothing: str) -> None:
    with pytest.raises(ValueError, match="refute"):
        finding(Certainty.INFERRED, ("the owner is the only one",), nothing)
    assert finding(Certainty.INFERRED, ("the owner is the only one",), "a second dump")


def test_what_is_proven_needs_no_refutation() -> None:
    assert finding(Certainty.PROVEN, (), "").refuted_by == ""
