"""Joining threads with connections by counts: what is claimed, and what is left open.

The captures are real; single rows are taken out of their tables or added to them.
"""

from __future__ import annotations

import re
from pathlib import Path

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
OWN_CALL = re.compile(r'^ESTAB .*:\d{5} \S*:8080 .*"java"')


def rows(case: str) -> list[str]:
    return (FIXTURES / case / "sockets.txt").read_text().split("\n")


def diagnosed(case: str, table: list[str]) -> Diagnosis:
    dump = read_input(Source.from_path(FIXTURES / case / "dump.txt"))
    sockets = read_input(Source.from_bytes("sockets.txt", "\n".join(table).encode()))
    return diagnose(interpret(assemble(dump.dumps, sockets.tables, KNOWLEDGE)))


def pid_in(table: list[str]) -> str:
    found = re.search(r'"java",pid=(\d+)', "\n".join(table))
    assert found
    return found[1]


def elsewhere(table: list[str]) -> str:
    """An idle connection of the same process to somebody else's web server."""
    owner = f'users:(("java",pid={pid_in(table)},fd=999))'
    return f"ESTAB 0      0      10.0.0.1:45678 10.9.9.9:80 {owner}"


def test_every_thread_needs_a_connection_of_its_own() -> None:
    """Fewer connections than readers: the others' are not in the table, so nothing is claimed."""
    table = rows("tomcat-self-call")
    own = [line for line in table if OWN_CALL.match(line)]
    assert len(own) == 10
    told = diagnosed("tomcat-self-call", [line for line in table if line != own[0]])
    assert told.verdict.kind.value == "inconclusive"
    assert any("fewer connections" in gap.what for gap in told.gaps)


def test_unread_calls_as_many_as_readers_are_theirs_although_another_endpoint_is_open() -> None:
    table = rows("tomcat-self-call")
    told = diagnosed("tomcat-self-call", [*table, elsewhere(table)])
    assert told.verdict.finding == "self-call-deadlock"
    assert any("one thread made each call" in why for why in told.findings[0].rests_on)


def test_read_calls_and_another_open_endpoint_leave_it_open() -> None:
    """Undertow reads requests before a worker is free, so no row tells an unanswered call apart."""
    table = rows("self-call-undertow")
    assert diagnosed("self-call-undertow", table).verdict.finding == "self-call-deadlock"
    told = diagnosed("self-call-undertow", [*table, elsewhere(table)])
    assert told.verdict.kind.value == "inconclusive"
    assert any("Which thread reads which socket" in gap.what for gap in told.gaps)


def test_a_table_without_owners_still_leads_to_the_one_service() -> None:
    table = [re.sub(r"users:.*", "", line) for line in rows("tomcat-self-call")]
    told = diagnosed("tomcat-self-call", table)
    assert told.verdict.finding == "self-call-deadlock"
    assert any("owners not recorded" in why for why in told.findings[0].rests_on)


def test_a_pool_that_its_server_tunes_by_itself_is_not_called_stuck() -> None:
    """The same capture with Liberty's thread names: it may add threads while requests wait."""
    dump = (FIXTURES / "tomcat-self-call" / "dump.txt").read_text()
    renamed = re.sub(r'"http-nio-8080-exec-(\d+)"', r'"Default Executor-thread-\1"', dump)
    facts = read_input(Source.from_bytes("dump.txt", renamed.encode()))
    table = "\n".join(rows("tomcat-self-call")).encode()
    sockets = read_input(Source.from_bytes("sockets.txt", table))
    told = diagnose(interpret(assemble(facts.dumps, sockets.tables, KNOWLEDGE)))
    assert told.verdict.kind.value == "inconclusive"
    assert "may add" in told.findings[0].explanation


def test_unread_calls_of_nobody_known_are_not_those_of_the_readers() -> None:
    """Clients on the host itself have called too: without owners their calls look like its own."""
    table = [re.sub(r" users:\(.*\)", "", row) for row in rows("slow-http")]
    for port in range(41000, 41020):
        table += [
            f"ESTAB 60 0 [::ffff:127.0.0.1]:8080 [::ffff:127.0.0.1]:{port}",
            f"ESTAB 0 0 127.0.0.1:{port} 127.0.0.1:8080",
        ]
    assert diagnosed("slow-http", table).verdict.kind.value == "inconclusive"


def test_a_table_whose_process_the_native_ids_contradict_is_doubted() -> None:
    """Perhaps a container's dump with its host's table; perhaps two machines mixed up."""
    mine = diagnosed("slow-http", rows("slow-http"))
    foreign = diagnosed("slow-http", rows("self-call-at-connection-limit"))
    assert not any("do not follow that pid" in why for f in mine.findings for why in f.rests_on)
    assert any("do not follow that pid" in why for why in foreign.findings[0].rests_on)


def test_no_database_driver_is_answered_by_a_servlet_engine() -> None:
    """As with ``lsof -i:8080``: the connections to the database are not in the table."""
    table = [row for row in rows("tomcat-self-call-free-worker") if ":8080" in row]
    told = diagnosed("postgres-busy", table)
    assert told.verdict.finding == "healthy"  # two of ten workers are busy
    for finding in diagnosed("slow-postgres", table).findings:
        assert finding.id in {"slow-database", "close-wait-pile-up"}
