"""Samples from the wild: ``--shared=PATH``. Every number is counted once more, by other means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hangscope.facts import InputFacts
from hangscope.readers import ReadError, Source, read_input
from hangscope.readers.syntax.lines import LineSyntax

SMR = re.compile(r"^_java_thread_list=0x[0-9a-f]+, length=(\d+)", re.MULTILINE)
CUT = {
    "truncated-mid-header.txt": 11,
    "target-stopped-jdk17/stdout-with-sigquit.txt": 11,
}
"""Dumps that lack their end: how many Java threads are left."""
NOT_FOR_US = re.compile(
    r"\.(log|json)$|docker|kubectl|kubernetes|journald|stern|tanuki|websphere|rsyslog|ansi"
    r"|html-|lone-cr|markdown|two-jvms|jhsdb|dump_to_file|tm-|native"
)
"""Prefixed by collectors, in markup, of other tools, invented: for other readers."""
DAMAGED = {"truncated-mid-header.txt", "jtd-pool-exhaustion-dump2.txt", "intellij-threads-dump.txt"}
INTERLEAVED = "interleaved-jdk"
"""Real log lines between real threads: those are not understood, and no more than those."""
WITHOUT_STATE = re.compile(r"_state_[a-z0-9-]+\.txt$|-tnB")


def dumps(shared: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(shared.glob("**/*.txt")):
        text = decoded(path)
        if SMR.search(text) and not NOT_FOR_US.search(str(path.relative_to(shared))):
            yield path, text


def decoded(path: Path) -> str:
    content = path.read_bytes()
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if wide else "utf-8", "replace").replace("\r\n", "\n")


def read(path: Path) -> InputFacts:
    return read_input(Source.from_path(path))


def test_every_thread_that_the_jvm_lists_is_read(shared: Path) -> None:
    count = 0
    for path, text in dumps(shared):
        count += 1
        threads = [
            sum(t.is_java and t.tid is not None for t in d.threads)
            for d in read(path).dumps
            if d.format == "hotspot"
        ]
        cut = next((left for name, left in CUT.items() if str(path).endswith(name)), None)
        expected = [int(found) for found in SMR.findall(text)] if cut is None else [cut]
        assert threads == expected, path
    assert count > 200


def test_undamaged_dumps_are_understood_to_the_last_line(shared: Path) -> None:
    for path, _ in dumps(shared):
        if path.name in DAMAGED or str(path).endswith(tuple(CUT)):
            continue
        spans = read(path).not_understood
        if INTERLEAVED in str(path):
            assert all(span.first_line == span.last_line for span in spans)
            assert len(spans) <= 3, path
        else:
            assert spans == (), path


def test_states_and_deadlocks_are_as_many_as_printed(shared: Path) -> None:
    for path, text in dumps(shared):
        facts = read(path)
        assert text.count("Found one Java-level deadlock:") == sum(
            len(dump.deadlocks) for dump in facts.dumps
        ), path
        if "Names" in str(path) or "names" in path.name or "encodings" in str(path):
            continue  # one name imitates a thread with a state
        states = sum(
            t.state is not None
            for dump in facts.dumps
            if dump.format == "hotspot"
            for t in dump.threads
        )
        assert text.count("java.lang.Thread.State: ") == states, path


@pytest.mark.parametrize(
    ("tool", "files", "row"),
    [
        (
            "ss",
            "*ss[_@]*.txt",
            r"(tcp +)?(ESTAB|SYN-|FIN-|TIME-|CLOSE-|CLOSING|LAST-|LISTEN|UNCONN)",
        ),
        ("netstat", "*netstat*.txt", r"tcp6? +\d+ +\d+ "),
        ("lsof", "*lsof*.txt", r"\S+ +\d+ .* IPv[46] .* TCP .*\([A-Z_0-9]+( QR.*)?\)$"),
        ("proc-net-tcp", "cat_proc_*net_tcp*.txt", r" *\d+: [0-9A-F]+:[0-9A-F]{4} "),
        ("psutil-jsonl", "psutil*.jsonl", r"\{"),
    ],
    ids=lambda value: value if re.fullmatch(r"[a-z-]+", value) else "",
)
def test_every_row_of_a_table_is_a_socket(shared: Path, tool: str, files: str, row: str) -> None:
    count = 0
    for path in sorted(shared.glob(f"formats/socket-samples/**/{files}")):
        lines = [line for line in decoded(path).split("\n") if re.match(row, line)]
        if tool == "lsof":
            lines = list(
                {
                    re.split(r" IPv[46] +(?:[A-Z,]+ +)?", line)[1].split()[0]: line
                    for line in lines
                }.values()
            )
        if not lines or WITHOUT_STATE.search(path.name):
            continue
        facts = read(path)
        count += 1
        assert facts.not_understood == (), path
        assert {table.format for table in facts.tables} == {tool}, path
        assert sum(len(table.sockets) for table in facts.tables) == len(lines), path
    assert count >= (3 if tool == "psutil-jsonl" else 8)


def test_nothing_raises_anything_but_read_errors(shared: Path) -> None:
    for path in sorted(shared.glob("**/*")):
        if path.is_file():
            try:
                read(path)
            except ReadError as error:
                assert str(path) in str(error)  # noqa: PT017 - most files are read


@pytest.mark.parametrize(
    ("grammar", "files"),
    [
        ("hotspot", "formats/thread-samples/**/j*.txt"),
        ("hotspot", "corpus/dumps/*"),
        ("ss", "**/*ss[_@]*.txt"),
        ("netstat", "**/*netstat*"),
        ("lsof", "**/*lsof*"),
        ("proc_net_tcp", "**/*net_tcp*"),
    ],
)
def test_derived_expressions_agree_with_lark_on_all_lines(
    shared: Path, grammar: str, files: str
) -> None:
    syntax = LineSyntax(grammar)
    lines = {
        line.strip(" \t")
        for path in shared.glob(files)
        if path.is_file()
        for line in decoded(path).split("\n")[:20_000]
    }
    for line in sorted(lines)[:: max(1, len(lines) // 20_000)]:
        assert syntax.match(line) == syntax.judge(line), line
