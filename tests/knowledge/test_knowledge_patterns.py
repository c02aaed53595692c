"""Frame patterns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangscope.knowledge.patterns import PatternError, Patterns, check

_TEXT = st.text("ab.$", max_size=6)


@given(st.lists(_TEXT, min_size=1, max_size=4), _TEXT, st.booleans())
def test_a_star_stands_for_any_characters(parts: list[str], rest: str, same: bool) -> None:
    """Patterns mean what the same regular expression means."""
    pattern = "com.acme." + "*".join(parts)
    method = "com.acme." + ("x".join(parts) if same else rest)
    patterns = Patterns()
    mask = patterns.mask((pattern,))
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), method)
    assert bool(patterns.match(method) & mask) is bool(expected)


def test_masks_tell_patterns_apart() -> None:
    patterns = Patterns()
    run = patterns.mask(("com.acme.A.run",))
    any_a = patterns.mask(("com.acme.A.*",))
    both = patterns.mask(("com.acme.A.run", "com.acme.A.*"))
    assert both == run | any_a
    assert patterns.match("com.acme.A.run") == both
    assert patterns.match("com.acme.A.stop") == any_a
    assert patterns.match("com.acme.B.run") == 0


def test_a_pattern_added_later_is_found_in_methods_seen_before() -> None:
    patterns = Patterns()
    assert patterns.match("com.acme.A.run") == 0
    mask = patterns.mask(("com.acme.A.run",))
    assert patterns.match("com.acme.A.run") == mask


@pytest.mark.parametrize("pattern", ["", "run", "*", "com.*", "*.run", " com.acme.A.run"])
def test_patterns_that_could_not_be_found(pattern: str) -> None:
    with pytest.raises(PatternError):
        check(pattern)


@pytest.mark.parametrize("pattern", ["A.run", "com.acme.*", "com.acme.A$*.run"])
def test_patterns_that_can(pattern: str) -> None:
    check(pattern)
