"""Wide tests over samples that are not part of the project: ``--shared=PATH``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.diagnosis.model import Finding
from hangscope.diagnosis.own_reports import UNEXPLAINED
from hangscope.facts import InputFacts
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import ReadError, read_input
from hangscope.readers.content.source import Source
from hangscope.waits import Certainty

KNOWLEDGE = load()
BASH = re.compile(r"\{% highlight bash %\}\n(.*?)\{% endhighlight %\}", re.DOTALL)
OWN_REPORTS = {"jdk15-sun-weblogic-9.1.dmp", "dumpling-deadlock-and-friends.log"}
"""Hold a deadlock by the application server's or the author's word, not by HotSpot's."""
UNREPORTED = {
    "ibm-1.4.0-javacore-stacked.dmp": {"Thread-1", "Thread-2"},
    "springboot-actuator.json": {"deadLock1", "deadLock2"},
    "threadinfo-jdk17/stdout-with-sigquit.txt": {"mon-1", "mon-2", "rl-1", "rl-2"},
    "threadinfo-jdk25/stdout-with-sigquit.txt": {"mon-1", "mon-2", "rl-1", "rl-2"},
    "jdk25/MonitorDeadlock/dump_to_file.json": {"worker-1", "worker-2", "queued-3"},
    "jdk25/MonitorDeadlock/dump_to_file.txt": {"worker-1", "worker-2", "queued-3"},
    "jdk25/Names/dump_to_file.txt": {'dead "lock" one\nwith newline', "데드락 two"},
    "jdk25/VirtDeadlock/dump_to_file.json": {"p-cross", "v-cross", "v-mon"},
    "jdk25/VirtDeadlock/dump_to_file.txt": {"p-cross", "v-cross", "v-mon"},
}
"""Real deadlocks in forms of dump that carry no report of the JVM's: their threads."""
OF_CLASSES = "class-initialization-deadlock"
INITIALISERS = {"init-one", "init-two", "init-third"}
"""The threads of the one program among the samples whose classes need each other."""
REPORT_CUT_OFF = {"truncated-before-deadlock-section.txt"}
MIXED = {"two-jvms-interleaved-by-line.txt"}
"""Two dumps, a line of each in turn: the reader asks to separate them."""
SUFFIXES = {".txt", ".log", ".dmp", ".json", ".jsonl"}
FORMS = {
    "hotspot",
    "jhsdb",
    "javacore",
    "jrockit",
    "thread-info",
    "thread-mxbean",
    "native-image",
} | {"dump-to-file", "dump-to-file-json", "actuator-json", "ignition-json"}


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
            if path.is_file() and path.suffix in SUFFIXES:
                facts = read(path)
                if facts is not None and facts.dumps:
                    yield path, facts


def lock_deadlocks(told: Diagnosis) -> list[Finding]:
    found = [finding for finding in told.findings if finding.id.endswith("deadlock")]
    assert {finding.id for finding in found} <= {"lock-deadlock", OF_CLASSES}
    of_classes = [finding for finding in found if finding.id == OF_CLASSES]
    assert not of_classes or threads_in(of_classes) == INITIALISERS
    return [finding for finding in found if finding.id == "lock-deadlock"]


def threads_in(findings: Iterable[Finding]) -> set[str]:
    return {s.name for f in findings for s in f.subjects if s.type.value in {"thread", "pool"}}


def unreported(path: Path) -> set[str]:
    return next((who for end, who in UNREPORTED.items() if str(path).endswith(end)), set())


def test_deadlocks_are_those_that_the_jvm_reports_and_no_others(shared: Path) -> None:
    seen = agreed = 0
    forms: set[str] = set()
    for path, facts in dumps_in(shared):
        reports = [report for dump in facts.dumps for report in dump.deadlocks]
        found = lock_deadlocks(diagnosed(facts))
        seen += 1
        forms.update(dump.format for dump in facts.dumps)
        if path.name in OWN_REPORTS | REPORT_CUT_OFF | MIXED:
            continue
        if not reports:
            assert threads_in(found) == unreported(path), path
            continue
        assert found, path
        threads = {name for r in reports for name in (m.thread for m in r.members)}
        if all(s.type.value in {"thread", "lock"} for f in found for s in f.subjects):
            for name in threads:  # a name that threads share is told with its id or line
                assert any(one.startswith(name) for one in threads_in(found)), path
            agreed += 1
    assert seen > 380
    assert agreed > 100
    assert forms >= FORMS


def test_each_lock_deadlock_tells_whether_the_jvm_agrees_and_no_difference_is_unexplained(
    shared: Path,
) -> None:
    told = {"same": 0, "otherwise": 0}
    for path, facts in dumps_in(shared):
        if path.name in OWN_REPORTS | MIXED:
            continue
        diagnosis = diagnosed(facts)
        reports = any(dump.deadlocks for dump in facts.dumps)
        for finding in lock_deadlocks(diagnosis):
            cut = path.name in REPORT_CUT_OFF
            assert (UNEXPLAINED in finding.explanation) is cut, path
            agrees = "The JVM itself reports" in finding.explanation
            assert agrees or not reports or len(facts.dumps) > 1, (path, finding.explanation)
            told["same" if agrees else "otherwise"] += 1
        denied = [gap.what for gap in diagnosis.gaps if "The JVM itself reports" in gap.what]
        assert not denied or len(facts.dumps) > 1, (path, denied)
    assert told["same"] > 100
    assert told["otherwise"] > 5


def test_what_no_moment_shows_is_inferred(shared: Path) -> None:
    inferred = 0
    for path, facts in dumps_in(shared):
        if not any(dump.atomic or dump.deadlocks for dump in facts.dumps):
            for finding in lock_deadlocks(diagnosed(facts)):
                assert finding.certainty is Certainty.INFERRED, path
                assert "at a moment of its own" in " ".join(finding.rests_on), path
                inferred += 1
    assert inferred > 5


def test_a_deadlock_that_the_form_of_dump_cannot_show_is_not_called_health(shared: Path) -> None:
    samples = shared / "formats" / "thread-samples"
    for program in ("ClassInit", "LockDeadlock", "MonitorDeadlock", "RwLock", "VirtDeadlock"):
        for version in (17, 21, 25):
            for path in sorted((samples / f"jdk{version}" / program).glob("*")):
                classic = path.name.startswith(("jstack", "jcmd", "stdout"))
                if classic and program == "VirtDeadlock":
                    continue  # nothing of it is there to be seen
                facts = read(path)
                if facts is not None and facts.dumps:
                    told = diagnosed(facts)
                    assert told.verdict.kind.value in {"deadlock", "inconclusive"}, path
                    if told.verdict.kind.value == "inconclusive" and not classic:
                        assert any("jstack" in g.command or "jcmd" in g.command for g in told.gaps)


def test_dumps_of_all_forms_of_one_jvm_are_one_jvm(shared: Path) -> None:
    """Each folder holds what every tool says of one process that hangs in one way."""
    together = 0
    for folder in sorted((shared / "formats" / "thread-samples").glob("jdk*/*")):
        inputs = [facts for path in sorted(folder.iterdir()) if (facts := read(path))]
        dumps = [dump for one in inputs for dump in one.dumps]
        interpretation = interpret(assemble(dumps, [], KNOWLEDGE))
        assert len(interpretation.case.jvms) == 1, folder
        (jvm,) = interpretation.case.jvms
        together += len({dump.format for dump in dumps}) > 1
        assert {view.dump.format for view in jvm.views} == {dump.format for dump in dumps}
        reported = {m.thread for d in dumps for r in d.deadlocks for m in r.members}
        found = lock_deadlocks(diagnose(interpretation))
        if folder.name == "VirtDeadlock":
            version = folder.parent.name
            assert threads_in(found) == (
                {"p-cross", "v-cross", "v-mon"} if version == "jdk25" else set()
            )
        else:
            assert bool(found) == bool(reported), folder
            assert threads_in(found) >= reported, folder
    assert together > 20


@pytest.mark.parametrize("version", [17, 21, 25])
def test_classes_that_need_each_other_are_found_in_every_dump_that_names_them(
    shared: Path, version: int
) -> None:
    folder = shared / "formats" / "thread-samples" / f"jdk{version}" / "ClassInit"
    named = [p for p in folder.glob("*.txt") if "initialization monitor for" in p.read_text()]
    assert len(named) > 4
    for path in named:
        facts = read(path)
        assert facts is not None, path
        verdict = diagnosed(facts).verdict
        assert verdict.finding == OF_CLASSES, path
        assert verdict.certainty is Certainty.PROVEN, path


@pytest.mark.parametrize("version", [21, 25])
@pytest.mark.parametrize("form", [("txt",), ("json",), ("json", "txt"), ("json", "jstack")])
def test_self_calls_are_found_in_dumps_to_file(
    shared: Path, version: int, form: tuple[str, ...]
) -> None:
    stem = f"own-tomcat-selfcall-jdk{version}"
    names = [
        f"{stem}-jstack-1.txt" if one == "jstack" else f"{stem}-dump_to_file.{one}" for one in form
    ]
    inputs = [read(shared / "corpus" / "dumps" / name) for name in (*names, f"{stem}-ss-tanp.txt")]
    told = diagnosed(*(one for one in inputs if one is not None))
    assert told.verdict.finding == "self-call-deadlock"
    assert told.verdict.certainty is Certainty.INFERRED


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
        if facts is None or facts.format != tool or "tty" in path.parts or "_state_" in path.name:
            continue
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
        rows = sum(bool(first[tool].match(line)) for line in lines)
        unread = sum(n.last_line - n.first_line + 1 for n in facts.not_understood)
        assert facts.records <= rows <= facts.records + unread, path
        counted += 1
    assert counted > 30
