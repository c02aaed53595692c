"""Large inputs, made from a real capture: more workers, more rows, more dumps in one file."""

from __future__ import annotations

import random
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "fixtures" / "tomcat-self-call"
OBJECT = re.compile(r"<(0x[0-9a-f]{16})>")
IDS = re.compile(r"tid=(0x[0-9a-f]{16}) nid=0x[0-9a-f]+")
WORKER = re.compile(r'^"http-nio-8080-exec-\d+" #\d+', re.MULTILINE)
PORT = re.compile(r":\d{5}\b")
FRAME = re.compile(r"^\tat cases\..*$", re.MULTILINE)
VOCABULARY = 3000
"""Distinct application frames in a series of dumps."""


def dump_of(workers: int) -> str:
    """The capture's dump with its busy workers repeated until there are ``workers``."""
    head, *blocks = (CASE / "dump.txt").read_text().split("\n\n")
    busy = [i for i, block in enumerate(blocks) if WORKER.match(block.lstrip("\n"))]
    first = busy[0]
    made = []
    for number in range(workers):
        block = blocks[first + 2 * (number % (len(busy)))]
        name = f'"http-nio-8080-exec-{number + 1}" #{1000 + number}'
        ids = f"tid={0x7F56_0000_0000 + 0x1000 * number:#018x} nid={0x9000 + number:#x}"
        made.append(IDS.sub(ids, WORKER.sub(name, block, count=1), count=1))
        made.append("   Locked ownable synchronizers:\n\t- None")
    rest = blocks[:first] + blocks[busy[-1] + 2 :]
    return _listed("\n\n".join([head, *rest[:first], *made, *rest[first:]]))


def _listed(dump: str) -> str:
    """``dump`` with the list of its Java threads (the SMR block) made true again."""
    tids = re.findall(r'^".*" #\d+ .* tid=(0x[0-9a-f]{16})', dump, flags=re.MULTILINE)
    lines = [", ".join(tids[i : i + 4]) for i in range(0, len(tids), 4)]
    elements = f"length={len(tids)}, elements={{\n" + ",\n".join(lines) + "\n}"
    return re.sub(r"length=\d+, elements=\{[^}]*\}", elements, dump, count=1)


def table_of(rows: int) -> str:
    """The capture's table with its clients' connections repeated until there are ``rows``."""
    header, *lines = (CASE / "sockets.txt").read_text().rstrip("\n").split("\n")
    made = list(lines)
    outbound = next(line for line in lines if '"java"' in line and PORT.search(line, 0, 50))
    accepted = next(line for line in lines if line.startswith("ESTAB  148"))
    port = 20_000
    while len(made) < rows:
        made += [PORT.sub(f":{port}", line, count=1) for line in (outbound, accepted)]
        port += 1
    return "\n".join([header, *made[:rows]]) + "\n"


def write_series(path: Path, size: int, seed: int = 20) -> int:
    """Dumps one after the other until ``size`` bytes; objects move, frames vary as in real life.

    Returns:
        How many dumps were written.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    frames = [
        f"\tat com.acme.app{n % 40}.Service{n}.call{n % 7}(Service{n}.java:{n % 900 + 10})"
        for n in range(VOCABULARY)
    ]
    weights = [1 / (n + 1) ** 0.8 for n in range(VOCABULARY)]
    text = dump_of(300)
    written = dumps = 0
    with path.open("w", newline="") as out:
        while written < size:
            shift = 0x1000 * (dumps * 7919 % 100_003)
            picks = iter(chance.choices(frames, weights, k=text.count("\tat cases.")))
            dump = FRAME.sub(lambda _, picks=picks: next(picks), text)  # type: ignore[misc]
            dump = OBJECT.sub(lambda m, by=shift: _shifted(m[1], by), dump)  # type: ignore[misc]
            written += out.write(dump + "\n")
            dumps += 1
    return dumps


def _shifted(address: str, by: int) -> str:
    return f"<{int(address, 16) + by:#018x}>"
