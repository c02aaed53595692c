"""Which reader gets an input, and what is said when none does."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import hangscope.readers
from hangscope.facts import InputKind
from hangscope.readers import (
    READERS,
    EmptyInput,
    Reader,
    ReadError,
    Source,
    ToolFailed,
    UnknownFormat,
    UnreadableInput,
    read_input,
    recognise,
)

from .reading import read

HEADER = '"main" #1 prio=5 os_prio=0 tid=0x00007f0000001000 nid=0x1 runnable  [0x0]'
DUMP = f"{HEADER}\n   java.lang.Thread.State: RUNNABLE\n\tat org.acme.Foo.bar(Foo.java:1)\n"
SS = "ESTAB 0 0 10.0.0.1:1 10.0.0.2:2"
NETSTAT = "tcp        0      0 10.0.0.1:1   10.0.0.2:2   ESTABLISHED -"
LSOF = "java 1 app 5u IPv4 1 0t0 TCP 10.0.0.1:1->10.0.0.2:2 (ESTABLISHED)"
NO_ANSWER = (
    "27836: Unable to open socket file /tmp/.java_pid27836: target process 27836 doesn't"
    " respond within 10500ms or HotSpot VM not loaded"
)
PROC = "0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000 0 0 161925 1"
PSUTIL = (
    '{"fd": 3, "family": 2, "type": 1, "laddr": ["10.0.0.1", 1], "raddr": ["10.0.0.2", 2],'
    ' "status": "ESTABLISHED", "pid": 1}'
)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (HEADER, "hotspot"),
        ("Full thread dump OpenJDK 64-Bit Server VM (17 mixed mode):", "hotspot"),
        ("\t- waiting to lock <0x000000076ab00010> (a org.acme.Ledger)", "hotspot"),
        ('#38 "" virtual WAITING 2026-11-22T03:11:08.015028460Z', "dump-to-file"),
        ('#1 "main"', "dump-to-file"),
        ("- locked <java.lang.Object@7320f50a>", "dump-to-file"),
        ("Attaching to process ID 1562, please wait...", "jhsdb"),
        ("Deadlock Detection:", "jhsdb"),
        ('"main" #1 prio=5 tid=0x00007f30 nid=0x61e runnable [0x00007f30e03fe000]', "jhsdb"),
        ("Thread 14745: (state = IN_NATIVE)", "jhsdb"),
        ("----------------- 22761 -----------------", "jhsdb"),
        (" - java.lang.Object.wait(long) @bci=0 (Interpreted frame)", "jhsdb"),
        ("0SECTION       TITLE subcomponent dump routine", "javacore"),
        ("4XESTACKTRACE                at java/lang/Thread.run(Thread.java:857)", "javacore"),
        ("JRE 17 Linux amd64-64-Bit 20221018_325 (JIT enabled, AOT enabled)", "openj9-text"),
        ('"main" Id=1 TIMED_WAITING', "thread-info"),
        ('"main" - Thread t@1', "thread-mxbean"),
        ("===== FULL THREAD DUMP ===============", "jrockit"),
        ("DALVIK THREADS (38):", "art"),
        ("Full thread dump GraalVM Native Image 24.1.1 (Java Version 21.0.5):", "native-image"),
        (SS, "ss"),
        ("tcp   " + SS, "ss"),
        ("Netid State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess", "ss"),
        (NETSTAT, "netstat"),
        ("Active Internet connections (w/o servers)", "netstat"),
        (LSOF, "lsof"),
        ("COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME", "lsof"),
        (PROC, "proc-net-tcp"),
        (PSUTIL, "psutil-jsonl"),
        ('{"threadDump": {"processId": "1"}}', "json-text"),
        ("{", "json-text"),
    ],
)
def test_a_line_is_enough(line: str, name: str) -> None:
    found = recognise(["", "some log line", line])
    assert found is not None
    assert found.reader.name == name
    assert found.reason.startswith("it ")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "2026-11-22 10:00:00,123 INFO started",
        "Full thread dump requested by admin",
        "\tat org.acme.Foo.bar(Foo.java:1)",
        "State of the art",
        "tcp is a protocol",
        "COMMAND executed",
        "12: something",
        '{"level": "info"}',
        '{"log": "{\\"threadDump\\": {}}\\n", "stream": "stdout"}',
        "- locked out",
        '#12 "A heading", said he',
        "Deadlock Detection: none",
        "Thread 14745: started",
        "--------- 5 ---------",
        '"quoted" text',
    ],
)
def test_other_lines_are_nobody_s(line: str) -> None:
    assert recognise([line]) is None


def test_every_reader_is_listed_once_and_has_a_module_of_its_name() -> None:
    found = pkgutil.walk_packages(hangscope.readers.__path__, "hangscope.readers.")
    modules = {module.name.rpartition(".")[2] for module in found}
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)
    for reader in READERS:
        module = inspect.getmodule(type(reader))
        assert module is not None
        assert module.__name__.rsplit(".", 1)[-1].replace("_", "-") == reader.name
        assert reader.name.replace("-", "_") in modules


def test_importing_the_readers_does_not_import_lark() -> None:
    code = "import hangscope.readers, sys; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_dump_and_a_table_in_one_file() -> None:
    facts = read(f"=== jstack ===\n{DUMP}\n=== ss ===\n{SS}\n=== netstat ===\n{NETSTAT}\n")
    assert facts.kind is InputKind.THREAD_DUMP
    assert facts.format == "hotspot"
    assert [len(dump.threads) for dump in facts.dumps] == [1]
    assert [table.format for table in facts.tables] == ["ss", "netstat"]
    assert facts.not_understood == ()
    assert facts.records == 3


def test_a_table_before_a_dump_without_anything_between() -> None:
    facts = read(f"{SS}\n{DUMP}{LSOF}\n{PROC}\n{PSUTIL}\n{DUMP}")
    assert facts.not_understood == ()
    assert [table.format for table in facts.tables] == [
        "ss",
        "lsof",
        "proc-net-tcp",
        "psutil-jsonl",
    ]
    assert [dump.evidence.first_line for dump in facts.dumps] == [2, 8]


def test_one_format_alone() -> None:
    facts = read(f"{DUMP}\n{SS}\n", format="ss")
    assert (facts.format, facts.dumps, len(facts.tables)) == ("ss", (), 1)
    with pytest.raises(UnknownFormat):
        read(DUMP, format="lsof")
    with pytest.raises(ValueError, match="no reader is called jfr"):
        read(DUMP, format="jfr")


def test_what_the_input_is() -> None:
    facts = read(DUMP, name="dump.txt")
    assert (facts.name, facts.size, len(facts.sha256)) == ("dump.txt", len(DUMP), 64)


@pytest.mark.parametrize("text", ["", "\n\n", "   \n\t\n"])
def test_nothing_is_empty(text: str) -> None:
    with pytest.raises(EmptyInput, match=r"^input\.txt: there is nothing in it"):
        read(text)


def test_an_unknown_text_is_quoted() -> None:
    with pytest.raises(UnknownFormat) as caught:
        read("\n\nDear colleagues,\nthe service hangs.\n")
    assert caught.value.line == 3
    assert str(caught.value).startswith("input.txt:3: ")
    assert "'Dear colleagues,'" in str(caught.value)
    assert "jstack -l PID" in str(caught.value)
    assert "ss -tanp" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (NO_ANSWER, "the JVM did not answer"),
        ("27836: No such process", "no such process"),
        ("27836:\njava.lang.IllegalArgumentException: Unknown argument '-x'", "refused its arg"),
        (
            "27836: well-known file /tmp/.java_pid27836 is not secure: file's group",
            "the dump was refused",
        ),
        ("bash: jstack: command not found", "not installed"),
    ],
)
def test_complaints_of_tools_are_told_as_such(text: str, what: str) -> None:
    with pytest.raises(ToolFailed, match=what):
        read(text + "\n")


def test_binary_files_are_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "core"
    path.write_bytes(b"\x7fELF" + bytes(1000))
    with pytest.raises(UnreadableInput, match="core dump"):
        read_input(Source.from_path(path))


def test_all_errors_are_read_errors() -> None:
    errors = (EmptyInput, ToolFailed, UnknownFormat, UnreadableInput)
    assert all(issubclass(error, ReadError) for error in errors)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_reader_sees_no_line_that_starts_otherwise_than_it_says(reader: Reader) -> None:
    root = Path(__file__).resolve().parents[2]
    lines = {
        line
        for folder, pattern in (("tests/grammars/pairs", "*.txt"), ("fixtures/formats", "**/*.txt"))
        for path in (root / folder).glob(pattern)
        for raw in path.read_text("utf-8", "replace").split("\n")
        for line in (raw, raw.removeprefix("> "))
    }
    seen = [line for line in lines if reader.sees(line)]
    if reader.initials is not None:
        assert {line.lstrip(" \t")[:1] for line in seen} <= reader.initials
