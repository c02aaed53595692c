"""Facts: what was observed, and where it was read. Immutable, no opinion.

This layer imports nothing else of hangscope.
"""

from hangscope.facts.evidence import NOT_RECORDED, Absence, Evidence, NotRecorded, NotUnderstood
from hangscope.facts.inputs import HostFacts, InputFacts, InputKind
from hangscope.facts.processes import (
    Counter,
    Descriptor,
    Limit,
    ProcessFacts,
    Setting,
    ThreadCall,
    ThreadUsage,
)
from hangscope.facts.socket_rows import SocketRows
from hangscope.facts.sockets import Endpoint, Owner, Socket, SocketTable, TcpState, Timer
from hangscope.facts.threads import (
    DeadlockMember,
    DeadlockReport,
    Frame,
    Identity,
    JavaThread,
    LockAction,
    LockLine,
    Monitors,
    StackEntry,
    ThreadDump,
    ThreadState,
)
from hangscope.facts.translations import Translation, TranslationTable

__all__ = [
    "NOT_RECORDED",
    "Absence",
    "Counter",
    "DeadlockMember",
    "DeadlockReport",
    "Descriptor",
    "Endpoint",
    "Evidence",
    "Frame",
    "HostFacts",
    "Identity",
    "InputFacts",
    "InputKind",
    "JavaThread",
    "Limit",
    "LockAction",
    "LockLine",
    "Monitors",
    "NotRecorded",
    "NotUnderstood",
    "Owner",
    "ProcessFacts",
    "Setting",
    "Socket",
    "SocketRows",
    "SocketTable",
    "StackEntry",
    "TcpState",
    "ThreadCall",
    "ThreadDump",
    "ThreadState",
    "ThreadUsage",
    "Timer",
    "Translation",
    "TranslationTable",
]
