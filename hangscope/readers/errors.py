"""What can go wrong while an input is read.

    ReadError
    ├── UnreadableInput    it cannot be opened, or it is not text
    ├── EmptyInput         there is nothing in it
    ├── UnknownFormat      it is text, and no reader knows it
    ├── ToolFailed         it is what a tool printed instead of a dump or a table
    └── SourceChanged      it is not the file any more that was read

They are named after what is the case, as people are told it. Damage is not an error: lines
that make no sense are kept as ``NotUnderstood``.
"""

from __future__ import annotations


class ReadError(Exception):
    """An input gave no facts; the message is one sentence for the person who passed it."""

    def __init__(self, name: str, message: str, *, line: int | None = None) -> None:
        self.name = name
        self.line = line
        place = name if line is None else f"{name}:{line}"
        super().__init__(f"{place}: {message}")


class UnreadableInput(ReadError):  # noqa: N818 - see above
    """It cannot be opened, or it is not text."""


class EmptyInput(ReadError):  # noqa: N818 - see above
    """There is nothing in it."""


class UnknownFormat(ReadError):  # noqa: N818 - see above
    """It is text, and no reader knows it."""


class ToolFailed(ReadError):  # noqa: N818 - see above
    """It is a tool's complaint; that a JVM did not answer is news by itself."""


class SourceChanged(ReadError):  # noqa: N818 - see above
    """A quote was asked for, and the file is not the one that was read."""
