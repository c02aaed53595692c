"""Prints what reading and reasoning cost: ``run.py [--full] [SECTION...]``; no test is here."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from typing import Final

from commands import whole_commands
from comparison import beside_others
from growth import of_corners
from reading import by_class, by_size
from reasoning import by_threads_and_sockets

_SECTIONS: Final[dict[str, Callable[[bool], None]]] = {
    "commands": lambda _: whole_commands(),
    "reading": lambda _: by_class(),
    "peers": lambda _: beside_others(),
    "curves": by_size,
    "corners": lambda _: of_corners(),
    "reasoning": lambda _: by_threads_and_sockets(),
}


def main() -> None:
    """Run the sections asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="curves up to 1,000 MB, 5,000,000 rows")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(_SECTIONS))
    chosen = parser.parse_args()
    unknown = set(chosen.sections) - set(_SECTIONS)
    if unknown:
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} CPUs;"
        " medians of up to three runs of whole processes"
    )
    start = time.perf_counter()
    for name in chosen.sections or _SECTIONS:
        _SECTIONS[name](chosen.full)
    print(f"\n{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
