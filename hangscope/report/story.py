"""From a document to the outline of its text: the verdict first, then what proves it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from shlex import quote

from hangscope.diagnosis.model import Gap
from hangscope.report import words
from hangscope.report.document import Document, Finding, Link
from hangscope.report.exhibits import exhibits, grouped, references
from hangscope.report.numbers import inputs, tallies
from hangscope.report.outline import (
    Arrow,
    Block,
    Bullets,
    Chain,
    Command,
    Headline,
    Item,
    Outline,
    Paragraph,
    Rows,
    Section,
)
from hangscope.report.time_rows import over_time

_ARCHIVE_MEMBER = "!"
_NOTE = re.compile(r"(?P<command>\S.*?)\s{2,}\((?P<note>.*)\)\s*", re.DOTALL)
"""A command, and after a gap a word of caution in parentheses."""


def outline(document: Document) -> Outline:
    """The sections of the report, in the order in which they are read."""
    main = _main(document)
    others = [finding for finding in document.findings if finding is not main]
    quoted = len(main.evidence) if main else 0
    sections = [Section("", tuple(_verdict(document, main)))]
    undecided = document.verdict.kind == "inconclusive"
    if undecided:
        sections.append(Section("What would decide it", _gaps(document.not_recorded)))
    if main:
        sections += _proof(main)
    sections.append(Section("Numbers", tuple(tallies(document.summary))))
    sections.append(Section("Over time", tuple(over_time(document.summary))))
    if main:
        sections.append(Section("Evidence", tuple(_evidence(main))))
    sections.append(Section("Also found", tuple(_others(others, quoted))))
    if not undecided:
        sections.append(Section("Not recorded", _gaps(document.not_recorded)))
    sections.append(Section("Inputs", tuple(inputs(document))))
    return tuple(section for section in sections if section.blocks)


def _main(document: Document) -> Finding | None:
    """The finding that the verdict is about."""
    return next((f for f in document.findings if f.id == document.verdict.finding), None)


def _verdict(document: Document, main: Finding | None) -> Iterator[Block]:
    verdict = document.verdict
    label = words.KIND[verdict.kind]
    yield Headline(verdict.kind, label, verdict.headline)
    rows = [("Kind", f"{label.lower()}: {words.KIND_MEANS[verdict.kind]}")]
    if verdict.layer:
        rows.append(("Layer", words.LAYER[verdict.layer]))
    if verdict.certainty:
        means = words.CERTAINTY[verdict.certainty]
        rows.append(("Certainty", f"{verdict.certainty}: {means}"))
    if main and main.kind != "healthy":
        rows.append(("Ends by itself", words.ends(main.kind, main.permanent)))
    if verdict.finding:
        rows.append(("Finding", verdict.finding))
    if main and main.subjects:
        rows.append(("Concerns", _subjects(main)))
    yield Rows(tuple(rows))
    if main and main.headline != verdict.headline:
        yield Paragraph(main.headline)
    if main and main.explanation.strip():
        yield Paragraph(main.explanation)


def _subjects(finding: Finding) -> str:
    return "; ".join(words.subject(one) for one in finding.subjects)


def _proof(main: Finding) -> Iterator[Section]:
    if main.chain:
        yield Section("Who waits for whom", (_chain(main.chain, 0),))
    if main.rests_on:
        yield Section("It rests on", (Bullets(main.rests_on),))
    if main.refuted_by:
        yield Section("It would be refuted by", (Bullets((main.refuted_by,)),))
    for when, title in words.WHEN.items():
        texts = tuple(remedy.text for remedy in main.remedies if remedy.when == when)
        if texts:
            yield Section(title, (Bullets(texts),))


def _chain(links: Iterable[Link], before: int) -> Chain:
    return Chain(
        tuple(
            Arrow(
                link.from_,
                link.relation,
                link.to,
                link.certainty,
                references(before + index + 1 for index in link.evidence),
            )
            for link in links
        )
    )


def _evidence(main: Finding) -> Iterator[Block]:
    first = main.evidence[0]
    if _ARCHIVE_MEMBER not in first.input:
        lines = f"{first.first_line},{first.last_line}p"
        yield Command(f"sed -n '{lines}' {quote(first.input)}", "shows all of [1], and so on")
    yield from exhibits(main.evidence)


def _others(findings: Iterable[Finding], before: int) -> Iterator[Block]:
    """The findings that the verdict is not about; an effect is told more briefly than a cause."""
    for finding in findings:
        note = f"effect of {finding.effect_of}" if finding.effect_of else ""
        yield Item(finding.id, note)
        yield Paragraph(finding.headline)
        if finding.explanation.strip():
            yield Paragraph(finding.explanation)
        yield Rows(tuple(_facts(finding)))
        if finding.chain and not finding.effect_of:
            yield _chain(finding.chain, before)
        yield Rows(tuple(grouped(finding.evidence, before)))
        before += len(finding.evidence)


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    kind = words.KIND[finding.kind].lower()
    yield "Kind", f"{kind}, {words.LAYER[finding.layer]}, {finding.certainty}"
    if finding.kind != "healthy":
        yield "Ends by itself", words.ends(finding.kind, finding.permanent)
    if finding.subjects:
        yield "Concerns", _subjects(finding)
    for inference in finding.rests_on:
        yield "It rests on", inference
    if finding.refuted_by:
        yield "Refuted by", finding.refuted_by
    for remedy in finding.remedies:
        yield words.WHEN[remedy.when], remedy.text


def _gaps(gaps: Iterable[Gap]) -> tuple[Block, ...]:
    return tuple(block for gap in gaps for block in _gap(gap))


def _gap(gap: Gap) -> Iterator[Block]:
    yield Item(gap.what)
    yield Rows((("Would decide", gap.decides),))
    noted = _NOTE.fullmatch(gap.command)
    yield Command(noted["command"], noted["note"]) if noted else Command(gap.command)
