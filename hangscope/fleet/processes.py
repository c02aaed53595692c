"""Bundles read by processes of this machine; one that dies costs no more than its own bundle."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Final, TypeAlias

from hangscope.fleet.bundle import Bundle, Read, lost, read_bundle
from hangscope.pipeline import Reading

_AHEAD: Final = 2
"""Bundles that are handed out for each process: it never waits for its next one."""
_DIED: Final = (
    "the process that read this bundle died, as when memory runs out; nothing of it was read"
)
_Task: TypeAlias = tuple[int, Bundle]


def here(bundles: Sequence[Bundle]) -> Iterator[Read]:
    """Read the bundles in this process, one after the other."""
    return ((number, read_bundle(bundle)) for number, bundle in enumerate(bundles))


def in_processes(bundles: Sequence[Bundle], jobs: int) -> Iterator[Read]:
    """Read the bundles in ``jobs`` processes.

    When one dies all others end with it and nobody says which bundle it was: those that were being
    read are read again, each alone, and only what kills its process then too is given up.
    """
    waiting = deque(enumerate(bundles))
    while waiting:
        suspects = yield from _until_one_dies(waiting, jobs)
        for number, bundle in suspects:
            again = yield from _until_one_dies(deque([(number, bundle)]), 1)
            if again:
                yield number, lost(bundle, _DIED)


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _until_one_dies(waiting: deque[_Task], jobs: int) -> Generator[Read, None, list[_Task]]:
    """Read what is ``waiting``; returns what was being read when a process died."""
    running: dict[Future[Reading], _Task] = {}
    pool = ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_leave_interrupts)
    try:
        while waiting or running:
            while waiting and len(running) < _AHEAD * jobs:
                running[pool.submit(_read, waiting[0][1])] = waiting[0]
                waiting.popleft()
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                reading = future.result()
                yield running.pop(future)[0], reading
    except BrokenProcessPool:
        return list(running.values())
    finally:
        pool.shutdown(cancel_futures=True)
    return []


def _read(bundle: Bundle) -> Reading:
    try:
        return read_bundle(bundle)
    except MemoryError:
        return lost(bundle, "there is not enough memory to read this bundle")


def _context() -> BaseContext:
    """Processes that share no thread and no lock with this one: progress is shown by a thread."""
    quick = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if quick else "spawn")
    if quick:
        context.set_forkserver_preload([__name__])
    return context


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that people started; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
