"""Excerpts: the lines of a span, cut to a size that a reader takes in, and numbered again."""

from __future__ import annotations

from typing import Final

LIMIT: Final = 12
"""Lines of an excerpt, the mark of the cut included."""
_HEAD: Final = 8
_TAIL: Final = LIMIT - 1 - _HEAD
_LINE_LIMIT: Final = 1000
"""Characters of one line: a thread's name may be a megabyte long."""


def cut(raw: str, first_line: int, last_line: int) -> str:
    """At most :data:`LIMIT` lines of ``raw``: its head and its tail, and how much lies between.

    Args:
        raw: The lines of the span, as they stand in the input.
        first_line: The span's first line.
        last_line: The span's last line.
    """
    if not raw:
        return ""
    lines = [_cut_line(line.removesuffix("\r")) for line in raw.removesuffix("\n").split("\n")]
    if len(lines) != last_line - first_line + 1:
        # The input changed since it was read: nothing but the head can be numbered.
        return "\n".join(lines[: LIMIT - 1])
    if len(lines) <= LIMIT:
        return "\n".join(lines)
    left_out = len(lines) - _HEAD - _TAIL
    return "\n".join([*lines[:_HEAD], f"… {left_out:,} lines …", *lines[-_TAIL:]])


def _cut_line(line: str) -> str:
    left_out = len(line) - _LINE_LIMIT
    return line if left_out <= 0 else f"{line[:_LINE_LIMIT]}… {left_out:,} characters …"


def numbered(text: str, first_line: int, last_line: int) -> tuple[tuple[int | None, str], ...]:
    """Each line of an excerpt with its number in the input; the mark of a cut has none."""
    if not text:
        return ()
    lines = text.split("\n")
    if len(lines) < LIMIT or last_line - first_line + 1 == len(lines):
        return tuple(enumerate(lines, first_line))
    head = enumerate(lines[:_HEAD], first_line)
    tail = enumerate(lines[_HEAD + 1 :], last_line - _TAIL + 1)
    return (*head, (None, lines[_HEAD]), *tail)
