"""What the inputs do not record, what it would decide, and the command that records it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from hangscope.diagnosis.dump_forms import form_of, without_locks
from hangscope.diagnosis.model import Gap, Kind, Verdict
from hangscope.diagnosis.over_time import duration
from hangscope.diagnosis.own_reports import denied
from hangscope.diagnosis.peer_gaps import peers_not_seen
from hangscope.diagnosis.second_dumps import second_dump
from hangscope.diagnosis.telling import agree, plural
from hangscope.facts import Monitors, ThreadDump
from hangscope.interpret import Interpretation, Jvm
from hangscope.interpret.accepting import acceptors, failed_to_accept
from hangscope.interpret.futures import task_waits, waits_for_task
from hangscope.interpret.hosts import Host
from hangscope.interpret.lock_lines import lock_waits
from hangscope.interpret.locks import owners_of_locks
from hangscope.interpret.resources import descriptors
from hangscope.waits import Certainty, Node, NodeKind

_MANY_SOCKETS = 500
"""About half of the soft limit that most systems begin with (1024)."""
_DUMP = "jstack -l PID > dump.txt"
_SYNCHRONIZERS = f"{_DUMP}   (walks the heap: the JVM may stand still for seconds)"
_TABLE = "ss -tanp > sockets.txt   (as root, in the process's network namespace)"


def gaps(interpretation: Interpretation, verdict: Verdict) -> tuple[Gap, ...]:
    """Every gap that matters for ``verdict``, the most decisive first."""
    kinds: tuple[Callable[[Interpretation, Verdict], Iterator[Gap]], ...] = (
        _halves,
        _excerpt,
        _denied,
        _locks,
        _virtual,
        _process,
        _owners,
        _queues,
        _skew,
        _states,
        _limits,
        _synchronizers,
        _tasks,
        _which_socket,
        peers_not_seen,
        _names,
        second_dump,
        _empty,
    )
    return tuple(gap for kind in kinds for gap in kind(interpretation, verdict))


def _halves(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    if not interpretation.case.jvms:
        hosts = interpretation.case.hosts
        yield Gap(
            f"No thread dump {_of(hosts[0]) if len(hosts) == 1 else ''}is given.",
            "what the process's threads wait for, and so why these sockets stand as they do",
            _DUMP,
        )
    for host in interpretation.case.hosts:
        if host.sockets is not None:
            continue
        readers = sum(len(g.threads) for g in interpretation.replies if g.jvm.host is host)
        whom = f"whom the {readers} threads in a network read wait for" if readers else "who calls"
        yield Gap(
            f"No socket table {_of(host)}is given.",
            f"{whom}; whether requests stand unread; whether the service calls itself",
            _TABLE,
        )


def _of(host: Host) -> str:
    """Whose table is meant, where there are several hosts."""
    return f"of {host.name} " if host.name else ""


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


def _denied(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    """The JVM calls it a deadlock, and the threads' own lines do not."""
    for jvm, report in denied(interpretation):
        names = [member.thread for member in report.members]
        who = " and ".join(f'"{name}"' for name in names[:3])
        moved = any(t.node in jvm.moved for name in names for t in jvm.by_name.get(name, ()))
        why = (
            "another dump shows them elsewhere"
            if moved
            else "the rest of the dump does not bear it out"
        )
        yield Gap(
            f"The JVM itself reports a deadlock of {who} ({report.evidence}), and {why}.",
            "whether they still wait for each other",
            form_of(jvm.dump).command,
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
    for jvm in interpretation.case.jvms:
        sockets = jvm.host.sockets
        if jvm.pid is None and sockets is not None and sockets.owners_recorded:
            yield Gap(
                f"Which process of the socket table {jvm.dump.evidence.input} is of is not known.",
                "which sockets its threads read",
                "hangscope correlate --pid PID …   (or take the dump by jcmd PID Thread.print -l)",
            )


def _owners(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for host in interpretation.case.hosts:
        if host.sockets is not None and host.sockets.rows and not host.sockets.owners_recorded:
            yield Gap(
                f"The socket table {_of(host)}shows no owners.",
                "which connections are this process's own, and which nobody has accepted yet",
                _TABLE,
            )


def _empty(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for host in interpretation.case.hosts:
        if host.sockets is not None and not any(moment.rows for moment in host.sockets.moments):
            yield Gap(
                f"The socket table {_of(host)}is empty.",
                "whether the process has no sockets, or the table is of another network namespace"
                " than its own (a container's)",
                "nsenter -t PID -n ss -tanp > sockets.txt   (as root)",
            )


def _queues(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for host in interpretation.case.hosts:
        if host.sockets is not None and not host.sockets.queues_recorded:
            yield Gap(
                f"The socket table {_of(host)}shows no queues (Recv-Q).",
                "which requests were read, and how far those had got whose clients gave up",
                _TABLE,
            )


def _skew(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    skews = [group.skew for group in interpretation.replies]
    skews += [pool.skew for pool in interpretation.leases]
    far = [one for one in skews if one.remark]
    if far:
        seconds = max(abs(one.seconds or 0) for one in far)
        yield Gap(
            f"The dump and the table were taken {duration(seconds)} apart.",
            "whether these threads wait on these connections, or on others that are gone",
            f"{_DUMP} & ss -tanp > sockets.txt   (both at once, as root)",
        )


def _states(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for host in interpretation.case.hosts:
        untold = 0 if host.sockets is None else host.sockets.without_state
        if untold:
            yield Gap(
                f"{plural(untold, 'row')} of the socket table {_of(host)}{agree('has', untold)} no"
                " state: it was taken with options that print none, such as `ss state …`,"
                " `lsof -T` or BSD's `netstat -x` and `-T`.",
                "which of these connections are open, half closed or waiting",
                _TABLE,
            )


def _limits(interpretation: Interpretation, _: Verdict) -> Iterator[Gap]:
    for known in descriptors(interpretation.case):
        failing = any(failed_to_accept(one) for one in acceptors(known.jvm))
        if known.limit is None and (failing or known.used >= _MANY_SOCKETS):
            yield Gap(
                f"{known.jvm.scope} has {plural(known.used, 'socket')}, and its limit of open files"
                " is not recorded.",
                "how near it is to having none left (Too many open files)",
                "cat /proc/PID/limits > limits.txt; ls -l /proc/PID/fd > fd.txt",
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
        _SYNCHRONIZERS if classic else _owners_of(dump),
    )


def _owners_of(dump: ThreadDump) -> str:
    """What tells owners where a form of dump leaves them out."""
    if dump.format.startswith("dump-to-file") and dump.monitors is Monitors.RECORDED:
        return (
            "jcmd PID Thread.print -l > dump.txt   (of locks that virtual threads hold, only"
            " Thread.dump_to_file of JDK 26 or later tells the owners)"
        )
    return form_of(dump).command_for_locks


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
    short = [g for g in interpretation.replies if g.destinations and g.is_short]
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
    hosts = interpretation.case.hosts
    names = {k: v for host in hosts if host.sockets for k, v in host.sockets.resolved_names.items()}
    if names:
        read = ", ".join(f"{k} as {v}" for k, v in sorted(names.items()))
        yield Gap(
            f"Ports were printed by name and are read by the usual list ({read}).",
            "the port numbers themselves; names differ between hosts",
            "lsof -nP -i   (or netstat -n, ss -n)",
        )
