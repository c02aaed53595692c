"""The line that ``date`` printed above a text: when that was taken."""

from __future__ import annotations

from typing import Final

from hangscope.readers.syntax.lines import BLANKS, LineSyntax

_SYNTAX: Final = LineSyntax("moments")
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_NOON: Final = 12


def moment_of(line: str) -> str | None:
    """``Wed Nov 25 08:06:56 UTC 2026`` as ``2026-11-25 08:06:56Z``; None for other lines.

    ``Z`` tells that the line says UTC or GMT; times of other zones stay as they are printed.
    """
    text = line.strip(BLANKS)
    if len(text) > 40 or ":" not in text:  # noqa: PLR2004 - no date is that long
        return None
    values = _SYNTAX.matcher("iso")(text)
    if values:
        day, clock, zone = values
        return f"{day} {clock}{'Z' if zone else ''}"
    values = _SYNTAX.matcher("east_asian")(text)
    if values:
        year, month, day, clock, zone = values
        return f"{year}-{int(month):02}-{int(day):02} {clock}{'Z' if zone else ''}"
    values = _SYNTAX.matcher("unix")(text)
    if values:
        month, day, clock, half, zone, year = values
    else:
        values = _SYNTAX.matcher("locale")(text)
        if values is None:
            return None
        day, month, year, clock, half, zone = values
    number = _MONTHS.index(month) // 3 + 1
    return f"{year}-{number:02}-{int(day):02} {_of_a_day(clock, half)}{'Z' if zone else ''}"


def _of_a_day(clock: str, half: str | None) -> str:
    if half is None:
        return clock
    hour = int(clock[:2]) % _NOON + (_NOON if half == "PM" else 0)
    return f"{hour:02}{clock[2:]}"
