"""What the JVM itself reports of deadlocks, held against what the reduction finds.

HotSpot looks for circles of platform threads over monitors and ownable synchronizers, in one
moment, and tells each thread in one circle alone. Where the two differ, the reason is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hangscope.diagnosis.dump_forms import form_of
from hangscope.diagnosis.model import Citation
from hangscope.diagnosis.telling import Telling, plural
from hangscope.facts import DeadlockReport
from hangscope.interpret import Interpretation, Jvm
from hangscope.waits import Node, NodeKind
from hangscope.waits.graph import Core

_LOOKS = 6
"""Since this release HotSpot and J9 look for deadlocks over monitors and synchronizers alike."""
UNEXPLAINED = (
    "The JVM itself does not report it, although it looks for such deadlocks: unless its report was"
    " cut off, take another dump before you believe this one."
)


def held_against(
    interpretation: Interpretation, telling: Telling, core: Core
) -> tuple[str, tuple[Citation, ...]]:
    """Whether the JVM's own report agrees with ``core``, or why it does not, as a sentence."""
    scopes = {node.scope for node in core.nodes}
    views = [v for j in interpretation.case.jvms if j.scope in scopes for v in j.views]
    names = _names(telling, core.threads)
    known = names | _names(telling, core.victim_threads)
    reports = [report for view in views for report in view.dump.deadlocks]
    for report in reports:
        reported = _members(report)
        if reported & names:
            says = "the JVM's own report of the same deadlock"
            return _agreement(names, known, reported), (Citation(report.evidence, says),)
    return _silence(telling, core, views, reported=bool(reports)), ()


def denied(interpretation: Interpretation) -> Iterator[tuple[Jvm, DeadlockReport]]:
    """Deadlocks that the JVM reports and that the reduction does not find."""
    telling = Telling(interpretation)
    stuck = _names(telling, interpretation.graph.stuck)
    for jvm in interpretation.case.jvms:
        for view in jvm.views:
            for report in view.dump.deadlocks:
                if not _members(report) <= stuck:
                    yield jvm, report


def _agreement(names: set[str], known: set[str], reported: set[str]) -> str:
    if reported == names:
        return "The JVM itself reports it, with the same threads."
    if names <= reported <= known:
        return "The JVM itself reports it, with threads that wait behind it."
    if reported < names:
        return (
            f"The JVM itself reports a circle of {len(reported)} of these {len(names)} threads: it"
            " tells one circle at a time, and all of these are held in it."
        )
    others = ", ".join(f'"{name}"' for name in sorted(reported - names)[:3])
    return (
        f"The JVM itself reports a deadlock of some of these threads, with {others}, which by the"
        " other lines of the dump is not in the circle."
    )


def _silence(telling: Telling, core: Core, views: list[Jvm], *, reported: bool) -> str:
    """Why the JVM says nothing of a deadlock that is there."""
    reporting = [view for view in views if form_of(view.dump).reports]
    virtual = [n for n in core.threads if n in telling.threads and _is_virtual(telling, n)]
    if virtual:
        return (
            f"The JVM itself does not report it: {plural(len(virtual), 'thread')} of the circle"
            f" {'is' if len(virtual) == 1 else 'are'} virtual, and it looks at no virtual threads."
        )
    if not reporting:
        return "This form of dump carries no report of the JVM's own."
    if all(not view.dump.ended or view.unseen for view in reporting):
        return (
            "The JVM itself does not report it in this dump, which ends, or may end, before the"
            " place of its report."
        )
    if not any((view.dump.jdk_feature or 0) >= _LOOKS for view in reporting):
        return (
            f"The JVM itself does not report it; releases before {_LOOKS} do not look for all such"
            " deadlocks."
        )
    if not any(node.kind is NodeKind.LOCK for node in core.nodes) or any(
        node.kind not in (NodeKind.LOCK, NodeKind.THREAD) for node in core.nodes
    ):
        return "The JVM itself does not report it: it looks for circles of locks alone."
    if reported:
        return f"The JVM reports deadlocks, but of other threads. {UNEXPLAINED}"
    return UNEXPLAINED


def _is_virtual(telling: Telling, node: Node) -> bool:
    return telling.threads[node].java.virtual


def _members(report: DeadlockReport) -> set[str]:
    return {member.thread for member in report.members}


def _names(telling: Telling, nodes: Iterable[Node]) -> set[str]:
    """Names as the dump prints them: its report tells no ids."""
    return {
        telling.threads[node].java.name if node in telling.threads else node.key for node in nodes
    }
