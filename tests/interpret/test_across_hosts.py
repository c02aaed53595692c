"""Real captures of several hosts with single things changed: what is claimed, and what no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.facts import HostFacts
from hangscope.interpret import assemble_hosts, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source
from tests.inputs import inputs_by_host

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
Change = Callable[[str, str, str], str]
"""Of a host's name, a file's name and its text."""


def unchanged(_: str, __: str, text: str) -> str:
    return text


def diagnosed(case: str, change: Change = unchanged, without: str = "") -> Diagnosis:
    hosts = []
    for host, files in inputs_by_host(FIXTURES / case).items():
        inputs = [
            read_input(
                Source.from_bytes(
                    f"{host}/{file.name}", change(host, file.name, file.read_text()).encode()
                )
            )
            for file in files
            if f"{host}/{file.name}" != without
        ]
        hosts.append(HostFacts.of(host, inputs))
    return diagnose(interpret(assemble_hosts(hosts, KNOWLEDGE)))


def deadlocks(told: Diagnosis) -> set[str]:
    return {finding.id for finding in told.findings if finding.id.endswith("deadlock")}


def gaps(told: Diagnosis) -> str:
    return " ".join(gap.what for gap in told.gaps)


def processes(told: Diagnosis) -> set[str]:
    subjects = (s for s in told.findings[0].subjects if s.type.value == "pool")
    return {subject.process or "" for subject in subjects}


def with_pid(pid: int) -> Change:
    def changed(_: str, __: str, text: str) -> str:
        return re.sub(r'"java",pid=\d+', f'"java",pid={pid}', text)

    return changed


def renamed(old: str, new: str, in_host: str = "", in_file: str = "") -> Change:
    def changed(host: str, file: str, text: str) -> str:
        here = in_host in {"", host} and in_file in {"", file}
        return text.replace(old, new) if here else text

    return changed


def test_one_process_id_on_several_hosts_is_several_processes() -> None:
    """As in containers, where every JVM is process 1."""
    told = diagnosed("three-hosts-circle", with_pid(1))
    assert deadlocks(told) == {"mutual-call-deadlock"}
    assert processes(told) == {"pid 1 on a", "pid 1 on b", "pid 1 on c"}


def test_equal_ports_on_several_hosts_are_several_services() -> None:
    def all_on_8080(_: str, __: str, text: str) -> str:
        return re.sub(r"\b(?:9090|7070)\b", "8080", text)

    told = diagnosed("three-hosts-circle", all_on_8080)
    assert deadlocks(told) == {"mutual-call-deadlock"}
    endpoints = [s for s in told.findings[0].subjects if s.type.value == "endpoint"]
    assert len({subject.process for subject in endpoints}) == 3


def test_without_one_of_the_tables_nothing_is_proven_stuck() -> None:
    for host in "abc":
        told = diagnosed("three-hosts-circle", without=f"{host}/sockets.txt")
        assert told.verdict.kind.value == "inconclusive", host
        assert f"No socket table of {host} is given." in gaps(told)


def test_without_one_of_the_dumps_nothing_is_stuck() -> None:
    for host in "abc":
        assert deadlocks(diagnosed("three-hosts-circle", without=f"{host}/dump.txt")) == set()


def test_services_that_talk_over_loopback_on_different_hosts_do_not_meet() -> None:
    """The same capture as if each host had called its own loopback."""

    def over_loopback(_: str, file: str, text: str) -> str:
        return re.sub(r"10\.77\.0\.\d", "127.0.0.1", text) if file == "sockets.txt" else text

    assert deadlocks(diagnosed("three-hosts-circle", over_loopback)) == set()


def test_the_weakest_link_is_told_and_the_hosts_are_named() -> None:
    told = diagnosed("three-hosts-circle").findings[0]
    assert "The weakest link is" in told.explanation
    assert "*:8080 on a" in told.headline
    assert any("taken to be of one moment" in why for why in told.rests_on)


def test_an_idle_worker_that_could_take_the_unread_call_dissolves_the_circle() -> None:
    """One worker of A is shown where an idle one is: it can take the request of C."""

    def with_an_idle_worker(host: str, file: str, text: str) -> str:
        if (host, file) != ("a", "dump.txt"):
            return text
        near_miss = (FIXTURES / "three-hosts-free-worker" / "a" / "dump.txt").read_text()
        idle = next(
            stack
            for stack in near_miss.split("\n\n")
            if stack.startswith('"http-nio-8080-exec') and "TaskQueue.take" in stack
        )
        frames = idle.split("\n", 1)[1]
        stacks = text.split("\n\n")
        (at,) = (i for i, s in enumerate(stacks) if s.startswith('"http-nio-8080-exec-3"'))
        stacks[at] = stacks[at].split("\n", 1)[0] + "\n" + frames
        return "\n\n".join(stacks)

    assert deadlocks(diagnosed("three-hosts-circle", with_an_idle_worker)) == set()


def test_without_the_tracker_the_same_client_ports_are_followed_and_said_to_be() -> None:
    told = diagnosed("nat-mutual-call", without="a/conntrack.txt")
    assert deadlocks(told) == {"mutual-call-deadlock"}
    assert any("stands for 10.77.0.2:9090 on b" in why for why in told.findings[0].rests_on)


def test_with_masked_clients_and_no_tracker_the_peer_is_not_seen() -> None:
    masked = renamed("10.77.0.1]:", "10.77.0.250]:", in_host="b", in_file="sockets.txt")

    def changed(host: str, file: str, text: str) -> str:
        return masked(host, file, text).replace("10.77.0.250]:8080", "10.77.0.1]:8080")

    told = diagnosed("nat-mutual-call", changed, without="a/conntrack.txt")
    assert deadlocks(told) == set()
    assert "peer not seen, NAT or proxy?" in gaps(told)


def more_rows(host: str, *rows: str) -> Change:
    def changed(of: str, file: str, text: str) -> str:
        return (
            text + "".join(f"{row}\n" for row in rows)
            if (of, file)
            == (
                host,
                "sockets.txt",
            )
            else text
        )

    return changed


def nginx_pids() -> Iterator[str]:
    table = (FIXTURES / "proxy-self-call" / "proxy" / "sockets.txt").read_text()
    yield from sorted(set(re.findall(r'ESTAB .*"nginx",pid=(\d+)', table)))


def nginx_row(local: str, peer: str, recv_q: int = 0) -> str:
    return f'ESTAB {recv_q}      0 {local} {peer} users:(("nginx",pid={next(nginx_pids())},fd=99))'


def test_a_proxy_with_a_connection_to_somebody_else_may_go_on() -> None:
    told = diagnosed(
        "proxy-self-call",
        more_rows(
            "proxy",
            *(
                row
                for pid in nginx_pids()
                for row in (
                    f'ESTAB 0      0 10.77.0.2:50001 10.9.9.9:80 users:(("nginx",pid={pid},fd=99))',
                )
            ),
        ),
    )
    assert deadlocks(told) == set()


def test_a_proxy_with_more_clients_than_requests_upstream_may_hold_some_itself() -> None:
    """Perhaps they are idle; perhaps it holds ours itself (a limit of its own)."""
    idle = nginx_row("10.77.0.2:80", "10.77.0.3:60001")
    told = diagnosed("proxy-self-call", more_rows("proxy", idle))
    assert deadlocks(told) == set()
    assert "41 connections of clients and 40 requests upstream" in gaps(told)


def test_idle_upstream_connections_are_no_requests_upstream() -> None:
    """Kept alive, both ends empty, as many as the clients' idle ones: they prove nothing."""
    ports = range(61000, 61010)
    clients = [nginx_row("10.77.0.2:80", f"10.77.0.3:{port}") for port in ports]
    kept = [nginx_row(f"10.77.0.2:{port}", "10.77.0.1:8080") for port in ports]
    table = (FIXTURES / "proxy-self-call" / "app" / "sockets.txt").read_text()
    (pid,) = set(re.findall(r'"java",pid=(\d+)', table))
    accepted = [
        f'ESTAB 0      0 10.77.0.1:8080 10.77.0.2:{port} users:(("java",pid={pid},fd=99))'
        for port in ports
    ]
    at_proxy, at_app = more_rows("proxy", *clients, *kept), more_rows("app", *accepted)

    def changed(host: str, file: str, text: str) -> str:
        return at_app(host, file, at_proxy(host, file, text))

    assert deadlocks(diagnosed("proxy-self-call", changed)) == set()


def test_an_answer_that_the_proxy_has_not_read_yet_lets_it_go_on() -> None:
    table = (FIXTURES / "proxy-self-call" / "proxy" / "sockets.txt").read_text()
    lines = [line for line in table.split("\n") if re.search(r":\d{5} +10\.77\.0\.1:8080 ", line)]
    answered = {pid: next(ln for ln in lines if f"pid={pid}," in ln) for pid in nginx_pids()}

    def changed(host: str, _: str, text: str) -> str:
        for line in answered.values() if host == "proxy" else ():
            text = text.replace(line, re.sub(r"^(ESTAB +)0 ", r"\g<1>512 ", line))
        return text

    assert deadlocks(diagnosed("proxy-self-call", changed)) == set()


def test_a_process_that_is_no_known_proxy_is_not_followed() -> None:
    told = diagnosed("proxy-self-call", renamed('"nginx"', '"python3"'))
    assert deadlocks(told) == set()


def test_a_proxy_is_told_through_other_tools_too() -> None:
    """netstat prints the title that nginx gives its processes."""
    assert KNOWLEDGE.proxy_of_command("nginx: worker") == "nginx"
    assert KNOWLEDGE.proxy_of_command("java") is None


def test_what_may_come_back_through_an_unseen_proxy_is_blamed_on_nobody() -> None:
    told = diagnosed("proxy-self-call-unseen")
    assert told.verdict.kind.value == "inconclusive"
    assert "may be calling itself through a proxy" in gaps(told)
    elsewhere = renamed("[::ffff:10.77.0.2]:80 ", "[::ffff:10.77.0.9]:80 ")
    assert diagnosed("proxy-self-call-unseen", elsewhere).verdict.finding == "slow-http-dependency"


def test_an_answer_that_the_proxy_is_sending_lets_it_go_on() -> None:
    row = r"(ESTAB +0 +)0(\s+10\.77\.0\.2:80\s+10\.77\.0\.1:)"

    def sending(host: str, _: str, text: str) -> str:
        return re.sub(row, r"\g<1>9\g<2>", text) if host == "proxy" else text

    assert deadlocks(diagnosed("proxy-self-call", sending)) == set()


def test_requests_that_stand_unread_on_a_host_without_a_dump_are_not_called_healthy() -> None:
    """One host is idle and its dump is given; of the other, which hangs, the table alone is."""
    given = {
        "a": ("tomcat-idle/dump.txt", "tomcat-idle/sockets.txt"),
        "b": ("tomcat-self-call/sockets.txt",),
    }
    hosts = [
        HostFacts.of(
            name,
            [read_input(Source.from_path(FIXTURES / file)) for file in files],
        )
        for name, files in given.items()
    ]
    told = diagnose(interpret(assemble_hosts(hosts, KNOWLEDGE)))
    assert told.verdict.kind.value == "inconclusive"
    assert "on *:8080 on b stand unread" in told.verdict.headline
    assert "without a thread dump" in told.verdict.headline
