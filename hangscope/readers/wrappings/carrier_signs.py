"""Tells what lines are wrapped in, by lines of dumps and tables that start in mid-line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from hangscope.readers.wrappings.carrier_markup import colours, escaped_controls, html_text
from hangscope.readers.wrappings.carrier_prefixes import Learned, Prefixed
from hangscope.readers.wrappings.carrier_records import Records
from hangscope.readers.wrappings.wrapping import Wrapping

_RARE: Final = ("Full thread dump ", "Recv-Q", "0SECTION ", "COMMAND ", "(state = ")
"""Once in each dump or table, or so."""
_FREQUENT: Final = ("java.lang.Thread.State: ", " tid=0x", " Id=")
"""Once in each thread."""
_LOOKED_AT: Final = 40
"""So many frequent signs that show no wrapping, and there is none."""
_MANY: Final = 8
"""One in so many lines at most is looked at closely, to know that there is no sign."""
_START: Final = re.compile(
    r"Full thread dump |(?:   )?java\.lang\.Thread\.State: "
    r'|"(?=[^\n]{0,999}(?: tid=0x| Id=| nid=0x))|&(?:quot|#34);(?=[^\n]{0,999} tid=0x)'
    r"|0SECTION |COMMAND +PID |Thread [0-9]+: \(state = "
    r"|(?:Netid +State|State|Proto|Netid) +Recv-Q"
)
_PLAIN: Final = (
    "\tat ",
    "\t- ",
    "    at ",
    "at ",
    "- ",
    '"',
    "   java.lang.Thread.State",
    "ESTAB",
    "TIME",
    "CLOSE",
    "LISTEN",
    "FIN",
    "SYN",
    "tcp",
    "udp",
    "java ",
    "3XM",
    "4XE",
    "NULL ",
)
"""Starts of lines that are not wrapped."""
_SAMPLES: Final = 16
_BEFORE: Final = 3
_AFTER: Final = 20
_WIDEST: Final = 2000
"""Characters looked at on each side of a sign."""
_ENOUGH: Final = 0.5
"""Share of lines round the sign that must be wrapped likewise."""
_FEW: Final = 3


class _Sign(NamedTuple):
    line: str
    column: int
    """Where the dump's text starts in it, as far as that can be told."""
    around: list[str]


def is_plainly_read(lines: Sequence[str]) -> bool:
    """Whether many lines start as those of a dump or a table do: a cheap look at a few."""
    sample = [line for line in lines[:: len(lines) // _SAMPLES + 1] if line]
    return 4 * sum(line.startswith(_PLAIN) for line in sample) >= len(sample)


def may_be_wrapped(lines: Sequence[str]) -> bool:
    """Whether any of ``lines`` tells of a wrapping: :func:`wrapping_of` finds none where not.

    It does not matter in which order they stand, nor how often, so each is looked at once.
    """
    text = "\n".join(("", *set(lines)))
    if "&lt;0x" in text or "\n#011" in text:
        return True
    left = max(_LOOKED_AT, len(lines) // _MANY)
    for literal in (*_RARE, *_FREQUENT):
        end = 0
        while (at := text.find(literal, end)) >= 0:
            start, end = _line_of(text, at)
            left -= 1
            if not left or _column(text, start, at, end) is not None:
                return True
    return False


def wrapping_of(lines: Sequence[str]) -> Wrapping | None:
    """What lines of a dump or a table among ``lines`` are wrapped in; None if in nothing."""
    text = "\n".join(lines)
    if "&lt;0x" in text and any(sign in text for sign in (*_RARE, *_FREQUENT)):
        return html_text()
    if "\n#011" in text:
        return escaped_controls()
    for sign in _signs(text):
        found = _wrapping(sign)
        if found is not None:
            return found
    return None


def _signs(text: str) -> Iterator[_Sign]:
    """Lines of dumps that something stands before."""
    for literal in _RARE:
        yield from _with(literal, text)
    for literal in _FREQUENT:
        yield from islice(_with(literal, text), _LOOKED_AT)


def _with(literal: str, text: str) -> Iterator[_Sign]:
    left = _LOOKED_AT * (10 if literal in _RARE else 1)
    end = 0
    while left and (at := text.find(literal, end)) >= 0:
        left -= 1
        start, end = _line_of(text, at)
        column = _column(text, start, at, end)
        if column is not None:
            line = text[start:end]
            before = text[max(start - _WIDEST, 0) : start].split("\n")[1:-1]
            after = text[end + 1 : end + _WIDEST].split("\n")[:-1]
            yield _Sign(line, column, [*before[-_BEFORE:], line, *after[:_AFTER]])


def _line_of(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end


def _column(text: str, start: int, at: int, end: int) -> int | None:
    """Where a dump starts in a line with a literal at ``at``; None if that is no sign of one."""
    if at - start > _WIDEST:
        return None
    found = _START.search(text[start : min(end, at + _WIDEST)])
    column = found.start() if found else at - start
    if found and not text[start : start + column].strip() and found[0][0] != "&":
        return None  # plain
    line = text[start:end]
    return column if found or line.lstrip().startswith("{") or "\x1b" in line[:column] else None


def _wrapping(sign: _Sign) -> Wrapping | None:
    line, prefix = sign.line, sign.line[: sign.column]
    if "\x1b" in prefix or "\x1b[" in line[: sign.column + 5]:
        return colours()
    candidates: list[Wrapping] = [*Records.of(line), *Prefixed.of(line)]
    learned = Learned.of(prefix)
    if learned is not None:
        candidates.append(learned)
    for wrapping in candidates:
        text = wrapping.text(line)
        if text is not None and _fits(wrapping, text, sign):
            return wrapping
    is_html = line.startswith("&", sign.column) or (prefix.endswith(">") and "<" in prefix)
    return html_text() if is_html else None


def _fits(wrapping: Wrapping, text: str, sign: _Sign) -> bool:
    """Whether the dump's text, or something that wraps it in turn, is what is left."""
    inner = _START.search(text[:_WIDEST])
    if inner is None or len(text) >= len(sign.line):
        return False
    wrapped = sum(wrapping.text(line) is not None for line in sign.around)
    return wrapped >= max(min(_FEW, len(sign.around)), _ENOUGH * len(sign.around))
