"""What reading facts costs, by class of input and by size."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Final

import dumps
import layout
import tables
from classes import DUMPS, ROWS, TABLES
from inputs import Input, written
from measure import MEGA, Figures, median

READ: Final = (sys.executable, str(Path(__file__).with_name("read_facts.py")))
"""The command that reads the file named after it."""
FIGURES: Final = ("MB", "records", "wall s", "cpu s", "peak MB", "MB/s", "MB/cpu s")


def read(name: str, one: Input) -> Figures:
    """Measure how hangscope reads ``one``, and print it as a row."""
    figures = median([*READ, str(one.path)])
    show(name, one, figures)
    return figures


def show(name: str, one: Input, figures: Figures, *more: str) -> None:
    """Print a row: what was measured, ``more`` cells, and what is odd about it."""
    found, _, unknown = figures.output.strip().partition(" ")
    notes = [figures.failure, layout.runs_note(figures)]
    if found == "nothing:" or found.isdecimal():
        read = 0 if found == "nothing:" else int(found)
        if read != one.records:
            notes.append(f"{one.records:,} were written")
    if unknown.isdecimal() and unknown != "0":
        notes.append(f"{unknown} lines not understood")
    layout.row(
        name,
        layout.megabytes(one.size),
        found if found.isdecimal() else "-",
        layout.seconds(figures.wall),
        layout.seconds(figures.cpu),
        layout.megabytes(figures.peak),
        layout.speed(one.size, figures.wall),
        layout.speed(one.size, figures.cpu),
        *more,
        note="; ".join(filter(None, notes)),
    )


def by_class() -> None:
    """Reading facts, by class of input."""
    layout.title("Reading thread dumps")
    layout.header(*FIGURES)
    for name, write in DUMPS.items():
        with written(write) as one:
            read(name, one)
    layout.title(f"Reading socket tables of {ROWS:,} rows")
    layout.header(*FIGURES)
    for name, form in TABLES.items():
        with written(partial(tables.write_table, rows=ROWS, form=form)) as one:
            read(name, one)


def by_size(full: bool) -> None:
    """How the cost grows with the size."""
    layout.title("Cost by size: series of dumps")
    layout.header(*FIGURES)
    for size in (1, 10, 100, *((1000,) if full else ())):
        with written(partial(dumps.write_series, size=int(size * MEGA))) as one:
            read(f"{size} MB", one)
    layout.title("Cost by size: rows of ss -tanp")
    layout.header(*FIGURES)
    for rows in (1000, 10_000, 100_000, ROWS, *((5 * ROWS,) if full else ())):
        with written(partial(tables.write_table, rows=rows, form=tables.SS)) as one:
            read(f"{rows:,} rows", one)
