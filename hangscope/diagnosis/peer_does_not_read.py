"""Threads wait until the other side reads what they send.

What it is: the peer's window and this host's send buffer are full, so write() waits: the client (or
the next hop) does not read, or reads more slowly than is sent. A worker stays with it meanwhile.

How it is recognised: most workers are in a write to their clients or to a peer, and as many
connections of the process have unsent bytes (Send-Q).

What it is mistaken for: a slow application (it has the answer ready), a slow database.

What to do now: see who does not read: the addresses behind the full Send-Qs.

What to do for good: a write timeout; a proxy that takes whole answers in front of slow clients;
asynchronous writing of large answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from hangscope.diagnosis.addressing import for_ss
from hangscope.diagnosis.blame import Crowd, crowd, share
from hangscope.diagnosis.model import (
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import Telling, cite_rows, plural
from hangscope.facts import NOT_RECORDED, TcpState
from hangscope.interpret import Interpretation, Jvm, Thread
from hangscope.interpret.sockets import HostSockets, Role, Row
from hangscope.knowledge import Activity
from hangscope.waits import Certainty

ID = "peer-does-not-read"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.NETWORK
_WRITE = "write"
_WRITING = frozenset({Activity.WRITE, Activity.INBOUND_IO})
_MOST = 0.5
_BUFFER_FULL = (
    "a write waits only while the send buffer is full: so many at once are held up by those who do"
    " not read"
)

_SEE = (
    "See who does not read (ss -tano: timer:(persist,...) is a peer whose window is shut) and end"
    " those connections, at the load balancer or on this host, as root: {command}   (it cuts what"
    " is under way on every connection that it names; ss -K without a filter would cut all)."
)
_SEE_WITHOUT_TABLE = (
    "See who does not read (ss -tano: unsent bytes in Send-Q, and timer:(persist,...) is a peer"
    " whose window is shut) and end those connections, at the load balancer."
)
_OF_CLIENTS = Remedy(
    When.LASTING,
    "Set a write timeout (Tomcat: connectionTimeout holds for blocking writes), put a proxy that"
    " buffers whole answers in front of slow clients, or write large answers asynchronously.",
)
_OF_PEERS = Remedy(
    When.LASTING,
    "Limit how long such a call may take as a whole (a read timeout does not end a write) and how"
    " many workers may be in it at once; send large bodies asynchronously.",
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a JVM most of whose workers write to somebody who does not read."""
    sockets = interpretation.case.sockets
    for jvm in interpretation.case.jvms:
        writing = [t for t in jvm.everyone if _writes(t) and t.node not in jvm.moved]
        behind = crowd(interpretation, [thread.node for thread in writing])
        if behind is None:
            continue
        full = _full(sockets, jvm) if sockets and sockets.queues_recorded else None
        if full is None or len(full) >= _MOST * len(writing):
            yield _finding(interpretation, jvm, writing, behind, full or [])


def _writes(thread: Thread) -> bool:
    io = thread.profile.io
    return io is not None and io.op == _WRITE and thread.profile.activity in _WRITING


def _full(sockets: HostSockets, jvm: Jvm) -> list[Row]:
    """Connections of ``jvm`` with bytes that the other side has not taken."""
    return [
        row
        for row in sockets.rows
        if row.state in (TcpState.ESTABLISHED, TcpState.CLOSE_WAIT)
        and row.send_q
        and (row.owners is NOT_RECORDED or jvm.pid is None or row.owned_by(jvm.pid))
    ]


def _finding(
    interpretation: Interpretation,
    jvm: Jvm,
    writing: Sequence[Thread],
    behind: Crowd,
    full: list[Row],
) -> Finding:
    telling = Telling(interpretation)
    sides = Counter(_side(interpretation.case.sockets, row) for row in full)
    said = [f"{plural(len(writing), 'thread')} wait until more can be written."]
    if full:
        unsent = sum(row.send_q or 0 for row in full)
        told = "; ".join(f"{count:,} {side}" for side, count in sides.most_common(3))
        peers = Counter(row.peer.address for row in full)
        address, count = peers.most_common(1)[0]
        said.append(
            f"{plural(len(full), 'connection')} of the process have {unsent:,} bytes in Send-Q that"
            f" the other side has not taken ({told}); {count:,} of them are with {address}."
        )
    said.append("One snapshot cannot tell a peer that never reads from a slow one.")
    rests_on = [_BUFFER_FULL]
    if full:
        rests_on.append(
            f"which thread writes to which of the {len(full)} connections is not recorded"
        )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline=f"{share(behind)} wait for a peer to read what they send.",
        explanation=" ".join(said),
        subjects=(
            *(Subject(SubjectType.SOCKET_GROUP, f"unsent {s}", None, n) for s, n in sides.items()),
            *telling.subjects(thread.node for thread in writing),
        ),
        chain=(),
        rests_on=(*rests_on, *filter(None, [jvm.identity.inference])),
        citations=(
            *telling.cite_threads(thread.node for thread in writing),
            *cite_rows(full, "unsent bytes (Send-Q)"),
        ),
        remedies=_remedies(interpretation.case.sockets, writing, full),
        refuted_by=(
            "Send-Qs that shrink from one table to the next (ss -tanp), or a second dump (jstack"
            " PID) that shows other threads there"
        ),
    )


def _side(sockets: HostSockets | None, row: Row) -> str:
    if sockets is not None and sockets.role(row) is Role.ACCEPTED:
        service = sockets.service_of(row.local)
        return f"on {service.endpoint if service else row.local}"
    return f"to {row.peer}"


def _remedies(
    sockets: HostSockets | None, writing: Sequence[Thread], full: Sequence[Row]
) -> tuple[Remedy, ...]:
    """What ends just these connections, and what helps against such clients or such servers."""
    see = _SEE_WITHOUT_TABLE
    if full:
        ((filtered, _),) = Counter(_filter(sockets, row) for row in full).most_common(1)
        see = _SEE.format(command=f"ss -K {filtered}")
    inbound = any(t.profile.activity is Activity.INBOUND_IO for t in writing)
    outbound = any(t.profile.activity is Activity.WRITE for t in writing)
    return (
        Remedy(When.NOW, see),
        *((_OF_CLIENTS,) if inbound else ()),
        *((_OF_PEERS,) if outbound else ()),
    )


def _filter(sockets: HostSockets | None, row: Row) -> str:
    """The connections with one peer, of one service or to one, in the words of ss."""
    address = for_ss(row.peer)
    if sockets is not None and sockets.role(row) is Role.ACCEPTED:
        return f"dst {address} sport = :{row.local.port}"
    return f"dst {address} dport = :{row.peer.port}"
