"""The command that a person pasted above a tool's text, as far as it tells what is missing."""

from __future__ import annotations

from typing import Final, NamedTuple

from hangscope.readers.syntax.lines import BLANKS, LineSyntax

_SYNTAX: Final = LineSyntax("hotspot")
"""Any grammar: all know prompts."""


class Command(NamedTuple):
    """A tool and how it was asked."""

    flags: frozenset[str]
    """Letters of its options."""
    filtered: bool
    """Whether it was asked for some rows only, or a pipe may have dropped some."""


def prompt(line: str) -> str | None:
    """The command on a line that starts with a shell's prompt."""
    text = line.strip(BLANKS)
    if not any(mark in text for mark in "$#%"):
        return None
    values = _SYNTAX.matcher("prompt")(text)
    return values[0] if values else None


def command_of(text: str, tool: str) -> Command | None:
    """How ``tool`` was asked by the command line ``text``; None if it was not."""
    asked, *pipes = text.split("|")
    words = asked.split()
    places = [place for place, word in enumerate(words) if word.rpartition("/")[2] == tool]
    if not places:
        return None
    arguments = words[places[0] + 1 :]
    letters = "".join(word[1:] for word in arguments if word.startswith("-") and word[1:2] != "-")
    plain = [word for word in arguments if not word.startswith("-")]
    return Command(frozenset(letters), bool(pipes or plain))
