"""Inputs written by processes of their own.

A child's peak memory starts from that of the process it was spawned by, so the one that measures
must never have held an input.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Write: TypeAlias = Callable[[Path], int]
"""Writes an input and returns how many records (threads, sockets) it has."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read; ``size`` in bytes."""

    path: Path
    size: int
    records: int


@contextmanager
def written(write: Write) -> Iterator[Input]:
    """The input in a temporary folder, for as long as it is used.

    Raises:
        SystemExit: It could not be written.
    """
    with tempfile.TemporaryDirectory(prefix="hangscope-bench-") as folder:
        path = Path(folder, "input.txt")
        records = in_a_process(lambda: write(path))
        yield Input(path, path.stat().st_size, records)


def in_a_process(write: Callable[[], int]) -> int:
    """What ``write`` returns.

    Raises:
        SystemExit: It failed.
    """
    here, there = multiprocessing.Pipe(duplex=False)
    writer = multiprocessing.get_context("fork").Process(target=lambda: there.send(write()))
    writer.start()
    there.close()
    try:
        records: int = here.recv()
    except EOFError:
        raise SystemExit("an input could not be written") from None
    writer.join()
    return records
