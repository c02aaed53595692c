"""The grammars, and the pairs of lines and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hangscope.readers.syntax.grammar import STARTS, grammar_folder, load_grammar
from hangscope.readers.syntax.lines import LineSyntax

PAIRS = Path(__file__).parent / "pairs"
GRAMMARS = sorted(path.stem for path in grammar_folder().glob("*.lark") if path.stem != "common")
SYNTAX = {name: LineSyntax(name) for name in GRAMMARS}


class Pair(NamedTuple):
    """A line, and the rule and the values that it must give; no rule if it must not match."""

    grammar: str
    text: str
    rule: str | None
    values: dict[str, str]

    def __str__(self) -> str:
        return f"{self.grammar}: {self.text}"


def pairs() -> Iterator[Pair]:
    """All pairs: a line after ``>``, then ``rule | NAME=value | …`` or ``-``."""
    for path in sorted(PAIRS.glob("*.txt")):
        line = None
        for raw in path.read_text("utf-8").split("\n"):
            if raw.startswith(">"):
                line = raw[2:].replace("\\t", "\t").replace("\\n", "\n")
            elif raw and not raw.startswith("#"):
                assert line is not None, f"{path.name}: no line before {raw}"
                rule, *values = raw.split(" | ")
                fields = dict(value.split("=", 1) for value in values)
                yield Pair(path.stem, line, None if rule == "-" else rule, fields)
                line = None


def starts(grammar: str) -> list[str]:
    """The start rules of a grammar."""
    text = (grammar_folder() / f"{grammar}.lark").read_text("utf-8")
    return [start for start in STARTS if f"\n{start}:" in text]


def kinds(grammar: str) -> dict[str, str]:
    """All kinds of line and of parts of a line; the start rule of each."""
    return {
        rule.expansion[0].name: rule.origin.name
        for rule in load_grammar(grammar).rules
        if rule.origin.name in STARTS
    }
