"""The closed sets of the contract in words that are read by people."""

from __future__ import annotations

from typing import Final

from hangscope.report.document import Subject

KIND: Final = {
    "deadlock": "Deadlock",
    "exhaustion": "Exhaustion",
    "slow-dependency": "Slow dependency",
    "contention": "Contention",
    "leak": "Leak",
    "busy": "Busy",
    "healthy": "Healthy",
    "inconclusive": "Inconclusive",
}
KIND_MEANS: Final = {
    "deadlock": "each waits for another, so none can ever go on",
    "exhaustion": "something of which there is only so much is used up",
    "slow-dependency": "it waits for something outside that does not answer",
    "contention": "many wait for what one at a time can have",
    "leak": "something is opened and never closed",
    "busy": "it runs, and that is the trouble",
    "healthy": "nothing in these inputs hangs",
    "inconclusive": "these inputs do not decide it",
}
LAYER: Final = {
    "network": "network",
    "application": "user application",
    "was": "WEB/WAS (servlet engine)",
    "jvm": "JVM",
    "rdbms": "RDBMS (database)",
}
CERTAINTY: Final = {
    "proven": "the inputs state it, line by line",
    "inferred": "the only reading that fits; see what it rests on",
}
ENDS: Final = {
    True: "never: no timeout can break it",
    False: "yes: a timeout will break it",
    None: "not recorded: the inputs do not show whether there is a timeout",
}
_ENDS_OF: Final = {
    ("slow-dependency", True): "only by an answer: no timeout is set",
    ("contention", True): "not by a timeout: none is set",
    ("busy", None): "not recorded: the inputs do not show whether the work comes to an end",
}
"""Kinds of what may end all the same, by an answer, or does not wait at all."""
WHEN: Final = {
    "now": "Do now",
    "lasting": "Do for good",
}
INPUT_KIND: Final = {
    "thread-dump": "thread dump",
    "socket-table": "socket table",
    "process": "process",
    "thread-sockets": "threads' sockets",
    "unknown": "not recognised",
}
_RECORDS: Final = {
    "thread-dump": ("thread", "threads"),
    "socket-table": ("socket", "sockets"),
}
_SUBJECT: Final = {
    "thread": ("thread", "threads"),
    "lock": ("lock", "locks"),
    "pool": ("thread of", "threads of"),
    "connection-pool": ("connection pool", "connection pools"),
    "endpoint": ("endpoint", "endpoints"),
    "process": ("process", "processes"),
    "socket-group": ("socket:", "sockets:"),
}

_UNITS: Final = ((86_400, "days"), (3600, "h"), (60, "min"))


def counted(count: int, one: str, several: str) -> str:
    """``1 thread``, ``4,023 sockets``."""
    return f"{count:,} {one if count == 1 else several}"


def ends(kind: str, permanent: bool | None) -> str:
    """Whether a finding of ``kind`` ends by itself."""
    return _ENDS_OF.get((kind, permanent), ENDS[permanent])


def records(kind: str, count: int) -> str:
    """How much was read from an input of ``kind``."""
    return counted(count, *_RECORDS.get(kind, ("record", "records")))


def subject(one: Subject) -> str:
    """What a finding is about: ``10 threads of http-nio-8080-exec (pid 27836)``."""
    single, several = _SUBJECT[one.type]
    groups = ("pool", "socket-group")
    counts = one.count != 1 or one.type in groups
    what = counted(one.count, single, several) if counts else single
    if one.name.startswith("the ") and one.type == "connection-pool":
        what = ""
    where = f" ({one.process})" if one.process and one.type != "process" else ""
    return f"{what} {one.name}{where}".strip()


def duration(seconds: float) -> str:
    """``8 s``, ``12 min``, ``3 h``, ``9 days``: as exact as it matters."""
    for unit, name in _UNITS:
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:,.0f} s"
