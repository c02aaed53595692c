"""Large cases, made from real captures: the waiting threads and the clients' rows many times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, cycle, islice
from pathlib import Path
from typing import Final, NamedTuple

from dumps import FIXTURES, NO_SYNCHRONIZERS, listed
from tables import SS, connections

_HEADER: Final = re.compile(r'^"http-nio-8080-exec-\d+" #\d+(?: \[\d+\])?', re.MULTILINE)
_IDS: Final = re.compile(r"tid=0x[0-9a-f]{16} nid=(?:0x)?[0-9a-f]+")
_CLIENT: Final = re.compile(r"(127\.0\.0\.1|10\.77\.0\.2)\]?:(\d{5})\b")
"""The client's end of a connection: its port is of the ephemeral ones."""
_FIRST_PORT: Final = 20_000
_PORTS: Final = 40_000


class Shape(NamedTuple):
    """A capture, and what of it there can be more of."""

    name: str
    case: str
    threads: re.Pattern[str]
    """Is found in the workers that are repeated."""
    rows: re.Pattern[str]
    """Is found in the rows that are repeated; neighbours are the ends of one connection."""
    others: bool = False
    """Whether most rows are connections of other processes."""
    of_threads: re.Pattern[str] | None = None
    """Is found in the rows of which each of these threads has one."""


SHAPES: Final = (
    Shape(
        "a service that calls itself",
        "tomcat-self-call",
        re.compile("SocketInputStream"),
        re.compile(r'^ESTAB +60 .*"java"'),
        of_threads=re.compile(r'^ESTAB +148 .*"java"'),
    ),
    Shape(
        "a crowd behind a lock",
        "convoy-socket-holder",
        re.compile(r"parking to wait for .*ReentrantLock"),
        re.compile(r":8080 .*ESTABLISHED"),
    ),
    Shape(
        "a slow database behind a pool",
        "slow-postgres-behind-pool",
        re.compile("HikariPool.getConnection"),
        re.compile(r'^ESTAB.*:8080 .*"java"'),
    ),
    Shape(
        "standard output that nobody reads",
        "stdout-blocked-println",
        re.compile(r"waiting to lock .*PrintStream"),
        re.compile(r'^ESTAB.*:8080 .*"java"'),
    ),
    Shape(
        "nothing that waits",
        "tomcat-idle",
        re.compile("ThreadPoolExecutor.getTask"),
        re.compile("^TIME-WAIT"),
        others=True,
    ),
)


def write_dump(path: Path, shape: Shape, threads: int) -> int:
    """The capture's dump with so many more of its waiting threads; returns ``threads``."""
    head, *blocks = (FIXTURES / shape.case / "dump.txt").read_text().split("\n\n")
    alike = [b for b in blocks if _HEADER.match(b.lstrip("\n")) and shape.threads.search(b)]
    at = blocks.index(alike[0])
    made = []
    for number, block in enumerate(islice(cycle(alike), threads)):
        name = f'"http-nio-8080-exec-{1000 + number}" #{1000 + number}'
        ids = f"tid={0x7F56_0000_0000 + 0x1000 * number:#018x} nid={0x9000 + number:#x}"
        made.append(_IDS.sub(ids, _HEADER.sub(name, block, count=1), count=1))
        made.append(NO_SYNCHRONIZERS)
    path.write_text(listed("\n\n".join([head, *blocks[:at], *made, *blocks[at:]])), newline="")
    return threads


def write_table(path: Path, shape: Shape, threads: int, rows: int) -> int:
    """The capture's table with so many more rows; returns ``rows``."""
    text = (FIXTURES / shape.case / "sockets.txt").read_text().rstrip("\n") + "\n"
    lines = text.splitlines()
    with path.open("w", newline="") as out:
        out.write(text)
        own = 0 if shape.of_threads is None else min(2 * threads, rows)
        if shape.of_threads is not None:
            out.writelines(islice(_repeated(lines, shape.of_threads, 8), own))
        of_clients = rows // 10 if shape.others else rows - own
        out.writelines(islice(_repeated(lines, shape.rows, 9), of_clients))
        if shape.others:
            out.writelines(map(SS.row, connections(rows - of_clients)))
    return rows


def _repeated(lines: list[str], kind: re.Pattern[str], network: int) -> Iterator[str]:
    """A connection in which ``kind`` is found, by all its rows, from ever other client ends."""
    alike = next(line for line in lines if kind.search(line))
    client = _CLIENT.search(alike)
    if client is None:
        raise SystemExit(f"no client in {alike}")
    ends = re.compile(rf"{re.escape(client[1])}(\]?):{client[2]}\b")
    both = [line for line in lines if line is alike or ends.search(line)]
    first = "127" if client[1].startswith("127") else "10"
    for number in count():
        part, port = divmod(number, _PORTS)
        for line in both:
            yield ends.sub(rf"{first}.{network}.{part}.2\1:{_FIRST_PORT + port}", line) + "\n"
