"""Rounds of one capture are one host; JVMs of one kind on several hosts are several."""

from __future__ import annotations

import re
from pathlib import Path

from hangscope.facts import HostFacts
from hangscope.interpret import assemble_hosts, joined
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()


def host(name: str, dump: str, sockets: str = "") -> HostFacts:
    texts = {"dump.txt": dump, "sockets.txt": sockets}
    inputs = [
        read_input(Source.from_bytes(f"{name}/{file}", text.encode()))
        for file, text in texts.items()
        if text
    ]
    return HostFacts.of(name, inputs)


def dump_of(case: str) -> str:
    return (FIXTURES / case / "dump.txt").read_text()


def other_run(dump: str) -> str:
    """The same service started again: the same thread names and ids at other places."""
    return re.sub(r"tid=0x0000(\w)", r"tid=0x0001\1", dump)


def test_two_rounds_of_one_jvm_are_one_host_without_a_name() -> None:
    dump = dump_of("tomcat-self-call")
    later = dump.replace(" cpu=", " cpu=1")
    hosts, names = joined([host("round-1", dump), host("round-2", later)])
    assert [one.name for one in hosts] == [""]
    assert names == {"round-1": "", "round-2": ""}
    case = assemble_hosts(hosts, KNOWLEDGE)
    (jvm,) = case.jvms
    assert jvm.dumps == 2


def test_rounds_of_two_hosts_have_the_names_of_the_first() -> None:
    one, two = dump_of("tomcat-self-call"), dump_of("tomcat-idle")
    given = [host("a1", one), host("b1", two), host("a2", one), host("b2", two)]
    hosts, names = joined(given)
    assert [of.name for of in hosts] == ["a1", "b1"]
    assert names == {"a1": "a1", "b1": "b1", "a2": "a1", "b2": "b1"}


def test_instances_of_one_service_are_hosts_of_their_own() -> None:
    dump = dump_of("tomcat-self-call")
    hosts, _ = joined([host("a", dump), host("b", other_run(dump))])
    assert [one.name for one in hosts] == ["a", "b"]


def test_hosts_without_dumps_stay_apart() -> None:
    table = (FIXTURES / "tomcat-idle" / "sockets.txt").read_text()
    hosts, _ = joined([host("a", "", table), host("b", "", table)])
    assert [one.name for one in hosts] == ["a", "b"]


def test_one_host_keeps_its_name() -> None:
    hosts, names = joined([host("web", dump_of("tomcat-idle"))])
    assert [one.name for one in hosts] == ["web"]
    assert names == {"web": "web"}
