"""Whole processes, measured: wall and CPU seconds, peak memory; medians of several runs."""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RUNS: Final = 3
LONG: Final = 12.0
"""Seconds after which a command is not run again."""
LONGEST: Final = 90.0
"""Seconds after which a command is ended."""
MEGA: Final = 1e6
_PAUSE: Final = 0.002
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


def run(command: Sequence[str], limit: float = LONGEST) -> Figures:
    """Run ``command`` to its end, or for ``limit`` seconds; keep what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        out, errors = Path(folder, "out"), Path(folder, "errors")
        flags = os.O_WRONLY | os.O_CREAT
        start = time.perf_counter()
        pid = os.posix_spawn(
            command[0],
            list(command),
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(out), flags, 0o600),
                (os.POSIX_SPAWN_OPEN, 2, str(errors), flags, 0o600),
            ],
        )
        status, cpu, peak = _waited(pid, start + limit)
        wall = time.perf_counter() - start
        failure = ""
        if status is None:
            failure = f"ended after {limit:.0f} s"
        elif os.waitstatus_to_exitcode(status) != 0:
            failure = _last_line(errors.read_text(errors="replace")) or "failed"
        return Figures(wall, cpu, peak, 1, out.read_text(errors="replace"), failure)


def median(command: Sequence[str], runs: int = RUNS) -> Figures:
    """The medians of up to ``runs`` runs, and the highest peak; a long one is run once."""
    first = run(command)
    every = [first]
    spent = first.wall
    while len(every) < runs and not first.failure and spent + first.wall < LONG:
        every.append(run(command))
        spent += every[-1].wall
    return Figures(
        wall=statistics.median(one.wall for one in every),
        cpu=statistics.median(one.cpu for one in every),
        peak=max(one.peak for one in every),
        runs=len(every),
        output=first.output,
        failure=next((one.failure for one in every if one.failure), ""),
    )


def _waited(pid: int, until: float) -> tuple[int | None, float, int]:
    """Exit status (None if it had to be ended), CPU seconds and peak bytes of our child."""
    ended = False
    while True:
        done, status, usage = os.wait4(pid, 0 if ended else os.WNOHANG)
        if done:
            cpu = usage.ru_utime + usage.ru_stime
            return None if ended else status, cpu, usage.ru_maxrss * _KILO
        if time.perf_counter() > until:
            os.kill(pid, signal.SIGKILL)
            ended = True
        else:
            time.sleep(_PAUSE)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
