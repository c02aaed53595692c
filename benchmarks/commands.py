"""What whole commands of hangscope cost, their report included."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import dumps
import layout
import tables
from classes import DUMPS, SERIES
from inputs import Input, Write, written
from measure import median
from reading import FIGURES

_HANGSCOPE: Final = (sys.executable, "-m", "hangscope")


def whole_commands() -> None:
    """Whole commands of people's size, and one of 100 MB."""
    layout.title("Commands")
    layout.header(*FIGURES)
    with (
        written(_text_of(partial(dumps.dump_of, 300))) as dump,
        written(_text_of(partial(tables.table_of, 1000))) as table,
        written(DUMPS[SERIES]) as series,
    ):
        nothing = Input(Path(os.devnull), 0, 0)
        pair = Input(dump.path, dump.size + table.size, 0)
        for name, one, arguments in (
            ("--help", nothing, ["--help"]),
            ("correlate: 300 workers, 1,000 rows", pair, [str(dump.path), str(table.path)]),
            ("correlate: series of dumps", series, [str(series.path)]),
        ):
            command = arguments if one is nothing else ["correlate", *arguments]
            figures = median([*_HANGSCOPE, *command])
            cells = [layout.seconds(figures.wall), layout.seconds(figures.cpu)]
            layout.row(
                name,
                layout.megabytes(one.size),
                "",
                *cells,
                layout.megabytes(figures.peak),
                layout.speed(one.size, figures.wall) if one is series else "",
                layout.speed(one.size, figures.cpu) if one is series else "",
                note="; ".join(filter(None, (figures.failure, layout.runs_note(figures)))),
            )


def _text_of(made: Callable[[], str]) -> Write:
    def write(path: Path) -> int:
        path.write_text(made(), newline="")
        return 0

    return write
