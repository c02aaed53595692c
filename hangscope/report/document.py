"""The document: a report as data, field for field what the JSON contract promises.

Every format renders a :class:`Document` and nothing else, so that none knows more than another.
Closed sets are the contract's own words. A field that is a Python keyword carries an underscore
(``from_``), which JSON drops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeAlias

from hangscope.diagnosis import model
from hangscope.facts import (
    Evidence,
    InputFacts,
    InputKind,
    NotUnderstood,
    ProcessFacts,
    SocketTable,
    ThreadDump,
    TranslationTable,
)
from hangscope.report.excerpt import cut

SCHEMA: Final = "hangscope.report/1"
"""Version of the contract; changes within it only add."""

OMITTED_IF_NONE: Final = {"omitted if none": True}
"""Marks a field that was added to the contract for some reports only."""

Excerpts: TypeAlias = Callable[[Evidence], str]
"""Gives the lines of a span as they stand in the input; ``""`` where it can't be read again."""


@dataclass(frozen=True, slots=True)
class Tool:
    """The program that made the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Group:
    """One dump, table or other text of an input."""

    kind: str
    first_line: int
    last_line: int
    format: str
    captured: str | None
    process: str | None
    records: int


@dataclass(frozen=True, slots=True)
class Input:
    """One input, and what was made of it; ``records`` counts all of its groups."""

    name: str
    kind: str
    format: str
    sha256: str
    bytes: int
    captured: str | None
    process: str | None
    records: int
    groups: tuple[Group, ...]
    not_understood: tuple[NotUnderstood, ...]
    reason: str
    also: tuple[str, ...]
    lines: int
    outside: int
    encoding: str
    carrier: str
    host: str | None = field(default=None, metadata=OMITTED_IF_NONE)
    """Where it was taken; left out of the contract's form where all inputs are of one host."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one answer."""

    kind: str
    finding: str | None
    layer: str | None
    certainty: str | None
    headline: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a finding is about, or ``count`` of them."""

    type: str
    name: str
    process: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain; ``evidence`` are indices into the finding's evidence."""

    from_: str
    to: str
    relation: str
    certainty: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines of an input, what they say, and an excerpt of them."""

    input: str
    first_line: int
    last_line: int
    says: str
    text: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do, now or for good."""

    when: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnosis with its proof."""

    id: str
    kind: str
    layer: str
    certainty: str
    permanent: bool | None
    headline: str
    explanation: str
    subjects: tuple[Subject, ...]
    chain: tuple[Link, ...]
    rests_on: tuple[str, ...]
    refuted_by: str
    evidence: tuple[Quote, ...]
    effect_of: str | None
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class Threads:
    """Every thread, counted by state and, where it belongs to a pool, by what it does."""

    total: int
    by_state: tuple[model.Count, ...]
    by_pool: tuple[model.PoolSummary, ...]
    by_cpu: tuple[model.CpuSummary, ...]


@dataclass(frozen=True, slots=True)
class Sockets:
    """Every socket, counted by state and, on a listener's port, by what became of it."""

    total: int
    by_state: tuple[model.Count, ...]
    by_endpoint: tuple[model.EndpointSummary, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of all inputs together."""

    threads: Threads
    sockets: Sockets
    moments: tuple[model.Moment, ...]
    growth: tuple[model.GrowthSummary, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report."""

    schema: str
    tool: Tool
    created: str
    """RFC 3339; the one value that differs between two runs over the same inputs."""
    inputs: tuple[Input, ...]
    verdict: Verdict
    findings: tuple[Finding, ...]
    summary: Summary
    not_recorded: tuple[model.Gap, ...]


def build(
    diagnosis: model.Diagnosis,
    inputs: Sequence[Input],
    excerpts: Excerpts,
    *,
    created: datetime,
    version: str,
) -> Document:
    """Write a diagnosis down.

    Args:
        diagnosis: What was found.
        inputs: What it was found in, in the order given; see :func:`describe`.
        excerpts: Gives the lines of a span.
        created: When the report is made; its time zone must be known.
        version: The version of hangscope.
    """
    return Document(
        schema=SCHEMA,
        tool=Tool("hangscope", version),
        created=_rfc3339(created),
        inputs=tuple(inputs),
        verdict=_verdict(diagnosis.verdict),
        findings=tuple(_finding(finding, excerpts) for finding in diagnosis.findings),
        summary=_summary(diagnosis.summary),
        not_recorded=diagnosis.gaps,
    )


def describe(facts: InputFacts) -> Input:
    """The entry of one input, the same in a report and in ``hangscope facts``."""
    groups = tuple(sorted(_groups(facts), key=lambda group: group.first_line))
    first = groups[0] if groups else None
    return Input(
        name=facts.name,
        kind=facts.kind.value,
        format=facts.format,
        sha256=facts.sha256,
        bytes=facts.size,
        captured=first.captured if first else None,
        process=first.process if first else None,
        records=facts.records,
        groups=groups,
        not_understood=facts.not_understood,
        reason=facts.reason,
        also=facts.also,
        lines=facts.lines,
        outside=facts.outside,
        encoding=facts.encoding,
        carrier=facts.carrier,
        host=facts.host or None,
    )


def _rfc3339(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("the moment of a report needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _groups(facts: InputFacts) -> Iterator[Group]:
    for dump in facts.dumps:
        yield _group(InputKind.THREAD_DUMP, dump, dump.pid, len(dump.threads))
    for table in facts.tables:
        yield _group(InputKind.SOCKET_TABLE, table, None, len(table.sockets))
    for tracked in facts.translations:
        yield _group(InputKind.SOCKET_TABLE, tracked, None, len(tracked.translations))
    for process in facts.processes:
        kind = InputKind.THREAD_SOCKETS if process.calls else InputKind.PROCESS
        yield _group(kind, process, process.pid, process.records)


def _group(
    kind: InputKind,
    one: ThreadDump | SocketTable | TranslationTable | ProcessFacts,
    pid: int | None,
    records: int,
) -> Group:
    _, first_line, last_line = one.evidence
    process = None if pid is None else f"pid {pid}"
    return Group(kind.value, first_line, last_line, one.format, one.captured, process, records)


def _verdict(verdict: model.Verdict) -> Verdict:
    return Verdict(
        verdict.kind.value,
        verdict.finding,
        verdict.layer.value if verdict.layer else None,
        verdict.certainty.value if verdict.certainty else None,
        verdict.headline,
    )


def _finding(finding: model.Finding, excerpts: Excerpts) -> Finding:
    cited = [citation for step in finding.chain for citation in step.citations]
    # The chain's come first: they are met first by whoever reads.
    index = {one: i for i, one in enumerate(dict.fromkeys([*cited, *finding.citations]))}
    return Finding(
        id=finding.id,
        kind=finding.kind.value,
        layer=finding.layer.value,
        certainty=finding.certainty.value,
        permanent=finding.permanent,
        headline=finding.headline,
        explanation=finding.explanation,
        subjects=tuple(
            Subject(one.type.value, one.name, one.process, one.count) for one in finding.subjects
        ),
        chain=tuple(
            Link(
                from_=step.source,
                to=step.target,
                relation=step.relation,
                certainty=step.certainty.value,
                evidence=tuple(dict.fromkeys(index[citation] for citation in step.citations)),
            )
            for step in finding.chain
        ),
        rests_on=finding.rests_on,
        refuted_by=finding.refuted_by,
        evidence=tuple(_quote(citation, excerpts) for citation in index),
        effect_of=finding.effect_of,
        remedies=tuple(Remedy(one.when.value, one.text) for one in finding.remedies),
    )


def _quote(citation: model.Citation, excerpts: Excerpts) -> Quote:
    name, first_line, last_line = citation.evidence
    text = cut(excerpts(citation.evidence), first_line, last_line)
    return Quote(name, first_line, last_line, citation.says, text)


def _summary(summary: model.Summary) -> Summary:
    threads, sockets = summary.threads_by_state, summary.sockets_by_state
    return Summary(
        Threads(sum(one.count for one in threads), threads, summary.pools, summary.cpu),
        Sockets(sum(one.count for one in sockets), sockets, summary.endpoints),
        summary.moments,
        summary.growth,
    )
