"""Members of archives that a report quotes: they are unpacked once more."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property

from hangscope.fleet.bundle import Bundle, texts
from hangscope.pipeline import HostReading, Quotable
from hangscope.readers import ReadError
from hangscope.readers.content.archives import Unpacked
from hangscope.readers.content.source import Source
from hangscope.readers.errors import SourceChanged


def quotable(bundle: Bundle, reading: HostReading, resources: ExitStack) -> HostReading:
    """``reading`` with sources for members of archives too, for as long as ``resources`` last."""
    archives = _Archives(bundle, resources)
    members: Mapping[str, Quotable] = {
        one.name: _Member(one.name, one.sha256, archives)
        for one in reading.inputs
        if one.format and one.name not in reading.sources
    }
    return replace(reading, sources={**reading.sources, **members})


class _Archives:
    """The members of a bundle's archives, unpacked when the first one is quoted."""

    def __init__(self, bundle: Bundle, resources: ExitStack) -> None:
        self._bundle = bundle
        self._resources = resources

    @cached_property
    def members(self) -> Mapping[str, Source]:
        """By their names."""
        bundle = self._bundle
        unpacked = self._resources.enter_context(Unpacked(bundle.encoding, bundle.base))
        found = texts(bundle, unpacked)
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
