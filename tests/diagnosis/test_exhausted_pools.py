"""Workers and connections of clients that are all in use: by whom, and when that is a deadlock."""

from __future__ import annotations

import re

import pytest

from .altered import altered, found, replacing

WORKERS, CLIENT = "worker-pool-exhausted", "http-client-pool-exhausted"
DEADLOCK = "self-call-deadlock"


def test_workers_are_not_used_up_while_nobody_waits_for_one() -> None:
    read = {"sockets.txt": lambda text: re.sub(r"(?m)^(ESTAB +)\d+", r"\g<1>0", text)}
    assert found(WORKERS, altered("workers-all-busy", read)) is None
    assert found(WORKERS, altered("workers-all-busy", without=("sockets.txt",))) is None


@pytest.mark.parametrize(("unread", "raised"), [(3, True), (2, False)])
def test_a_request_or_two_have_just_come(unread: int, raised: bool) -> None:
    def fewer(text: str) -> str:
        rows, left = [], unread
        for line in text.split("\n"):
            waiting = re.match(r"ESTAB +[1-9]", line) is not None and ":8080 " in line[:60]
            left -= waiting
            if not waiting or left >= 0:
                rows.append(line)
        return "\n".join(rows)

    told = altered("workers-all-busy", {"sockets.txt": fewer})
    assert (found(WORKERS, told) is not None) is raised


def test_half_of_the_workers_in_one_unknown_wait_may_be_held_up_by_one_thing() -> None:
    unknown = {
        "dump.txt": replacing(
            "java.lang.Thread.sleep(java.base@17.0.15/Native Method)",
            "java.lang.Object.wait(java.base@17.0.15/Native Method)",
        )
    }
    told = altered("workers-all-busy", unknown)
    assert found(WORKERS, told) is None
    assert told.verdict.kind.value == "inconclusive"


def test_workers_behind_one_end_are_told_by_that_end() -> None:
    for case in ("slow-http", "tomcat-self-call", "clients-do-not-read", "connect-hang"):
        assert found(WORKERS, altered(case)) is None, case


def test_an_idle_worker_that_a_cut_dump_may_hide_is_allowed_for() -> None:
    cut = {
        "dump.txt": lambda text: text.split("JNI global ref")[0].replace("_java_thread_list", "")
    }
    told = altered("workers-all-busy", cut)
    assert found(WORKERS, told) is None


def another_connection(text: str) -> str:
    """One more open connection of the process out of the host."""
    pid = re.search(r"pid=(\d+),fd=\d+\)\)", text[text.index('"java"') :])
    assert pid is not None
    return (
        text.rstrip("\n") + "\nESTAB 0 0 [::ffff:127.0.0.1]:33333 [::ffff:10.9.9.9]:9000"
        f' users:(("java",pid={pid[1]},fd=99))\n'
    )


def test_a_connection_whose_holder_is_not_seen_may_come_back() -> None:
    whole = altered("self-call-behind-http-pool")
    assert found(DEADLOCK, whole) is not None
    freed = altered("self-call-behind-http-pool", {"sockets.txt": another_connection})
    assert found(DEADLOCK, freed) is None
    assert found(CLIENT, freed) is not None


def test_connections_whose_owners_are_not_recorded_may_be_those_of_anybody() -> None:
    unowned = {"sockets.txt": lambda text: re.sub(r" users:\(.*\)", "", text)}
    for case in ("self-call-behind-http-pool", "http-pool-leak"):
        told = found(CLIENT, altered(case, unowned))
        assert told is not None
        assert "How many connections it has is not recorded" in told.explanation


def test_whoever_is_inside_the_client_may_hold_a_connection() -> None:
    """A lookup of the name comes after the lease and before the connection: no socket shows it."""
    frames = (
        "java.net.Inet6AddressImpl.lookupAllHostAddr",
        "java.net.InetAddress.getAllByName",
        "org.apache.http.impl.client.CloseableHttpClient.execute",
        "com.acme.Mailer.run",
        "java.lang.Thread.run",
    )

    def another(text: str) -> str:
        start = text.index('"http-nio-8080-exec-1"')
        header = text[start:].split("\n", maxsplit=1)[0].replace("http-nio-8080-exec-1", "mailer")
        stack = "".join(f"\tat {frame}(X.java:1)\n" for frame in frames)
        thread = f"{header}\n   java.lang.Thread.State: RUNNABLE\n{stack}\n"
        return text[:start] + thread + text[start:]

    told = altered("self-call-behind-http-pool", {"dump.txt": another})
    assert found(DEADLOCK, told) is None
    assert "3 holders" in str(found(CLIENT, told))


def test_without_sockets_a_pool_of_connections_is_never_stuck() -> None:
    told = altered("self-call-behind-http-pool", without=("sockets.txt",))
    assert found(DEADLOCK, told) is None


def test_readers_of_another_client_hold_none_of_the_pools_connections() -> None:
    """Both read over HTTP, but each client lends its own connections only."""

    def through_another(text: str) -> str:
        threads = re.split(r'(?m)^(?=")', text)
        client = r"(?m)^\tat (?:org\.apache\.http\.|cases\.Fetch).*\n"
        other = "\tat sun.net.www.protocol.http.HttpURLConnection.getInputStream(X.java:1)\n"
        return "".join(
            re.sub(r"(?m)^(?=\tat cases\.TomcatSite)", other, re.sub(client, "", thread))
            if "fillBuffer" in thread
            else thread
            for thread in threads
        )

    told = altered("self-call-behind-http-pool", {"dump.txt": through_another})
    assert found(DEADLOCK, told) is None
    assert "no thread is seen to use any" in str(found(CLIENT, told))


def test_a_leak_and_connections_at_work_are_told_apart() -> None:
    leaked = found(CLIENT, altered("http-pool-leak"))
    assert leaked is not None
    assert "no thread is seen to use any" in leaked.headline
    used = found(CLIENT, altered("http-pool-slow-server"))
    assert used is not None
    assert "at work in the client" in used.headline
    assert used.remedies != leaked.remedies


def test_threads_at_work_with_connections_may_have_more_than_one_and_need_not_leak() -> None:
    pool = found("connection-pool-exhausted", altered("hikari-two-connections-enough"))
    assert pool is not None
    assert "these threads may have a second one" in pool.explanation
    leak = found("connection-pool-exhausted", altered("hikari-leak"))
    assert leak is not None
    assert "a second one" not in leak.explanation
