"""Whether four times the input takes four times as long, and no more."""

from __future__ import annotations

from typing import Final

import layout
from corners import CORNERS, Corner
from inputs import written
from measure import RUNS, Figures, run
from reading import READ

_LINEAR: Final = 6.0
"""A ratio above this is more than noise: it is 4 where the cost is linear, 16 where quadratic."""
_BRIEF: Final = 1.0
"""CPU seconds under which a ratio says nothing: start-up alone varies by some tenths."""
_LEAST: Final = 0.3
"""CPU seconds that any reading counts as, in a ratio, for the same reason."""
_LIMIT: Final = 40
"""CPU seconds after which reading a corner is ended."""


def of_corners() -> None:
    """Read each corner at n and at 4n."""
    layout.title("Corners: CPU seconds without start-up (best of up to three runs), for n and 4n")
    layout.header("MB of 4n", "n", "4n", "ratio", "peak MB")
    start = _best(CORNERS[0], 1)[1].cpu
    for corner in CORNERS:
        _, small = _best(corner, corner.largest // 4)
        size, large = _best(corner, corner.largest)
        before, after = max(small.cpu - start, 0.01), max(large.cpu - start, 0.01)
        ratio = after / max(before, _LEAST)
        notes = [small.failure or large.failure]
        if after > _BRIEF and ratio > _LINEAR:
            notes.append("grows faster than its size")
        layout.row(
            corner.name,
            layout.megabytes(size),
            layout.seconds(before),
            layout.seconds(after),
            f"{ratio:.1f}" if after > _BRIEF else "",
            layout.megabytes(large.peak),
            note="; ".join(filter(None, notes)),
        )


def _best(corner: Corner, n: int) -> tuple[int, Figures]:
    """Bytes of the input, and the run of least CPU seconds; a long one is run once."""
    with written(lambda path: corner.write(path, n)) as one:
        every = [run([*READ, str(one.path)], _LIMIT)]
        while len(every) < RUNS and every[0].cpu < _BRIEF:
            every.append(run([*READ, str(one.path)], _LIMIT))
        return one.size, min(every, key=lambda figures: figures.cpu)
