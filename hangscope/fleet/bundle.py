"""One bundle: what was captured on one host, and how it is read wherever that is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from hangscope.pipeline import HostSources, Quotable, Reading, read_host, unread_host
from hangscope.readers import ReadError
from hangscope.readers.content.archives import Found, Unpacked
from hangscope.readers.content.source import Source
from hangscope.readers.errors import SourceChanged, UnreadableInput


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


Read: TypeAlias = tuple[int, Reading]
"""What was read of a bundle, and its number among those given."""
Engine: TypeAlias = Callable[[Sequence[Bundle]], Iterator[Read]]
"""Reads bundles, each once, in any order."""


def read_bundle(bundle: Bundle) -> Reading:
    """Read one bundle; runs in any process, and what it returns can be sent to another one.

    Members of archives are not among the sources: they are gone when this returns.
    """
    with Unpacked(bundle.encoding, bundle.base) as unpacked:
        reading = read_host(HostSources(bundle.host, _texts(bundle, unpacked)), bundle.format)
    lasting = {
        name: source
        for name, source in reading.sources.items()
        if not (isinstance(source, Source) and source.passing)
    }
    return replace(reading, sources=lasting)


def lost(bundle: Bundle, why: str) -> Reading:
    """What is said of a bundle whose reader did not come back."""
    return unread_host(bundle.host, UnreadableInput(bundle.host, why))


def quotable(bundle: Bundle, reading: Reading, resources: ExitStack) -> Reading:
    """``reading``, so that members of archives can be quoted too, for as long as ``resources``."""
    archives = _Archives(bundle, resources)
    members: Mapping[str, Quotable] = {
        one.name: _Member(one.name, one.sha256, archives)
        for one in reading.inputs
        if one.format and one.name not in reading.sources
    }
    return replace(reading, sources={**reading.sources, **members})


def _texts(bundle: Bundle, unpacked: Unpacked) -> Iterator[Found]:
    return chain.from_iterable(map(unpacked.at, dict.fromkeys(bundle.files)))


class _Archives:
    """The members of a bundle's archives, unpacked once more when the first one is quoted."""

    def __init__(self, bundle: Bundle, resources: ExitStack) -> None:
        self._bundle = bundle
        self._resources = resources

    @cached_property
    def members(self) -> Mapping[str, Source]:
        """By their names."""
        bundle = self._bundle
        unpacked = self._resources.enter_context(Unpacked(bundle.encoding, bundle.base))
        found = _texts(bundle, unpacked)
        return {one.name: one for one in found if not isinstance(one, ReadError)}


class _Member:
    """A text that was in an archive."""

    def __init__(self, name: str, sha256: str, archives: _Archives) -> None:
        self._name = name
        self._sha256 = sha256
        self._archives = archives

    def excerpt(self, first: int, last: int) -> str:
        """Lines ``first`` to ``last``.

        Raises:
            SourceChanged: The archive is not the one that was read.
        """
        source = self._archives.members.get(self._name)
        if source is None or source.sha256 != self._sha256:
            raise SourceChanged(
                self._name,
                "the archive is not what it was when it was read, so nothing of it can be quoted;"
                " run hangscope again",
            )
        return source.excerpt(first, last)
