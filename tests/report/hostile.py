"""Text that tries to act: on a terminal, in Markdown, in HTML, in Rich, in a ticket system."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass, replace
from itertools import cycle
from typing import Any

from hypothesis import strategies as st

from hangscope.report import Document

KNOWN = (
    "\x1b[2J\x1b]0;pwned\x07",
    "\x9b31mred",
    "a\u202egnp.exe",
    "\u2066isolated\u2069",
    "two\nlines\r\nand\ttabs",
    "\u2028separator\u2029",
    "[bold red]rich[/bold red] [link=http://x]y[/link]",
    "[text](http://evil.example) ![image](http://evil.example/x.png)",
    "[1]: http://evil.example 'title'",
    "<script>alert(1)</script> &lt; <!-- -->",
    "http://evil.example www.evil.example a@evil.example @everyone #12 :+1:",
    "```\nout of the fence\n~~~",
    "```",
    "a\n```\nb\n``````\n~~~\nc",
    "`tick ``two`` ` `",
    "# heading",
    "- item",
    "1. item",
    "---",
    "===",
    "> quote",
    "| a | b |",
    "**bold** _em_ ~~gone~~ $x$ {code}",
    "trailing backslash\\",
    "\udc80 surrogate \ue000 \U000e0041",
    "http-nio-8080-exec-1 \ud55c\uad6d\uc5b4 \u05d0\u05d1 e\u0301",
    "x" * 300,
    "\x00",
)
ALPHABET = "`*_[]()<>#|~!$@&{}\\-+=:.'\"/ \n\r\t\x1b\x9b\x7f\u202e\u2028\ud55ca1"
TEXT = st.one_of(
    st.sampled_from(KNOWN),
    st.text(alphabet=ALPHABET, max_size=40),
    st.text(max_size=40),
)
"""Anything, and mostly what is worst."""


def infested(document: Document, texts: list[str]) -> Document:
    """The same report with every string of its inputs replaced, in turn, by ``texts``."""
    source = cycle(texts)

    def changed(value: Any) -> Any:
        if isinstance(value, str):
            return f"x{next(source)}"
        if isinstance(value, tuple):
            return tuple(changed(one) for one in value)
        if is_dataclass(value) and not isinstance(value, type):
            kept = FIXED.get(type(value).__name__, ())
            names = [f.name for f in fields(value) if f.name not in kept]
            return replace(value, **{name: changed(getattr(value, name)) for name in names})
        return value

    infected: Document = changed(document)
    return infected


FIXED = {
    "Document": ("schema", "created"),
    "Tool": ("name", "version"),
    "Input": ("kind", "sha256"),
    "Group": ("kind",),
    "Verdict": ("kind", "finding", "layer", "certainty"),
    "Finding": ("id", "kind", "layer", "certainty", "effect_of"),
    "Link": ("certainty",),
    "Remedy": ("when",),
    "Subject": ("type",),
}
"""What hangscope itself says; everything else may come from a stranger."""


def acts(text: str) -> set[str]:
    """The characters of ``text`` that a terminal would act upon."""
    return {
        character
        for character in text
        if character != "\n"
        and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    }
