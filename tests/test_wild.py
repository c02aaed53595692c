"""Wide tests over samples that are not part of the project: ``--shared=PATH``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.facts import InputFacts
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import ReadError, read_input
from hangscope.readers.source import Source

KNOWLEDGE = load()
BASH = re.compile(r"\{% highlight bash %\}\n(.*?)\{% endhighlight %\}", re.DOTALL)
OWN_REPORTS = {"jdk15-sun-weblogic-9.1.dmp", "dumpling-deadlock-and-friends.log"}
"""Hold a deadlock by the application server's or the author's word, not by HotSpot's."""
REPORT_CUT_OFF = {"truncated-before-deadlock-section.txt"}
MIXED = {"two-jvms-interleaved-by-line.txt"}
"""Two dumps, a line of each in turn: the reader asks to separate them."""


def read(path: Path) -> InputFacts | None:
    try:
        return read_input(Source.from_path(path))
    except ReadError:
        return None


def diagnosed(*inputs: InputFacts) -> Diagnosis:
    dumps = [dump for one in inputs for dump in one.dumps]
    tables = [table for one in inputs for table in one.tables]
    return diagnose(interpret(assemble(dumps, tables, KNOWLEDGE)))


def dumps_in(shared: Path) -> Iterator[tuple[Path, InputFacts]]:
    for folder in ("corpus/dumps", "formats/thread-samples"):
        for path in sorted((shared / folder).rglob("*")):
            if path.is_file() and path.suffix in {".txt", ".log", ".dmp"}:
                facts = read(path)
                if facts is not None and facts.dumps:
                    yield path, facts


def test_deadlocks_are_those_that_the_jvm_reports_and_no_others(shared: Path) -> None:
    seen = agreed = 0
    for path, facts in dumps_in(shared):
        reports = [report for dump in facts.dumps for report in dump.deadlocks]
        found = [f for f in diagnosed(facts).findings if f.id.endswith("deadlock")]
        seen += 1
        if path.name in OWN_REPORTS | REPORT_CUT_OFF | MIXED:
            continue
        assert bool(reports) == bool(found), path
        assert {f.id for f in found} <= {"lock-deadlock"}, path
        threads = {name for r in reports for name in (m.thread for m in r.members)}
        cited = [s.name for f in found for s in f.subjects]
        if threads and all(s.type.value in {"thread", "lock"} for f in found for s in f.subjects):
            for name in threads:  # a name that threads share is told with its id or line
                assert any(one.startswith(name) for one in cited), path
            agreed += 1
    assert seen > 250
    assert agreed > 50


@pytest.mark.parametrize("version", [11, 17, 21, 25])
def test_self_calls_of_every_jdk_are_found(shared: Path, version: int) -> None:
    dumps = shared / "corpus" / "dumps"
    stem = f"own-tomcat-selfcall-jdk{version}"
    tables = [path for path in dumps.glob(f"{stem}-*") if _is_table(path)]
    dump = read(dumps / f"{stem}-jstack-1.txt")
    assert dump is not None
    assert tables
    for path in tables:
        table = read(path)
        assert table is not None, path
        assert diagnosed(dump, table).verdict.finding == "self-call-deadlock", path


def _is_table(path: Path) -> bool:
    return any(tool in path.name for tool in ("-ss-tanp", "netstat", "lsof", "proc-net-tcp6"))


def test_the_articles_own_excerpts_give_a_partial_diagnosis(shared: Path) -> None:
    texts = [p.read_text() for p in (shared / "seeds").iterdir() if "jstack" in p.read_text()]
    blocks = [block.encode() for text in texts for block in BASH.findall(text)]
    dump = next(block for block in blocks if b"jstack" in block)
    table = b"".join(b for b in blocks if b"lsof -i" in b or b"netstat -tonp" in b)
    inputs = [
        read_input(Source.from_bytes(name, content))
        for name, content in (("dump.txt", dump), ("sockets.txt", table))
    ]
    assert [one.records for one in inputs] == [1, 14]
    assert not any(one.not_understood for one in inputs)
    told = diagnosed(*inputs)
    assert told.verdict.finding == "close-wait-pile-up"
    assert "13 connections" in told.verdict.headline
    (pile,) = told.findings
    assert "http-apr-8080-exec-24" in pile.explanation
    missing = " ".join(gap.what for gap in told.gaps)
    for word in ("excerpt", "tasks", "webcache as 8080"):
        assert word in missing


def test_undamaged_dumps_are_read_whole(shared: Path) -> None:
    """The JVM lists its platform threads (SMR block): the count is an independent one."""
    whole = 0
    for path, facts in dumps_in(shared):
        parts = set(path.parts)
        if "derived" in parts or "corpus" in parts or path.name.startswith("dump_to_file"):
            continue
        if {"target-stopped-jdk17", "encodings-jdk11", "dump-to-stdout-jdk25"} & parts:
            continue
        for dump in facts.dumps:
            if dump.listed_tids is not None and dump.ended:
                java = {t.tid for t in dump.threads if t.is_java and t.tid is not None}
                assert set(dump.listed_tids) == java, path
                whole += 1
    assert whole > 200


def test_rows_of_every_table_are_counted(shared: Path) -> None:
    """Each line that starts like a TCP row of the tool is one socket, or reported."""
    first = {
        "ss": re.compile(
            r"^(?:tcp +)?(?:ESTAB|LISTEN|UNCONN|CLOSING|[A-Z]+-[A-Z0-9-]+) +\d+ +\d+ +\S+:\S+ "
        ),
        "netstat": re.compile(r"^tcp6? +\d+ +\d+ "),
    }
    counted = 0
    for path in sorted((shared / "formats" / "socket-samples").rglob("*.txt")):
        tool = "ss" if path.name.startswith("ss_-tan") else path.name.split("_")[0]
        facts = read(path) if tool in first else None
        if facts is None or facts.format != tool or "tty" in path.parts:
            continue
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
        rows = sum(bool(first[tool].match(line)) for line in lines)
        unread = sum(n.last_line - n.first_line + 1 for n in facts.not_understood)
        assert facts.records <= rows <= facts.records + unread, path
        counted += 1
    assert counted > 30
