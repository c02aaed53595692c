"""Claims: what one node waits for, as a whole. Knows neither Java nor TCP.

The AND-OR model of deadlock theory (Holt 1972; Knapp, "Deadlock detection in distributed
databases", ACM Computing Surveys 19(4), 1987).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import NamedTuple

from hangscope.facts.evidence import Evidence


class NodeKind(StrEnum):
    """What can wait or be waited for."""

    THREAD = "thread"
    LOCK = "lock"
    CLASS = "class"
    """A thing that one thread makes ready, once, while the others wait."""
    SYNCHRONIZER = "synchronizer"
    QUEUE = "queue"
    """A bounded queue that is full: it needs one who takes from it."""
    POOL = "pool"
    SCHEDULER = "scheduler"
    CONNECTION_POOL = "connection-pool"
    CONNECTION = "connection"
    ENDPOINT = "endpoint"
    PROCESS = "process"
    OUTSIDE = "outside"

    __hash__ = str.__hash__
    """That of enumerations is Python code, and nodes are looked up all the time."""


class Node(NamedTuple):
    """One node of the wait graph; ``key`` is unique within its kind and scope."""

    kind: NodeKind
    key: str
    scope: str = ""
    """What the key belongs to (a process): addresses and names mean nothing beyond it."""


class Need(Enum):
    """How much of what it waits for lets a node go on."""

    ALL = "all"
    ANY = "any"


class Certainty(Enum):
    """PROVEN: the inputs state it. INFERRED: the only reading that fits, by stated reasoning."""

    PROVEN = "proven"
    INFERRED = "inferred"


class Until(IntEnum):
    """Whether the wait ends by itself; ordered by how long it can hold."""

    DEADLINE = 0
    """A timeout will end it."""
    UNKNOWN = 1
    """The inputs can't tell whether there is a timeout."""
    NEVER = 2
    """No timeout exists."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``waiter`` can't go on before ALL (or ANY) of ``on`` can.

    A waiter may have several claims: it needs every one of them met.
    """

    waiter: Node
    need: Need
    on: tuple[Node, ...]
    relation: str
    """In words, to stand between waiter and target: "waits to lock"."""
    certainty: Certainty
    until: Until
    evidence: tuple[Evidence, ...]
    inference: str = ""
    """The reasoning, in words; empty if and only if the claim is proven."""

    def __post_init__(self) -> None:
        if not self.on:
            raise ValueError(f"{self.waiter.key}: a claim names what it waits for")
        if not self.evidence:
            raise ValueError(f"{self.waiter.key}: a claim without evidence cannot be made")
        if (self.certainty is Certainty.INFERRED) != bool(self.inference):
            raise ValueError(f"{self.waiter.key}: an inference is stated if and only if it is one")
