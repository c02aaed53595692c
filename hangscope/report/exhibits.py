"""Evidence for readers: numbered quotes, references to them, and nothing quoted twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from hangscope.facts import Evidence
from hangscope.report.document import Quote
from hangscope.report.excerpt import numbered
from hangscope.report.outline import Exhibit

_ADDRESS = re.compile(r"0x[0-9a-f]+")
_FEWEST_ALIKE = 4
"""Fewer lines than this are sooner read again than looked up."""
_TAB = 4

Lines: TypeAlias = tuple[tuple[int | None, str], ...]


def exhibits(quotes: Iterable[Quote]) -> Iterator[Exhibit]:
    """Each quote with its number, from 1; neighbours that say the same of one input together."""
    said = _Said()
    numbers = enumerate(quotes, 1)
    for (_, says), group in groupby(numbers, key=lambda one: (one[1].input, one[1].says)):
        cited = [(number, quote, said.not_yet(number, quote)) for number, quote in group]
        yield Exhibit(
            references(number for number, _, _ in cited),
            compact(_span(quote) for _, quote, _ in cited),
            says,
            tuple(line for _, _, lines in cited for line in lines),
        )


class _Said:
    """What was quoted so far, so that nothing is quoted twice.

    The workers of a pool have one stack: of all but the first only those lines are quoted that
    differ, which are the thread's own header and the locks.
    """

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int], str] = {}
        self._stacks: dict[tuple[str, ...], tuple[str, Lines]] = {}

    def not_yet(self, number: int, quote: Quote) -> Lines:
        """The lines of ``quote`` that are news, and where the others are."""
        reference = f"[{number}]"
        lines = _lines(quote)
        places = [(quote.input, line) for line, _ in lines if line]
        earlier = {self._lines.get(place) for place in places}
        if places and len(earlier) == 1 and None not in earlier:
            return ((None, f"quoted at {earlier.pop()}"),)
        shape = tuple(_ADDRESS.sub("0x", text) for _, text in lines[1:])
        shown = _differing(lines, *self._stacks.get(shape, ("", ())))
        self._stacks.setdefault(shape, (reference, lines))
        self._lines |= {(quote.input, line): reference for line, _ in shown if line}
        return shown


def _differing(lines: Lines, reference: str, earlier: Lines) -> Lines:
    pairs = list(zip(lines, earlier, strict=False))
    alike = sum(one[1] == other[1] for one, other in pairs)
    if alike < _FEWEST_ALIKE:
        return lines
    differing = tuple(one for one, other in pairs if one[1] != other[1])
    return (*differing, (None, f"the rest as quoted at {reference}"))


def _lines(quote: Quote) -> Lines:
    lines = numbered(quote.text, quote.first_line, quote.last_line)
    return tuple((number, text.expandtabs(_TAB)) for number, text in lines)


def _span(quote: Quote) -> Evidence:
    return Evidence(quote.input, quote.first_line, quote.last_line)


def grouped(quotes: Sequence[Quote], before: int) -> Iterator[tuple[str, str]]:
    """References, and where the lines are that say the same; ``before`` quotes were numbered."""
    by_words: dict[str, list[tuple[int, Evidence]]] = {}
    for number, quote in enumerate(quotes, before + 1):
        by_words.setdefault(quote.says, []).append((number, _span(quote)))
    for says, cited in by_words.items():
        places = compact(span for _, span in cited)
        yield references(number for number, _ in cited), f"{says}: {places}"


def references(numbers: Iterable[int]) -> str:
    """``[1-3] [7]``: numbers of quotes, runs of them drawn together."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return " ".join(f"[{a}]" if a == b else f"[{a}-{b}]" for a, b in runs)


def compact(spans: Iterable[Evidence]) -> str:
    """``dump.txt:12-30, 44; sockets.txt:7``: each input named once."""
    by_input: dict[str, list[str]] = {}
    for name, first, last in dict.fromkeys(spans):
        by_input.setdefault(name, []).append(str(first) if first == last else f"{first}-{last}")
    return "; ".join(f"{name}:{', '.join(lines)}" for name, lines in by_input.items())
