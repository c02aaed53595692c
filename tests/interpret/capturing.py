"""Dumps and tables of several moments, written as a few words each."""

from __future__ import annotations

from collections.abc import Sequence

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    Frame,
    JavaThread,
    Owner,
    Socket,
    SocketTable,
    TcpState,
    ThreadDump,
    ThreadState,
)

READ = (
    Frame("sun.nio.ch.SocketDispatcher.read0", "Native Method"),
    Frame("sun.nio.ch.NioSocketImpl.read", "NioSocketImpl.java:355"),
    Frame("sun.net.www.http.HttpClient.parseHTTP", "HttpClient.java:824"),
    Frame("com.acme.Shop.fetch", "Shop.java:7"),
)
WORK = (Frame("com.acme.Shop.work", "Shop.java:9"),)
PID = 100


def thread(
    number: int,
    frames: Sequence[Frame] = READ,
    *,
    cpu_ms: float | None = 5.0,
    elapsed_s: float | None = None,
    name: str = "http-nio-8080-exec-{}",
    input: str = "dump.txt",  # noqa: A002 - the fact's name
    line: int = 0,
) -> JavaThread:
    at = line + 10 * number
    return JavaThread(
        name.format(number),
        True,
        Evidence(input, at, at + len(frames)),
        id=number,
        cpu_ms=cpu_ms,
        elapsed_s=elapsed_s,
        tid=0x1000 + number,
        nid=200 + number,
        state=ThreadState.RUNNABLE,
        entries=tuple(frames),
        entry_lines=tuple(range(at + 1, at + 1 + len(frames))),
    )


def dump(
    *threads: JavaThread, captured: str | None = None, pid: int | None = PID, line: int = 1
) -> ThreadDump:
    return ThreadDump(
        Evidence("dump.txt", line, line + 99),
        threads,
        captured=captured,
        vm="OpenJDK 64-Bit Server VM (17.0.15)",
        pid=pid,
        ended=True,
    )


def end(text: str) -> Endpoint:
    address, _, port = text.rpartition(":")
    return Endpoint(address, int(port) if port.isdigit() else None)


def row(
    local: str,
    peer: str = "*:*",
    state: TcpState = TcpState.ESTABLISHED,
    recv_q: int | None = 0,
    *,
    line: int = 5,
    owned: bool = True,
) -> Socket:
    owners = (Owner(PID, "java", 7),) if owned else NOT_RECORDED
    return Socket(state, end(local), end(peer), recv_q, 0, owners, Evidence("s.txt", line, line))


LISTENER = row("*:8080", state=TcpState.LISTEN)


def table(
    *rows: Socket,
    captured: str | None = None,
    format: str = "ss",  # noqa: A002 - the fact's name
    owners: bool = True,
    input: str = "s.txt",  # noqa: A002 - the fact's name
    line: int = 1,
) -> SocketTable:
    return SocketTable(
        Evidence(input, line, line + 20),
        format,
        rows,
        owners_recorded=owners,
        queues_recorded=True,
        time_wait_recorded=True,
        listeners_recorded=True,
        captured=captured,
    )
