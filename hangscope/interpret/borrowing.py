"""Who borrows a pooled connection, by the stacks of those that wait for one.

The threads of a pool mostly stand in the same methods: each such stack is looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hangscope.interpret.case import Thread
from hangscope.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Borrowing:
    """How one stack came to ask for a connection."""

    borrower: str | None
    """The application method that called the pool's ``getConnection``."""
    callers: tuple[str, ...]
    """Methods below the direct caller, towards the thread's start."""

    def holder(self, knowledge: Knowledge, borrowers: frozenset[str]) -> str | None:
        """The method below which this thread holds a connection already.

        It borrows one itself on other threads, or calls back with one.
        """
        return next(
            (
                method
                for method in self.callers
                if (method in borrowers and method != self.borrower)
                or knowledge.holds_connection(method)
            ),
            None,
        )


def borrowings(knowledge: Knowledge, waiting: Iterable[Thread]) -> tuple[Borrowing, ...]:
    """How each of ``waiting`` came to ask for a connection."""
    known: dict[tuple[str, ...], Borrowing] = {}
    found = []
    for thread in waiting:
        methods = tuple([frame.method for frame in thread.java.frames()])
        if methods not in known:
            known[methods] = _borrowing(knowledge, methods)
        found.append(known[methods])
    return tuple(found)


def borrowers_of(found: Iterable[Borrowing]) -> frozenset[str]:
    """The application methods that borrow."""
    return frozenset(one.borrower for one in found if one.borrower is not None)


def nested(
    knowledge: Knowledge, waiting: Sequence[Thread], found: Sequence[Borrowing]
) -> tuple[str | None, tuple[Thread, ...]]:
    """Waiters below a method that borrows on other threads, or calls back with a connection."""
    borrowers = borrowers_of(found)
    holders = {one: one.holder(knowledge, borrowers) for one in dict.fromkeys(found)}
    holding = [(t, holders[one]) for t, one in zip(waiting, found, strict=True)]
    below = next((method for _, method in holding if method is not None), None)
    return below, tuple(thread for thread, method in holding if method is not None)


def _borrowing(knowledge: Knowledge, methods: Sequence[str]) -> Borrowing:
    start = _asked_at(knowledge, methods)
    if start is None:
        return Borrowing(None, ())
    below = methods[start + 1 :]
    return Borrowing(next(filter(knowledge.is_application, below), None), tuple(below[1:]))


def _asked_at(knowledge: Knowledge, methods: Sequence[str]) -> int | None:
    """The outermost frame of the pool's own borrowing methods in one run from the top."""
    last = None
    for index, method in enumerate(methods):
        if knowledge.is_borrow(method):
            last = index
        elif last is not None:
            break
    return last
