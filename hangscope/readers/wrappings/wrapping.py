"""What a wrapping of lines is: it takes lines as they are in the input, and gives their texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from hangscope.readers.interface import Batch


class Carrier(NamedTuple):
    """What wrapped the lines of an input."""

    name: str
    reason: str
    """How it was told, in words: ``each line is prefixed by …``."""


class Tagged(NamedTuple):
    """Lines of one stream in a row, unwrapped.

    Numbers are those of the lines in the input that the texts stand in: several texts may
    share one, and a text that was cut into parts has the number of its first part.
    """

    stream: str
    """What tells the stream from others of the input: a host and unit, a pod; empty for lines
    that are not wrapped."""
    batch: Batch


class Wrapping(Protocol):
    """One way that lines are wrapped in, and its state between batches."""

    carrier: Carrier

    def text(self, line: str) -> str | None:
        """What is wrapped in ``line``; None if it is not wrapped."""

    def unwrap(self, batch: Batch) -> Iterable[Tagged]:
        """The texts of ``batch``; of each stream those that are complete."""

    def rest(self) -> Iterable[Tagged]:
        """What is still to come when the input has ended."""
