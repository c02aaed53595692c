"""Who does the work: this process, several of this machine, or those of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Lost:
    """What came instead of a result, and why."""

    why: str


class Engine(Protocol):
    """Does the same work for many things."""

    def __call__(
        self, work: Callable[[T], R], things: Iterable[T]
    ) -> Iterator[tuple[int, R | Lost]]:
        """Yield the result for each, once, with its number; in any order.

        Args:
            work: A function of a module, which may run in any process.
            things: What it is called with; few are taken at once.
        """
        ...


def here(work: Callable[[T], R], things: Iterable[T]) -> Iterator[tuple[int, R | Lost]]:
    """Do it in this process, one after the other."""
    return ((number, work(thing)) for number, thing in enumerate(things))
