"""What a process may have at most, and what it has: file descriptors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hangscope.facts import NOT_RECORDED, Descriptor, Evidence, Limit, ProcessFacts
from hangscope.interpret.case import Case, Jvm
from hangscope.interpret.sockets import Row

_OPEN_FILES = "Max open files"
"""As ``/proc/PID/limits`` names it; a shell's ``ulimit`` may differ from its children's."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The file descriptors of one JVM, as far as the inputs tell of them."""

    jvm: Jvm
    limit: Limit | None
    open: tuple[Descriptor, ...] | None
    """All of them; None where no input lists them."""
    sockets: tuple[Row, ...]
    """Those among them that a socket table shows, with this process as their owner."""
    inferences: tuple[str, ...]
    """How texts that name no process were taken to be of this one."""

    @property
    def most(self) -> int | None:
        """How many it may have."""
        soft = self.limit.soft if self.limit else None
        return None if soft is NOT_RECORDED else soft

    @property
    def used(self) -> int:
        """How many it has, at least."""
        return len(self.sockets) if self.open is None else len(self.open)

    def lines(self) -> Iterator[Evidence]:
        """Where the limit and the open descriptors are stated."""
        if self.limit is not None:
            yield self.limit.evidence
        if self.open:
            first, last = self.open[0].evidence, self.open[-1].evidence
            yield first._replace(last_line=last.last_line)


def descriptors(case: Case) -> Iterator[Descriptors]:
    """What is known of the file descriptors of every JVM."""
    for jvm in case.jvms:
        stated = list(case.facts_of(jvm))
        limits = [(one, of) for of in stated for one in of.limits if one.name == _OPEN_FILES]
        limit, of_limit = max(limits, key=lambda one: one[0].evidence, default=(None, None))
        most = max(stated, key=lambda of: (len(of.descriptors), of.evidence), default=None)
        listed = most.descriptors if most else ()
        used = [of for of in (of_limit, most if listed else None) if of is not None]
        yield Descriptors(jvm, limit, listed or None, _sockets(jvm), tuple(_taken(used)))


def _sockets(jvm: Jvm) -> tuple[Row, ...]:
    if jvm.host.sockets is None or jvm.pid is None:
        return ()
    return jvm.host.sockets.owned(jvm.pid)


def _taken(used: list[ProcessFacts]) -> Iterator[str]:
    names = sorted({one.evidence.input for one in used if one.pid is None})
    if names:
        yield (
            f"{' and '.join(names)}, which {'name' if len(names) > 1 else 'names'} no process,"
            f" {'are' if len(names) > 1 else 'is'} of the only one whose dump is given"
        )
