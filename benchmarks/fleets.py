"""What many bundles of several hosts cost: on one processor and on all, and how memory grows."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dumps
import layout
import tables
from inputs import in_a_process
from measure import run

_SIZE: Final = 20_000_000
"""Of one bundle."""
_ROWS: Final = 10_000
_COUNTS: Final = (5, 20, 60)
_MOST: Final = (100, 500)
_LIMIT: Final = 3_600
_THREAD: Final = re.compile(r"0x00007f5")


def of_fleets(full: bool) -> None:
    """Print the curve over the number of bundles."""
    cores = os.cpu_count() or 1
    layout.title(f"Fleets: bundles of {_SIZE // 1_000_000} MB, one JVM and one table each")
    layout.header("MB", "wall 1", f"wall {cores}", "ratio", "CPU 1", "peak 1", f"peak {cores}")
    with _bundles(max(_COUNTS + (_MOST if full else ()))) as bundles:
        for count in (*_COUNTS, *(_MOST if full else ())):
            chosen = [str(path) for path in bundles[:count]]
            command = [sys.executable, "-m", "hangscope", "correlate", "--format", "json"]
            one = run([*command, "--jobs", "1", *chosen], _LIMIT)
            all_ = run([*command, "--jobs", str(cores), *chosen], _LIMIT)
            layout.row(
                f"{count} bundles",
                layout.megabytes(count * _SIZE),
                layout.seconds(one.wall),
                layout.seconds(all_.wall),
                f"{all_.wall / one.wall:.2f}",
                layout.seconds(one.cpu),
                layout.megabytes(one.peak),
                layout.megabytes(all_.peak),
                note=one.failure or all_.failure,
            )


@contextmanager
def _bundles(count: int) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory(prefix="hangscope-bench-") as folder:
        in_a_process(lambda: _write(Path(folder), count))
        yield sorted(Path(folder).iterdir())


def _write(folder: Path, count: int) -> int:
    """Hosts of addresses and threads of their own."""
    series = folder / "series"
    dumps.write_series(series, _SIZE)
    dump, table = series.read_text(), tables.table_of(_ROWS)
    series.unlink()
    for number in range(count):
        host = folder / f"host-{number:03}"
        host.mkdir()
        (host / "dumps.txt").write_text(_THREAD.sub(f"0x{0x70000 + number:07x}", dump))
        address = f"10.9.{number // 200}.{number % 200 + 1}"
        (host / "sockets.txt").write_text(table.replace("127.0.0.1", address))
    return count
