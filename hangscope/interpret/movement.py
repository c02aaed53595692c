"""Whether a thread is where an earlier dump of its JVM, or one of another form, shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import dropwhile
from typing import TypeAlias

from hangscope.facts import Frame, JavaThread, ThreadDump
from hangscope.interpret.case import Thread
from hangscope.waits import Node

Key: TypeAlias = tuple[int | None, int | None, str]
"""What stays the same for a thread's life: its id, its VM structure and (mostly) its name."""

_HIDDEN = re.compile(
    r"\$\$Lambda|LambdaForm|^java\.lang\.(?:invoke\.|(?:Virtual)?Thread\.runWith$)"
)
"""Frames that a ``StackTraceElement`` never shows (``@Hidden``) and ``Thread.print`` does."""
_NATIVE = ("Native Method", "")
"""Where a native frame is, by the form of dump."""
_LINE = re.compile(r"(?::|line )([0-9]+)$")
_MOVED_CPU_MS = 1.0
"""A parked thread burns none; HotSpot prints hundredths of a millisecond."""


def key_of(thread: JavaThread) -> Key:
    """Tells the thread from all others of its JVM."""
    return thread.id, thread.tid, thread.name


def by_key(dump: ThreadDump) -> Mapping[Key, JavaThread]:
    """The threads of a dump."""
    return {key_of(thread): thread for thread in dump.threads}


def _moved(earlier: JavaThread, later: JavaThread) -> bool:
    """Whether ``later`` was not where it is now when the earlier dump was taken."""
    return _burnt(earlier, later) or tuple(earlier.frames()) != tuple(later.frames())


def moved_between_forms(threads: Iterable[Thread], other: ThreadDump) -> Iterator[Node]:
    """Threads that a dump of another form shows elsewhere, or not at all although it would."""
    by_id = {thread.id: thread for thread in other.threads if thread.id is not None}
    for thread in threads:
        found = None if thread.java.id is None else by_id.get(thread.java.id)
        if found is None or not _may_be_one(found, thread.java):
            if other.ended and _would_be_shown(thread.java):
                yield thread.node
        elif _burnt(found, thread.java) or not _in_one_place(found, thread.java):
            yield thread.node


def _may_be_one(one: JavaThread, other: JavaThread) -> bool:
    """Whether two threads with one id have one name; mounted virtual ones may be shown without."""
    return one.name == other.name or (
        one.virtual and other.virtual and not (one.name and other.name)
    )


def _would_be_shown(thread: JavaThread) -> bool:
    """Whether every form of dump lists it: no virtual thread, nor one that may be virtual.

    Before JDK 25, JSON does not tell of a thread without a stack whether it is.
    """
    has_frames = any(True for _ in thread.frames())
    return thread.id is not None and not thread.virtual and (has_frames or thread.state is not None)


def _in_one_place(one: JavaThread, other: JavaThread) -> bool:
    """Whether two forms of dump show the same stack, as far as both go.

    Some show hidden frames, some leave out the native one on top or line numbers, and some show
    the top frames alone.
    """
    pairs = zip(_plain_frames(one), _plain_frames(other), strict=False)
    return all(
        here.method == there.method
        and (_line(here) == _line(there) or None in (_line(here), _line(there)))
        for here, there in pairs
    )


def _plain_frames(thread: JavaThread) -> Iterator[Frame]:
    """From the first frame with code of Java on."""
    shown = (frame for frame in thread.frames() if not _HIDDEN.search(frame.method))
    return dropwhile(lambda frame: frame.location in _NATIVE, shown)


def _line(frame: Frame) -> str | None:
    """The line of the source, where the form of dump tells it."""
    found = _LINE.search(frame.location)
    return found and found[1]


def _burnt(one: JavaThread, other: JavaThread) -> bool:
    """Whether a thread used the processor between two dumps; no where one does not tell."""
    if one.cpu_ms is None or other.cpu_ms is None:
        return False
    return abs(other.cpu_ms - one.cpu_ms) >= _MOVED_CPU_MS


def times_the_same(before: Sequence[Mapping[Key, JavaThread]], thread: JavaThread) -> int:
    """In how many dumps, from the last one back, ``thread`` is the same."""
    count, later = 1, thread
    for dump in reversed(before):
        earlier = dump.get(key_of(thread))
        if earlier is None or _moved(earlier, later):
            break
        count, later = count + 1, earlier
    return count


def watched_seconds(one: ThreadDump, other: ThreadDump) -> float:
    """How much older the oldest thread of both is in the other dump; 0 if that is not printed."""
    before = {key_of(thread): thread.elapsed_s for thread in one.threads}
    ages = [
        (thread.elapsed_s, earlier)
        for thread in other.threads
        if thread.elapsed_s is not None and (earlier := before.get(key_of(thread))) is not None
    ]
    return abs(max((age - earlier for age, earlier in ages), key=abs, default=0.0))
