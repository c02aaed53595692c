"""One bundle: what was captured on one host, and how it is read wherever that is done."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from hangscope.facts import HostFacts
from hangscope.fleet.memory import collected_at_the_end
from hangscope.interpret import Ties, ties_of
from hangscope.pipeline import HostReading, HostSources, Reading, described, read_host
from hangscope.readers.content.archives import Found, Unpacked
from hangscope.readers.content.source import Source


@dataclass(frozen=True, slots=True)
class Bundle:
    """FILEs of one host that any process can open."""

    host: str
    files: tuple[Path, ...]
    """As they were given: so they are named in the report."""
    base: Path
    """Where relative ones start."""
    encoding: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What was read of a bundle, small: of 20 MB of text less than one remains."""

    reading: HostReading
    ties: Ties
    facts: bytes


@collected_at_the_end
def read_bundle(bundle: Bundle) -> Digest:
    """Read one bundle; runs in any process.

    Members of archives are not among the sources: they are gone when this returns.
    """
    with Unpacked(bundle.encoding, bundle.base) as unpacked:
        reading = read_host(HostSources(bundle.host, texts(bundle, unpacked)), bundle.format)
    lasting = {
        name: source
        for name, source in reading.sources.items()
        if not (isinstance(source, Source) and source.passing)
    }
    return digest(replace(reading, sources=lasting))


def digest(reading: Reading) -> Digest:
    """What stays of ``reading``."""
    facts = HostFacts.of(reading.host, reading.inputs)
    return Digest(described(reading), ties_of(facts), packed(facts))


def packed(facts: HostFacts) -> bytes:
    """``facts`` for another process, or for later."""
    return zlib.compress(pickle.dumps(facts, pickle.HIGHEST_PROTOCOL), 1)


def unpacked_facts(content: bytes) -> HostFacts:
    """What :func:`packed` made, in a process of our own."""
    facts: HostFacts = pickle.loads(zlib.decompress(content))  # noqa: S301 - we made it
    return facts


def texts(bundle: Bundle, unpacked: Unpacked) -> Iterator[Found]:
    """The texts of ``bundle``."""
    return chain.from_iterable(map(unpacked.at, dict.fromkeys(bundle.files)))
