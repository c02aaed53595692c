"""Work done by processes of this machine; one that dies costs no more than what it worked on."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.context import BaseContext
from typing import Final

from hangscope.fleet.engine import Lost, R, T

_AHEAD: Final = 2
"""Things that are handed out for each process: it never waits for its next one."""
_DIED: Final = Lost("the process that read it died, as when memory runs out")


def in_processes(
    work: Callable[[T], R], things: Iterable[T], *, jobs: int
) -> Iterator[tuple[int, R | Lost]]:
    """Do it in ``jobs`` processes.

    When one dies all others end with it, and nobody says what it worked on: what was handed out is
    done again, each thing alone, and only what kills its process then too is given up.
    """
    waiting = iter(enumerate(things))
    unsure: list[tuple[int, T]] | None = None
    while unsure is None or unsure:
        unsure = yield from _until_one_dies(work, waiting, jobs)
        for number, thing in unsure:
            again = yield from _until_one_dies(work, iter([(number, thing)]), 1)
            if again:
                yield number, _DIED


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _until_one_dies(
    work: Callable[[T], R], waiting: Iterator[tuple[int, T]], jobs: int
) -> Generator[tuple[int, R | Lost], None, list[tuple[int, T]]]:
    """Do what is ``waiting``; returns what was handed out and not done when a process died."""
    running: dict[Future[R], tuple[int, T]] = {}
    unsure: list[tuple[int, T]] = []
    pool = ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_leave_interrupts)
    try:
        while True:
            for task in islice(waiting, _AHEAD * jobs - len(running)):
                unsure = [task]  # until it is handed out
                running[pool.submit(work, task[1])] = task
                unsure = []
            if not running:
                return []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                try:
                    result: R | Lost = future.result()
                except MemoryError:
                    result = Lost("there is not enough memory to read it")
                yield running.pop(future)[0], result
    except BrokenProcessPool:
        return [*running.values(), *unsure]
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Processes that share no thread and no lock with this one: progress is shown by a thread."""
    quick = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if quick else "spawn")
    if quick:
        context.set_forkserver_preload(["hangscope.fleet.bundle"])
    return context


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that people started; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
