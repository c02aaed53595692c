"""Claims of threads that connect: to which peer, by the connections that are being opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hangscope.facts import NOT_RECORDED, Endpoint, TcpState
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.sockets import HostSockets, Row, spans
from hangscope.knowledge import Activity
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_SHOWN_ROWS = 20
_TIMED = {"yes": Until.DEADLINE, "no": Until.NEVER}


@dataclass(frozen=True, slots=True)
class ConnectGroup:
    """Threads of one JVM that connect, and the connections that it is opening, by peer."""

    jvm: Jvm
    threads: tuple[Thread, ...]
    opening: tuple[tuple[Endpoint, tuple[Row, ...]], ...]
    """Rows in SYN_SENT; empty where no table is given."""

    def connecting_to(self, peer: Endpoint) -> int:
        """How many of the threads connect to ``peer`` at least."""
        own = sum(len(rows) for other, rows in self.opening if other == peer)
        elsewhere = sum(len(rows) for _, rows in self.opening) - own
        return max(0, min(own, len(self.threads) - elsewhere))

    @property
    def unseen(self) -> Node:
        """The peer, where no table shows it."""
        return Node(NodeKind.OUTSIDE, "the peer that they connect to (not seen)", self.jvm.scope)


def connect_groups(case: Case) -> tuple[ConnectGroup, ...]:
    """Who connects, with what is being opened; nobody where a table shows nothing of it."""
    groups = []
    for jvm in case.jvms:
        threads = tuple(
            thread
            for thread in jvm.everyone
            if thread.profile.activity is Activity.CONNECT and thread.node not in jvm.moved
        )
        sockets = jvm.host.sockets
        opening = _opening(sockets, jvm) if sockets else ()
        if threads and (opening or sockets is None):
            groups.append(ConnectGroup(jvm, threads, opening))
    return tuple(groups)


def peer_node(peer: Endpoint) -> Node:
    """A peer that is connected to."""
    return Node(NodeKind.OUTSIDE, str(peer))


def claims(groups: Iterable[ConnectGroup]) -> Iterator[Claim]:
    """What threads that connect wait for: their peer's answer."""
    for group in groups:
        if not group.opening:
            for thread in group.threads:
                yield Claim(
                    thread.node,
                    Need.ALL,
                    (group.unseen,),
                    "waits for the connection to",
                    Certainty.PROVEN,
                    _until(thread),
                    (thread.top(),),
                )
            continue
        rows = [row for _, of in group.opening for row in of]
        for thread in group.threads:
            yield Claim(
                thread.node,
                Need.ANY,
                tuple(_opened(group.jvm, peer, of) for peer, of in group.opening),
                "waits for one of",
                Certainty.INFERRED,
                _until(thread),
                (thread.top(), *spans(rows)[:_SHOWN_ROWS]),
                _how(group, len(rows)),
            )
        for peer, of in group.opening:
            yield Claim(
                _opened(group.jvm, peer, of),
                Need.ALL,
                (peer_node(peer),),
                "waits for the first answer of",
                Certainty.PROVEN,
                Until.DEADLINE,
                spans(of)[:_SHOWN_ROWS],
            )


def _opened(jvm: Jvm, peer: Endpoint, rows: Sequence[Row]) -> Node:
    """The connections that are being opened; the kernel gives up on each after minutes."""
    count = len(rows)
    what = f"{count} connection{'' if count == 1 else 's'} being opened to {peer}"
    return Node(NodeKind.CONNECTION, what, jvm.scope)


def _how(group: ConnectGroup, count: int) -> str:
    threads, peers = len(group.threads), len(group.opening)
    which = f"to {group.opening[0][0]}" if peers == 1 else f"to {peers} peers"
    return (
        f"{threads} thread{'s' if threads > 1 else ''} of {group.jvm.scope} connect"
        f"{'' if threads > 1 else 's'}, and {count} of its sockets"
        f" {'are' if count > 1 else 'is'} in SYN_SENT {which}"
    )


def _opening(sockets: HostSockets, jvm: Jvm) -> tuple[tuple[Endpoint, tuple[Row, ...]], ...]:
    by_peer: dict[Endpoint, list[Row]] = defaultdict(list)
    for row in sockets.in_state(TcpState.SYN_SENT):
        if _may_own(sockets, row, jvm):
            by_peer[row.peer].append(row)
    return tuple((peer, tuple(rows)) for peer, rows in sorted(by_peer.items(), key=_of_peer))


def _of_peer(item: tuple[Endpoint, Sequence[Row]]) -> str:
    return str(item[0])


def _may_own(sockets: HostSockets, row: Row, jvm: Jvm) -> bool:
    if sockets.owners_recorded and jvm.pid is not None:
        return row.owned_by(jvm.pid)
    return not sockets.owners_recorded or row.owners is NOT_RECORDED


def _until(thread: Thread) -> Until:
    io = thread.profile.io
    return Until.UNKNOWN if io is None else _TIMED.get(io.timed, Until.UNKNOWN)
