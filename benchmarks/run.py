"""Whole-process figures of the installed command: wall, CPU, peak memory; median of five."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from inputs import dump_of, table_of, write_series

HANGSCOPE = str(Path(sys.executable).with_name("hangscope"))
RUNS = 5
SERIES = 100_000_000
MEGA = 1e6


@dataclass(frozen=True)
class Figures:
    """One run of one command: seconds, seconds, bytes."""

    wall: float
    cpu: float
    peak: int


def run(command: list[str]) -> Figures:
    """Run ``command`` to its end, its output thrown away."""
    start = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def show(name: str, command: list[str], size: int = 0) -> None:
    """Print the medians of one command as a row."""
    run(command)
    figures = [run(command) for _ in range(RUNS)]
    wall = statistics.median(f.wall for f in figures)
    cpu = statistics.median(f.cpu for f in figures)
    peak = max(f.peak for f in figures) / MEGA
    speed = f"{size / MEGA / wall:8.1f}" if size else " " * 8
    print(f"{name:44} {wall:8.3f} {cpu:8.3f} {peak:8.0f} {speed}")


def main() -> None:
    """Make the inputs, run the commands, print the table."""
    print(f"{'':44} {'wall s':>8} {'cpu s':>8} {'peak MB':>8} {'MB/s':>8}")
    show("hangscope --help", [HANGSCOPE, "--help"])
    with tempfile.TemporaryDirectory() as folder:
        dump, table, series = (Path(folder, name) for name in ("dump", "table", "series"))
        dump.write_text(dump_of(300))
        table.write_text(table_of(1000))
        dumps = write_series(series, SERIES)
        show(
            "correlate: 300 workers, 1,000 rows",
            [HANGSCOPE, "correlate", str(dump), str(table)],
        )
        show(
            f"correlate: {dumps} dumps in one file",
            [HANGSCOPE, "correlate", str(series)],
            series.stat().st_size,
        )


if __name__ == "__main__":
    main()
