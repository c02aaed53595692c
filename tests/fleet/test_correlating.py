"""What is said of a fleet does not depend on who read what, and a dead process costs a bundle."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from hangscope.facts import NOT_RECORDED, HostFacts
from hangscope.fleet.bundle import Bundle, packed, read_bundle, unpacked_facts
from hangscope.fleet.correlating import correlate_fleet
from hangscope.fleet.engine import Engine, Lost, R, T, here
from hangscope.fleet.processes import in_processes
from hangscope.knowledge import load
from hangscope.pipeline import Correlation, HostSources, correlate_hosts, read_host
from hangscope.readers.content.archives import Unpacked
from hangscope.readers.content.source import Source
from hangscope.readers.errors import SourceChanged
from hangscope.report import render
from tests.fleet.bundles import CREATED, FIXTURES, fleet


def reported(bundles: list[Bundle], engine: Engine) -> Correlation:
    with ExitStack() as resources:
        return correlate_fleet(bundles, engine, own=(), created=CREATED, resources=resources)


def text(correlation: Correlation) -> str:
    return render(correlation.document, "json", width=None, color=False, unicode=True)


def backwards(work: Callable[[T], R], things: Iterable[T]) -> Iterator[tuple[int, R | Lost]]:
    for number, thing in reversed(list(enumerate(things))):
        yield number, work(thing)


def two_processes() -> Engine:
    return cast("Engine", partial(in_processes, jobs=2))


def test_the_report_is_the_same_whoever_reads_and_in_any_order(tmp_path: Path) -> None:
    bundles = fleet(tmp_path)
    alone = text(reported(bundles, here))
    assert text(reported(bundles, backwards)) == alone
    assert text(reported(bundles, two_processes())) == alone


def test_a_fleet_is_told_as_hosts_that_are_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles = fleet(tmp_path)
    monkeypatch.chdir(tmp_path)
    with Unpacked() as unpacked:
        hosts = [HostSources(one.host, unpacked.at(one.files[0])) for one in bundles]
        told = correlate_hosts(hosts, knowledge=load(), created=CREATED)
    assert text(told) == text(reported(bundles, here))


def test_a_circle_over_hosts_is_found_beside_hosts_that_know_nobody(tmp_path: Path) -> None:
    document = reported(fleet(tmp_path), backwards).document
    assert document.verdict.finding == "mutual-call-deadlock"
    ids = [finding.id for finding in document.findings]
    assert ids.count("mutual-call-deadlock") == 1
    assert ids.count("self-call-deadlock") == 2
    assert "healthy" not in ids
    quotes = [quote for finding in document.findings for quote in finding.evidence]
    assert any(quote.input.startswith("c.tar.gz!") and quote.text for quote in quotes)


def die_of_one(bundle: Bundle) -> int:
    if bundle.host == "kills":
        os.kill(os.getpid(), signal.SIGKILL)
    return len(bundle.host)


@pytest.mark.parametrize("place", [0, 3, 9])
def test_what_kills_its_process_costs_itself_alone(place: int) -> None:
    things = [Bundle("kills" if n == place else "n" * n, (), Path()) for n in range(10)]
    done = list(in_processes(die_of_one, things, jobs=2))
    assert sorted(number for number, _ in done) == list(range(10))
    results = dict(done)
    assert isinstance(results.pop(place), Lost)
    assert results == {n: n for n in range(10) if n != place}


def die_once(bundle: Bundle) -> str:
    mark = bundle.base / "died"
    if bundle.host == "2" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return bundle.host


def test_what_died_by_chance_is_done_again(tmp_path: Path) -> None:
    things = [Bundle(str(n), (), tmp_path) for n in range(6)]
    done = list(in_processes(die_once, things, jobs=2))
    assert sorted(done) == [(n, str(n)) for n in range(6)]


def exhausted(_: Bundle) -> str:
    raise MemoryError


def test_too_little_memory_is_told() -> None:
    ((_, result),) = in_processes(exhausted, [Bundle("a", (), Path())], jobs=1)
    assert isinstance(result, Lost)
    assert "memory" in result.why


def losing(name: str) -> Engine:
    """Does all but what concerns one bundle."""

    def engine(work: Callable[[T], R], things: Iterable[T]) -> Iterator[tuple[int, R | Lost]]:
        for number, thing in enumerate(things):
            lost = isinstance(thing, Bundle) and thing.host == name
            yield number, Lost("the process that read it died") if lost else work(thing)

    return engine


def test_a_lost_bundle_is_told_by_its_name_and_the_others_stay(tmp_path: Path) -> None:
    told = reported(fleet(tmp_path), losing("alone-0"))
    assert told.failures == ("alone-0: the process that read it died; nothing of it was read",)
    assert told.document.verdict.finding == "mutual-call-deadlock"
    (lost,) = [one for one in told.document.inputs if one.host == "alone-0"]
    assert lost.kind == "unknown"


def test_a_lost_host_makes_nothing_healthy(tmp_path: Path) -> None:
    idle = [one for one in fleet(tmp_path) if one.host in {"alone-0", "alone-2"}]
    assert reported(idle, here).document.verdict.kind == "healthy"
    assert reported(idle, losing("alone-0")).document.verdict.kind == "inconclusive"


def test_facts_come_through_a_process_as_they_were() -> None:
    for case in ("tomcat-self-call", "postgres-busy", "virtual-deadlock-across"):
        paths = sorted((FIXTURES / case).glob("*.txt"))
        reading = read_host(HostSources("a", [Source.from_path(path) for path in paths]))
        facts = HostFacts.of("a", reading.inputs)
        again = unpacked_facts(packed(facts))
        assert again == facts
        rows = [row for table in again.tables for row in table.sockets]
        assert all(row.owners is NOT_RECORDED or isinstance(row.owners, tuple) for row in rows)
        assert len(packed(again)) <= 1.1 * len(packed(facts))


def test_a_digest_can_be_sent(tmp_path: Path) -> None:
    for bundle in fleet(tmp_path):
        found = read_bundle(bundle)
        again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
        assert again.reading.inputs == found.reading.inputs
        assert (again.ties, again.facts) == (found.ties, found.facts)
        passing = bundle.files[0].suffix == ".gz"
        assert (not again.reading.sources) is passing


def test_an_archive_that_changed_is_not_quoted(tmp_path: Path) -> None:
    bundles = fleet(tmp_path)

    def changing(work: Callable[[T], R], things: Iterable[T]) -> Iterator[tuple[int, R | Lost]]:
        yield from here(work, things)
        other = (tmp_path / "alone-1" / "dump.txt").read_bytes()
        (tmp_path / "c.tar.gz").write_bytes(other)

    with pytest.raises(SourceChanged, match="the archive is not what it was"):
        reported(bundles, changing)
