"""Dumps come out of what wrapped their lines as they went in, each line with its number."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangscope.readers import Source
from hangscope.readers.interface import Batch
from hangscope.readers.wrappings.carrier_signs import may_be_wrapped, wrapping_of
from hangscope.readers.wrappings.carriers import Carriers, streams

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CARRIERS = FIXTURES / "formats" / "carriers"
DUMP = [
    "2026-11-22 03:16:35",
    "Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):",
    "",
    '"main" #1 prio=5 os_prio=0 tid=0x00007f30d8017f30 nid=0x61e runnable  [0x00007f30e03fe000]',
    "   java.lang.Thread.State: RUNNABLE",
    "\tat a.B.<init>(B.java:1)",
    "\t- locked <0x00000000ffd02f40> (a java.lang.Object)",
    "",
    '"VM Thread" os_prio=0 tid=0x00007f30d80a0000 nid=0x621 runnable',
    "",
    "JNI global refs: 12, weak refs: 0",
]
STAMP = "2026-11-22T03:16:27.1234567"


def batches(lines: list[str], size: int = 1000) -> list[Batch]:
    starts = range(0, len(lines), size)
    return [
        Batch(range(at + 1, at + 1 + len(lines[at : at + size])), lines[at : at + size])
        for at in starts
    ]


def unwrapped(lines: list[str], size: int = 1000) -> tuple[dict[str, list[tuple[int, str]]], str]:
    """The numbered lines of each stream, and the names of the carriers."""
    carriers = Carriers()
    found = {
        stream: [line for batch in parts for line in zip(batch.numbers, batch.texts, strict=True)]
        for stream, parts in streams(carriers.unwrap(batches(lines, size)))
    }
    return found, " ".join(carrier.name for carrier in carriers.found)


PREFIXES: dict[str, Callable[[int, str], str]] = {
    "cri": lambda n, line: f"{STAMP}{n:02}Z stdout F {line}",
    "pod": lambda _, line: f"[pod/shop-7d9c5b6f4-x2x9z/app] {line}",
    "kubernetes-time": lambda n, line: f"{STAMP}{n:02}Z {line}",
    "pod kubernetes-time": lambda n, line: f"[pod/shop-7d9/app] {STAMP}{n:02}Z {line}",
    "compose": lambda _, line: f"app-1  | {line}",
    "ansi-colours compose": lambda _, line: f"\x1b[36mapp-1  |\x1b[0m {line}",
    "stern": lambda _, line: f"shop-7d9c5b6f4-x2x9z app {line}",
    "syslog": lambda n, line: f"Nov 22 03:16:{n:02} web01 java[1562]: {line}",
    "syslog rsyslog-escapes": lambda n, line: (
        f"2026-11-22T03:16:{n:02}+0000 web01 shop[1562]: {line}".replace("\t", "#011")
    ),
    "syslog-5424": lambda n, line: f"<14>1 2026-11-22T03:16:27.0{n:02}Z web01 shop 1 - - {line}",
    "tanuki": lambda n, line: f"INFO   | jvm 1    | 2026/11/22 03:16:{n:02} | {line}",
    "websphere": lambda n, line: f"[11/22/26 03:16:27:0{n:02} UTC] 0000003f SystemOut     O {line}",
    "stdout-logger": lambda n, line: f"03:16:27,0{n:02} INFO  [stdout] (Thread-1) {line}",
    "quoted": lambda _, line: f"> {line}",
    "docker-json-file": lambda n, line: json.dumps(
        {"log": line + "\n", "stream": "stdout", "time": f"{STAMP}{n:02}Z"}
    ),
    "journald-json": lambda _, line: json.dumps(
        {"MESSAGE": line, "_HOSTNAME": "web01", "_COMM": "java", "_PID": "1562"}
    ),
    "json-lines": lambda n, line: json.dumps({"@timestamp": f"{STAMP}{n:02}Z", "message": line}),
    "prefix": lambda n, line: f"03:16:{n:02}.123 <shop> [{n}] | {line}",
    "html": lambda _, line: (
        line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    ),
    "": lambda _, line: line,
}


@pytest.mark.parametrize("size", [1000, 6])
@pytest.mark.parametrize(("names", "wrap"), PREFIXES.items(), ids=list(PREFIXES))
def test_a_dump_comes_out_as_it_went_in(
    names: str, wrap: Callable[[int, str], str], size: int
) -> None:
    found, told = unwrapped([wrap(number, line) for number, line in enumerate(DUMP, 1)], size)
    assert told == names
    assert list(found.values()) == [list(enumerate(DUMP, 1))]


@pytest.mark.parametrize(("names", "wrap"), PREFIXES.items(), ids=list(PREFIXES))
@given(data=st.data())
def test_what_may_not_be_wrapped_is_not(
    names: str, wrap: Callable[[int, str], str], data: st.DataObject
) -> None:
    """The cheap look at many lines rules out no wrapping."""
    lines = [wrap(number, line) for number, line in enumerate(DUMP, 1)]
    assert may_be_wrapped(lines) or not names
    some = data.draw(
        st.lists(st.sampled_from([*lines, *DUMP, "", "#011at a.B.c(B.java:1)", "x Id=5"]))
    )
    assert may_be_wrapped(some) or wrapping_of(some) is None


@pytest.mark.parametrize("names", ["compose", "pod", "syslog", "tanuki", "stern", "prefix"])
def test_blanks_at_the_ends_of_lines_may_be_lost(names: str) -> None:
    lines = [PREFIXES[names](number, line).rstrip() for number, line in enumerate(DUMP, 1)]
    (found,) = unwrapped(lines)[0].values()
    assert found == list(enumerate(DUMP, 1))


@pytest.mark.parametrize("value", ["5", "null", "[]", '"cut', '"two\\nlines\\n"', '"no end"'])
def test_a_record_of_docker_that_is_no_line_costs_none_of_the_others(value: str) -> None:
    lines = [PREFIXES["docker-json-file"](number, line) for number, line in enumerate(DUMP, 1)]
    other = f'{{"log":{value},"stream":"stdout","time":"{STAMP}00Z"}}'.replace(":", ": ")
    (found,) = unwrapped([*lines, other, *lines])[0].values()
    assert found[: len(DUMP)] == list(enumerate(DUMP, 1))
    assert [text for _, text in found[-len(DUMP) + 1 :]] == DUMP[1:]


@pytest.mark.parametrize("before", [3, 300])
def test_a_carrier_may_begin_late(before: int) -> None:
    """What comes before belongs to nobody, and is not lost."""
    head = [f"$ kubectl logs {number}" for number in range(before)]
    found, told = unwrapped([*head, *(PREFIXES["pod"](0, line) for line in DUMP)], 50)
    assert told == "pod"
    assert found[""] == list(enumerate(head, 1))
    assert found["pod/shop-7d9c5b6f4-x2x9z/app"] == list(enumerate(DUMP, before + 1))


def test_streams_between_each_other_come_apart() -> None:
    lines = []
    for line in DUMP:
        lines += [f"app-1  | {line}", f"db-1   | {line.upper()}", f"app-2  | {line}"]
    found, _ = unwrapped(lines)
    assert [text for _, text in found["app-1"]] == DUMP
    assert [text for _, text in found["app-2"]] == DUMP
    assert [number for number, _ in found["app-2"]] == list(range(3, 3 * len(DUMP) + 1, 3))
    assert [text for _, text in found["db-1"]] == [line.upper() for line in DUMP]


def test_units_of_one_journal_come_apart_and_stray_lines_too() -> None:
    lines = [PREFIXES["syslog"](1, line) for line in DUMP]
    lines[4:4] = ["-- Boot 7 --", "Nov 22 03:16:27 web01 sshd[7]: Accepted publickey"]
    found, _ = unwrapped(lines)
    assert [text for _, text in found["web01 java[1562]"]] == DUMP
    assert found["web01 sshd[7]"] == [(6, "Accepted publickey")]
    assert found[""] == [(5, "-- Boot 7 --")]


def test_parts_of_lines_are_joined() -> None:
    header = DUMP[3]
    lines = [f"{STAMP}00Z stdout F {line}" for line in DUMP]
    lines[3:4] = [
        f"{STAMP}00Z stdout P {header[:20]}",
        f"{STAMP}00Z stdout P {header[20:50]}",
        f"{STAMP}00Z stdout F {header[50:]}",
    ]
    for size in (1000, 4, 5):
        (found,) = unwrapped(lines, size)[0].values()
        assert [text for _, text in found] == DUMP
        assert [number for number, _ in found] == [1, 2, 3, 4, *range(7, len(DUMP) + 3)]


def test_numbers_never_go_back_where_parts_of_two_sources_mix() -> None:
    lines = [f"{STAMP}00Z stdout F {line}" for line in DUMP]
    lines[3:3] = [
        f"{STAMP}00Z stderr P one ",
        f"{STAMP}00Z stdout P two ",
        f"{STAMP}00Z stderr F half",
        f"{STAMP}00Z stdout F halves",
    ]
    (found,) = unwrapped(lines)[0].values()
    assert [line for line in found if line[1].startswith(("one", "two"))] == [
        (4, "one half"),
        (5, "two halves"),
    ]
    numbers = [number for number, _ in found]
    assert numbers == sorted(numbers)


def test_parts_and_several_lines_in_records_of_docker() -> None:
    def record(text: str) -> str:
        return json.dumps({"log": text, "stream": "stdout", "time": STAMP})

    lines = [record(line + "\n") for line in DUMP[:4]]
    lines += [record(DUMP[4] + "\n" + DUMP[5] + "\n"), record(DUMP[6][:9]), record(DUMP[6][9:])]
    lines[-1] = record(DUMP[6][9:] + "\n")
    (found,) = unwrapped(lines)[0].values()
    assert found == [*enumerate(DUMP[:4], 1), (5, DUMP[4]), (5, DUMP[5]), (6, DUMP[6])]


def test_a_last_part_without_its_end_is_kept() -> None:
    lines = [f"{STAMP}00Z stdout F {line}" for line in DUMP]
    (found,) = unwrapped([*lines, f"{STAMP}00Z stdout P cut o"])[0].values()
    assert found[-1] == (len(DUMP) + 1, "cut o")


def test_bytes_of_a_journal_are_text() -> None:
    message = list('"작업-1" #12'.encode())
    lines = [PREFIXES["journald-json"](1, line) for line in DUMP]
    lines.append(json.dumps({"MESSAGE": message, "_HOSTNAME": "web01", "_COMM": "java"}))
    lines.append(json.dumps({"MESSAGE": ["x"]}))
    found, _ = unwrapped(lines)
    assert found["web01 java[]"] == [(len(DUMP) + 1, '"작업-1" #12')]
    assert [text for _, text in found[""]] == [lines[-1]]


def test_line_breaks_of_html_are_lines() -> None:
    lines = ["<p>It hangs:</p>", "<pre>" + "<br/>".join(PREFIXES["html"](1, line) for line in DUMP)]
    found, told = unwrapped([*lines, "</pre>"])
    assert told == "html"
    assert found[""] == [(1, "It hangs:"), *((2, line) for line in DUMP), (3, "")]


@pytest.mark.parametrize(
    "lines",
    [
        ["A Full thread dump is taken so:", "kill -3 PID", "and then you wait", "for it"],
        ["ERROR x: java.lang.Thread.State: RUNNABLE, says jstack", "INFO y", "INFO z", "INFO a"],
        [f"app-{number} | no dump here" for number in range(9)],
        ['{"log": "no dump"}'] * 9,
        ["&lt;0x1&gt;"] * 9,
        [],
        [""],
    ],
)
def test_other_text_passes_as_the_very_same_batches(lines: list[str]) -> None:
    given = batches(lines)
    carriers = Carriers()
    passed = list(carriers.unwrap(given))
    assert carriers.found == []
    assert all(one.batch is batch for one, batch in zip(passed, given, strict=True))


def test_dumps_of_the_fixtures_are_in_nothing() -> None:
    for path in sorted(FIXTURES.glob("*/*.txt")):
        carriers = Carriers()
        for one in carriers.unwrap(Source.from_path(path).batches()):
            assert one.stream == ""
        assert carriers.found == [], path


@pytest.mark.parametrize("rfc", ["rfc3164", "rfc5424"])
def test_what_logger_sent_is_the_dump_again(rfc: str) -> None:
    carriers = Carriers()
    batches = Source.from_path(CARRIERS / f"sigquit-logger-{rfc}.txt").batches()
    found = {
        stream: [text for part in parts for text in part.texts]
        for stream, parts in streams(carriers.unwrap(batches))
    }
    assert list(found) == ["vm shop[4711]" if rfc == "rfc3164" else "vm shop 4711"]
    assert next(iter(found.values())) == list(Source.from_path(CARRIERS / "sigquit.txt").lines())


PIECES = st.sampled_from(
    [wrap(number, line) for wrap in PREFIXES.values() for number, line in enumerate(DUMP, 1)]
)


@given(
    st.lists(
        st.tuples(
            PIECES, st.integers(0, 60), st.integers(0, 300), st.sampled_from(["", "\x1b", "{"])
        ),
        max_size=40,
    ),
    st.integers(1, 20),
)
def test_any_mixture_of_any_pieces_loses_no_line(
    pieces: list[tuple[str, int, int, str]], size: int
) -> None:
    lines = [piece[:at] + put + piece[at : at + to] for piece, at, to, put in pieces]
    found, _ = unwrapped(lines, size)
    for texts in found.values():
        numbers = [number for number, _ in texts]
        assert numbers == sorted(numbers)
        assert set(numbers) <= set(range(1, len(lines) + 1))
        assert not any("\n" in text for _, text in texts)


@pytest.mark.parametrize(
    "line",
    [
        '"' * 100_000 + " tid=0x1",
        "{" * 100_000 + "Full thread dump ",
        '{"log": "' + "Full thread dump " * 9_000,
        "x Full thread dump " * 9_000,
        "COMMAND Recv-Q " * 9_000,
        "1-" * 60_000 + "java.lang.Thread.State: ",
    ],
)
def test_no_line_takes_long(line: str) -> None:
    start = time.process_time()
    unwrapped([line, *DUMP, line, line])
    unwrapped([line[-200:]] * 1000)
    assert time.process_time() - start < 1
