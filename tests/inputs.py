"""Which files of a case are given to hangscope, and of which host they are."""

from __future__ import annotations

from pathlib import Path


def inputs(case: Path, table: str = "sockets.txt") -> list[Path]:
    return [*sorted(case.glob("dump*.txt")), case / table, *sorted(case.glob("process*.txt"))]


def inputs_by_host(case: Path) -> dict[str, list[Path]]:
    """A folder of the case is a host; where there is none, all is of one."""
    folders = sorted(path for path in case.iterdir() if path.is_dir())
    if not folders:
        return {"": inputs(case)}
    return {folder.name: sorted(folder.iterdir()) for folder in folders}
