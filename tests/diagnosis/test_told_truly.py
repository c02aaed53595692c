"""What a finding says beside its verdict: no more than the inputs show, and safe to follow."""

from __future__ import annotations

import re

import pytest

from hangscope.diagnosis import Diagnosis
from hangscope.diagnosis.model import Finding, Kind, When
from hangscope.report.words import ends

from .altered import FIXTURES, altered, found, told


def finding(case: str, identifier: str) -> Finding:
    one = found(identifier, altered(case))
    assert one is not None
    return one


def now(one: Finding) -> str:
    return " ".join(remedy.text for remedy in one.remedies if remedy.when is When.NOW)


def test_health_counts_the_threads_behind_another() -> None:
    health = finding("virtual-pinned-initialisers-carrier-free", "healthy")
    assert "3 wait for others" in health.explanation
    assert "none behind another" in finding("runaway-busy-batch", "healthy").explanation


def test_requests_that_no_table_shows_unread_are_not_none() -> None:
    assert "is not recorded" in finding("postgres-busy", "healthy").explanation
    assert "0 requests wait unread" in finding("slow-http-few", "healthy").explanation


def test_who_may_read_under_a_lock_and_does_not_wait_for_it_is_named() -> None:
    convoy = finding("read-lock-slow", "lock-convoy")
    assert "CatalogueSite.slow" in convoy.explanation
    assert [one.count for one in convoy.subjects] == [8, 1]
    assert "reads under this lock" in now(convoy)


def test_a_read_write_lock_without_an_owner_may_be_held_for_reading() -> None:
    convoy = finding("read-lock-upgrade-once", "lock-convoy")
    assert "held for reading" in convoy.explanation
    assert "second dump" in now(convoy)
    assert "owner does" in now(finding("slow-names", "lock-convoy"))


@pytest.mark.parametrize(
    ("case", "command"),
    [
        ("server-does-not-read", "ss -K dst 10.77.0.2 dport = :9000"),
        ("clients-do-not-read", "ss -K dst 10.77.0.2 sport = :8080"),
    ],
)
def test_connections_are_cut_by_their_filter_alone(case: str, command: str) -> None:
    text = now(finding(case, "peer-does-not-read"))
    assert command in text
    blind = found("peer-does-not-read", altered(case, without=("sockets.txt",)))
    assert blind is not None
    assert "ss -K" not in now(blind)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("tomcat-self-call", "no request will be answered again by itself"),
        ("self-call-httpclient5", "wait for the timeouts"),
        ("self-call-jdk-async", "unless a timeout"),
    ],
)
def test_a_circle_that_a_timeout_breaks_is_not_called_endless(case: str, says: str) -> None:
    assert says in now(finding(case, "self-call-deadlock"))


def test_an_answer_ends_the_wait_for_one() -> None:
    assert "never" in ends("deadlock", True)
    assert "answer" in ends("slow-dependency", True)
    assert ends("slow-dependency", None) == ends("deadlock", None)


def test_the_timeout_of_those_who_wait_gives_no_connection_back() -> None:
    pool = finding("slow-postgres-behind-pool", "connection-pool-exhausted")
    assert pool.permanent is None
    assert "gives no connection back" in pool.explanation
    assert "5 holders of one are at work" in pool.headline


def test_carriers_that_may_be_freed_are_looked_at_again_before_a_restart() -> None:
    assert now(finding("virtual-blocked-synchronized", "virtual-thread-pinning")).startswith("Take")
    assert now(finding("virtual-pinned-initialisers", "virtual-thread-pinning")).startswith(
        "Restart"
    )


def gaps(diagnosis: Diagnosis) -> list[str]:
    return [gap.what for gap in diagnosis.gaps]


def test_an_empty_table_decides_least() -> None:
    what = gaps(altered("virtual-pinned-carrier-free"))
    assert "one dump of their form" in what[0]
    assert what[-1] == "The socket table is empty."
    assert not any("owners" in one for one in what)


def test_a_dump_of_virtual_threads_taken_twice_is_not_asked_for() -> None:
    folder = FIXTURES / "virtual-pinned-carrier-free"
    second = re.sub(
        r'("time": "\d{4}-\d\d-\d\dT\d\d:\d\d:)\d\d',
        r"\g<1>59",
        (folder / "dump-virtual.txt").read_text(),
    )
    what = gaps(told("virtual-pinned-carrier-free", also=second))
    assert not any("one dump of their form" in one for one in what)


def test_what_shows_virtual_threads_is_asked_for_where_they_are_in_the_circle() -> None:
    across = finding("virtual-deadlock-across", "lock-deadlock")
    assert "Thread.dump_to_file" in across.refuted_by


def test_a_thread_of_no_pool_is_one_of_none() -> None:
    output = finding("stdout-blocked-log4j-async", "output-blocked")
    said = [citation.says for step in output.chain for citation in step.citations]
    assert said
    assert not any("None" in one for one in said)


def test_sockets_that_are_out_of_descriptors_are_not_about_to_be() -> None:
    assert "run out" not in now(finding("parked-requests-out-of-descriptors", "close-wait-pile-up"))


@pytest.mark.parametrize(
    ("case", "pool"),
    [("self-call-netty", "nioEventLoopGroup-3"), ("slow-http-vertx", "vert.x-eventloop-thread")],
)
def test_event_loops_that_serve_are_among_the_numbers(case: str, pool: str) -> None:
    (numbers,) = [one for one in altered(case).summary.pools if one.name == pool]
    assert [(one.label, one.count) for one in numbers.activities] == [
        ("reply: HttpURLConnection", 4)
    ]


def test_every_process_on_the_way_is_told_by_what_it_was_known() -> None:
    hazard = finding("mutual-call-free-worker", "self-call-hazard")
    assert any("dump-a.txt is process" in one for one in hazard.rests_on)
    assert any("dump-b.txt is process" in one for one in hazard.rests_on)


def test_commands_name_the_process_where_one_alone_can_be_meant() -> None:
    alone = altered("parked-requests-out-of-descriptors")
    full = found("file-descriptor-exhaustion", alone)
    assert full is not None
    assert "prlimit --pid 6695 " in now(full)
    assert "/proc/6695/fd" in full.refuted_by
    assert [gap.command for gap in alone.gaps if "jstack 6695" in gap.command]
    two = altered("mutual-call")
    assert all("jstack -l PID" in one.refuted_by for one in two.findings)


def test_a_process_that_no_input_tells_is_left_open() -> None:
    blind = altered("tomcat-self-call", without=("sockets.txt",))
    assert any("PID" in gap.command for gap in blind.gaps)


def test_states_that_a_table_does_not_print_are_laid_on_no_other_tool() -> None:
    """BSD's netstat prints none under -T, -x and -R."""
    table = (
        "Active Internet connections (including servers)\n"
        "Proto Rexmit OOORcv 0-win  Local Address          Foreign Address\n"
        "tcp4       0      0      0 10.77.0.1.8080         10.77.0.2.40112\n"
    )
    diagnosis = altered("tomcat-self-call", without=("sockets.txt",), more={"bsd.txt": table})
    assert diagnosis.verdict.kind is Kind.INCONCLUSIVE
    (gap,) = [one for one in diagnosis.gaps if "no state" in one.what]
    assert gap.what.startswith("1 row of the socket table has no state: it was taken with")
