"""What the inputs do not record, what it would decide, and the command that records it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from hangscope.diagnosis.dump_forms import form_of, without_locks
from hangscope.diagnosis.model import Gap, Kind, Verdict
from hangscope.diagnosis.telling import plural
from hangscope.facts import Monitors, ThreadDump
from hangscope.interpret import Interpretation, Jvm
from hangscope.interpret.futures import task_waits, waits_for_task
from hangscope.interpret.lock_lines import lock_waits
from hangscope.interpret.locks import owners_of_locks
from hangscope.waits import Certainty, Node, NodeKind

_DUMP = "jstack -l PID > dump.txt"
_SYNCHRONIZERS = f"{_DUMP}   (walks the heap: the JVM may stand still for seconds)"
_TABLE = "ss -tanp > sockets.txt   (as root, in the process's network namespace)"


def gaps(interpretation: Interpretation, verdict: Verdict) -> tuple[Gap, ...]:
    """Every gap that matters for ``verdict``, the most decisive first."""
    kinds: tuple[Callable[[Interpretation, Verdict], Iterator[Gap]], ...] = (
        _halves,
        _excerpt,
        _locks,
        _virtual,
        _process,
        _owners,
        _queues,
        _states,
        _synchronizers,
        _tasks,
        _which_socket,
        _names,
        _second_dump,
    )
    return tuple(gap for kind in kinds for gap in kind(interpretation, verdict))


def _halves(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    readers = sum(len(group.threads) for group in interpretation.replies)
    if not interpretation.case.jvms:
        yield Gap(
            "No thread dump is given.",
            "what the process's threads wait for, and so why these sockets stand as they do",
            _DUMP,
        )
    if interpretation.case.sockets is None:
        whom = f"whom the {readers} threads in a network read wait for" if readers else "who calls"
        yield Gap(
            "No socket table is given.",
            f"{whom}; whether requests stand unread; whether the service calls itself",
            _TABLE,
        )


def _excerpt(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for jvm in interpretation.case.jvms:
        dump, form = jvm.dump, form_of(jvm.dump)
        if jvm.is_excerpt:
            yield Gap(
                f"{dump.evidence.input} is an excerpt ({plural(len(dump.threads), 'thread')},"
                f" {form.begin}).",
                "what the other threads do: the rest of the pool, and whoever it waits for",
                form.command,
            )
        elif jvm.missing:
            yield Gap(
                f"{jvm.missing} of {len(dump.listed_tids or ())} threads that"
                f" {dump.evidence.input} lists are not in it: it is cut or damaged.",
                "what those threads do; until then no pool is called stuck",
                form.command,
            )
        elif jvm.unseen:
            yield Gap(
                f"{dump.evidence.input} {form.end}: it may be cut.",
                "what the threads do that are not in it; until then no pool is called stuck",
                form.command,
            )


def _locks(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    """Forms of dumps that show no locks, or none that one can rely on."""
    if verdict.kind is Kind.DEADLOCK:
        return
    for jvm in interpretation.case.jvms:
        if all(view.dump.monitors is not Monitors.RECORDED for view in jvm.views):
            yield Gap(
                without_locks(jvm.dump),
                "which threads are blocked, on which locks and by whom: whether it is a deadlock",
                form_of(jvm.dump).command_for_locks,
            )


def _virtual(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    for jvm in interpretation.case.jvms:
        if jvm.unseen_virtual and verdict.kind is not Kind.DEADLOCK:
            yield Gap(
                f"{jvm.dump.evidence.input} shows no virtual threads, and there may be some.",
                "what the virtual threads wait for, and which locks they hold",
                "jcmd PID Thread.dump_to_file -format=json dump.json",
            )


def _process(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    case = interpretation.case
    if case.sockets is None or not case.sockets.owners_recorded:
        return
    for jvm in case.jvms:
        if jvm.pid is None:
            yield Gap(
                f"Which process of the socket table {jvm.dump.evidence.input} is of is not known.",
                "which sockets its threads read",
                "hangscope correlate --pid PID …   (or take the dump by jcmd PID Thread.print -l)",
            )


def _owners(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    sockets = interpretation.case.sockets
    if sockets is not None and not sockets.owners_recorded:
        yield Gap(
            "The socket table shows no owners.",
            "which connections are this process's own, and which nobody has accepted yet",
            _TABLE,
        )


def _queues(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    sockets = interpretation.case.sockets
    if sockets is not None and not sockets.queues_recorded:
        yield Gap(
            "The socket table shows no queues (Recv-Q).",
            "which requests were read, and how far those had got whose clients gave up",
            _TABLE,
        )


def _states(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    sockets = interpretation.case.sockets
    untold = 0 if sockets is None else sockets.without_state
    if untold:
        yield Gap(
            f"{plural(untold, 'row')} of the socket table have no state: ss was asked for one state"
            " alone, which it prints nowhere.",
            "which of these connections are open, half closed or waiting",
            _TABLE,
        )


def _synchronizers(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for jvm in interpretation.case.jvms:
        told: set[Node] = set()
        for view in jvm.views:
            unknown = set() if view.dump.synchronizers_recorded else _ownerless(view, told)
            told.update(thread.node for thread in view.threads)
            if unknown:
                yield _without_owners(view.dump, len(unknown))


def _ownerless(jvm: Jvm, told: Container[Node]) -> set[Node]:
    """Locks of java.util.concurrent without a known owner that threads wait for."""
    owned = owners_of_locks(jvm)
    waits = (wait for wait in lock_waits(jvm) if not wait.monitor and wait.lock not in owned)
    return {wait.lock for wait in waits if wait.thread.node not in told}


def _without_owners(dump: ThreadDump, count: int) -> Gap:
    classic = dump.format == "hotspot"
    how = "was taken without -l" if classic else "does not tell who owns every lock"
    locks = plural(count, "java.util.concurrent lock")
    return Gap(
        f"{dump.evidence.input} {how}: the owners of {locks} that threads wait for are not in it.",
        "who holds these locks, and whether they are a deadlock",
        _SYNCHRONIZERS if classic else form_of(dump).command_for_locks,
    )


def _tasks(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    known = {waiter.node for _, waiter, _ in task_waits(interpretation.case)}
    known.update(thread.node for group in interpretation.replies for thread in group.threads)
    unknown = [
        thread
        for _, thread in interpretation.case.waiting()
        if waits_for_task(thread) and thread.node not in known
    ]
    if unknown and verdict.kind is not Kind.HEALTHY:
        who = plural(len(unknown), "thread")
        yield Gap(
            f"{who} {'waits' if len(unknown) == 1 else 'wait'} for tasks (FutureTask and kin), and"
            " no dump shows the threads that run them.",
            "what those tasks wait for: if they call this service itself, it waits for itself",
            _DUMP,
        )


def _which_socket(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    short = [g for g in interpretation.replies if g.destinations and len(g.targets) > 1]
    if short:
        yield Gap(
            "The table shows fewer connections than threads that read from one.",
            "whom the other threads wait for: take dump and table within a second, unfiltered",
            _TABLE,
        )
    several = [group for group in interpretation.replies if len(group.destinations) > 1]
    if several or (verdict.kind is Kind.DEADLOCK and _joined_by_count(interpretation, verdict)):
        yield Gap(
            "Which thread reads which socket is inferred from counts, not recorded.",
            "whether each thread waits where it is said to: proof instead of inference",
            "for t in /proc/PID/task/*; do echo ${t##*/} $(cat $t/syscall); done   (as root)",
        )


def _joined_by_count(interpretation: Interpretation, verdict: Verdict) -> bool:
    return verdict.certainty is Certainty.INFERRED and any(
        node.kind is NodeKind.CONNECTION
        for core in interpretation.graph.cores
        for node in core.nodes
    )


def _names(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    sockets = interpretation.case.sockets
    if sockets is not None and sockets.resolved_names:
        read = ", ".join(f"{k} as {v}" for k, v in sorted(sockets.resolved_names.items()))
        yield Gap(
            f"Ports were printed by name and are read by the usual list ({read}).",
            "the port numbers themselves; names differ between hosts",
            "lsof -nP -i   (or netstat -n, ss -n)",
        )


def _second_dump(interpretation: Interpretation, verdict: Verdict) -> Iterator[Gap]:
    once = any(jvm.dumps == 1 for jvm in interpretation.case.jvms)
    if once and verdict.kind not in (Kind.DEADLOCK, Kind.HEALTHY):
        yield Gap(
            "There is one thread dump of this moment only.",
            "whether the threads move: slow and stuck look alike in one snapshot",
            "jstack PID > dump-1.txt; sleep 10; jstack PID > dump-2.txt",
        )
