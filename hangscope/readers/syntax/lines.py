"""What one line says: a memo of distinct lines over expressions derived from a grammar.

Dumps repeat themselves: a hundred megabytes hold some thousand distinct frames. So each line
is parsed once, and the record of it is shared by all threads that stand there.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from hangscope.readers.syntax.derive import (
    Derivation,
    Derived,
    NotRegularError,
    kinds_of_line,
    rules_over_lines,
)
from hangscope.readers.syntax.grammar import load_grammar

if TYPE_CHECKING:
    from lark import Lark

T = TypeVar("T")

BLANKS: Final = " \t"
"""What is cut off both ends of a line before it is parsed."""

LONGEST: Final = 1 << 20
"""Characters of a line that may be one of a dump or a table; only JSON has longer ones."""

_REMEMBERED: Final = 200_000
"""Lines kept in a memo, of an input that does not repeat itself."""


Match: TypeAlias = tuple[str, tuple[Any, ...]]
"""A line as its grammar sees it: the rule, and the texts of the terminals that the rule keeps;
None for those that are not there."""

Matcher: TypeAlias = Callable[[str], tuple[Any, ...] | None]
"""From a line to the values of one rule: strings where the grammar has them in every line of
its kind, else perhaps None. None for lines of other kinds."""


class LineSyntax:
    """The kinds of line that one grammar knows, in its order. Never raises on any text.

    Lines are matched by expressions that are derived from the grammar; a rule that has none
    is left to Lark. A line holds no line feed, unless the grammar says of one of its terminals
    that it may (flag ``s``: names of threads): any other text with one is of no kind.
    """

    def __init__(self, grammar: str) -> None:
        self._name = grammar
        self._matchers: dict[str, Matcher] = {}

    @cached_property
    def grammar(self) -> Lark:
        """The grammar, loaded when the first line needs it."""
        return load_grammar(self._name)

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """Names of the kinds of line."""
        return kinds_of_line(self.grammar)

    def match(self, line: str) -> Match | None:
        """The first kind of line that the whole of ``line`` is, or None."""
        if len(line) > LONGEST:
            return None
        anything = self._any_over_lines if "\n" in line else self._any
        found = anything.fullmatch(line)
        if found is None:
            return self.judge(line) if anything.is_partial else None
        rule, groups = anything.places[found.lastindex or 0]
        return rule, found.group(0, *groups)[1:] if groups else ()

    def matcher(self, rule: str) -> Matcher:
        """A function that gives the values of one kind of line, or None for other lines."""
        if rule not in self._matchers:
            self._matchers[rule] = self._matcher(rule)
        return self._matchers[rule]

    def expression(self, rule: str) -> str:
        """A regular expression whose groups are the values of ``rule``.

        Raises:
            NotRegularError: The rule has none.
        """
        return self._derivation.of(rule).expression

    def judge(self, line: str, start: str = "line") -> Match | None:
        """What Lark itself makes of ``line``: the yardstick for :meth:`match`."""
        from lark import Token, UnexpectedInput

        try:
            tree = self.grammar.parse(line, start=start)
        except UnexpectedInput:
            return None
        (kind,) = tree.children
        if isinstance(kind, Token):
            return None
        if "\n" in line and kind.data not in self._over_lines:
            return None
        tokens = [token for token in kind.children if isinstance(token, Token)]
        derived = self._derived(kind.data)
        if derived is None:
            return kind.data, tuple(map(str, tokens))
        found = {token.type: str(token) for token in tokens}
        return kind.data, tuple(found.get(name) for name in derived.fields)

    def fields(self, rule: str) -> tuple[str, ...]:
        """Names of the values of ``rule``."""
        derived = self._derived(rule)
        return derived.fields if derived else ()

    @cached_property
    def _derivation(self) -> Derivation:
        return Derivation(self.grammar)

    @cached_property
    def _any(self) -> _Any:
        return self._any_of(self.rules)

    @cached_property
    def _any_over_lines(self) -> _Any:
        return self._any_of([rule for rule in self.rules if rule in self._over_lines])

    @cached_property
    def _over_lines(self) -> frozenset[str]:
        return rules_over_lines(self.grammar)

    def _any_of(self, rules: Sequence[str]) -> _Any:
        derived = [self._derived(rule) for rule in rules]
        return _Any.of([one for one in derived if one], is_partial=None in derived)

    def _derived(self, rule: str) -> Derived | None:
        try:
            return self._derivation.of(rule)
        except NotRegularError:
            return None

    def _matcher(self, rule: str) -> Matcher:
        derived = self._derived(rule)
        if derived is None:
            return self._by_lark(rule)
        fullmatch = re.compile(derived.expression).fullmatch
        over_lines = rule in self._over_lines

        def values(line: str) -> tuple[Any, ...] | None:
            if len(line) > LONGEST or ("\n" in line and not over_lines):
                return None
            found = fullmatch(line)
            return found.groups() if found else None

        return values

    def _by_lark(self, rule: str) -> Matcher:
        def values(line: str) -> tuple[Any, ...] | None:
            found = self.judge(line)
            return found[1] if found and found[0] == rule else None

        return values


class _Any(NamedTuple):
    """All rules in one expression: the outermost group that matched tells which it was."""

    fullmatch: Callable[[str], re.Match[str] | None]
    places: dict[int, tuple[str, range]]
    """By that group: the rule, and the groups of its values."""
    is_partial: bool
    """Whether there are rules that it does not know."""

    @classmethod
    def of(cls, rules: Sequence[Derived], *, is_partial: bool) -> _Any:
        places: dict[int, tuple[str, range]] = {}
        group = 1
        for rule in rules:
            values = range(group + 1, group + 1 + len(rule.fields))
            places[group] = rule.rule, values
            group = values.stop
        text = "|".join(f"({rule.expression})" for rule in rules) or "(?!)"
        return cls(re.compile(text).fullmatch, places, is_partial)


class LineParser(ABC, Generic[T]):
    """Lines as records; a line that is known already costs one look-up.

    ``build`` makes a record from the values of each rule. Records of the rules in ``lasting``
    are ``known`` for the whole input; others (lines with an address, say) repeat within a dump
    at most, and are dropped by :meth:`forget`. Those of rules that are ``unique`` are not kept.
    """

    def __init__(
        self,
        syntax: LineSyntax,
        build: Mapping[str, Callable[..., T]],
        lasting: AbstractSet[str],
        unique: AbstractSet[str] = frozenset(),
    ) -> None:
        self.syntax = syntax
        self.known: dict[str, T] = {}
        self.recent: dict[str, T] = {}
        self._build = build
        self._lasting = lasting
        self._unique = unique

    def parse(self, line: str) -> T:
        """The record of ``line``, blanks at its ends aside."""
        record = self.known.get(line)
        return self.parse_unknown(line) if record is None else record

    def parse_unknown(self, line: str) -> T:
        """The same, for a line that is not among the ``known``."""
        record = self.recent.get(line)
        return self._parsed(line) if record is None else record

    def _match(self, text: str) -> Match | None:
        """What ``text`` is."""
        return self.syntax.match(text)

    @abstractmethod
    def _unmatched(self, text: str) -> T:
        """The record of a line that no rule fits."""

    def forget(self) -> None:
        """Drop what was remembered for one dump."""
        self.recent.clear()

    def _parsed(self, line: str) -> T:
        text = line.strip(BLANKS)
        found = self._match(text)
        if found is None:
            record, memo = self._unmatched(text), self.recent
        else:
            rule, values = found
            try:
                record = self._build[rule](*values)
            except ValueError:  # a number of more digits than Python, or any field, takes
                record = self._unmatched(text)
            if rule in self._unique:
                return record
            memo = self.known if rule in self._lasting else self.recent
        if len(memo) >= _REMEMBERED:
            memo.clear()
        memo[line] = record
        return record
