"""The same files read by others, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

import layout
import peers
import tables
from classes import DUMPS, ONE, SERIES
from inputs import Input, written
from measure import median
from reading import FIGURES, read, show

_ROWS: Final = 200_000
"""Fewer than elsewhere: the others take their time."""
_TABLES: Final = {
    "ss": ("ss -tupna", tables.SS_ALL),
    "netstat": ("netstat -tanpeo", tables.NETSTAT_ALL),
    "lsof": ("lsof -nP -iTCP", tables.LSOF),
    "proc-net-tcp": ("/proc/net/tcp", tables.PROC_NET_TCP),
}


def beside_others() -> None:
    """Wall and peak of each also as a multiple of hangscope's."""
    missing = peers.install()
    layout.title("Beside others (x: wall, peak as many times hangscope's)")
    for peer, why in missing.items():
        print(f"{peer.name} {peer.version} is left out: it could not be installed ({why})")
    layout.header(*FIGURES, "x wall", "x peak")
    for name in (SERIES, ONE):
        with written(DUMPS[name]) as one:
            _compared(name, one, peers.of_dumps(one.path, missing))
    for tool, (name, form) in _TABLES.items():
        with written(partial(tables.write_table, rows=_ROWS, form=form)) as one:
            _compared(f"{name}, {_ROWS:,} rows", one, peers.of_tables(one.path, tool, missing))


def _compared(name: str, one: Input, others: Iterable[peers.Reading]) -> None:
    ours = read(name, one)
    for other in others:
        figures = median(other.command)
        wall, peak = figures.wall / ours.wall, figures.peak / ours.peak
        show(f"  {other.name}", one, figures, f"{wall:.2f}", f"{peak:.2f}")
