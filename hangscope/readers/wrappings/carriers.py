"""Lines that a log collector has wrapped, unwrapped while they are read.

::

    Nov 22 03:16:27 web01 java[1562]: "main" #1 prio=5 os_prio=0 …   →   "main" #1 prio=5 …

A wrapping is told by the first line of a dump or table that stands in it; what comes before
passes as it is. Wrappings may stand in each other (colours, then docker compose), and a stream
may have one of its own. An input without any passes untouched.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final, TypeAlias

from hangscope.readers.interface import Batch
from hangscope.readers.wrappings.carrier_signs import is_plainly_read, may_be_wrapped, wrapping_of
from hangscope.readers.wrappings.wrapping import Carrier, Tagged, Wrapping

_DEEPEST: Final = 4
"""Wrappings in each other."""
_MOST_STREAMS: Final = 10_000
"""Streams whose own wrapping is looked for: pods, units, not times taken for such."""
_SHORT: Final = 3000
"""Lines of an input that is always looked through."""
_LOOKED_AT: Final = 300
"""Lines that are looked through, or not, together."""
_LOOKED_AHEAD: Final = 4
"""Batches that tell which stream is the one of most lines."""


class Carriers:
    """What the lines of one input are wrapped in, told while they are read."""

    def __init__(self) -> None:
        self.found: list[Carrier] = []
        """The wrappings so far, in the order they were met."""

    def unwrap(self, batches: Iterable[Batch]) -> Iterator[Tagged]:
        """All lines, by stream, each stream in its order. Never raises on any text."""
        layer = _Layer(self.found, {}, (), _DEEPEST)
        for batch in batches:
            yield from layer.unwrapped(batch)
        yield from layer.rest()


class _Layer:
    """One stream of lines and what it is wrapped in."""

    def __init__(
        self, found: list[Carrier], names: dict[str, _Path], path: _Path, depth: int
    ) -> None:
        self._found = found
        self._names = names
        self._path = path
        self._stream = _named(path, names)
        self._depth = depth
        self._wrapping: Wrapping | None = None
        self._inner: dict[str, _Layer] = {}
        self._is_first = True

    def unwrapped(self, batch: Batch) -> Iterator[Tagged]:
        """The lines of ``batch``, by stream."""
        if self._wrapping is None and self._depth:
            self._look_at(batch)
        if self._wrapping is None:
            yield Tagged(self._stream, batch)
        else:
            yield from self._each(self._wrapping.unwrap(batch))

    def rest(self) -> Iterator[Tagged]:
        """What is still to come at the end."""
        if self._wrapping is None:
            return
        yield from self._each(self._wrapping.rest())
        for inner in list(self._inner.values()):
            yield from inner.rest()

    def _look_at(self, batch: Batch) -> None:
        """Look for a wrapping; what is plainly read is spared that, but for a short input."""
        lines = batch.texts
        size = len(lines) if self._is_first and len(lines) <= _SHORT else _LOOKED_AT
        parts = [lines[start : start + size] for start in range(0, len(lines), size or 1)]
        if size == _LOOKED_AT:
            parts = [part for part in parts if not is_plainly_read(part)]
        if parts and may_be_wrapped(list(chain.from_iterable(parts))):
            self._wrapping = next(filter(None, map(wrapping_of, parts)), None)
            if self._wrapping is not None and self._wrapping.carrier not in self._found:
                self._found.append(self._wrapping.carrier)
        self._is_first = False

    def _each(self, parts: Iterable[Tagged]) -> Iterator[Tagged]:
        for name, batch in parts:
            if batch.texts:
                yield from self._of(name).unwrapped(batch)

    def _of(self, name: str) -> _Layer:
        found = self._inner.get(name)
        if found is None:
            depth = self._depth - 1 if len(self._inner) < _MOST_STREAMS else 0
            path = (*self._path, name)
            found = self._inner[name] = _Layer(self._found, self._names, path, depth)
        return found


_Path: TypeAlias = tuple[str, ...]
"""What each wrapping calls a stream, from the outermost in."""


def _named(path: _Path, names: dict[str, _Path]) -> str:
    """The stream's name, which no other has: a pod in the plain lines of pods, say."""
    name = base = " ".join(filter(None, path))
    place = path
    while place and not place[-1]:
        place = place[:-1]  # what has nothing before it, in a wrapping, is the stream itself
    count = 2
    while names.setdefault(name, place) != place:
        name = f"{base} ({count})"
        count += 1
    return name


def streams(tagged: Iterable[Tagged]) -> Iterator[tuple[str, Iterator[Batch]]]:
    """Each stream and its batches; read each to its end before the next is asked for.

    First comes the stream of most lines near the start, which is read as it arrives; the lines
    of the others are kept in memory meanwhile, and they follow as they first occurred.
    """
    rest = iter(tagged)
    ahead = deque(islice(rest, _LOOKED_AHEAD))
    counts: dict[str, int] = defaultdict(int)
    for stream, batch in ahead:
        counts[stream] += len(batch.texts)
    if not counts:
        return
    main = max(counts, key=counts.__getitem__)
    others: dict[str, list[Batch]] = {}

    def of_main() -> Iterator[Batch]:
        while ahead:
            yield from kept(ahead.popleft())
        for one in rest:
            yield from kept(one)

    def kept(one: Tagged) -> Iterator[Batch]:
        if one.stream == main:
            yield one.batch
        else:
            others.setdefault(one.stream, []).append(one.batch)

    batches = of_main()
    yield main, batches
    for _ in batches:  # whatever was not asked for
        pass
    for stream in list(others):
        yield stream, iter(others.pop(stream))
