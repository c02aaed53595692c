"""Texts to facts: which format an input is, and what it says.

To add a format: a grammar in ``grammars/``, a module with a ``Reader`` here, one line in
``READERS``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hangscope.facts import InputFacts
from hangscope.readers.art import Art
from hangscope.readers.dispatch import Recognised, read, recognise_among
from hangscope.readers.errors import (
    EmptyInput,
    ReadError,
    SourceChanged,
    ToolFailed,
    UnknownFormat,
    UnreadableInput,
    UnsupportedFormat,
)
from hangscope.readers.hotspot import Hotspot
from hangscope.readers.interface import Reader
from hangscope.readers.jrockit import Jrockit
from hangscope.readers.lsof import Lsof
from hangscope.readers.native_image import NativeImage
from hangscope.readers.netstat import Netstat
from hangscope.readers.proc_net_tcp import ProcNetTcp
from hangscope.readers.psutil_jsonl import PsutilJsonl
from hangscope.readers.source import Source
from hangscope.readers.ss import Ss
from hangscope.readers.thread_info import ThreadInfo
from hangscope.readers.thread_mxbean import ThreadMxbean

__all__ = [
    "READERS",
    "EmptyInput",
    "ReadError",
    "Reader",
    "Recognised",
    "Source",
    "SourceChanged",
    "ToolFailed",
    "UnknownFormat",
    "UnreadableInput",
    "UnsupportedFormat",
    "read_input",
    "recognise",
]

READERS: Final[tuple[Reader, ...]] = (
    NativeImage(),
    Jrockit(),
    Art(),
    ThreadInfo(),
    ThreadMxbean(),
    Hotspot(),
    Ss(),
    Netstat(),
    Lsof(),
    ProcNetTcp(),
    PsutilJsonl(),
)
"""All formats; the first reader that sees a line of its own gets it."""


def recognise(head: Iterable[str]) -> Recognised | None:
    """The reader that an input with these first lines is for, and why; None if none is."""
    return recognise_among(READERS, head)


def read_input(source: Source, *, format: str | None = None) -> InputFacts:  # noqa: A002
    """Everything that ``source`` says; logs and prose round it are passed over.

    Args:
        source: The input.
        format: Name of the one reader to use; by default each line shows whose it is.

    Raises:
        ReadError: Nothing of it can be read.
        ValueError: No reader is called ``format``.
    """
    readers = READERS if format is None else tuple(r for r in READERS if r.name == format)
    if not readers:
        names = ", ".join(reader.name for reader in READERS)
        raise ValueError(f"no reader is called {format}; there are {names}")
    return read(source, readers)
