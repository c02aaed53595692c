r"""Text of inputs made harmless for the place where it is shown.

Thread names, class names, commands and file names come from strangers: they may hold terminal
escapes, bidirectional overrides, line breaks, Markdown and HTML. Nothing is dropped: what could
act is made visible instead (``\x1b``, ``\u202e``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PLAIN = {
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{LEFTWARDS ARROW}": "<-",
    "\N{LEFT RIGHT ARROW}": "<->",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "--",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{MIDDLE DOT}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
}
"""Typography that our own sentences may use, for terminals that know ASCII alone."""

_MARKUP = re.compile(
    r"""
      [\\`*\[\]<>&\#|~^{}$@]            # CommonMark, HTML, maths, mentions and references
    | (?<![^\W_])_ | _(?![^\W_])        # emphasis; CLOSE_WAIT is none
    | :// | www\.                       # autolinks
    | :[a-zA-Z+-][\w+-]*:               # emoji codes
    """,
    re.VERBOSE,
)
_LINE_START = re.compile(r"[-+=]+|\d+[.)]")
"""Makes a list, a rule or a heading, but only as the first word of a line."""
_REFERENCE = re.compile(r"\[\d+(-\d+)?\][.,;]?")
"""``[12]`` is no link: a line that could define its target begins with code."""
_BACKTICKS = re.compile(r"`+")
_OPENING = "(\"'"
_CLOSING = ").,;:!?\"'"
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e\n]")


def for_terminal(text: str, *, unicode: bool = True) -> str:
    r"""Make control, format and unassigned characters visible; keep everything else.

    Args:
        text: One line; a line break in it is shown as ``\n``.
        unicode: Whether the terminal can show more than ASCII.
    """
    if text.isprintable() and (unicode or text.isascii()):
        return text
    return "".join([_visible(character, unicode=unicode) for character in text])


def _visible(character: str, *, unicode: bool) -> str:
    harmless = character.isprintable() or unicodedata.category(character) == "Zs"
    if harmless and (unicode or character.isascii()):
        return character
    return _PLAIN.get(character) or character.encode("unicode_escape").decode("ascii")


def for_markdown(text: str) -> str:
    """A line of prose in which no word can act as markup.

    A word that could is set as code: unlike a backslash that stays readable in systems that take
    Markdown halfway, and it stops ``@name`` from calling people to a ticket.
    """
    words = for_terminal(text).split()
    if words and _LINE_START.fullmatch(words[0]):
        return " ".join([f"`{words[0]}`", *map(_as_prose, words[1:])])
    return " ".join(map(_as_prose, words))


def _as_prose(word: str) -> str:
    if not _MARKUP.search(word) or _REFERENCE.fullmatch(word):
        return word
    body = word.lstrip(_OPENING)
    opening = word[: len(word) - len(body)]
    core = body.rstrip(_CLOSING)
    return opening + code_span(core) + body[len(core) :]


def code_span(text: str) -> str:
    """``text`` as Markdown inline code, whatever it holds."""
    text = for_terminal(text)
    if not text.strip(" "):
        return text.strip(" ")
    ticks = "`" * (_longest_run([text]) + 1)
    touching = text[0] in "` " or text[-1] in "` "
    pad = " " if touching else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fenced(lines: Iterable[str]) -> list[str]:
    """A Markdown code block that no line of it can end."""
    body = [for_terminal(line) for line in lines]
    fence = "`" * max(3, _longest_run(body) + 1)
    return [f"{fence}text", *body, fence]


def _longest_run(lines: Iterable[str]) -> int:
    return max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0)


def for_json(serialised: str) -> str:
    r"""The same JSON with ``\u`` escapes for characters that act on a terminal."""
    return _BEYOND_ASCII.sub(_json_escape, serialised)


def _json_escape(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
