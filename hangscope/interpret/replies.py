"""Claims of threads that read a reply: from which connection.

A stack says that a thread reads a socket and through which library, never which socket. The
socket table says which connections the process has. Counting joins them: where every connection
that can be meant leads to one endpoint, the threads do too; where they lead to several, a thread
waits for ANY of them, so that nothing is called stuck that might not be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hangscope.interpret.arrivals import claims as destination_claims
from hangscope.interpret.async_calls import async_callers
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.destinations import Destination, candidates, destinations
from hangscope.interpret.pools import ServerPool
from hangscope.interpret.skew import Skew, skew
from hangscope.interpret.sockets import HostSockets, spans
from hangscope.knowledge import Activity, Knowledge
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_WAITS_FOR_PEER = frozenset({Activity.REPLY, Activity.HANDSHAKE})
_ANY_PROTOCOL = "socket"
_HTTP = "http"
_SHOWN_ROWS = 20
"""Spans of the table that a claim cites; the group's node states the whole count."""


@dataclass(frozen=True, slots=True)
class ReplyGroup:
    """Threads of one JVM that wait for replies of one protocol."""

    jvm: Jvm
    protocol: str
    """``http``, ``jdbc``, …, or ``socket`` where the stack names no library."""
    libraries: tuple[str, ...]
    threads: tuple[Thread, ...]
    destinations: tuple[Destination, ...]
    inference: str
    """How the threads were joined with the connections; empty when they were not."""
    skew: Skew
    """How far apart their dump and the table are."""

    @property
    def node(self) -> Node:
        """The connections that one of the threads may be reading."""
        if len(self.destinations) == 1:
            return self.destinations[0].node
        what = self.protocol.upper() if self.protocol != _ANY_PROTOCOL else "outbound"
        return Node(
            NodeKind.CONNECTION, f"one of {self._count()} {what} connections", self.jvm.scope
        )

    @property
    def targets(self) -> tuple[Node, ...]:
        """What each of its threads waits for: any of these.

        Fewer connections than threads that each need one of their own: some are not in the table
        (taken later, or filtered), and any thread may be one that reads those.
        """
        if not self.is_short:
            return (self.node, *self.skew.unseen)
        return self.node, Node(NodeKind.OUTSIDE, "peers that no table shows", self.jvm.scope)

    @property
    def is_short(self) -> bool:
        """Whether the table shows fewer connections than threads need."""
        own = sum(t.profile.wait is None or t.profile.wait.who == "peer" for t in self.threads)
        return self._count() < own

    def readers_of(self, destination: Destination) -> int:
        """How many of the threads read from ``destination`` at least.

        Its connections are one of several's: as many threads as the others have connections
        may read from those.
        """
        elsewhere = self._count() - len(destination.rows)
        return max(0, len(self.threads) - elsewhere)

    def _count(self) -> int:
        return sum(len(destination.rows) for destination in self.destinations)


def reply_groups(case: Case, pools: Sequence[ServerPool]) -> tuple[ReplyGroup, ...]:
    """Who waits for a reply of what protocol, joined with the connections as far as possible."""
    groups = []
    for jvm in case.jvms:
        by_protocol: dict[str, list[Thread]] = defaultdict(list)
        for thread in jvm.everyone:
            if thread.node not in jvm.moved:
                protocol = _protocol(thread)
                if protocol is not None:
                    by_protocol[protocol].append(thread)
        together = _with_futures(case, pools, jvm, by_protocol.get(_HTTP, []))
        for protocol, threads in sorted(by_protocol.items()):
            if together is None or protocol != _HTTP:
                groups.append(_group(case, pools, jvm, protocol, threads))
        if together is not None:
            groups.append(together)
    return tuple(groups)


def claims(groups: Iterable[ReplyGroup], pools: Sequence[ServerPool]) -> Iterator[Claim]:
    """What readers wait for: their connections, and these for a worker or the world outside."""
    made: set[Claim] = set()
    for group in groups:
        if not group.destinations:
            yield from _claims_without_sockets(group)
            continue
        cited = spans(row for d in group.destinations for row in d.rows)[:_SHOWN_ROWS]
        targets = group.targets
        for thread in group.threads:
            yield Claim(
                thread.node,
                Need.ANY,
                targets,
                "waits for the reply on",
                Certainty.INFERRED,
                _until(thread),
                (thread.top(), *cited),
                group.inference,
            )
        if len(group.destinations) > 1:
            yield Claim(
                group.node,
                Need.ANY,
                tuple(destination.node for destination in group.destinations),
                "is one of",
                Certainty.INFERRED,
                Until.NEVER,
                cited,
                group.inference,
            )
        for destination in group.destinations:
            for claim in destination_claims(destination, pools):
                if claim not in made:  # one proxy may stand behind several groups
                    made.add(claim)
                    yield claim


def _with_futures(
    case: Case, pools: Sequence[ServerPool], jvm: Jvm, readers: Sequence[Thread]
) -> ReplyGroup | None:
    """HTTP readers with those that wait for the future of a call, if any do.

    An idle connection to a service of one's own is no call: that one is under way is seen by the
    request that stands unread.
    """
    futures = async_callers(case, jvm)
    if not futures:
        return None
    group = _group(case, pools, jvm, _HTTP, (*readers, *futures))
    unread = sum(len(destination.unread) for destination in group.destinations)
    to_own = any(destination.jvm is not None for destination in group.destinations)
    if not group.destinations or (to_own and unread < len(group.threads)):
        return None
    only_client = (
        f"the futures that {len(futures)} of them wait for are the HTTP client's: no executor runs"
        " a task, and there is no other connection whose client could complete them"
    )
    return replace(group, inference=f"{group.inference}; {only_client}")


def _protocol(thread: Thread) -> str | None:
    profile = thread.profile
    if profile.wait is not None and profile.activity in _WAITS_FOR_PEER:
        return profile.wait.kind
    reads = profile.io is not None and profile.io.op == "read"
    return _ANY_PROTOCOL if reads and profile.activity is Activity.REPLY else None


def _group(
    case: Case, pools: Sequence[ServerPool], jvm: Jvm, protocol: str, threads: Sequence[Thread]
) -> ReplyGroup:
    libraries = tuple(sorted({t.profile.wait.library for t in threads if t.profile.wait}))
    unknown = Skew(None, jvm.scope)
    nothing = ReplyGroup(jvm, protocol, libraries, tuple(threads), (), "", unknown)
    sockets = jvm.host.sockets
    if sockets is None:
        return nothing
    rows = candidates(sockets, case.knowledge, jvm, protocol, threads)
    reached = destinations(case, jvm.host, jvm.scope, rows)
    if case.knowledge.has_own_servers(protocol):
        reached = tuple(
            to for to in reached if not _is_of_a_pool(case.knowledge, pools, to, protocol)
        )
    if not reached:
        return nothing
    rows = [row for to in reached for row in to.rows]
    apart = skew(sockets, jvm, [thread.node for thread in threads], rows)
    pending = tuple(d for d in reached if d.unread)
    unanswered = sum(len(d.unread) for d in pending)
    if len(reached) > 1 and sockets.owners_recorded and unanswered >= len(threads):
        inference = (
            f"{unanswered} calls of {jvm.scope} stand unread at their far end and {len(threads)}"
            f" threads wait for a reply over {protocol.upper()}: one thread made each call"
            f"{apart.remark}"
        )
        return ReplyGroup(jvm, protocol, libraries, tuple(threads), pending, inference, apart)
    return ReplyGroup(
        jvm,
        protocol,
        libraries,
        tuple(threads),
        reached,
        _how(sockets, jvm, protocol, threads, reached) + apart.remark,
        apart,
    )


def _is_of_a_pool(
    knowledge: Knowledge, pools: Sequence[ServerPool], to: Destination, protocol: str
) -> bool:
    """Whether a server's pool answers there: a servlet engine, that is, and no database."""
    if to.service is None or knowledge.protocol_of_port(to.service.endpoint.port or 0) == protocol:
        return False
    return any(pool.jvm is to.jvm and to.service in pool.services for pool in pools)


def _how(
    sockets: HostSockets,
    jvm: Jvm,
    protocol: str,
    threads: Sequence[Thread],
    destinations: Sequence[Destination],
) -> str:
    count = sum(len(destination.rows) for destination in destinations)
    whose = f"of {jvm.scope}" if sockets.owners_recorded else "on this host (owners not recorded)"
    what = "a reply" if protocol == _ANY_PROTOCOL else f"a reply over {protocol.upper()}"
    waits = "thread waits" if len(threads) == 1 else "threads wait"
    if len(destinations) == 1:
        leads = "leads" if count == 1 else "lead"
        return (
            f"{len(threads)} {waits} for {what}; the {count} open outbound connection"
            f"{'' if count == 1 else 's'} {whose} that can be meant all {leads} to"
            f" {destinations[0].endpoint}"
        ).replace("all leads", "leads")
    return (
        f"{len(threads)} {waits} for {what} on some of {count} outbound connections {whose} to"
        f" {len(destinations)} endpoints; which thread reads which is not recorded"
    )


def _claims_without_sockets(group: ReplyGroup) -> Iterator[Claim]:
    """Without its connections a thread waits for somebody unseen."""
    name = " / ".join(group.libraries) or "a socket"
    peer = Node(NodeKind.OUTSIDE, f"the peer of {name} (not seen)", group.jvm.scope)
    for thread in group.threads:
        yield Claim(
            thread.node,
            Need.ALL,
            (peer,),
            "waits for the reply of",
            Certainty.PROVEN,
            _until(thread),
            (thread.top(),),
        )


def _until(thread: Thread) -> Until:
    io = thread.profile.io
    if io is None:
        return Until.UNKNOWN
    return {"yes": Until.DEADLINE, "no": Until.NEVER}.get(io.timed, Until.UNKNOWN)
