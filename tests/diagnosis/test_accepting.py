"""Connections that wait to be accepted: full queues, limits, acceptors that are gone."""

from __future__ import annotations

import re

import pytest

from .altered import altered, found, replacing

OVERFLOW, LIMIT, MISSING = "accept-queue-overflow", "connection-limit-reached", "acceptor-missing"


@pytest.mark.parametrize(
    ("queued", "backlog", "full"),
    [(6, 5, True), (5, 5, True), (4, 5, False), (4, 4, False), (5, 4, True), (6, 0, False)],
)
def test_a_queue_is_full_when_no_connection_fits(queued: int, backlog: int, full: bool) -> None:
    now = f"LISTEN   {queued}      {backlog} "
    changes = {"sockets.txt": lambda text: text.replace("LISTEN   6      5 ", now) + "\n"}
    assert (found(OVERFLOW, altered("accept-queue-overflow", changes)) is not None) is full


def test_without_a_backlog_in_the_table_no_queue_is_called_full() -> None:
    row = "tcp6  6  0 :::8080  :::*  LISTEN  31772/java\n"
    table = (
        "Active Internet connections (servers and established)\n"
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
        "PID/Program name\n" + row
    )
    told = altered("accept-queue-overflow", without=("sockets.txt",), more={"netstat.txt": table})
    assert found(OVERFLOW, told) is None


def test_a_service_of_another_process_is_not_ours() -> None:
    def another(text: str) -> str:
        return text + 'LISTEN 9 5 *:9999 *:* users:(("other",pid=1,fd=3))\n'

    assert found(OVERFLOW, altered("connection-limit-far", {"sockets.txt": another})) is None
    alone = altered("connection-limit-far", {"sockets.txt": another}, without=("dump.txt",))
    assert found(OVERFLOW, alone) is not None


def test_the_overflow_is_the_effect_of_what_keeps_the_acceptor() -> None:
    for case, cause in (("connection-limit", LIMIT), ("acceptor-died", MISSING)):
        changes = {"sockets.txt": lambda text: text.replace(" 100 ", "  9 ", 1)}
        overflow = found(OVERFLOW, altered(case, changes))
        assert overflow is not None, case
        assert overflow.effect_of == cause


def test_a_full_server_for_which_nobody_waits_is_no_trouble() -> None:
    waiting = {"sockets.txt": lambda text: text.replace("LISTEN 10 ", "LISTEN 0  ", 1)}
    assert found(LIMIT, altered("connection-limit", waiting)) is None
    assert found(LIMIT, altered("connection-limit")) is not None


def test_the_limit_is_told_by_the_dump_alone() -> None:
    finding = found(LIMIT, altered("connection-limit", without=("sockets.txt",)))
    assert finding is not None
    assert "port 8080" in finding.headline
    assert "not recorded" in finding.explanation


def test_an_acceptor_is_missed_only_in_a_whole_dump_while_somebody_waits() -> None:
    cut = {"dump.txt": lambda text: text[: text.index('"http-nio-8080-exec-9"')]}
    assert found(MISSING, altered("acceptor-died", cut)) is None
    lost = {"dump.txt": lambda text: text.replace("JNI global ref", "")}
    assert found(MISSING, altered("acceptor-died", lost)) is not None  # the list of threads tells
    nobody = {
        "sockets.txt": lambda text: "\n".join(
            line
            for line in text.replace("LISTEN 14 ", "LISTEN 0  ").split("\n")
            if "users:" in line
        )
    }
    assert found(MISSING, altered("acceptor-died", nobody)) is None


@pytest.mark.parametrize("connector", ["http-nio2-8080", "http-apr-8080"])
def test_connectors_without_a_thread_for_it_miss_none(connector: str) -> None:
    changes = {"dump.txt": replacing("http-nio-8080", connector)}
    assert found(MISSING, altered("acceptor-died", changes)) is None


def test_another_ports_acceptor_is_not_this_ones() -> None:
    changes = {"dump.txt": replacing('"http-nio-8080-Acceptor"', '"http-nio-9090-Acceptor"')}
    told = altered("connection-limit", changes)
    assert found(MISSING, told) is not None


def test_idle_workers_behind_close_wait_are_not_said_to_be_held_up() -> None:
    told = altered("parked-requests")
    finding = found("close-wait-pile-up", told)
    assert finding is not None
    assert "All 10 workers are idle" in finding.explanation
    assert "held up by something else" not in finding.explanation


def test_a_full_queue_of_another_port_has_another_cause() -> None:
    def another(text: str) -> str:
        (pid,) = set(re.findall(r'"java",pid=(\d+)', text))
        return text + f'LISTEN 9 5 *:9999 *:* users:(("java",pid={pid},fd=99))\n'

    overflow = found(OVERFLOW, altered("connection-limit", {"sockets.txt": another}))
    assert overflow is not None
    assert overflow.effect_of is None


def test_calls_that_cannot_be_accepted_wait_for_their_own_callers() -> None:
    finding = found("self-call-deadlock", altered("self-call-without-a-slot"))
    assert finding is not None
    assert "5 worker threads call it" in finding.headline
    assert "HTTP/2" in " ".join(finding.rests_on)


def test_an_idle_client_may_close_its_connection_and_free_a_slot() -> None:
    def with_an_idle_one(text: str) -> str:
        (pid,) = set(re.findall(r'"java",pid=(\d+)', text))
        row = "ESTAB 0 0 [::ffff:127.0.0.1]:8080 [::ffff:127.0.0.1]:60999"
        return text + f'{row} users:(("java",pid={pid},fd=99))\n'

    told = altered("self-call-without-a-slot", {"sockets.txt": with_an_idle_one})
    assert found("self-call-deadlock", told) is None
    assert found(LIMIT, told) is not None


def test_an_acceptor_that_accepts_will_take_the_calls() -> None:
    accepting = {
        "dump.txt": replacing(
            "org.apache.tomcat.util.threads.LimitLatch.countUpOrAwait",
            "sun.nio.ch.ServerSocketChannelImpl.accept",
        )
    }
    told = altered("self-call-without-a-slot", accepting)
    assert found("self-call-deadlock", told) is None


def test_a_circle_of_busy_workers_is_told_without_slots() -> None:
    """Undertow reads requests before a worker is free: the circle has no listener in it."""
    finding = found("self-call-deadlock", altered("self-call-undertow"))
    assert finding is not None
    assert "that could answer" in finding.headline
