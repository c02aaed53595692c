"""Whose thread it is, read from its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hangscope.knowledge.entries import Rename, ThreadName
from hangscope.knowledge.patterns import Patterns

_NUMBER = re.compile(r"[-_ #:.]*\d+$")
_LONGEST = 400
"""A thread may be named anything; a pattern may be slow on a name longer than this."""


class NameMatch(NamedTuple):
    """An entry and what the name says by its groups."""

    entry: ThreadName
    pool: str | None
    port: int | None
    address: str | None


class _Candidate(NamedTuple):
    entry: ThreadName
    regex: re.Pattern[str]
    frames: int
    """The entry counts only in a stack with one of these patterns; 0: in any."""


class Names:
    """Matches thread names; regular expressions are compiled when first needed."""

    def __init__(
        self, entries: Sequence[ThreadName], renames: Sequence[Rename], patterns: Patterns
    ) -> None:
        self._entries = entries
        self._renames = [re.compile(rename.strip) for rename in renames]
        self._frames = {entry.id: patterns.mask(entry.frames) for entry in entries}
        self._compiled: dict[str, _Candidate] = {}
        self._by_initial: dict[str, list[ThreadName]] = {}
        self._plain: dict[str, str] = {}
        self._found: dict[str, list[tuple[_Candidate, re.Match[str]]]] = {}

    def match(self, name: str, frames: int) -> NameMatch | None:
        """The first entry that ``name`` matches in a stack with the patterns ``frames``."""
        plain = self.plain(name)
        found = self._found.get(plain)
        if found is None:
            found = self._found[plain] = self._search(plain)
        for candidate, match in found:
            if not candidate.frames or candidate.frames & frames:
                return _read(candidate.entry, match)
        return None

    def plain(self, name: str) -> str:
        """``name`` without what application servers add to it."""
        plain = self._plain.get(name)
        if plain is None:
            plain = name
            if len(name) <= _LONGEST:
                for strip in self._renames:
                    plain = strip.sub("", plain)
            self._plain[name] = plain
        return plain

    def stem(self, name: str) -> str:
        """``name`` without its number: what the threads of one pool share."""
        return _NUMBER.sub("", self.plain(name)) or name

    def _search(self, name: str) -> list[tuple[_Candidate, re.Match[str]]]:
        if len(name) > _LONGEST:
            return []
        initial = name[:1]
        entries = self._by_initial.get(initial)
        if entries is None:
            entries = [
                entry
                for entry in self._entries
                if not entry.starts or any(start.startswith(initial) for start in entry.starts)
            ]
            self._by_initial[initial] = entries
        found = []
        for entry in entries:
            if entry.starts and not name.startswith(entry.starts):
                continue
            candidate = self._compiled.get(entry.id) or self._compile(entry)
            match = candidate.regex.fullmatch(name)
            if match:
                found.append((candidate, match))
                if not candidate.frames:
                    break
        return found

    def _compile(self, entry: ThreadName) -> _Candidate:
        regex = re.compile(entry.name, re.DOTALL)
        candidate = _Candidate(entry, regex, self._frames[entry.id])
        self._compiled[entry.id] = candidate
        return candidate


def _read(entry: ThreadName, match: re.Match[str]) -> NameMatch:
    groups = match.groupdict()
    port = groups.get("port")
    return NameMatch(
        entry,
        groups.get("pool") or groups.get("pool2"),
        int(port) if port else None,
        groups.get("address") or groups.get("address2"),
    )
