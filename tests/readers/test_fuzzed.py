"""Inputs that fuzzing found: each one once broke something."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

import pytest

from hangscope.facts import InputFacts
from hangscope.readers import ReadError, Source, read_input
from hangscope.readers.content.archives import Unpacked
from hangscope.report.fact_lines import fact_lines
from hangscope.report.reading import as_text

from .invariants import holds

FOUND = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "fuzzed").iterdir())
SLOWEST = 2.0
"""Seconds of CPU; all inputs are of 16 KiB at most."""


def facts_of(source: Source) -> InputFacts | None:
    try:
        return read_input(source)
    except ReadError:
        return None


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_broke_once_is_read_in_time(path: Path) -> None:
    content = path.read_bytes()
    facts_of(Source.from_bytes(path.name, content))  # loads the grammars
    start = time.process_time()
    found = [facts_of(Source.from_bytes(path.name, content))]
    holds(found[0], max(content.count(b"\n"), content.count(b"\r")) + 1)
    with Unpacked() as unpacked:
        texts = unpacked.stream(path.name, BytesIO(content))
        found += [facts_of(one) for one in texts if isinstance(one, Source)]
    for facts in filter(None, found):
        assert "".join(as_text([facts], full=True, unicode=True)).encode()
        assert "".join(fact_lines(facts)).encode()
    assert time.process_time() - start < SLOWEST
