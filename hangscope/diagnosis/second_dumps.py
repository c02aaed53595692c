"""What only a later dump tells: whether the threads move."""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.model import Gap, Kind, Verdict
from hangscope.interpret import Interpretation, Jvm
from hangscope.interpret.history import is_one_moment

_MOVES = "whether the threads move: slow and stuck look alike in one snapshot"
_TWICE = "jstack PID > dump-1.txt; sleep 10; jstack PID > dump-2.txt"
_UNANSWERED = f"{_TWICE}   (jhsdb jstack --mixed --pid PID in its place if that does not answer)"
_TO_FILE = "jcmd PID Thread.dump_to_file -format=json dump-{number}.json"


def second_dump(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    """That a process is shown at one moment, or each of its threads by one dump of its form."""
    if verdict.kind in (Kind.DEADLOCK, Kind.HEALTHY):
        return
    jvms = interpretation.case.jvms
    once = [jvm for jvm in jvms if is_one_moment(jvm)]
    if once:
        yield Gap(
            "There is one thread dump of this moment only."
            if len(jvms) == 1
            else f"Of {', '.join(jvm.scope for jvm in once)} there is one thread dump only.",
            _MOVES,
            _UNANSWERED if all(jvm.dump.format == "jhsdb" for jvm in once) else _TWICE,
        )
    elif any(_virtual_ones_once(jvm) for jvm in jvms):
        first, second = (_TO_FILE.format(number=number) for number in (1, 2))
        yield Gap(
            "The virtual threads are shown by one dump of their form only.",
            _MOVES,
            f"{first}; sleep 10; {second}",
        )


def _virtual_ones_once(jvm: Jvm) -> bool:
    """Whether there are virtual threads, and no two dumps of one form that shows them."""
    shows = [view for view in jvm.views if any(thread.java.virtual for thread in view.threads)]
    return bool(shows) and not any(view.series[1:] for view in shows)
