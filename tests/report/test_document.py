from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hangscope.diagnosis.model import (
    Citation,
    Diagnosis,
    Finding,
    Kind,
    Layer,
    Step,
    Summary,
    Verdict,
)
from hangscope.facts import Evidence, InputFacts, InputKind
from hangscope.report import Document, build, describe
from hangscope.waits.claims import Certainty

from .building import thread_dump
from .cases import lock_deadlock
from .founding import self_call

NOTHING = Diagnosis(Verdict(Kind.INCONCLUSIVE, None, None, None, ""), (), (), Summary())


def cited(line: int, says: str = "says") -> Citation:
    return Citation(Evidence("dump.txt", line, line), says)


def report(*citations: Citation, chain: tuple[Step, ...] = ()) -> Document:
    finding = Finding(
        "lock-deadlock",
        Kind.DEADLOCK,
        Layer.APPLICATION,
        Certainty.PROVEN,
        permanent=True,
        headline="",
        explanation="",
        subjects=(),
        chain=chain,
        rests_on=(),
        citations=citations,
        remedies=(),
    )
    diagnosis = Diagnosis(NOTHING.verdict, (finding,), (), Summary())
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return build(diagnosis, (), lambda span: f"{span}\n", created=created, version="1")


def test_evidence_is_each_distinct_citation_once_the_chain_first() -> None:
    chain = (
        Step("a", "b", "waits for", Certainty.PROVEN, (cited(7), cited(3), cited(7))),
        Step("b", "a", "waits for", Certainty.PROVEN, (cited(3),)),
    )
    (finding,) = report(cited(1), cited(3), cited(3, "says more"), chain=chain).findings
    told = [(quote.first_line, quote.says) for quote in finding.evidence]
    assert told == [(7, "says"), (3, "says"), (1, "says"), (3, "says more")]
    assert [link.evidence for link in finding.chain] == [(0, 1), (1,)]


def test_a_quote_holds_the_lines_of_its_span() -> None:
    (finding,) = report(cited(12)).findings
    assert finding.evidence[0].text == "dump.txt:12"


def test_every_index_of_a_link_is_evidence_of_its_finding() -> None:
    for document in (self_call(), lock_deadlock()):
        for finding in document.findings:
            for link in finding.chain:
                assert set(link.evidence) <= set(range(len(finding.evidence)))


def test_several_dumps_in_one_input_are_one_entry_with_groups() -> None:
    dumps = (
        thread_dump(Evidence("catalina.out", 900, 990), 20, "2026-11-24 02:20:10", 4242),
        thread_dump(Evidence("catalina.out", 10, 95), 21, "2026-11-24 02:20:00", 4242),
    )
    facts = InputFacts("catalina.out", InputKind.THREAD_DUMP, "hotspot", "", 1, dumps=dumps)
    entry = describe(facts)
    assert entry.records == 41
    assert (entry.captured, entry.process) == ("2026-11-24 02:20:00", "pid 4242")
    assert [(group.first_line, group.records) for group in entry.groups] == [(10, 21), (900, 20)]


def test_an_input_that_is_nothing_known_has_an_entry_too() -> None:
    entry = describe(InputFacts("bad.bin", InputKind.UNKNOWN, "", "", 1000))
    assert (entry.kind, entry.records, entry.groups) == ("unknown", 0, ())
    assert (entry.captured, entry.process) == (None, None)


def test_the_moment_is_written_in_utc() -> None:
    seoul = datetime(2026, 11, 24, 11, 30, 5, 999, tzinfo=timezone(timedelta(hours=9)))
    document = build(NOTHING, (), lambda _: "", created=seoul, version="1")
    assert document.created == "2026-11-24T02:30:05Z"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        build(NOTHING, (), lambda _: "", created=datetime(2026, 1, 1), version="1")  # noqa: DTZ001
