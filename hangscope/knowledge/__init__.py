"""Knowledge of servers, pools, clients and drivers, as data, and the matcher that applies it.

``load()`` reads ``data/*.toml``; ``Knowledge.profile`` says of a thread whose it is and what it
does. A server or library is added by adding lines to a data file, nothing else.
"""

from hangscope.knowledge.matcher import Knowledge, load
from hangscope.knowledge.profile import (
    Activity,
    Phase,
    Primitive,
    Profile,
    Purpose,
    Role,
    SocketOp,
    Wait,
)
from hangscope.knowledge.schema import KnowledgeError

__all__ = [
    "Activity",
    "Knowledge",
    "KnowledgeError",
    "Phase",
    "Primitive",
    "Profile",
    "Purpose",
    "Role",
    "SocketOp",
    "Wait",
    "load",
]
