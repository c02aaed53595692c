"""Every sample of a process or of its host's counters is read whole, by independent counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hangscope.readers import Source, read_input

SAMPLES = {
    "proc-limits": ("socket-samples/**/cat_proc_*_limits.txt", r"^Max "),
    "proc-fd": ("socket-samples/**/ls_-l_proc_*_fd.txt", r" -> "),
    "nstat": ("socket-samples/**/nstat*.txt", r"^[A-Z]\w+ +\d+ +\d"),
    "sysctl": ("socket-samples/**/sysctl*.txt", r"^net\.\S+ ="),
    "proc-net-netstat": ("socket-samples/**/cat_proc_net_netstat.txt", r" -?\d+\b"),
    "proc-net-snmp": ("socket-samples/**/cat_proc_net_snmp.txt", r" -?\d+\b"),
    "proc-net-sockstat": ("socket-samples/**/cat_proc_net_sockstat*.txt", r" \d+\b"),
    "netstat-s": ("socket-samples/**/netstat_-s*.txt", r"^ +.*\d"),
    "ss-summary": ("socket-samples/**/ss_-s.txt", r"(?<=[ \t])\d+\b"),
    "proc-tasks": ("thread-samples/**/proc-tasks.txt", r" syscall="),
}
"""Of each format: where its samples are, and what stands in them once for each fact."""


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_read_whole(name: str, shared: Path) -> None:
    pattern, fact = SAMPLES[name]
    paths = sorted((shared / "formats").glob(pattern))
    assert paths
    for path in paths:
        facts = read_input(Source.from_path(path))
        assert facts.format == name, path
        assert facts.not_understood == (), path
        text = path.read_text("utf-8", "surrogateescape")
        assert facts.records == len(re.findall(fact, text, re.MULTILINE)), path


def test_descriptors_of_a_loop(shared: Path) -> None:
    paths = sorted((shared / "formats").glob("thread-samples/**/proc-fd.txt"))
    assert paths
    for path in paths:
        facts = read_input(Source.from_path(path))
        assert facts.not_understood == ()
        text = path.read_text("utf-8")
        assert facts.records == text.count(" -> ")
        inodes = [str(one.inode) for one in facts.processes[0].descriptors if one.inode]
        assert inodes == re.findall(r"socket:\[(\d+)\]", text)


def test_top_above_a_dump(shared: Path) -> None:
    path = shared / "formats/thread-samples/derived/top-H-then-jstack.txt"
    facts = read_input(Source.from_path(path))
    assert facts.not_understood == ()
    (usage,) = facts.processes[0].usages
    assert (usage.tid, usage.cpu_percent, usage.command) == (1584, 99.9, "worker-1")
    assert len(facts.dumps) == 1


def test_tables_of_other_families_are_tables_without_sockets(shared: Path) -> None:
    folder = shared / "formats/socket-samples/01-states"
    paths = [folder / f"cat_proc_net_{name}.txt" for name in ("udp", "udp6", "raw", "unix")]
    paths += sorted((shared / "formats").glob("thread-samples/**/proc-net-udp6.txt"))
    for path in paths:
        facts = read_input(Source.from_path(path))
        assert [(t.format, t.sockets) for t in facts.tables] == [("proc-net-tcp", ())], path
        assert facts.not_understood == (), path
