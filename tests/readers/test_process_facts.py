"""Facts about a process and its host, from real captures and from lines by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.facts import NOT_RECORDED, InputFacts, InputKind, ProcessFacts
from hangscope.readers import READERS, ReadError
from hangscope.readers.processes.moments import moment_of
from hangscope.readers.processes.process_texts import pid_of
from hangscope.readers.processes.usage_columns import percent_of, seconds_of
from hangscope.report.fact_lines import fact_lines

from .reading import read

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "process"
TEXTS = sorted(FIXTURES.glob("*.txt"))
LIMIT = "Max open files            20000                unlimited            files     \n"
NSTAT = "TcpExtListenOverflows           14                 0.0\n"


def texts_of(name: str) -> tuple[ProcessFacts, ...]:
    facts = read((FIXTURES / name).read_bytes())
    assert facts.not_understood == ()
    calls = any(one.calls for one in facts.processes)
    assert facts.kind is (InputKind.THREAD_SOCKETS if calls else InputKind.PROCESS)
    return facts.processes


def text_of(name: str) -> ProcessFacts:
    (one,) = texts_of(name)
    return one


def lines_of(name: str, pattern: str) -> list[Any]:
    return re.findall(pattern, (FIXTURES / name).read_text("utf-8"), re.MULTILINE)


def counters(one: ProcessFacts) -> dict[str, int]:
    return {counter.name: counter.value for counter in one.counters}


def test_limits() -> None:
    one = text_of("proc-limits.txt")
    assert one.format == "proc-limits"
    assert len(one.limits) == len(lines_of("proc-limits.txt", "^Max "))
    (files,) = (limit for limit in one.limits if limit.name == "Max open files")
    assert (files.soft, files.hard, files.unit) == (20000, 20000, "files")
    assert files.evidence[1:] == (9, 9)
    assert one.limits[0].soft is None


@pytest.mark.parametrize(
    ("shell", "name"), [("bash", "open files"), ("busybox", "open files"), ("dash", "nofiles")]
)
def test_ulimit(shell: str, name: str) -> None:
    one = text_of(f"ulimit-{shell}.txt")
    assert len(one.limits) == len(lines_of(f"ulimit-{shell}.txt", "^.+$"))
    assert [limit.soft for limit in one.limits if limit.name == name] == [20000]


def test_status() -> None:
    one = text_of("proc-status.txt")
    values = {setting.name: setting.value for setting in one.settings}
    assert one.evidence.first_line == 1
    assert len(values) == len(lines_of("proc-status.txt", "^.+$"))
    assert str(one.pid) == values["Pid"]
    assert (values["Name"], values["State"], values["Threads"]) == ("sleep", "R (running)", "1")


def test_sysctl() -> None:
    one = text_of("sysctl.txt")
    assert len(one.settings) == len(lines_of("sysctl.txt", "^.+$"))
    assert ("net.core.somaxconn", "4096") in [setting[:2] for setting in one.settings]


def test_all_sources_of_a_counter_call_it_alike() -> None:
    names = {"TcpExtListenOverflows", "TcpActiveOpens", "TcpExtListenDrops"}
    assert names <= counters(text_of("nstat.txt")).keys()
    assert "IpInReceives" in counters(text_of("nstat.json.txt"))
    assert "TcpActiveOpens" in counters(text_of("proc-net-snmp.txt"))
    assert "TcpExtListenOverflows" in counters(text_of("proc-net-netstat.txt"))
    assert "TcpActiveOpens" in counters(text_of("netstat-s.txt"))
    assert "Ip6InReceives" in counters(text_of("proc-net-snmp6.txt"))


def test_counters_are_all_there() -> None:
    for name in ("nstat.txt", "proc-net-snmp6.txt"):
        rows = lines_of(name, r"^(\w+)\s+(\d+)")
        assert counters(text_of(name)) == {key: int(value) for key, value in rows}
    words = (FIXTURES / "proc-net-snmp.txt").read_text("utf-8").split()
    assert len(counters(text_of("proc-net-snmp.txt"))) == len(
        [word for word in words if re.fullmatch(r"-?\d+", word)]
    )
    rows = lines_of("netstat-s.txt", r"^ +.*\d.*$")
    assert len(text_of("netstat-s.txt").counters) == len(rows)


def test_sockets_in_numbers() -> None:
    summary, stat = counters(text_of("ss-summary.txt")), counters(text_of("proc-net-sockstat.txt"))
    assert {"Total", "TCP", "TCP estab", "TCP timewait", "INET IPv6"} <= summary.keys()
    assert {"sockets used", "TCP inuse", "TCP tw", "TCP6 inuse"} <= stat.keys()


def test_top_of_threads() -> None:
    first, second = texts_of("top-H.txt")
    assert len(first.usages) + len(second.usages) == len(
        lines_of("top-H.txt", r"^ *\d+ \w+ +-?\d+ ")
    )
    rows = lines_of("top-H.txt", r"^ *(\d+) root .* ([RSDI]) +([\d.]+) +[\d.]+ +[\d:.]+ (.+?) *$")
    assert [
        (str(usage.tid), usage.state, str(usage.cpu_percent), usage.command)
        for usage in (*first.usages, *second.usages)
    ] == rows
    assert {"time", "load average", "Threads", "%Cpu(s)"} <= {one.name for one in first.settings}


def test_top_and_ps() -> None:
    assert [usage.command for usage in text_of("top.txt").usages] == ["java"]
    busybox = text_of("top-busybox.txt")
    assert [usage.command.split()[0] for usage in busybox.usages] == ["java", "grep", "sleep"]
    assert [setting.name for setting in busybox.settings] == ["Mem", "CPU", "Load average"]
    for name in ("ps-L.txt", "ps-Lf.txt", "ps-T.txt"):
        one = text_of(name)
        assert len(one.usages) == len(lines_of(name, r"^.*\d\d:\d\d:\d\d"))
        assert one.pid == min(usage.tid for usage in one.usages)
    assert text_of("ps-u.txt").usages[0].command.startswith("java -Xmx32m")


def test_descriptors() -> None:
    rows = lines_of("proc-fd.txt", " -> ")
    assert len(text_of("proc-fd.txt").descriptors) == len(rows)
    first, second = texts_of("proc-fd-two.txt")
    assert [str(first.pid), str(second.pid)] == lines_of("proc-fd-two.txt", r"^/proc/(\d+)/fd:")
    sockets = lines_of("proc-fd-two.txt", r"socket:\[(\d+)\]")
    assert [
        str(one.inode) for one in (*first.descriptors, *second.descriptors) if one.inode
    ] == sockets


def test_system_calls() -> None:
    loop, grep = text_of("proc-tasks.txt"), text_of("proc-tasks-grep.txt")
    assert len(loop.calls) == len(lines_of("proc-tasks.txt", "^.+$"))
    assert [call.command for call in loop.calls] == [call.command for call in grep.calls]
    (busy,) = (call for call in loop.calls if call.command == "busy-1")
    assert (busy.number, busy.arguments) == (None, ())
    assert grep.pid == min(call.tid for call in grep.calls)


def test_names_with_line_feeds() -> None:
    call = "syscall=0 0x5 0x1 0x2 0x3 0x4 0x5 0x7ffe 0x7fff\n"
    one = read(f"1 comm=java {call}2 comm=two\nlines {call}3 comm=last {call}").processes[0]
    assert [call.command for call in one.calls] == ["java", "two\nlines", "last"]
    assert one.calls[1].evidence[1:] == (2, 3)
    assert one.calls[1].arguments == (5, 1, 2, 3, 4, 5)


def test_a_mixture() -> None:
    facts = read((FIXTURES / "mixture.txt").read_bytes())
    assert facts.not_understood == ()
    assert [one.format for one in facts.processes] == [
        "proc-limits",
        "top",
        "nstat",
        "proc-fd",
        "ss-summary",
        "sysctl",
    ]
    assert (len(facts.dumps), len(facts.tables)) == (1, 1)
    limits, top, _, fd, summary, _ = facts.processes
    assert limits.pid == top.pid == fd.pid is not None
    assert summary.captured is not None
    assert summary.captured.endswith("Z")


def test_foreign_lines_within_a_text_are_told() -> None:
    other = LIMIT.replace("open files", "file locks")
    facts = read(LIMIT + "Max proc\n" + other)
    assert [(one.first_line, one.last_line) for one in facts.not_understood] == [(2, 2)]
    (one,) = facts.processes
    assert len(one.limits) == 2


def test_what_comes_again_is_another_text() -> None:
    assert len(read(LIMIT + LIMIT).processes) == 2
    facts = read(NSTAT + "Wed Nov 25 08:06:56 UTC 2026\n" + NSTAT)
    assert [one.captured for one in facts.processes] == [None, "2026-11-25 08:06:56Z"]
    assert facts.not_understood == ()


def test_text_around_is_nobodys() -> None:
    facts = read("INFO a\n" + LIMIT + "INFO b\nINFO c\nINFO d\n")
    assert facts.not_understood == ()
    assert facts.processes[0].evidence[1:] == (2, 2)


@pytest.mark.parametrize(
    "line",
    [
        "Threads: 35",
        "fs.defaultFS = hdfs://nn:8020",
        "net.example.url = http://a",
        "    net.core.somaxconn = 4096 is low",
        "server.port = 8080",
        "Name: web",
        "State: LISTEN",
        "2026-11-22 03:16:27 INFO TCP: inuse 24",
        "tcp:",
        "Total: 60",
        "1 -> 2",
        "COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME",
        "Max retries 3 3",
        "total 0",
    ],
)
def test_other_lines_are_not_seen(line: str) -> None:
    if line == "Threads: 35":
        line += " total, 1 running"
    assert not [
        reader.name for reader in READERS if reader.kind is InputKind.PROCESS and reader.sees(line)
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:23.45", 83.45),
        ("12:34", 754),
        ("00:01:05", 65),
        ("1-02:03:04", 93_784),
        ("5h", 18_000),
        ("2d+5h", 190_800),
        ("123,45", 445_500),
        ("many", None),
    ],
)
def test_times(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == (None if seconds is None else pytest.approx(seconds))


def test_percents() -> None:
    assert [percent_of(text) for text in ("99.9", "99,9", "7%", "x")] == [99.9, 99.9, 7.0, None]


def test_pids_of_commands() -> None:
    commands = ("cat /proc/12/limits", "top -Hp 13", "top -b -p14", "ps -p 15 -L", "free -m")
    assert [pid_of(command) for command in commands] == [12, 13, 14, 15, None]


def test_moments() -> None:
    assert moment_of("Wed Nov  5 08:06:56 PM CET 2026") == "2026-11-05 20:06:56"
    assert moment_of("2026-11-22T03:16:27Z") == "2026-11-22 03:16:27Z"
    assert moment_of("2026-11-22 03:16:27 INFO started") is None


LINES = [
    line
    for path in TEXTS
    for line in sorted(set(path.read_text("utf-8").split("\n")))
    if path.name != "mixture.txt"
]


def holds(facts: InputFacts, last_line: int) -> None:
    for one in facts.processes:
        first, last = one.evidence[1:]
        assert 1 <= first <= last <= last_line
        for part in (
            one.limits,
            one.settings,
            one.counters,
            one.usages,
            one.descriptors,
            one.calls,
        ):
            for fact in part:
                assert first <= fact.evidence.first_line <= fact.evidence.last_line <= last
    for span in facts.not_understood:
        assert 1 <= span.first_line <= span.last_line <= last_line


@given(
    lines=st.lists(st.one_of(st.sampled_from(LINES), st.just(""), st.text(max_size=10))),
    cut=st.integers(0, 60),
    at=st.integers(0, 10**6),
)
@settings(max_examples=400, deadline=None)
def test_any_lines_in_any_order_give_facts_or_a_read_error(
    lines: list[str], cut: int, at: int
) -> None:
    text = "\n".join(lines)
    place = at % (len(text) + 1)
    text = text[:place] + text[place + cut :]
    try:
        facts = read(text)
    except ReadError:
        return
    holds(facts, text.count("\n") + 1)


def test_ulimit_prints_one_limit_of_two() -> None:
    row = "open files                          (-n) 1024\n"
    (soft,) = read(row).processes[0].limits
    assert (soft.soft, soft.hard) == (1024, NOT_RECORDED)
    (hard,) = read(f"$ ulimit -aH\n{row}").processes[0].limits
    assert (hard.soft, hard.hard) == (NOT_RECORDED, 1024)


def test_a_limit_is_a_number_or_unlimited_or_not_recorded() -> None:
    text = LIMIT + "\n\n\n\n\nopen files                          (-n) unlimited\n"
    facts = read(text)
    lines = [json.loads(line) for line in fact_lines(facts)]
    limits = [(one["soft"], one["hard"]) for one in lines if one["fact"] == "limit"]
    assert limits == [(20000, "unlimited"), ("unlimited", None)]


def test_the_use_of_the_cpu_is_not_recorded_without_its_column() -> None:
    facts = read(
        "    PID    SPID TTY          TIME CMD\n   1584    1600 ?        00:00:44 worker-1\n"
    )
    (usage,) = facts.processes[0].usages
    assert (usage.tid, usage.cpu_percent, usage.cpu_seconds) == (1600, None, 44)


def test_an_indented_limit_is_seen() -> None:
    assert read(f"    {LIMIT}").processes[0].limits[0].soft == 20000
