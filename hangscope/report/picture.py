"""Draws a chain: who waits for whom, from the top down; a circle closes visibly.

::

    ╭──▶ 10 threads of http-nio-8080-exec
    │      ┆ wait for the reply on (inferred) [1-10]
    │      ▼
    │    *:8080
    │      │ is served only by (proven) [11]
    ╰──◀───╯ back to 10 threads of http-nio-8080-exec

A solid shaft is proven, a dotted one inferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangscope.report.glyphs import Glyphs
from hangscope.report.layout import Line, Role, Span, cells, wrap
from hangscope.report.outline import Arrow

_SHAFT = 2
"""How far in an arrow stands below a node where no rail runs beside it."""
_SURE = {"proven": Role.GOOD, "inferred": Role.UNSURE}


def draw(arrows: Sequence[Arrow], glyphs: Glyphs, width: int) -> Iterator[Line]:
    """The chain, drawn; arrows that do not follow on from the one before begin a new one."""
    begin = 0
    for end in range(1, len(arrows) + 1):
        if end == len(arrows) or arrows[end].source != arrows[end - 1].target:
            if begin:
                yield ()
            yield from _Drawing(arrows[begin:end], glyphs, width).lines()
            begin = end


class _Drawing:
    """One unbroken run of arrows, the last of which may lead back into it."""

    def __init__(self, arrows: Sequence[Arrow], glyphs: Glyphs, width: int) -> None:
        self._arrows = arrows
        self._glyphs = glyphs
        self._width = width
        sources = [arrow.source for arrow in arrows]
        target = arrows[-1].target
        self._entry = sources.index(target) if target in sources else None
        """Where the circle is entered; a chain may lead into one."""
        circular = self._entry is not None
        self._node_margin = cells(glyphs.rail_start) + 1 if circular else 0
        self._shaft_margin = cells(glyphs.rail_end) - 1 if circular else _SHAFT

    def lines(self) -> Iterator[Line]:
        glyphs = self._glyphs
        for index, arrow in enumerate(self._arrows):
            start = glyphs.rail_start if index == self._entry else self._rail(index)
            yield from self._node(start, self._rail(index), arrow.source)
            yield from self._shaft(self._margin(index), arrow)
            if index < len(self._arrows) - 1 or self._entry is None:
                yield (Span(self._margin(index), Role.FAINT), Span(glyphs.head))
        last = self._arrows[-1].target
        if self._entry is None:
            yield from self._node("", "", last)
        else:
            back = " " * cells(glyphs.rail_end)
            yield from self._node(glyphs.rail_end, back, f"back to {last}")

    def _rail(self, index: int) -> str:
        inside = self._entry is not None and index >= self._entry
        return self._glyphs.rail if inside else ""

    def _margin(self, index: int) -> str:
        return _padded(self._rail(index), self._shaft_margin)

    def _node(self, start: str, after: str, label: str) -> Iterator[Line]:
        margin = max(cells(start) + 1 if start else 0, self._node_margin)
        room = self._width - margin
        for text in wrap(label, room, self._glyphs.continued):
            yield (Span(_padded(start, margin), Role.FAINT), Span(text, Role.STRONG))
            start = after

    def _shaft(self, margin: str, arrow: Arrow) -> Iterator[Line]:
        glyphs = self._glyphs
        proven = arrow.certainty == "proven"
        shaft = f"{glyphs.proven if proven else glyphs.inferred} "
        start = (Span(margin, Role.FAINT), Span(shaft))
        room = self._width - cells(margin) - cells(shaft)
        sure = Span(f"({arrow.certainty})", _SURE[arrow.certainty])
        *whole, last = wrap(arrow.relation, room, glyphs.continued)
        for text in whole:
            yield (*start, Span(text))
        if cells(f"{last} {sure.text} {arrow.references}") <= room:
            refs = Span(f" {arrow.references}", Role.REFERENCE)
            yield (*start, Span(f"{last} "), sure, refs)
            return
        yield (*start, Span(last))
        for index, text in enumerate(wrap(arrow.references, room - cells(sure.text) - 1, "")):
            first = sure if index == 0 else Span(" " * cells(sure.text))
            yield (*start, first, Span(f" {text}", Role.REFERENCE))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))
