"""When a connection is called half open, and when the inputs do not say so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.facts import HostFacts
from hangscope.interpret import assemble_hosts, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source
from tests.inputs import inputs_by_host

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
ID = "half-open-connection"
TIMER = re.compile(r"timer:\(on,[^,]*,\d+\)")


def hosts_of(case: str, changes: dict[str, Callable[[str], str]]) -> list[HostFacts]:
    """The case with the socket tables of some hosts changed."""
    hosts = []
    for name, files in inputs_by_host(FIXTURES / case).items():
        inputs = []
        for file in files:
            text = file.read_text()
            if file.name == "sockets.txt" and name in changes:
                text = changes[name](text)
            inputs.append(read_input(Source.from_bytes(f"{name}/{file.name}", text.encode())))
        hosts.append(HostFacts.of(name, inputs))
    return hosts


def told_of(hosts: list[HostFacts]) -> Diagnosis:
    return diagnose(interpret(assemble_hosts(hosts, KNOWLEDGE)))


def diagnosed(case: str, **changes: Callable[[str], str]) -> Diagnosis:
    return told_of(hosts_of(case, changes))


def counted(change: Callable[[str], str]) -> Diagnosis:
    """The case of the retransmissions, with its one table changed."""
    return told_of(hosts_of("half-open-retransmits", {"": change}))


def found(told: Diagnosis) -> bool:
    return ID in {finding.id for finding in told.findings}


def test_the_real_case_says_what_would_refute_it() -> None:
    told = diagnosed("half-open")
    finding = told.findings[0]
    assert finding.id == ID
    assert "of backend that shows" in finding.refuted_by
    assert any("of one moment" in why for why in finding.rests_on)
    assert finding.permanent is None  # keep-alive may be on: no timer is printed


def test_a_table_without_listeners_may_be_filtered() -> None:
    told = diagnosed("half-open", backend=lambda t: re.sub(r"LISTEN.*\n", "", t))
    assert not found(told)
    assert told.verdict.finding == "inconclusive"
    assert "peer not seen" in " ".join(gap.what for gap in told.gaps)


def test_a_client_that_nobody_knows_may_be_ours_behind_a_translation() -> None:
    """Masked by a gateway, our ten connections may be these."""
    masked = 'ESTAB 0 0 10.77.0.2:9000 10.99.9.9:4242 users:(("python",pid=4777,fd=8))\n'
    assert not found(diagnosed("half-open", backend=lambda text: text + masked))


def test_no_translation_is_between_hosts_that_share_another_connection() -> None:
    """It is seen at both ends by the same addresses."""
    stranger = 'ESTAB 0 0 10.77.0.2:9000 10.99.9.9:4242 users:(("python",pid=4777,fd=8))\n'
    theirs = 'ESTAB 0 0 10.77.0.2:9100 10.77.0.1:40404 users:(("python",pid=4777,fd=9))\n'
    mine = "ESTAB 0 0 10.77.0.1:40404 10.77.0.2:9100\n"
    assert not found(diagnosed("half-open", backend=lambda text: text + stranger + theirs))
    assert found(
        diagnosed(
            "half-open",
            backend=lambda text: text + stranger + theirs,
            app=lambda text: text + mine,
        )
    )


LISTENS = 'LISTEN 0 128 0.0.0.0:9000 0.0.0.0:* users:(("python",pid=4777,fd=4))\n'
THEIRS = 'ESTAB 0 0 10.77.0.2:9100 10.77.0.1:40404 users:(("python",pid=4777,fd=9))\n'
MINE = "ESTAB 0 0 10.77.0.1:40404 10.77.0.2:9100\n"


def test_where_the_service_still_listens_its_table_may_be_cut() -> None:
    assert not found(diagnosed("half-open", backend=lambda text: text + LISTENS))


def test_a_table_that_has_all_other_connections_is_taken_as_whole() -> None:
    def backend(text: str) -> str:
        return text + LISTENS + THEIRS

    assert found(diagnosed("half-open", backend=backend, app=lambda text: text + MINE))
    one_more = MINE + MINE.replace("40404", "40406")
    assert not found(diagnosed("half-open", backend=backend, app=lambda text: text + one_more))


def test_where_some_are_seen_the_others_may_be_left_out() -> None:
    def one_seen(text: str) -> str:
        app = (FIXTURES / "half-open" / "app" / "sockets.txt").read_text()
        port = re.findall(r"10\.77\.0\.1\]:(\d+) +\S*10\.77\.0\.2\]:9000", app)[0]
        seen = f'ESTAB 0 0 10.77.0.2:9000 10.77.0.1:{port} users:(("python",pid=4777,fd=9))\n'
        return text + seen

    assert not found(diagnosed("half-open", backend=one_seen))


@pytest.mark.parametrize(
    ("one", "other", "same_moment"),
    [
        ("2026-11-25T11:00:00Z", "2026-11-25T11:00:20Z", True),
        ("2026-11-25T11:00:00Z", "2026-11-25T11:30:00Z", False),
        ("2026-11-25 11:00:00", "2026-11-25 10:58:00", False),
        (None, "2026-11-25T11:30:00Z", True),
        ("2026-11-25T11:00:00Z", "yesterday", True),
    ],
)
def test_tables_of_different_moments_tell_nothing(
    one: str | None, other: str | None, same_moment: bool
) -> None:
    times = {"app": one, "backend": other}
    hosts = [
        replace(
            host, tables=tuple(replace(table, captured=times[host.name]) for table in host.tables)
        )
        for host in hosts_of("half-open", {})
    ]
    assert found(told_of(hosts)) is same_moment


@pytest.mark.parametrize(("count", "told"), [(2, False), (4, False), (5, True), (15, True)])
def test_a_few_retransmissions_are_a_busy_network(count: int, told: bool) -> None:
    timer = f"timer:(on,11sec,{count})"
    assert found(counted(lambda text: TIMER.sub(timer, text))) is told


@pytest.mark.parametrize("kind", ["keepalive", "persist"])
def test_keepalive_and_zero_window_probes_are_no_retransmissions(kind: str) -> None:
    assert not found(counted(lambda text: TIMER.sub(f"timer:({kind},11sec,9)", text)))


def test_a_few_of_many_connections_are_not_what_the_service_hangs_on() -> None:
    assert not found(counted(lambda text: TIMER.sub("", text, count=6)))
