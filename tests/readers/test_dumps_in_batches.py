"""Dumps say what they say, however their lines arrive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from hangscope.facts import InputFacts
from hangscope.readers import ReadError, Source, dispatch, read_input

from .reading import with_lists_of_lines
from .test_javacore import WHOLE
from .test_many_at_a_time import sliced

FORMATS = Path(__file__).resolve().parents[2] / "fixtures" / "formats"


def facts_of(content: bytes) -> InputFacts | str:
    try:
        facts = read_input(Source.from_bytes("input.txt", content))
    except ReadError as error:
        return str(error)
    return replace(with_lists_of_lines(facts), tables=())


DUMPS = {"javacore": WHOLE.encode()} | {
    str(path.relative_to(FORMATS)): content
    for path in sorted(FORMATS.rglob("*"))
    if path.is_file()
    and len(content := path.read_bytes()) < 1 << 17
    and isinstance(facts := facts_of(content), InputFacts)
    and facts.dumps
}


def test_there_are_dumps_of_all_kinds() -> None:
    facts = [facts_of(content) for content in DUMPS.values()]
    formats = {one.format for one in facts if isinstance(one, InputFacts)}
    assert formats >= {"hotspot", "javacore", "jhsdb", "dump-to-file", "dump-to-file-json"}


@pytest.mark.parametrize("at_once", [1, 3, 16])
@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_says_the_same_in_small_batches(name: str, at_once: int) -> None:
    whole = facts_of(DUMPS[name])
    with patch.object(dispatch, "rejoined_lines", sliced(at_once)):
        assert facts_of(DUMPS[name]) == whole
