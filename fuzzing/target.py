"""What is done with each input, and what must hold then."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Final

from hangscope.facts import InputFacts
from hangscope.readers import READERS, ReadError, Source, read_input
from hangscope.readers.content.archives import Unpacked
from hangscope.report.fact_lines import fact_lines
from hangscope.report.reading import as_text
from tests.readers.invariants import holds

SLOWEST: Final = 2.0
"""Seconds of CPU that an input may take."""

_PACKED: Final = (b"\x1f\x8b", b"BZ", b"\xfd7", b"\x28\xb5", b"PK")


class TooSlowError(Exception):
    """An input took too long."""


def check(content: bytes, *, slowest: float = SLOWEST) -> None:
    """Read ``content`` in every way, and tell all that was read.

    Raises:
        Exception: Anything went wrong but that it could not be read.
    """
    start = time.process_time()
    _check_text(content)
    # One reader alone gets lines that are another's otherwise; a different one for each input.
    _check_text(content, READERS[sum(content) % len(READERS)].name)
    if content.startswith(_PACKED) or b"ustar" in content[:512]:
        _check_archive(content)
    took = time.process_time() - start
    if took > slowest:
        raise TooSlowError(f"{len(content)} bytes took {took:.1f} s")


def _check_text(content: bytes, name: str | None = None) -> None:
    source = Source.from_bytes("fuzz", content)
    try:
        facts = read_input(source, format=name)
    except ReadError:
        return
    # A line ends with \n, or \r where no \n is.
    holds(facts, max(content.count(b"\n"), content.count(b"\r")) + 1)
    _tell(facts)
    source.excerpt(1, facts.lines)


def _check_archive(content: bytes) -> None:
    with Unpacked() as unpacked:
        for found in unpacked.stream("fuzz", BytesIO(content)):
            if isinstance(found, Source):
                try:
                    _tell(read_input(found))
                except ReadError:
                    continue


def _tell(facts: InputFacts) -> None:
    for line in as_text([facts], full=True, unicode=True):
        line.encode()
    for line in fact_lines(facts):
        line.encode()
