"""Whole processes, measured: wall and CPU seconds, peak memory; medians of several runs."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RUNS: Final = 3
LONG: Final = 12.0
"""CPU seconds that the runs of one command may take together, its first aside."""
LONGEST: Final = 90
"""CPU seconds after which a command is ended."""
MEGA: Final = 1e6
_KILO: Final = 1024


@dataclass(frozen=True, slots=True)
class Figures:
    """What a command took: seconds, seconds, bytes; ``failure`` says why there is no more."""

    wall: float
    cpu: float
    peak: int
    runs: int
    output: str
    failure: str = ""


def run(command: Sequence[str], limit: int = LONGEST) -> Figures:
    """Run ``command`` to its end, or for ``limit`` CPU seconds; keep what it printed."""
    limited = ["/bin/sh", "-c", 'ulimit -t "$0" && exec "$@"', str(limit), *command]
    with tempfile.TemporaryDirectory() as folder:
        out, errors = Path(folder, "out"), Path(folder, "errors")
        flags = os.O_WRONLY | os.O_CREAT
        start = time.perf_counter()
        pid = os.posix_spawn(
            limited[0],
            limited,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(out), flags, 0o600),
                (os.POSIX_SPAWN_OPEN, 2, str(errors), flags, 0o600),
            ],
        )
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - start
        cpu = usage.ru_utime + usage.ru_stime
        code = os.waitstatus_to_exitcode(status)
        failure = ""
        if code < 0 and cpu > limit - 1:
            failure = f"ended after {limit} CPU seconds"
        elif code != 0:
            failure = _last_line(errors.read_text(errors="replace")) or f"failed ({code})"
        output = out.read_text(errors="replace")
        return Figures(wall, cpu, usage.ru_maxrss * _KILO, 1, output, failure)


def median(command: Sequence[str], runs: int = RUNS) -> Figures:
    """The medians of up to ``runs`` runs, and the highest peak; a long one is run once."""
    first = run(command)
    every = [first]
    spent = first.cpu
    while len(every) < runs and not first.failure and spent + first.cpu < LONG:
        every.append(run(command))
        spent += every[-1].cpu
    return Figures(
        wall=statistics.median(one.wall for one in every),
        cpu=statistics.median(one.cpu for one in every),
        peak=max(one.peak for one in every),
        runs=len(every),
        output=first.output,
        failure=next((one.failure for one in every if one.failure), ""),
    )


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
