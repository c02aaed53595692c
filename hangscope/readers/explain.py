"""Why nothing could be read, in a sentence that helps: what it looks like, what to give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

from hangscope.facts import NotUnderstood
from hangscope.readers.content.source import Source
from hangscope.readers.errors import (
    EmptyInput,
    ReadError,
    ToolFailed,
    UnknownFormat,
    UnreadableInput,
)

_HEAD: Final = 1000
"""Lines that are looked at."""
_LONG: Final = 2000
"""Characters of a line that are looked at."""
_QUOTED: Final = 60
"""Characters that are quoted of a line."""

_NO_ANSWER: Final = (
    "the JVM did not answer ({line!r}), which is evidence by itself; look for the dump in its"
    " standard output, or take one with `kill -3 PID`"
)
_FAILURES: Final = (
    (
        r"Unable to open socket file|target process .* doesn't respond|-F option can be used",
        _NO_ANSWER,
    ),
    (
        r"No such process|process .* not found",
        "there was no such process ({line!r}); find its id with `jps -l` and take the dump again",
    ),
    (
        r"well-known file .* is not secure|Operation not permitted|Permission denied",
        "the dump was refused ({line!r}); take it as the user that the JVM runs as",
    ),
    (
        r"Unknown argument .* in diagnostic command|IllegalArgumentException: Unknown",
        "jcmd refused its arguments ({line!r}); take the dump with `jcmd PID Thread.print -l`",
    ),
    (
        r"(command|jstack|jcmd|ss|netstat|lsof)( |: )*(command )?not found",
        "the tool is not installed there ({line!r}); take the text with another one",
    ),
)

_DUMP: Final = "take the dump with `jstack -l PID` or `jcmd PID Thread.print -l`"
_TABLE: Final = "take the table on Linux with `ss -tanp`, `netstat -tanp` or `lsof -nP -i`"


def explain(source: Source, spans: Sequence[NotUnderstood]) -> ReadError:
    """The error to raise for an input that gave no facts."""
    head = [
        (number, line[:_LONG])
        for number, line in enumerate(islice(source.lines(), _HEAD), 1)
        if line.strip()
    ]
    if not head:
        return EmptyInput(source.name, "there is nothing in it; the command may have failed")
    for number, line in head:
        for pattern, message in _FAILURES:
            if re.search(pattern, line):
                return ToolFailed(source.name, message.format(line=_quoted(line)), line=number)
    if spans:
        first = spans[0]
        return UnreadableInput(
            source.name,
            f"not one line of it could be used: from here on, {first.why}",
            line=first.first_line,
        )
    number, line = head[0]
    return UnknownFormat(
        source.name,
        f"this is no thread dump, socket table or other text that hangscope knows; it starts"
        f" with {_quoted(line)!r}; {_DUMP}, and {_TABLE[5:]}",
        line=number,
    )


def _quoted(line: str) -> str:
    text = line.strip()
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
