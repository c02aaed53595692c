"""The vocabulary of a diagnosis: findings, their proof, and the verdict.

Everything here is complete and frozen when it is built. A finding without evidence
cannot be constructed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from hangscope.facts import Evidence
from hangscope.waits.claims import Certainty


class Kind(Enum):
    """What disease; part of the report's contract."""

    DEADLOCK = "deadlock"
    EXHAUSTION = "exhaustion"
    SLOW_DEPENDENCY = "slow-dependency"
    CONTENTION = "contention"
    LEAK = "leak"
    BUSY = "busy"
    HEALTHY = "healthy"
    INCONCLUSIVE = "inconclusive"


HANGS = (Kind.DEADLOCK, Kind.EXHAUSTION, Kind.SLOW_DEPENDENCY, Kind.CONTENTION)
"""Kinds of what holds threads up."""


class Layer(Enum):
    """Which of the five suspects of a hang an operator has to call."""

    NETWORK = "network"
    APPLICATION = "application"
    WAS = "was"
    JVM = "jvm"
    RDBMS = "rdbms"


class SubjectType(Enum):
    """What a finding is about."""

    THREAD = "thread"
    LOCK = "lock"
    POOL = "pool"
    CONNECTION_POOL = "connection-pool"
    ENDPOINT = "endpoint"
    PROCESS = "process"
    SOCKET_GROUP = "socket-group"


class When(Enum):
    """Whether a remedy ends this hang or keeps it from coming back."""

    NOW = "now"
    LASTING = "lasting"


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a finding is about; ``count`` of them where it stands for a group."""

    type: SubjectType
    name: str
    process: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Citation:
    """Lines of an input and, in words, what they say for this finding."""

    evidence: Evidence
    says: str


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain: who waits for what, and the lines that show it."""

    source: str
    target: str
    relation: str
    certainty: Certainty
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do."""

    when: When
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnosis with its proof."""

    id: str
    kind: Kind
    layer: Layer
    certainty: Certainty
    permanent: bool | None
    """True: no timeout can break it; False: one will; None: the inputs can't tell."""
    headline: str
    explanation: str
    subjects: tuple[Subject, ...]
    chain: tuple[Step, ...]
    rests_on: tuple[str, ...]
    """Each inference in words; empty when the finding is proven."""
    citations: tuple[Citation, ...]
    remedies: tuple[Remedy, ...]
    effect_of: str | None = None
    """Id of the finding that explains this one."""
    refuted_by: str = ""
    """The observation that would show it to be wrong; an inferred finding always has one."""

    def __post_init__(self) -> None:
        if not self.citations and not any(step.citations for step in self.chain):
            raise ValueError(f"finding {self.id} has no evidence")
        if (self.certainty is Certainty.INFERRED) != bool(self.rests_on):
            raise ValueError(
                f"finding {self.id}: inferences are listed if and only if it is inferred"
            )
        if self.rests_on and not self.refuted_by.strip():
            raise ValueError(f"finding {self.id} is inferred and does not say what would refute it")


def on_host(finding: Finding, host: str) -> Finding:
    """A finding about the sockets of one of several hosts, told as such."""
    subjects = tuple(
        replace(one, process=f"{one.process or 'any process'} on {host}")
        if one.process or one.type is SubjectType.SOCKET_GROUP
        else one
        for one in finding.subjects
    )
    return replace(finding, headline=f"On {host}: {finding.headline}", subjects=subjects)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one answer; ``finding`` is the id of the finding that explains the others."""

    kind: Kind
    finding: str | None
    layer: Layer | None
    certainty: Certainty | None
    headline: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the inputs do not record, what it would decide, and how to record it."""

    what: str
    decides: str
    command: str


@dataclass(frozen=True, slots=True)
class Count:
    """A labelled number of the summary."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """The threads of one pool and what they do; the counts add up to ``threads``."""

    name: str
    role: str
    process: str | None
    threads: int
    activities: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class EndpointSummary:
    """The ledger of one listener: every row on its port is in one count."""

    name: str
    process: str | None
    rows: int
    ledger: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A dump, the table that was taken nearest to it, and how far apart they are."""

    process: str | None
    dump: str
    dump_captured: str | None
    table: str
    table_captured: str | None
    skew_seconds: float | None
    """From the dump to the table; None where that is not known."""


@dataclass(frozen=True, slots=True)
class CountAt:
    """A count, and the seconds since the first one; None where those are not known."""

    count: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class GrowthSummary:
    """Something that grew over the captures."""

    what: str
    process: str | None
    counts: tuple[CountAt, ...]
    per_second: float | None
    limit: int | None
    """How far it can grow; None where that is not known."""
    in_part: bool
    """Whether more counts towards the limit than this, so that it is reached sooner."""
    seconds_to_limit: float | None
    """At that rate, from the last capture on."""


@dataclass(frozen=True, slots=True)
class CpuSummary:
    """What a thread used of one processor."""

    name: str
    process: str | None
    percent: float
    measured: str
    seconds: float | None
    """The time that was measured over."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of the whole input."""

    threads_by_state: tuple[Count, ...] = ()
    pools: tuple[PoolSummary, ...] = ()
    sockets_by_state: tuple[Count, ...] = ()
    endpoints: tuple[EndpointSummary, ...] = ()
    cpu: tuple[CpuSummary, ...] = ()
    moments: tuple[Moment, ...] = ()
    growth: tuple[GrowthSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that is known: the verdict, every finding (most important first), gaps and numbers."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    summary: Summary


@dataclass(frozen=True, slots=True)
class Page:
    """One finding of the catalogue; the last five fields are the parts of its page."""

    id: str
    kind: Kind
    layer: Layer | None
    """Whom to call; None where the verdict names nobody."""
    summary: str
    meaning: str
    recognised_by: str
    mistaken_for: str
    do_now: str
    do_for_good: str
