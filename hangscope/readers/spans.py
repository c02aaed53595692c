"""Numbers of lines that were not understood, collected as few spans."""

from __future__ import annotations

from operator import attrgetter

from hangscope.facts import NotUnderstood


class Spans:
    """Neighbouring lines with the same fault make one span."""

    def __init__(self) -> None:
        self._spans: list[NotUnderstood] = []

    def add(self, number: int, why: str) -> None:
        """Line ``number`` was not understood."""
        self.extend(number, number, why)

    def extend(self, first: int, last: int, why: str) -> None:
        """None of the lines ``first`` to ``last`` was understood."""
        _join(self._spans, NotUnderstood(first, last, why))

    def all(self) -> tuple[NotUnderstood, ...]:
        """The spans, in the order of the input."""
        spans: list[NotUnderstood] = []
        for span in sorted(self._spans, key=attrgetter("first_line")):
            _join(spans, span)
        return tuple(spans)


def _join(spans: list[NotUnderstood], span: NotUnderstood) -> None:
    if spans and spans[-1].last_line + 1 == span.first_line and spans[-1].why == span.why:
        span = NotUnderstood(spans.pop().first_line, span.last_line, span.why)
    spans.append(span)
