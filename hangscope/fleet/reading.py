"""The bundles of a fleet, read by an engine and put back into the order given."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from hangscope.fleet.bundle import Bundle, Engine, quotable
from hangscope.fleet.progress import shown
from hangscope.pipeline import Reading

WORTH: Final = 8_000_000
"""Bytes from which on processes are started that were not asked for: they take half a second."""


def read_fleet(bundles: Sequence[Bundle], engine: Engine, resources: ExitStack) -> list[Reading]:
    """Read ``bundles``; what is unpacked to be quoted stays as long as ``resources``."""
    readings: dict[int, Reading] = {}
    with shown(len(bundles)) as tell:
        for number, reading in engine(bundles):
            readings[number] = quotable(bundles[number], reading, resources)
            tell(bundles[number].host)
    return [readings[number] for number in range(len(bundles))]


def can_be_opened_anywhere(files: Sequence[Path]) -> bool:
    """Whether other processes can read them too: a pipe can be read once, and by us alone."""
    return all(str(file) != "-" and _is_lasting(file) for file in files)


def bytes_of(bundles: Sequence[Bundle]) -> int:
    """How large the files are, as they stand there."""
    return sum(_size(bundle.base / file) for bundle in bundles for file in bundle.files)


def _is_lasting(file: Path) -> bool:
    try:
        mode = file.stat().st_mode
    except OSError:
        return True  # whoever reads it says what is wrong
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size if path.is_file() else 0
    inside = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sum(one.stat().st_size for one in inside if one.is_file())
