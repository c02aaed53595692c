"""Who accepts the connections of a service, and what keeps it from that."""

from __future__ import annotations

from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.interpret.sockets import Service
from hangscope.knowledge import Role

_FAILED = "accept"
"""Kind of the wait after a failure."""
_LIMIT = "connection-limit"
"""The primitive that waits for a free slot."""


def acceptors(jvm: Jvm) -> tuple[Thread, ...]:
    """The threads of ``jvm`` that accept connections by trade."""
    return tuple(thread for thread in jvm.threads if thread.profile.role is Role.ACCEPTOR)


def acceptors_of(jvm: Jvm, service: Service) -> tuple[Thread, ...]:
    """Those among them that are named after the port of ``service``."""
    port = service.endpoint.port
    return tuple(one for one in acceptors(jvm) if port is not None and one.profile.port == port)


def is_ours(case: Case, service: Service) -> bool:
    """Whether ``service`` may be of one of the JVMs given; without any, every service is."""
    pids = {jvm.pid for jvm in case.jvms}
    owners = service.owners
    return not case.jvms or not owners or any(owner.pid in pids for owner in owners)


def failed_to_accept(acceptor: Thread) -> bool:
    """Whether it pauses because accept() failed."""
    wait = acceptor.profile.wait
    return wait is not None and wait.kind == _FAILED


def waits_for_a_slot(acceptor: Thread) -> bool:
    """Whether it waits because there are as many connections as there may be."""
    primitive = acceptor.profile.primitive
    return primitive is not None and primitive.id == _LIMIT
