"""Threads to ask the knowledge about, written as a few lines each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hangscope.facts.evidence import Evidence
from hangscope.facts.threads import Frame, JavaThread, LockAction, LockLine, StackEntry, ThreadState
from hangscope.knowledge import Knowledge, load

_ACTIONS = sorted(LockAction, key=lambda action: -len(action.value))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load()


@pytest.fixture(scope="session")
def make_thread() -> Callable[..., JavaThread]:
    return _thread


def _thread(
    name: str,
    *lines: str,
    state: ThreadState | None = ThreadState.RUNNABLE,
    os_state: str = "",
    is_java: bool = True,
) -> JavaThread:
    """A thread with these frames, top first; ``- locked java.lang.Object`` is a line of a lock."""
    entries = tuple(_entry(line) for line in lines)
    evidence = Evidence("dump.txt", 1, 1 + len(entries))
    return JavaThread(
        name,
        is_java,
        evidence,
        state=state,
        os_state=os_state,
        entries=entries,
        entry_lines=range(2, 2 + len(entries)),
    )


def _entry(line: str) -> StackEntry:
    if not line.startswith("- "):
        return Frame(line, "Some.java:1")
    said = line.removeprefix("- ")
    action = next(action for action in _ACTIONS if said.startswith(action.value))
    return LockLine(action, 0x1000, said.removeprefix(action.value).strip())
