"""Three dumps and three tables of real hangs: what the report says of time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hangscope.knowledge import load
from hangscope.pipeline import correlate
from hangscope.readers.content.source import Source
from hangscope.report import render

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
GROWING, MOVING = FIXTURES / "self-call-growing", FIXTURES / "slow-but-moving"
SELF_CALL = FIXTURES / "tomcat-self-call"


def report(*sources: Path | Source) -> dict[str, Any]:
    given = [Source.from_path(one) if isinstance(one, Path) else one for one in sources]
    created = datetime(2026, 1, 1, tzinfo=UTC)
    document = correlate(given, knowledge=KNOWLEDGE, created=created).document
    loaded: dict[str, Any] = json.loads(render(document, "json"))
    return loaded


def dumps(case: Path) -> list[Path]:
    return sorted(case.glob("dump-*.txt"))


def found(told: dict[str, Any], identifier: str) -> dict[str, Any]:
    finding: dict[str, Any] = next(one for one in told["findings"] if one["id"] == identifier)
    return finding


def test_a_deadlock_that_holds_in_all_dumps_is_said_to() -> None:
    told = report(*dumps(GROWING), GROWING / "sockets.txt")
    explanation = found(told, "self-call-deadlock")["explanation"]
    assert re.search(r"The same in 3 dumps over \d+ seconds: none of these", explanation)
    alone = report(dumps(GROWING)[-1], GROWING / "sockets.txt")
    assert "The same in" not in found(alone, "self-call-deadlock")["explanation"]


def test_dumps_that_do_not_tell_cpu_are_less_sure() -> None:
    """Those of JDK 10 and older: a thread may have run, and be back in the same call."""
    older = [
        Source.from_bytes(path.name, re.sub(rb" cpu=\S+ elapsed=\S+", b"", path.read_bytes()))
        for path in dumps(GROWING)
    ]
    told = found(report(*older, GROWING / "sockets.txt"), "self-call-deadlock")["explanation"]
    assert "whether they ran in between is not recorded" in told


def test_a_crowd_that_stays_where_it_is_is_said_to() -> None:
    """Without the table nobody knows whom the workers wait for; that they stay is known."""
    told = report(*dumps(GROWING))
    assert told["verdict"]["kind"] == "inconclusive"
    assert "none of these threads ran in between" in told["findings"][0]["explanation"]


def test_two_dumps_of_one_moment_are_one() -> None:
    one = FIXTURES / "slow-http" / "dump.txt"
    told = report(one, Source.from_bytes("copy.txt", one.read_bytes()), one.parent / "sockets.txt")
    assert "One snapshot cannot tell" in told["findings"][0]["explanation"]
    assert any("one thread dump" in gap["what"] for gap in told["not_recorded"])


def test_each_dump_has_its_table() -> None:
    moments = report(*dumps(GROWING), GROWING / "sockets.txt")["summary"]["moments"]
    assert [Path(one["dump"]).name for one in moments] == [f"dump-{n}.txt:1" for n in (1, 2, 3)]
    assert len({one["table"] for one in moments}) == 3
    assert all(abs(one["skew_seconds"]) <= 1 for one in moments)


def test_the_pile_grows_and_the_limit_is_told() -> None:
    told = report(*dumps(GROWING), GROWING / "sockets.txt", GROWING / "process.txt")
    pile = found(told, "close-wait-pile-up")
    (growth,) = (one for one in told["summary"]["growth"] if one["what"].startswith("CLOSE_WAIT"))
    counts = [at["count"] for at in growth["counts"]]
    assert len(counts) == 3
    assert counts == sorted(counts)
    assert f"They grew from {counts[0]} to {counts[-1]} in " in pile["explanation"]
    assert "reaches its limit of 1,024 open files in" in pile["explanation"]
    assert any("in the first table" in quote["says"] for quote in pile["evidence"])
    (files,) = (one for one in told["summary"]["growth"] if one["what"] == "open files")
    assert files["limit"] == 1024
    assert 10 < files["seconds_to_limit"] < 1000


def test_one_table_grows_by_nothing() -> None:
    told = report(dumps(GROWING)[-1], FIXTURES / "tomcat-self-call-two-pools" / "sockets.txt")
    assert told["summary"]["growth"] == []


def test_workers_that_move_are_slow_and_not_stuck() -> None:
    told = report(*dumps(MOVING), MOVING / "sockets.txt")
    assert told["verdict"]["kind"] == "inconclusive"
    assert "at work and move: it is slow rather than stuck." in told["verdict"]["headline"]


@pytest.mark.parametrize(("seconds", "said"), [(2, False), (45, True), (-60, True)])
def test_a_table_of_another_moment_weakens_what_joins_them(seconds: int, said: bool) -> None:
    told = found(report(SELF_CALL / "dump.txt", dated(seconds)), "self-call-deadlock")
    remark = f"in a table taken {abs(seconds)} s {'after' if seconds > 0 else 'before'} the dump"
    assert any(remark in inference for inference in told["rests_on"]) is said


def test_a_table_of_quite_another_moment_proves_no_deadlock() -> None:
    told = report(SELF_CALL / "dump.txt", dated(400))
    assert told["verdict"]["kind"] == "inconclusive"
    assert [one["id"] for one in told["findings"]] == ["inconclusive"]
    assert "The dump and the table were taken 7 minutes apart." in {
        gap["what"] for gap in told["not_recorded"]
    }


def test_of_times_that_are_not_printed_nothing_is_said() -> None:
    told = report(SELF_CALL / "dump.txt", SELF_CALL / "sockets.txt")
    (moment,) = told["summary"]["moments"]
    assert moment["skew_seconds"] is None
    assert not any("apart" in gap["what"] for gap in told["not_recorded"])


def dated(seconds: int) -> Source:
    """The table as it were if it had been taken so many seconds after the dump."""
    first = (SELF_CALL / "dump.txt").read_text().partition("\n")[0]
    taken = datetime.fromisoformat(f"{first}+00:00").timestamp() + seconds
    line = datetime.fromtimestamp(taken, UTC).strftime("%a %b %e %H:%M:%S UTC %Y\n")
    return Source.from_bytes(
        "sockets.txt", line.encode() + (SELF_CALL / "sockets.txt").read_bytes()
    )
