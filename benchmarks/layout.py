"""Figures as rows of plain text tables."""

from __future__ import annotations

from typing import Final

from measure import MEGA, Figures

_NAME: Final = 46
_FIGURE: Final = 9


def title(text: str) -> None:
    """Start a table."""
    print(f"\n{text}\n")


def header(*columns: str) -> None:
    """The headings of all columns but the first."""
    print(f"{'':{_NAME}}" + "".join(f"{column:>{_FIGURE}}" for column in columns), flush=True)


def row(name: str, *cells: str, note: str = "") -> None:
    """One line of a table."""
    print(
        f"{name:{_NAME}}" + "".join(f"{cell:>{_FIGURE}}" for cell in cells) + f"  {note}".rstrip(),
        flush=True,
    )


def seconds(value: float) -> str:
    """With two digits; three where it is short."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def megabytes(size: float) -> str:
    """Without a unit: that is in the heading."""
    return f"{size / MEGA:.1f}" if size < 10 * MEGA else f"{size / MEGA:.0f}"


def speed(size: int, taken: float) -> str:
    """Megabytes of input a second."""
    return f"{size / MEGA / taken:.1f}"


def runs_note(figures: Figures) -> str:
    """Said only of what was run once."""
    return "1 run" if figures.runs == 1 else ""
