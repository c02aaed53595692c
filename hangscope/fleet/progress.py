"""How far reading has come, on standard error, where somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown(total: int) -> Iterator[Callable[[str], None]]:
    """Show how many of ``total`` bundles were read; nothing where standard error is no terminal.

    Yields:
        What is to be told the host of each bundle once that was read.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    from hangscope.report.escape import for_terminal

    columns = (
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
        TextColumn("{task.fields[host]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("reading", total=total, host="")
        yield lambda host: progress.update(task, advance=1, host=for_terminal(host))
