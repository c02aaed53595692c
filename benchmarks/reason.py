"""Reads a dump and a table and prints what reasoning about them costs: ``reason.py DUMP TABLE``.

A process of its own, so that its peak memory is that of one case.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise

from hangscope.diagnosis import diagnose
from hangscope.facts import Evidence, HostFacts
from hangscope.interpret import assemble_hosts, interpret
from hangscope.knowledge import load
from hangscope.readers import Source, read_input
from hangscope.report.document import build

_RUNS = 3
_LONG = 10.0
"""CPU seconds that all runs may take together."""


def main(paths: list[str]) -> str:
    """CPU seconds of each step (least of three), of a plain loop, peaks in MB, the finding."""
    gc.disable()  # as the command does
    sources = {path: Source.from_path(path) for path in paths}
    inputs = [read_input(source) for source in sources.values()]
    facts = HostFacts.of("", inputs)
    before = _peak()

    def excerpt(evidence: Evidence) -> str:
        return sources[evidence.input].excerpt(evidence.first_line, evidence.last_line)

    runs: list[tuple[float, ...]] = []
    peak = 0.0
    while len(runs) < _RUNS and sum(map(sum, runs)) < _LONG:
        knowledge = load()
        marks = [time.process_time()]
        case = assemble_hosts((facts,), knowledge)
        marks.append(time.process_time())
        interpretation = interpret(case)
        marks.append(time.process_time())
        diagnosis = diagnose(interpretation)
        marks.append(time.process_time())
        build(diagnosis, inputs, excerpt, created=datetime(2026, 1, 1, tzinfo=UTC), version="0")
        marks.append(time.process_time())
        runs.append(tuple(after - start for start, after in pairwise(marks)))
        peak = peak or _peak()  # later runs add to what the first one left behind
        finding = diagnosis.findings[0].id if diagnosis.findings else "-"
        del case, interpretation, diagnosis
    least = min(runs, key=sum)
    yardstick = min(_plain_loop() for _ in range(_RUNS))
    return " ".join(map(str, (*least, sum(least), yardstick, before, peak, finding)))


def _plain_loop() -> float:
    """What this machine takes, now, for a million steps of plain Python."""
    start = time.process_time()
    counts: dict[int, int] = {}
    for number in range(1_000_000):
        counts[number & 1023] = counts.get(number & 1023, 0) + 1
    return time.process_time() - start


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    print(main(sys.argv[1:]))
