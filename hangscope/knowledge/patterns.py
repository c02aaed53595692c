"""Frame patterns: which of some hundreds of them a method matches, as the bits of one number.

A pattern is ``package.Class.method``, where ``*`` stands for any characters. Sets of patterns are
numbers too, so that "any of these occurs in the stack" is one ``&``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LITERAL_SEGMENTS = 2
"""A pattern begins with this many whole segments, by which it is found."""


class PatternError(ValueError):
    """A pattern that could not be found by its beginning."""


def check(pattern: str) -> None:
    """Say what is wrong with a pattern.

    Raises:
        PatternError: It is empty, names no method or does not begin with two literal segments.
    """
    if not pattern or pattern != pattern.strip():
        raise PatternError(f"{pattern!r} is no frame pattern")
    literal = pattern.split("*", 1)[0]
    if literal == pattern and "." not in pattern:
        raise PatternError(f"{pattern!r} names no method: write package.Class.method")
    if literal != pattern and literal.count(".") < _LITERAL_SEGMENTS:
        raise PatternError(f"{pattern!r} must begin with two segments without *, as in com.acme.*")


class Patterns:
    """A growing set of patterns; matches are remembered, for dumps repeat their methods."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        self._globs: dict[str, list[tuple[list[str], int]]] = {}
        self._matched: dict[str, int] = {}

    def mask(self, patterns: Iterable[str]) -> int:
        """The bits of ``patterns``, which are added where they are new."""
        mask = 0
        for pattern in patterns:
            bit = self._bits.get(pattern)
            mask |= self._add(pattern) if bit is None else bit
        return mask

    def match(self, method: str) -> int:
        """The bits of the patterns that ``method`` matches."""
        known = self._matched.get(method)
        if known is not None:
            return known
        mask = self._exact.get(method, 0)
        for parts, bit in self._globs.get(_beginning(method), ()):
            if _matches(method, parts):
                mask |= bit
        self._matched[method] = mask
        return mask

    def _add(self, pattern: str) -> int:
        bit = self._bits[pattern] = 1 << len(self._bits)
        if "*" in pattern:
            self._globs.setdefault(_beginning(pattern), []).append((pattern.split("*"), bit))
        else:
            self._exact[pattern] = self._exact.get(pattern, 0) | bit
        self._matched.clear()
        return bit


def _beginning(method: str) -> str:
    first = method.find(".")
    second = method.find(".", first + 1)
    return method[:second]


def _matches(method: str, parts: Sequence[str]) -> bool:
    first, *middle, last = parts
    if not method.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = method.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(method) - len(last) >= at and method.endswith(last)
