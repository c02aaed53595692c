"""Connections that do not come about, do not end, are not read, or use up the ports."""

from __future__ import annotations

import pytest

from hangscope.waits import Certainty

from .altered import altered, found, replacing, without_lines

CONNECT, READ, FIN = "connect-hang", "peer-does-not-read", "fin-wait-pile-up"
PORTS, HARMLESS = "ephemeral-port-exhaustion", "time-wait-harmless"


def test_a_table_without_connections_being_opened_does_not_bear_out_the_dump() -> None:
    told = altered("connect-hang", {"sockets.txt": without_lines("SYN-SENT")})
    assert found(CONNECT, told) is None


def test_fewer_connections_being_opened_than_most_of_the_threads_do_not_either() -> None:
    told = altered("connect-hang", {"sockets.txt": without_lines("SYN-SENT", keep=4)})
    assert found(CONNECT, told) is None
    assert found(
        CONNECT, altered("connect-hang", {"sockets.txt": without_lines("SYN-SENT", keep=5)})
    )


def test_connects_are_told_by_the_dump_alone_without_their_peer() -> None:
    finding = found(CONNECT, altered("connect-hang", without=("sockets.txt",)))
    assert finding is not None
    assert "(not seen)" in finding.headline
    assert "SYN_SENT" not in finding.explanation


def test_of_two_peers_the_one_that_most_connect_to_is_told() -> None:
    def to_another(count: int, text: str) -> str:
        parts = text.split("[::ffff:10.77.0.2]:9000 ")
        return "[::ffff:10.77.0.2]:9000 ".join(
            ["[::ffff:10.77.0.3]:9000 ".join(parts[: count + 1]), *parts[count + 1 :]]
        )

    few = found(CONNECT, altered("connect-hang", {"sockets.txt": lambda t: to_another(3, t)}))
    assert few is not None
    assert "10.77.0.2:9000" in few.headline
    even = altered("connect-hang", {"sockets.txt": lambda t: to_another(6, t)})
    finding = found(CONNECT, even)
    assert finding is not None
    assert "10.77.0.3:9000" in finding.headline


def test_writers_without_unsent_bytes_are_at_work() -> None:
    def sent(text: str) -> str:
        rows = [line.split(None, 3) for line in text.split("\n")[1:] if line]
        head = text.split("\n", maxsplit=1)[0]
        return "\n".join(
            [head, *(f"{r[0]} {r[1]} {r[2] if r[0] == 'LISTEN' else 0} {r[3]}" for r in rows)]
        )

    assert found(READ, altered("clients-do-not-read", {"sockets.txt": sent})) is None
    assert found(READ, altered("clients-do-not-read", without=("sockets.txt",))) is not None


def test_readers_of_a_request_are_no_writers() -> None:
    reading = {"dump.txt": replacing("NioSocketWrapper.doWrite", "NioSocketWrapper.fillReadBuffer")}
    assert found(READ, altered("clients-do-not-read", reading)) is None


@pytest.mark.parametrize(("left", "raised"), [(50, True), (49, False)])
def test_connections_that_do_not_end_are_many(left: int, raised: bool) -> None:
    few = {"sockets.txt": without_lines("FIN-WAIT-2", keep=left)} if left < 60 else {}
    assert (found(FIN, altered("fin-wait", few)) is not None) is raised


def test_the_other_end_on_the_same_host_is_told_by_itself() -> None:
    local = {"sockets.txt": replacing("10.77.0.2", "127.0.0.1")}
    assert found(FIN, altered("fin-wait", local)) is None


def test_connections_still_open_in_a_process_never_expire() -> None:
    owned = {"sockets.txt": replacing(":9000 ", ':9000 users:(("java",pid=1,fd=9)) ')}
    finding = found(FIN, altered("fin-wait", owned))
    assert finding is not None
    assert "60 of them are still open in a process here" in finding.explanation
    assert finding.permanent is not False


@pytest.mark.parametrize(("left", "raised"), [(450, True), (449, False)])
def test_ports_are_near_their_end(left: int, raised: bool) -> None:
    few = {"sockets.txt": without_lines("TIME-WAIT", keep=left)}
    assert (found(PORTS, altered("ephemeral-ports", few)) is not None) is raised


def test_the_default_range_is_an_inference_and_two_ranges_are_none() -> None:
    assert found(PORTS, altered("ephemeral-ports", without=("process-sysctl.txt",))) is None
    other = {"process-other.txt": "net.ipv4.ip_local_port_range = 1024 65535\n"}
    assert found(PORTS, altered("ephemeral-ports", more=other)) is None
    stated = found(PORTS, altered("ephemeral-ports"))
    assert stated is not None
    assert stated.certainty is Certainty.PROVEN

    def all_of_them(text: str) -> str:
        head = text.split("\n", maxsplit=1)[0]
        row = "TIME-WAIT 0 0 [::ffff:10.77.0.1]:{} [::ffff:10.77.0.2]:9000"
        return "\n".join([head, *(row.format(port) for port in range(32768, 61000)), ""])

    told = altered("ephemeral-ports", {"sockets.txt": all_of_them}, without=("process-sysctl.txt",))
    inferred = found(PORTS, told)
    assert inferred is not None
    assert inferred.certainty is Certainty.INFERRED
    assert "Linux' default" in inferred.rests_on[0]
    assert found(HARMLESS, told) is None


def test_ports_are_used_up_for_one_destination_not_for_all_together() -> None:
    def spread(text: str) -> str:
        lines = text.split("\n")
        return "\n".join(
            line.replace(":9000", f":{9000 + number % 2}") for number, line in enumerate(lines)
        )

    assert found(PORTS, altered("ephemeral-ports", {"sockets.txt": spread})) is None


def test_a_connection_to_the_own_full_queue_is_an_effect_of_that() -> None:
    def to_itself(text: str) -> str:
        own = text.replace("10.77.0.2]:9000", "10.77.0.1]:8080")
        return own.replace("LISTEN   0 ", "LISTEN   101 ").replace("LISTEN 0 ", "LISTEN 101 ")

    told = altered("connect-hang", {"sockets.txt": to_itself})
    finding = found(CONNECT, told)
    assert finding is not None
    assert "*:8080 of this very host" in finding.explanation
    assert finding.effect_of == "accept-queue-overflow"


def test_the_kernel_s_own_timer_tells_that_closed_connections_end_by_themselves() -> None:
    finding = found(FIN, altered("fin-wait"))
    assert finding is not None
    assert finding.permanent is False
    assert "the kernel ends them by itself" in finding.explanation
    untimed = found(FIN, altered("fin-wait", {"sockets.txt": replacing("timewait", "keepalive")}))
    assert untimed is not None
    assert untimed.permanent is None


def test_an_address_of_a_table_is_quoted_in_commands() -> None:
    hostile = replacing("[::ffff:10.77.0.2]:", "$(id):")
    finding = found(CONNECT, altered("connect-hang", {"sockets.txt": hostile}))
    assert finding is not None
    assert "(nc -vz '$(id)' " in finding.remedies[0].text
    assert "(nc -vz '$(id)' " in finding.refuted_by
