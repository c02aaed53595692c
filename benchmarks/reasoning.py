"""What reasoning costs after everything is read, by threads and by sockets."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import layout
from inputs import written
from large_cases import SHAPES, Shape, write_dump, write_table
from measure import run

_REASON: Final = (sys.executable, str(Path(__file__).with_name("reason.py")))
_STEPS: Final = ("assemble", "interpret", "diagnose", "document", "all")
_THREADS: Final = (1000, 3000, 10_000)
_ROWS: Final = (10_000, 100_000, 1_000_000)
_MANY_ROWS: Final = 100_000
_FEW_THREADS: Final = 1000
_LIMIT: Final = 240
"""CPU seconds of one case; most of them go into reading it, which is not measured here."""


def by_threads_and_sockets() -> None:
    """The curves of each shape of case: CPU seconds of every step, and the peak of memory."""
    for shape in SHAPES:
        layout.title(f"Reasoning about {shape.name}: CPU seconds (least of up to three)")
        layout.header(*_STEPS, "in loops", "MB read", "peak MB")
        for threads in _THREADS:
            _show(shape, threads, _MANY_ROWS)
        for rows in _ROWS:
            _show(shape, _FEW_THREADS, rows)


def _show(shape: Shape, threads: int, rows: int) -> None:
    with ExitStack() as files:
        dump = files.enter_context(written(partial(write_dump, shape=shape, threads=threads)))
        table = files.enter_context(
            written(partial(write_table, shape=shape, threads=threads, rows=rows))
        )
        figures = run([*_REASON, str(dump.path), str(table.path)], _LIMIT)
    name = f"{threads:,} threads, {rows:,} sockets"
    if figures.failure:
        layout.row(name, note=figures.failure)
        return
    *numbers, finding = figures.output.split()
    *steps, loop, before, peak = map(float, numbers)
    layout.row(
        name,
        *map(layout.seconds, steps),
        f"{steps[-1] / loop:.1f}",
        f"{before:.0f}",
        f"{peak:.0f}",
        note=finding,
    )
