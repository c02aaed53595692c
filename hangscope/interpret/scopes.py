"""Claims of threads that join a structured task scope: ANY of the threads that run its subtasks.

``Thread.dump_to_file`` as JSON names each scope's owner and threads. A subtask that fails may end
the scope for all, so that one that can go on is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.waits import Certainty, Claim, Need

JOINS = "joins"
"""The relation of a scope's owner to its subtasks."""
_PRIMITIVE = "structured-scope"
"""Of a thread that waits for the subtasks of its scope."""


def claims(case: Case) -> Iterator[Claim]:
    """What the owners of scopes wait for, as far as a dump lists their subtasks."""
    for jvm in case.jvms:
        for view in jvm.views:
            yield from _claims_by(view)


def _claims_by(jvm: Jvm) -> Iterator[Claim]:
    subtasks: dict[int, list[Thread]] = {}
    for thread in jvm.threads:
        if thread.java.container_owner is not None:
            subtasks.setdefault(thread.java.container_owner, []).append(thread)
    for owner_id, threads in subtasks.items():
        owner = jvm.by_id.get(owner_id)
        if owner is None or owner.node in jvm.moved or not _joins(owner):
            continue
        yield Claim(
            owner.node,
            Need.ANY,
            (*(thread.node for thread in threads), *jvm.unseen),
            JOINS,
            Certainty.INFERRED,
            owner.until,
            (owner.top(), *(thread.header for thread in threads)),
            f'"{owner.name}" owns a structured task scope and waits in join for its subtasks;'
            f" {jvm.dump.evidence.input} lists the {len(threads)} threads that run them, each at a"
            " moment of its own",
        )


def _joins(thread: Thread) -> bool:
    primitive = thread.profile.primitive
    return primitive is not None and primitive.id == _PRIMITIVE
