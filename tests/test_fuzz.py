"""Whatever the inputs hold, a run ends in a report or in a sentence, never in a traceback."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangscope.knowledge import load
from hangscope.pipeline import NothingReadable, correlate
from hangscope.readers.content.source import Source
from hangscope.report import FORMATS, render

ROOT = Path(__file__).resolve().parents[1]
KNOWLEDGE = load()
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
CAPTURES = {
    path: path.read_bytes()
    for path in sorted((ROOT / "fixtures").glob("*/*.txt"))
    if "programs" not in path.parts
}
LONG = "9" * 6000


def run(*contents: bytes) -> None:
    sources = [Source.from_bytes(f"input-{n}", content) for n, content in enumerate(contents)]
    try:
        document = correlate(sources, knowledge=KNOWLEDGE, created=CREATED).document
    except NothingReadable:
        return
    for name in FORMATS:
        assert render(document, name, width=80, color=False, unicode=True)


def changed(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    kind = chance.randrange(6)
    if kind == 0:
        flipped = bytearray(content)
        for _ in range(chance.randrange(1, 40)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        return bytes(flipped)
    if kind == 1:
        chance.shuffle(lines)
    elif kind == 2:
        lines = [line for line in lines if chance.random() > 0.2]
    elif kind == 3:
        lines = [line[: chance.randrange(len(line) + 1)] for line in lines]
    elif kind == 4:
        other = CAPTURES[chance.choice(list(CAPTURES))].split(b"\n")
        place = chance.randrange(len(lines))
        lines[place:place] = other[: chance.randrange(len(other))]
    else:
        port = chance.choice([b"0", b"99999", b"-1", b"webcache", b"*", b"\xff"])
        lines = [line.replace(b"8080", port) for line in lines]
    return b"\n".join(lines)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(list(CAPTURES)), min_size=1, max_size=3), st.integers(0, 2**32))
def test_damaged_captures_in_any_mixture(paths: list[Path], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    run(*(changed(CAPTURES[path], chance) for path in paths))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode))))
def test_any_bytes(contents: list[bytes]) -> None:
    if contents:
        run(*contents)


@pytest.mark.parametrize(
    "line",
    [
        f"ESTAB {LONG} 0 127.0.0.1:1 127.0.0.1:2",
        f"ESTAB 0 0 127.0.0.1:{LONG} 127.0.0.1:2",
        f'ESTAB 0 0 127.0.0.1:1 127.0.0.1:2 users:(("java",pid={LONG},fd=1))',
        "ESTAB 0 0 127.0.0.1:1 127.0.0.1:2 timer:(on,..184ms,0)",
        f"tcp {LONG} 0 127.0.0.1:1 127.0.0.1:2 ESTABLISHED 1/java",
        f"java {LONG} root 1u IPv4 1 0t0 TCP 127.0.0.1:1->1.1.1.1:2 (ESTABLISHED)",
        f'"a" #{LONG} prio=5 os_prio=0 tid=0x1 nid=0x1 runnable [0x1]',
        f"{LONG}:\nFull thread dump X ({LONG}):",
    ],
)
def test_numbers_and_times_that_no_tool_prints(line: str) -> None:
    whole = CAPTURES[ROOT / "fixtures" / "tomcat-self-call" / "dump.txt"]
    run(whole, line.encode() + b"\n")
    run(line.encode() + b"\n")
