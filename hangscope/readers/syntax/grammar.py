"""Finds and loads the Lark grammars, each once and only when it is needed.

``grammars/`` stands inside the package in a wheel, and beside it in a checkout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark

_PACKAGE = Path(__file__).resolve().parents[2]
_PLACES = (_PACKAGE / "grammars", _PACKAGE.parent / "grammars")


def grammar_folder() -> Path:
    """The folder of the ``.lark`` files.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    for place in _PLACES:
        if (place / "hotspot.lark").is_file():
            return place
    raise FileNotFoundError(f"no grammars in {' or '.join(map(str, _PLACES))}: reinstall hangscope")


STARTS = ("line", "part")
"""What a grammar describes: a whole line, and what is cut out of one before it is read."""


@cache
def load_grammar(name: str) -> Lark:
    """The grammar ``name.lark``, ready to parse one ``line``, or one ``part`` of it."""
    from lark import Lark  # 40 ms that only a reader at work should cost

    path = grammar_folder() / f"{name}.lark"
    text = path.read_text("utf-8")
    start = [rule for rule in STARTS if f"\n{rule}:" in text]
    with _no_search_for_collisions():
        return Lark(text, source_path=str(path), parser="lalr", start=start)


@contextmanager
def _no_search_for_collisions() -> Iterator[None]:
    """Have Lark not look for overlapping terminals, which takes seconds.

    It does so unasked wherever interegular is installed, as it is for the tests, and has no
    option against it; that there are none is what the tests make sure of.
    """
    from lark import lexer

    before = lexer.has_interegular
    lexer.has_interegular = False
    try:
        yield
    finally:
        lexer.has_interegular = before
