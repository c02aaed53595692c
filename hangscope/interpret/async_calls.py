"""Threads that wait for the future of an asynchronous HTTP call: no frame says so.

``HttpClient.sendAsync`` gives a ``CompletableFuture``, which anybody may complete. Only the client
can where the process has a client's own I/O threads, no executor runs a task, and all connections
lead to HTTP services (or to databases, whose drivers block their callers).
"""

from __future__ import annotations

from hangscope.facts import TcpState
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.futures import task_waits, waits_for_task
from hangscope.interpret.pools import IDLE
from hangscope.knowledge import Role
from hangscope.waits import Node

_FUTURE = "completablefuture"
_HTTP_CLIENTS = frozenset({"java.net.http", "jetty-client", "async-http-client"})
"""Makers of I/O threads whose calls may be waited for by a future."""
_NEVER_ASYNCHRONOUS = frozenset({None, "http", "jdbc"})


def async_callers(case: Case, jvm: Jvm) -> tuple[Thread, ...]:
    """The threads of ``jvm`` whose futures only an HTTP client can complete."""
    if not _has_client(jvm) or _runs_tasks(jvm) or _speaks_otherwise(case, jvm):
        return ()
    linked: set[Node] = {thread.node for _, thread, _ in task_waits(case)}
    return tuple(
        thread
        for thread in jvm.everyone
        if waits_for_task(thread)
        and thread.profile.primitive is not None
        and thread.profile.primitive.id == _FUTURE
        and thread.node not in jvm.moved | linked
    )


def _has_client(jvm: Jvm) -> bool:
    return any(
        thread.profile.role is Role.CLIENT_IO and thread.profile.server in _HTTP_CLIENTS
        for thread in jvm.everyone
    )


def _runs_tasks(jvm: Jvm) -> bool:
    """Whether some thread runs a task, which may complete the future."""
    return any(
        thread.profile.runs_task is not None
        and thread.profile.role not in (Role.WORKER, Role.CLIENT_IO)
        and thread.profile.activity not in IDLE
        for thread in jvm.everyone
    )


def _speaks_otherwise(case: Case, jvm: Jvm) -> bool:
    """Whether the process has connections of another protocol, whose client may complete it."""
    sockets = jvm.host.sockets
    if sockets is None:
        return True
    return any(
        case.knowledge.protocol_of_port(row.peer.port or 0) not in _NEVER_ASYNCHRONOUS
        for row in sockets.outbound
        if row.state is TcpState.ESTABLISHED
        and (not sockets.owners_recorded or jvm.pid is None or row.owned_by(jvm.pid))
    )
