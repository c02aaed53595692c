"""Other processors that take part in reading, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Final, Generic, ParamSpec, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_PRELOADED: Final = "hangscope.readers"


class Task(Generic[R]):
    """One piece of work that was handed out."""

    def __init__(self, future: Future[R]) -> None:
        self._future = future

    def take_back(self) -> bool:
        """Have nobody else do it; False if somebody has begun."""
        return self._future.cancel()

    @property
    def is_done(self) -> bool:
        """Whether its result can be had at once."""
        return self._future.done()

    def result(self) -> R | None:
        """What came of it; None if the process that did it died."""
        try:
            return self._future.result()
        except (BrokenProcessPool, MemoryError):
            return None


class Workers:
    """Processes that are started when the first piece of work is handed out."""

    def __init__(self, processors: int) -> None:
        """Use so many processors, that of the process itself among them."""
        self.others = processors - 1
        """How many pieces of work can be done beside this process."""
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes; what was not begun is not done."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def hand_out(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Task[R] | None:
        """Have it done; None where there can be no processes, or no more of them.

        Args:
            work: A function of a module.
            args: Its arguments, which are copied.
            kwargs: The same, by name.
        """
        try:
            if self.others > 0:
                self._pool = self._pool or ProcessPoolExecutor(
                    self.others, mp_context=context(_PRELOADED), initializer=leave_interrupts
                )
                return Task(self._pool.submit(work, *args, **kwargs))
        except (BrokenProcessPool, OSError):  # OSError: a machine without semaphores, or full
            self.others = 0
        return None


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def context(preloaded: str) -> BaseContext:
    """Processes that share no thread and no lock with this one: progress is shown by a thread.

    ``preloaded`` is the module that they need.
    """
    quick = "forkserver" in multiprocessing.get_all_start_methods()
    made = multiprocessing.get_context("forkserver" if quick else "spawn")
    if quick:
        made.set_forkserver_preload([preloaded])
    return made


def leave_interrupts() -> None:
    """Ctrl-C is for the process that people started; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
