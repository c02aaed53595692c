"""Frames as ``java.lang.StackTraceElement.toString()`` writes them; see its grammar."""

from __future__ import annotations

from typing import Final

from hangscope.facts import Frame
from hangscope.readers.syntax.lines import LineSyntax

SYNTAX: Final = LineSyntax("stack_trace_element")
_REMEMBERED: Final = 200_000
"""Texts kept in the memo, of inputs that do not repeat themselves."""

_known: Final[dict[str, Frame]] = {}


def frame_of(text: str) -> Frame | None:
    """The frame that ``text`` is, without loader and module; None if it is none.

    Equal texts give one object. The caller has cut off ``at`` and blanks.
    """
    frame = _known.get(text)
    return _parsed(text) if frame is None else frame


def _parsed(text: str) -> Frame | None:
    values = SYNTAX.matcher("element")(text)
    if values is None:
        return None
    method, location = values
    if len(_known) >= _REMEMBERED:
        _known.clear()
    frame = _known[text] = Frame(method, location or "")
    return frame
