"""The other end of a connection over hosts: mirrored, translated, or not to be told."""

from __future__ import annotations

import pytest

from hangscope.facts import Endpoint, Translation
from hangscope.facts.evidence import Evidence
from hangscope.interpret.far_ends import FarEnd, FarEnds
from hangscope.interpret.hosts import Host
from hangscope.interpret.sockets import HostSockets, Row
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

KNOWLEDGE = load()


def end(text: str) -> Endpoint:
    address, _, port = text.rpartition(":")
    return Endpoint(address, int(port))


def host(name: str, *lines: str, translations: tuple[Translation, ...] = ()) -> Host:
    text = "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n" + "\n".join(lines)
    tables = read_input(Source.from_bytes(f"{name}.txt", text.encode())).tables
    return Host(name, HostSockets(tables, KNOWLEDGE), (), translations)


def listener(port: int, pid: int = 1) -> str:
    return f'LISTEN 0 100 *:{port} *:* users:(("java",pid={pid},fd=5))'


def open_(local: str, peer: str, recv_q: int = 0, pid: int = 1) -> str:
    return f'ESTAB {recv_q} 0 {local} {peer} users:(("java",pid={pid},fd=6))'


def row(of: Host, local: str, peer: str) -> Row:
    assert of.sockets is not None
    found = of.sockets.between(end(local), end(peer))
    assert found is not None
    return found


def translation(original: tuple[str, str], reply: tuple[str, str]) -> Translation:
    one, two = (end(original[0]), end(original[1])), (end(reply[0]), end(reply[1]))
    return Translation(None, one, two, Evidence("conntrack.txt", 1, 1))


def followed(hosts: tuple[Host, ...], local: str, peer: str) -> FarEnd | None:
    return FarEnds(hosts).of(hosts[0], row(hosts[0], local, peer))


A, B = "10.0.0.1:40000", "10.0.0.2:8080"


def test_the_mirror_on_another_host_is_the_other_end() -> None:
    there = host("b", listener(8080), open_(B, A, recv_q=7))
    found = followed((host("a", open_(A, B)), there), A, B)
    assert found is not None
    assert found.host is there
    assert found.row is not None
    assert found.row.recv_q == 7
    assert found.service is not None
    assert not found.inference


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.1.1", "169.254.7.7"])
def test_addresses_that_each_host_has_for_itself_never_match_across_hosts(address: str) -> None:
    mine, theirs = f"{address}:40000", f"{address}:8080"
    here = host("a", open_(mine, theirs))
    there = host("b", listener(8080), open_(theirs, mine))
    assert followed((here, there), mine, theirs) is None


def test_loopback_of_ipv6_never_matches_across_hosts() -> None:
    here = host("a", open_("[::1]:40000", "[::1]:8080"))
    there = host("b", listener(8080), open_("[::1]:8080", "[::1]:40000"))
    (mine,) = here.sockets.rows if here.sockets else ()
    assert FarEnds((here, there)).of(here, mine) is None


def test_an_end_that_fits_on_two_hosts_is_not_followed() -> None:
    """Private networks have the same addresses in many places."""
    twins = (host(name, listener(8080), open_(B, A)) for name in ("b", "c"))
    assert followed((host("a", open_(A, B)), *twins), A, B) is None


def test_the_own_host_comes_first() -> None:
    here = host("a", listener(8080), open_(A, B), open_(B, A))
    found = followed((here, host("b", listener(8080), open_(B, A))), A, B)
    assert found is not None
    assert found.host is here


def test_a_tracker_tells_who_stands_behind_a_virtual_address() -> None:
    virtual = "10.96.0.10:80"
    here = host("a", open_(A, virtual), translations=(translation((A, virtual), (B, A)),))
    there = host("b", listener(8080), open_(B, A))
    found = followed((here, there), A, virtual)
    assert found is not None
    assert found.host is there
    assert found.translations
    assert not found.inference


def test_two_trackers_on_the_way_are_followed_one_after_the_other() -> None:
    virtual, middle, masked = "10.96.0.10:80", "192.0.2.9:8000", "192.0.2.1:6000"
    here = host("a", open_(A, virtual), translations=(translation((A, virtual), (middle, masked)),))
    gateway = host("g", translations=(translation((masked, middle), (B, "10.0.0.9:7000")),))
    there = host("b", listener(8080), open_(B, "10.0.0.9:7000"))
    found = followed((here, gateway, there), A, virtual)
    assert found is not None
    assert found.host is there
    assert len(found.translations) == 2


def test_trackers_that_contradict_each_other_are_not_followed() -> None:
    virtual = "10.96.0.10:80"
    here = host("a", open_(A, virtual), translations=(translation((A, virtual), (B, A)),))
    other = host("c", translations=(translation((A, virtual), ("10.0.0.3:8080", A)),))
    there = host("b", listener(8080), open_(B, A))
    third = host("d", listener(8080), open_("10.0.0.3:8080", A))
    assert followed((here, other, there, third), A, virtual) is None


def test_translations_that_go_round_end() -> None:
    virtual = "10.96.0.10:80"
    round_about = translation((A, virtual), (virtual, A))
    here = host("a", open_(A, virtual), translations=(round_about,))
    assert followed((here, host("b", listener(8080))), A, virtual) is None


def test_a_redirection_to_the_own_loopback_is_looked_for_on_the_trackers_host_alone() -> None:
    """As sidecars take outbound connections: REDIRECT to 127.0.0.1:15001."""
    virtual, sidecar = "10.96.0.10:80", "127.0.0.1:15001"
    told = translation((A, virtual), (sidecar, A))
    taken = open_(sidecar, A, pid=7)
    here = host("a", open_(A, virtual), listener(15001, 7), taken, translations=(told,))
    elsewhere = host("b", listener(15001, 9), open_(sidecar, A, pid=9))
    found = followed((here, elsewhere), A, virtual)
    assert found is not None
    assert found.host is here
    without = host("a", open_(A, virtual), translations=(told,))
    assert followed((without, elsewhere), A, virtual) is None


def test_without_a_tracker_the_same_client_end_is_an_inference() -> None:
    virtual = "10.96.0.10:80"
    there = host("b", listener(8080), open_(B, A))
    found = followed((host("a", open_(A, virtual)), there), A, virtual)
    assert found is not None
    assert found.host is there
    assert "stands for 10.0.0.2:8080 on b" in found.inference


def test_a_client_port_with_several_connections_tells_nothing() -> None:
    virtual = "10.96.0.10:80"
    here = host("a", open_(A, virtual), open_(A, "10.96.0.11:80"))
    there = host("b", listener(8080), open_(B, A))
    assert followed((here, there), A, virtual) is None


def test_one_host_alone_is_as_it_was() -> None:
    here = host("", listener(8080), open_(A, "10.0.0.1:8080"))
    found = followed((here,), A, "10.0.0.1:8080")
    assert found is not None
    assert found.row is None
    assert found.service is not None
    assert followed((host("", open_(A, B)),), A, B) is None
