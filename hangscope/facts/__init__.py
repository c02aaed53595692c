"""Facts: what was observed, and where it was read. Immutable, no opinion.

This layer imports nothing else of hangscope.
"""

from hangscope.facts.evidence import NOT_RECORDED, Absence, Evidence, NotRecorded, NotUnderstood
from hangscope.facts.inputs import InputFacts, InputKind
from hangscope.facts.sockets import Endpoint, Owner, Socket, SocketTable, TcpState, Timer
from hangscope.facts.threads import (
    DeadlockMember,
    DeadlockReport,
    Frame,
    JavaThread,
    LockAction,
    LockLine,
    StackEntry,
    ThreadDump,
    ThreadState,
)

__all__ = [
    "NOT_RECORDED",
    "Absence",
    "DeadlockMember",
    "DeadlockReport",
    "Endpoint",
    "Evidence",
    "Frame",
    "InputFacts",
    "InputKind",
    "JavaThread",
    "LockAction",
    "LockLine",
    "NotRecorded",
    "NotUnderstood",
    "Owner",
    "Socket",
    "SocketTable",
    "StackEntry",
    "TcpState",
    "ThreadDump",
    "ThreadState",
    "Timer",
]
