"""One regular expression for each rule of a grammar, derived from the loaded grammar.

A rule without recursion is a regular language, so ``re`` can match it in one step, some thirty
times as fast as Lark. Nothing of the syntax is written here: a change of the grammar changes
the expressions. They differ from Lark in one way: they backtrack where its lexer does not, so
a test compares both on every line of the samples and on generated lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule, Symbol

_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)")
"""An opening group without a name, or what must be stepped over to find it."""

_NEGATED = re.compile(r"\\.|\[(\^?)\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""A set of characters, or what must be stepped over to find it."""

_AHEAD = re.compile(r"(?<!\\)\(\?=((?:\\.|\[(?:\\.|[^\]\\])*\]|[^\\()|\[])*)\)\Z")
"""What must follow, at the end of a terminal."""


class Derived(NamedTuple):
    """What one rule matches, as a whole."""

    rule: str
    expression: str
    """Its groups are the ``fields`` and no others, in their order."""
    fields: tuple[str, ...]
    """Names of the terminals that the rule keeps."""


class NotRegularError(ValueError):
    """A rule refers to itself, or keeps one terminal twice: no single expression matches it."""


def kinds_of_line(grammar: Lark) -> tuple[str, ...]:
    """The rules that ``line`` chooses from, in the order of the grammar."""
    lines = [rule for rule in grammar.rules if rule.origin.name == "line"]
    return tuple(rule.expansion[0].name for rule in sorted(lines, key=lambda rule: rule.order))


def rules_over_lines(grammar: Lark) -> frozenset[str]:
    """The rules with a terminal that may hold line feeds, in themselves or in one they refer to."""
    found = {t.name for t in grammar.terminals if "s" in t.pattern.flags}
    grown = True
    while grown:
        more = {
            rule.origin.name
            for rule in grammar.rules
            if any(symbol.name in found for symbol in rule.expansion)
        }
        grown = not more <= found
        found |= more
    return frozenset(found)


class Derivation:
    """Derives expressions from one grammar."""

    def __init__(self, grammar: Lark) -> None:
        self._terminals = {
            t.name: _GROUP.sub(_uncaptured, t.pattern.to_regexp()) for t in grammar.terminals
        }
        self._rules: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in grammar.rules:
            self._rules[rule.origin.name].append(rule)

    def of(self, rule: str) -> Derived:
        """The expression of ``rule``.

        Raises:
            NotRegularError: There is none.
        """
        fields: list[str] = []
        expression = self._choice(rule, (), fields)
        if len(set(fields)) < len(fields):
            raise NotRegularError(f"{rule} keeps a terminal twice: {', '.join(fields)}")
        return Derived(rule, expression, tuple(fields))

    def _choice(self, rule: str, within: tuple[str, ...], fields: list[str]) -> str:
        if rule in within:
            raise NotRegularError(f"{rule} refers to itself")
        ways = sorted(self._rules[rule], key=lambda way: (not way.expansion, way.order))
        texts = [self._sequence(way.expansion, (*within, rule), fields) for way in ways]
        # One that may be missing has an empty way last: `re` is quicker with it than with "?".
        return texts[0] if len(texts) == 1 else f"(?:{'|'.join(texts)})"

    def _sequence(
        self, symbols: Sequence[Symbol], within: tuple[str, ...], fields: list[str]
    ) -> str:
        return "".join(
            self._terminal(symbol, symbols[at + 1 :], fields)
            if symbol.is_term
            else self._choice(symbol.name, within, fields)
            for at, symbol in enumerate(symbols)
        )

    def _terminal(self, symbol: Symbol, after: Sequence[Symbol], fields: list[str]) -> str:
        text = self._terminals[symbol.name]
        ahead = _AHEAD.search(text)
        terminals = takewhile(attrgetter("is_term"), after)
        if ahead and ahead[1] in accumulate(self._terminals[one.name] for one in terminals):
            text = text[: ahead.start()]  # Lark's lexer needs it; here it would be matched twice
        if getattr(symbol, "filter_out", False):  # only terminals have it
            return f"(?:{text})" if "|" in text else text
        fields.append(symbol.name)
        return f"({text})"


def within_one_line(expression: str) -> str:
    """The same expression, no part of which goes on to the next line."""
    return _NEGATED.sub(lambda found: f"[^\\n{found[0][2:]}" if found[1] else found[0], expression)


def _uncaptured(found: re.Match[str]) -> str:
    return "(?:" if found[0] == "(" else found[0]
