"""Tables of several network namespaces of one host are kept apart; those of one are not."""

from __future__ import annotations

import re
from pathlib import Path

from hangscope.diagnosis import diagnose
from hangscope.facts import HostFacts, SocketTable
from hangscope.interpret import Case, assemble_hosts, interpret
from hangscope.interpret.namespaces import hosts_of, namespaces
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
HEAD = "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
LISTENER = 'LISTEN 0 100 *:8080 *:* users:(("java",pid=1,fd=5))\n'
LOOPBACK = 'ESTAB 0 0 127.0.0.1:40000 127.0.0.1:8080 users:(("java",pid=1,fd=6))\n'


def table(*rows: str, name: str = "t.txt", listens: bool = True) -> SocketTable:
    text = HEAD + (LISTENER if listens else "") + "".join(rows)
    (found,) = read_input(Source.from_bytes(name, text.encode())).tables
    return found


def connection(address: str) -> str:
    return f'ESTAB 0 0 {address}:50000 203.0.113.5:443 users:(("java",pid=1,fd=7))\n'


def test_tables_without_a_common_address_are_of_two_namespaces() -> None:
    one, two = table(connection("10.0.0.1")), table(connection("172.17.0.2"))
    assert namespaces((one, two)) == ((one,), (two,))


def test_tables_that_share_an_address_are_of_one() -> None:
    one = table(connection("10.0.0.1"))
    two = table(connection("10.0.0.1"), connection("192.168.7.1"))
    assert namespaces((one, two)) == ((one, two),)


def test_a_table_of_ipv4_and_one_of_ipv6_are_of_one() -> None:
    one, two = table(connection("10.0.0.1")), table(connection("[2001:db8::1]"))
    assert namespaces((one, two)) == ((one, two),)


def test_a_filtered_table_is_of_the_same_one() -> None:
    """Without listeners it is a selection: it need not show the addresses that others show."""
    one, two = table(connection("10.0.0.1")), table(connection("192.168.7.1"), listens=False)
    assert namespaces((one, two)) == ((one, two),)


def test_loopback_connections_do_not_match_from_one_namespace_to_another() -> None:
    there = LOOPBACK.replace("40000", "x").replace("8080", "40000").replace("x", "8080")
    one = table(connection("10.0.0.1"), LOOPBACK, name="host.txt")
    two = table(connection("172.17.0.2"), there, name="container.txt")
    first, second = hosts_of(HostFacts("", (), (one, two)), KNOWLEDGE, {8080})
    assert first.sockets is not None
    assert second.sockets is not None
    (out,) = (r for r in first.sockets.rows if r.local.port == 40000)
    assert first.sockets.mirror(out) is None
    names = {first.name, second.name}
    assert names == {"the network of host.txt", "the network of container.txt"}


def case_of(*files: tuple[str, str]) -> Case:
    inputs = [read_input(Source.from_bytes(name, text.encode())) for name, text in files]
    return assemble_hosts([HostFacts.of("", inputs)], KNOWLEDGE)


def files_of(case: str, pid: int = 0) -> list[tuple[str, str]]:
    """The captures of a case with several hosts, as if all were of containers on one."""
    files = []
    for path in sorted((FIXTURES / case).glob("*/*.txt")):
        text = path.read_text()
        text = re.sub(r'"java",pid=\d+', f'"java",pid={pid}', text) if pid else text
        files.append((f"{path.parent.name}-{path.name}", text))
    return files


def test_jvms_of_several_containers_given_together_are_found_in_their_namespaces() -> None:
    case = case_of(*files_of("three-hosts-circle", pid=1))
    assert {jvm.scope for jvm in case.jvms} == {
        f"pid 1 on the network of {name}-sockets.txt" for name in "abc"
    }
    told = diagnose(interpret(case))
    assert told.verdict.finding == "mutual-call-deadlock"


def test_a_jvm_that_may_be_in_several_namespaces_has_no_sockets() -> None:
    """Both tables have a process of its id that serves its port."""
    files = dict(files_of("three-hosts-circle", pid=1))
    ports = re.compile(r"\b(?:9090|7070)\b")
    given = [("a-dump.txt", files["a-dump.txt"])]
    given += [(f"{n}-sockets.txt", ports.sub("8080", files[f"{n}-sockets.txt"])) for n in "ab"]
    case = case_of(*given)
    (jvm,) = case.jvms
    assert jvm.host.sockets is None
    told = diagnose(interpret(case))
    assert told.verdict.kind.value == "inconclusive"
