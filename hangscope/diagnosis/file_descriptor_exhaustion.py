"""A process has as many files open as it may have.

What it is: sockets, files and pipes take a file descriptor each, and the limit is reached. Then
accept(), connect() and open() fail ("Too many open files"), and new clients wait unaccepted.

How it is recognised: the descriptors of /proc/PID/fd, or else the process's rows in the socket
table, against "Max open files" of /proc/PID/limits; or an acceptor that pauses after accept()
failed, while connections wait on its port.

What it is mistaken for: a network fault, or a limit that is too low (something piles up: a higher
limit is reached later).

What to do now: see what the descriptors are; raise the limit of the running process to win time.

What to do for good: cure what piles up: connections that are never closed, or whose workers hang.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import Telling, cite_rows, plural
from hangscope.facts import Descriptor
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.accepting import acceptors, failed_to_accept
from hangscope.interpret.resources import Descriptors, descriptors
from hangscope.interpret.sockets import HostSockets, Role, Row
from hangscope.waits import Certainty

ID = "file-descriptor-exhaustion"
KIND = Kind.EXHAUSTION
LAYER = Layer.WAS
_NEAR = 0.95
"""Of the limit, where every descriptor is listed."""
_NEAR_BY_SOCKETS = 0.9
"""Of the limit, by sockets alone: a JVM has its class files open besides."""
_GROUPS = 3
_MOST = 0.5

_WANT = (
    "accept() fails while connections wait for it: nearly always for want of a file descriptor (the"
    " limit and the number of open ones are not recorded)"
)

REMEDIES = (
    Remedy(
        When.NOW,
        "Win time without a restart: prlimit --pid PID --nofile=65536. jstack and jcmd cannot"
        " attach to a process without a free descriptor: kill -QUIT PID prints the dump to its"
        " standard output.",
    ),
    Remedy(
        When.LASTING,
        "Cure what piles up (the largest group above); a higher limit is only reached later. Where"
        " the load itself needs as many, set LimitNOFILE (systemd) or nofile (limits.conf).",
    ),
)


_REFUTED = (
    "a count (ls /proc/PID/fd | wc -l) that is far from the limit (grep files /proc/PID/limits)"
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """At most one finding a JVM: by its limit, or by accept() that fails."""
    for known in descriptors(interpretation.case):
        failing = [one for one in acceptors(known.jvm) if failed_to_accept(one)]
        most = known.most
        if most is not None:
            near = _NEAR_BY_SOCKETS if known.open is None else _NEAR
            if known.used >= near * most > 0:
                yield _at_the_limit(interpretation, known, most, failing)
        elif failing and (waiting := _unaccepted(interpretation, failing)):
            yield _by_failure(interpretation, known, failing, waiting)


def _at_the_limit(
    interpretation: Interpretation, known: Descriptors, most: int, failing: list[Thread]
) -> Finding:
    counted = known.open is not None
    rests_on = [*known.inferences]
    if not counted:
        rests_on.append(
            f"{known.used:,} of its descriptors are sockets by the table; the files that every JVM"
            " has open besides are not listed"
        )
    if known.jvm.identity.inference and not counted:
        rests_on.append(known.jvm.identity.inference)
    of = "" if counted else " of its sockets alone"
    said = [*_groups(interpretation.case.sockets, known), *_failing(failing)]
    return _finding(
        interpretation,
        known,
        headline=(
            f"{_name(interpretation, known)} has {known.used:,}{of} of the {most:,} files open that"
            " it may have."
        ),
        said=said,
        rests_on=rests_on,
        citations=tuple(
            Citation(line, says)
            for line, says in zip(
                known.lines(), ("the limit", f"{known.used:,} open descriptors"), strict=False
            )
        ),
        failing=failing,
    )


def _by_failure(
    interpretation: Interpretation, known: Descriptors, failing: list[Thread], waiting: list[Row]
) -> Finding:
    return _finding(
        interpretation,
        known,
        headline=(
            f"{_name(interpretation, known)} cannot accept connections:"
            f" {plural(len(waiting), 'connection')} wait, and accept() fails."
        ),
        said=[
            *_failing(failing),
            f"The process has {plural(known.used, 'socket')} in the table.",
        ],
        rests_on=[_WANT, *filter(None, [known.jvm.identity.inference])],
        citations=cite_rows(waiting, "not accepted"),
        failing=failing,
    )


def _finding(
    interpretation: Interpretation,
    known: Descriptors,
    *,
    headline: str,
    said: list[str],
    rests_on: list[str],
    citations: tuple[Citation, ...],
    failing: list[Thread],
) -> Finding:
    telling = Telling(interpretation)
    groups = _grouped(interpretation.case.sockets, known.sockets)
    process = interpretation.case.process(known.jvm.scope)
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if rests_on else Certainty.PROVEN,
        permanent=None,
        headline=headline,
        explanation=" ".join(said),
        subjects=(
            Subject(SubjectType.PROCESS, known.jvm.scope, process),
            *(
                Subject(SubjectType.SOCKET_GROUP, name, process, count)
                for name, count in groups.most_common(_GROUPS)
            ),
        ),
        chain=(),
        rests_on=tuple(rests_on),
        citations=(*citations, *telling.cite_threads(one.node for one in failing)),
        remedies=REMEDIES,
        refuted_by=_REFUTED,
    )


def _name(interpretation: Interpretation, known: Descriptors) -> str:
    process = interpretation.case.process(known.jvm.scope)
    return f"The process ({process})" if process else "The process"


def _failing(failing: list[Thread]) -> Iterator[str]:
    if failing:
        names = ", ".join(f'"{one.name}"' for one in failing[:_GROUPS])
        yield f"accept() fails already: {names} pauses before it tries again."


def _groups(sockets: HostSockets | None, known: Descriptors) -> Iterator[str]:
    """What the descriptors are, the largest groups first."""
    listed = known.open or ()
    of_sockets = sum(one.inode is not None for one in listed)
    if listed:
        yield f"{of_sockets:,} of them are sockets, {len(listed) - of_sockets:,} are not."
        yield from _same_target(listed)
    groups = _grouped(sockets, known.sockets).most_common(_GROUPS)
    if groups:
        told = "; ".join(f"{count:,} {name}" for name, count in groups)
        yield f"By the socket table: {told}."


def _same_target(listed: tuple[Descriptor, ...]) -> Iterator[str]:
    targets = Counter(one.target for one in listed if one.inode is None)
    for target, count in targets.most_common(1):
        if count >= _MOST * len(listed):
            yield f"{count:,} of them are {target}."


def _grouped(sockets: HostSockets | None, rows: tuple[Row, ...]) -> Counter[str]:
    """Sockets by state and by the service or the remote endpoint."""
    groups: Counter[str] = Counter()
    for row in rows if sockets is not None else ():
        assert sockets is not None  # noqa: S101 - no rows without it
        role = sockets.role(row)
        if role is Role.ACCEPTED:
            service = sockets.service_of(row.local)
            groups[f"{row.state.value} on {service.endpoint if service else row.local}"] += 1
        elif role is Role.OUTBOUND:
            groups[f"{row.state.value} to {row.peer}"] += 1
    return groups


def _unaccepted(interpretation: Interpretation, failing: list[Thread]) -> list[Row]:
    """Connections that wait on the ports of the acceptors that fail."""
    sockets = interpretation.case.sockets
    ports = {one.profile.port for one in failing}
    if sockets is None:
        return []
    services = [one for one in sockets.services if one.endpoint.port in ports]
    return [row for one in services for row in sockets.accepted(one) if row.unaccepted]
