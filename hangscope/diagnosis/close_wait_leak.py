"""Outbound connections that the peer has closed and this process never does.

What it is: this process is the client. The server ended the connection, the client's code has
not closed its end; each one holds a file descriptor for ever.

How it is recognised: outbound rows in CLOSE_WAIT, by remote endpoint. Recv-Q 0: the code read to
the end and did not close. Recv-Q 1: nobody has looked since (an idle connection in a client's
pool).

What it is mistaken for: a CLOSE_WAIT pile-up on a listener, where the other side is the client.

What to do now: restart before the file descriptors run out.

What to do for good: close responses and sockets in try-with-resources; evict idle connections
from client pools.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from hangscope.diagnosis.model import (
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.over_time import earlier_rows, grown
from hangscope.diagnosis.telling import cite_rows, plural
from hangscope.facts import NOT_RECORDED, Endpoint, TcpState
from hangscope.interpret import Interpretation
from hangscope.interpret.growth import half_closed
from hangscope.interpret.sockets import Role, Row
from hangscope.waits import Certainty

ID = "close-wait-leak"
KIND = Kind.LEAK
LAYER = Layer.APPLICATION
_FEWEST = 5
"""Fewer are connections that are being closed at this moment, or idle in a client's pool."""

REMEDIES = (
    Remedy(
        When.NOW,
        "Restart the process before its file descriptors run out (compare /proc/PID/limits): no"
        " timeout ends CLOSE_WAIT.",
    ),
    Remedy(
        When.LASTING,
        "Close every response and socket on every path (try-with-resources); in HTTP clients"
        " consume or close the entity, and let the pool evict idle connections.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a remote endpoint and process."""
    sockets = interpretation.case.sockets
    if sockets is None:
        return
    groups: dict[tuple[Endpoint, int | None, str], list[Row]] = defaultdict(list)
    for row in sockets.outbound:
        if row.state is TcpState.CLOSE_WAIT and row.owners != ():
            owner = None if row.owners is NOT_RECORDED else row.owners[0]
            key = (row.peer, owner.pid if owner else None, owner.command if owner else "")
            groups[key].append(row)
    for (peer, pid, command), rows in sorted(groups.items(), key=str):
        if len(rows) >= _FEWEST:
            yield _finding(interpretation, peer, pid, command, rows)


def _finding(
    interpretation: Interpretation,
    peer: Endpoint,
    pid: int | None,
    command: str,
    rows: Sequence[Row],
) -> Finding:
    who = f"{command} (pid {pid})" if pid is not None else "a process whose owner is not recorded"
    seen = sum(row.recv_q == 0 for row in rows)
    unread = sum(bool(row.recv_q) for row in rows)
    said = []
    if seen:
        said.append(f"In {plural(seen, 'case')} its code has read the end and did not close.")
    if unread:
        said.append(
            f"{plural(unread, 'connection')} nobody has looked at since the peer closed: idle ones,"
            " kept in a client's pool or forgotten."
        )
    if not seen and not unread:
        said.append("Queues are not recorded: whether its code has seen the end is not known.")
    group = half_closed(str(peer), Role.OUTBOUND)
    growth = grown(interpretation, group)
    if growth:
        said.append(growth)
    sockets = interpretation.case.sockets
    listed = sockets is not None and any(not service.inferred for service in sockets.services)
    inferred = not listed
    no_listener = (
        "the connections are outbound: the table lists no listener on their local ports",
    )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if inferred else Certainty.PROVEN,
        permanent=True,
        headline=(
            f"{who} keeps {plural(len(rows), 'connection')} to {peer} that the peer has closed"
            " (CLOSE_WAIT)."
        ),
        explanation=" ".join(said),
        subjects=(
            Subject(
                SubjectType.SOCKET_GROUP,
                group,
                f"pid {pid}" if pid is not None else None,
                len(rows),
            ),
            Subject(SubjectType.ENDPOINT, str(peer)),
        ),
        chain=(),
        rests_on=no_listener if inferred else (),
        citations=(*cite_rows(rows, group), *earlier_rows(interpretation, group)),
        remedies=REMEDIES,
        refuted_by="a table with listeners (ss -tanp) that has one on the local port of these rows",
    )
