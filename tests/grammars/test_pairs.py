"""Each line says what the pair beside it says, by the derived expressions and by Lark."""

from __future__ import annotations

import pytest

from .grammars import GRAMMARS, SYNTAX, Pair, kinds, pairs

ALL = tuple(pairs())


def found(pair: Pair) -> tuple[str | None, dict[str, str]]:
    """The rule that matches, and the values that are there."""
    syntax = SYNTAX[pair.grammar]
    start = kinds(pair.grammar).get(pair.rule or "", "line")
    if start == "part":
        assert pair.rule is not None
        values = syntax.matcher(pair.rule)(pair.text)
        rule = None if values is None else pair.rule
    else:
        rule, values = syntax.match(pair.text) or (None, None)
    names = syntax.fields(rule) if rule else ()
    fields = dict(zip(names, values or (), strict=True))
    return rule, {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize("pair", ALL, ids=str)
def test_a_line_is_what_the_pair_says(pair: Pair) -> None:
    rule, fields = found(pair)
    values = {name: value.replace("\\n", "\n") for name, value in pair.values.items()}
    assert (rule, fields) == (pair.rule, values)


@pytest.mark.parametrize("pair", ALL, ids=str)
def test_lark_says_the_same(pair: Pair) -> None:
    start = kinds(pair.grammar).get(pair.rule or "", "line")
    judged = SYNTAX[pair.grammar].judge(pair.text, start)
    if judged is None:
        assert pair.rule is None
    else:
        rule, values = judged
        names = SYNTAX[pair.grammar].fields(rule)
        there = {n: v for n, v in zip(names, values, strict=True) if v is not None}
        expected = {name: value.replace("\\n", "\n") for name, value in pair.values.items()}
        assert (rule, there) == (pair.rule, expected)


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_every_rule_has_a_line_that_needs_it_and_every_grammar_lines_it_refuses(
    grammar: str,
) -> None:
    rules = {pair.rule for pair in ALL if pair.grammar == grammar}
    assert rules - {None} == set(kinds(grammar))
    assert None in rules or grammar == "common"
