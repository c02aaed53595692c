"""One JVM over time: how long its threads have been where its last dump shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hangscope.facts import ThreadDump
from hangscope.interpret.case import Case, Jvm
from hangscope.interpret.moments import seconds_between
from hangscope.interpret.movement import key_of
from hangscope.waits import Node

_AT_ONCE_S = 1.0
"""Dumps nearer to each other show one moment twice."""


def seconds_of(earlier: ThreadDump, later: ThreadDump) -> float | None:
    """Seconds from one dump of a JVM to another: by the age of its threads, else by the clock."""
    ages = {key_of(one): one.elapsed_s for one in earlier.threads if one.elapsed_s is not None}
    for one in later.threads:
        age = ages.get(key_of(one))
        if age is not None and one.elapsed_s is not None:
            return one.elapsed_s - age
    return seconds_between(earlier.captured, later.captured)


def dumps_alike(case: Case, nodes: Iterable[Node]) -> tuple[int, float | None]:
    """In how many last dumps all of ``nodes`` are the same, and over how many seconds.

    One dump, and no time, where a thread was elsewhere in the dump before or there was none.
    """
    counts: list[int] = []
    spans: list[float | None] = []
    by_scope: dict[str, list[Node]] = {}
    for node in nodes:
        by_scope.setdefault(node.scope, []).append(node)
    for jvm in case.jvms:
        if jvm.scope in by_scope:
            count = min(jvm.lasting.get(node, 1) for node in by_scope[jvm.scope])
            counts.append(count)
            spans.append(span_of(jvm, count))
    known = [span for span in spans if span is not None]
    return min(counts, default=1), min(known) if known and len(known) == len(spans) else None


def lasting_dumps(jvm: Jvm, nodes: Iterable[Node]) -> Sequence[ThreadDump]:
    """The last dumps of ``jvm`` through all of which ``nodes`` stayed; the last one at least."""
    series = jvm.series or (jvm.dump,)
    if not tells_cpu(jvm):
        return series[-1:]
    return series[-min((jvm.lasting.get(node, 1) for node in nodes), default=1) :]


def tells_cpu(jvm: Jvm) -> bool:
    """Whether its dumps tell that a thread ran between them and came back to the same place."""
    return all(thread.java.cpu_ms is not None for thread in jvm.threads)


def is_one_moment(jvm: Jvm) -> bool:
    """Whether its dumps cannot show that a thread moves: there is one, or no time between them."""
    span = span_of(jvm, len(jvm.series))
    return jvm.dumps == 1 or (span is not None and span < _AT_ONCE_S)


def span_of(jvm: Jvm, count: int) -> float | None:
    """Seconds over which the last ``count`` dumps of ``jvm`` were taken."""
    if not 1 < count <= len(jvm.series):
        return None
    return seconds_of(jvm.series[-count], jvm.series[-1])


def held(case: Case, nodes: Iterable[Node]) -> bool:
    """Whether ``nodes`` are seen where they are at more than one moment."""
    count, seconds = dumps_alike(case, nodes)
    return count > 1 and (seconds is None or seconds >= _AT_ONCE_S)
