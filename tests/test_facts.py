"""``hangscope facts`` end to end: what it took a text for, what it read and what it did not."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hangscope.readers import READERS, ReadError, Source, read_input
from hangscope.readers.content import source
from hangscope.report import reading
from hangscope.report.schema import load

ROOT = Path(__file__).resolve().parents[1]
CASE = ROOT / "fixtures" / "tomcat-self-call"
FORMATS = ROOT / "fixtures" / "formats"
DUMP, SOCKETS = CASE / "dump.txt", CASE / "sockets.txt"


def facts(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "hangscope", "facts", *map(str, arguments)]
    done = subprocess.run(
        command, input=stdin, env=environment, capture_output=True, timeout=120, check=False
    )
    told = subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
    assert "Traceback" not in told.stderr, told.stderr
    return told


def inputs_of(*arguments: str | Path, stdin: bytes = b"") -> list[dict[str, Any]]:
    document = json.loads(facts("--format", "json", *arguments, stdin=stdin).stdout)
    assert document["schema"] == reading.SCHEMA
    inputs: list[dict[str, Any]] = document["inputs"]
    return inputs


def test_text_says_what_it_is_why_and_how_much() -> None:
    done = facts(DUMP, SOCKETS)
    assert done.returncode == 0
    assert done.stderr == ""
    assert f"{DUMP}: thread dump, hotspot: it says `Full thread dump" in done.stdout
    assert "hotspot, 34 threads, 2026-11-24 02:24:39" in done.stdout
    assert "0 of 26 threads that it lists are missing" in done.stdout
    assert f"{SOCKETS}: socket table, ss: it has the heading of ss" in done.stdout
    assert "101 TCP sockets" in done.stdout
    assert done.stdout.count("not understood: nothing") == 2


def test_json_has_the_inputs_of_a_report() -> None:
    inputs = inputs_of(DUMP, SOCKETS)
    schema = load()
    validator = Draft202012Validator({"$ref": "#/$defs/input", "$defs": schema["$defs"]})
    for one in inputs:
        validator.validate(one)
    assert [(one["kind"], one["format"], one["records"]) for one in inputs] == [
        ("thread-dump", "hotspot", 34),
        ("socket-table", "ss", 101),
    ]
    assert [one["lines"] for one in inputs] == [649, 102]


def test_the_report_of_correlate_has_the_same_inputs() -> None:
    arguments = ["correlate", "--format", "json", str(DUMP), str(SOCKETS)]
    command = [sys.executable, "-m", "hangscope", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout)["inputs"] == inputs_of(DUMP, SOCKETS)


def test_full_json_is_one_fact_a_line() -> None:
    lines = facts("--format", "json", "--full", DUMP, SOCKETS).stdout.splitlines()
    first, *rest = map(json.loads, lines)
    assert [one["records"] for one in first["inputs"]] == [34, 101]
    count = {what: sum(one["fact"] == what for one in rest) for what in ("thread", "socket")}
    assert count == {"thread": 34, "socket": 101}
    worker = next(one for one in rest if one.get("name") == "http-nio-8080-exec-1")
    text = DUMP.read_text().split("\n")
    assert text[worker["first_line"] - 1].startswith('"http-nio-8080-exec-1"')
    for entry in worker["stack"]:
        if "method" in entry:
            assert entry["method"] in text[entry["line"] - 1]
    listener = next(one for one in rest if one.get("state") == "LISTEN")
    assert listener["local"] == {"address": "*", "port": 8080}
    assert listener["owners"][0]["command"] == "java"


def test_full_text_lists_every_thread_and_socket() -> None:
    told = facts("--full", DUMP, SOCKETS).stdout
    for number in range(1, 11):
        assert f'"http-nio-8080-exec-{number}" #' in told
    assert told.count("127.0.0.1:8080") >= 90


def test_what_is_not_understood_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    lines = DUMP.read_text().split("\n")
    place = next(i for i, line in enumerate(lines) if line.startswith("\tat "))
    lines.insert(place, "someone else's line")
    path.write_text("\n".join(lines))
    assert f"{path}:{place + 1}: not a line of a thread dump" in facts(path).stdout
    (one,) = inputs_of(path)
    assert one["not_understood"] == [
        {"first_line": place + 1, "last_line": place + 1, "why": "not a line of a thread dump"}
    ]


def test_lines_around_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "catalina.out"
    log = "24-Nov-2026 02:24:38.123 INFO [main] org.acme.Main.main started\n"
    path.write_text(log * 7 + DUMP.read_text() + log * 5)
    (one,) = inputs_of(path)
    assert one["records"] == 34
    assert one["outside"] == 12
    assert one["not_understood"] == []


def test_several_texts_of_one_file_are_groups(tmp_path: Path) -> None:
    path = tmp_path / "all.txt"
    limits = (FORMATS / "process" / "proc-limits.txt").read_text()
    path.write_text(DUMP.read_text() + "\n" + SOCKETS.read_text() + "\n" + limits)
    (one,) = inputs_of(path)
    groups = one["groups"]
    assert [group["kind"] for group in groups] == ["thread-dump", "socket-table", "process"]
    assert [group["format"] for group in groups] == ["hotspot", "ss", "proc-limits"]
    assert sum(group["records"] for group in groups) == one["records"]


def test_an_unreadable_input_beside_a_readable_one_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("")
    done = facts("--format", "json", path, DUMP)
    assert done.returncode == 0
    assert "there is nothing in it" in done.stderr
    empty, dump = json.loads(done.stdout)["inputs"]
    assert (empty["kind"], empty["records"]) == ("unknown", 0)
    assert dump["records"] == 34


def test_status_2_when_nothing_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "prose.txt"
    path.write_text("the quick brown fox\n")
    done = facts(path)
    assert done.returncode == 2
    assert str(path) in done.stderr


def test_as_overrules_recognition(tmp_path: Path) -> None:
    path = tmp_path / "both.txt"
    path.write_text(DUMP.read_text() + "\n" + SOCKETS.read_text())
    assert inputs_of(path, "--as", "ss")[0]["kind"] == "socket-table"
    assert inputs_of(path, "--as", "ss")[0]["records"] == 101
    wrong = facts(path, "--as", "nothing")
    assert wrong.returncode == 2
    assert all(reader.name in wrong.stderr.replace("\n", "") for reader in READERS)


def test_encoding_overrules_recognition() -> None:
    path = FORMATS / "carriers" / "jstack-euc-kr.txt"
    assert inputs_of(path)[0]["encoding"] == "cp949"
    hangul = re.compile("[가-힣]{2}")
    assert hangul.search(facts("--full", path).stdout)
    assert not hangul.search(facts("--full", "--encoding", "latin-1", path).stdout)
    assert facts(path, "--encoding", "klingon").returncode == 2


def test_archives_and_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "case.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(DUMP, "host/dump.txt")
        tar.add(SOCKETS, "host/sockets.txt")
    names = [one["name"] for one in inputs_of(path)]
    assert names == [f"{path}!host/dump.txt", f"{path}!host/sockets.txt"]
    (one,) = inputs_of("-", stdin=gzip.compress(DUMP.read_bytes()))
    assert (one["name"], one["records"]) == ("<stdin>", 34)


def texts() -> list[Path]:
    return sorted(
        path
        for path in (ROOT / "fixtures").rglob("*")
        if path.suffix in {".txt", ".json"}
        and path.name != "expected.json"
        and path.stat().st_size < 200_000
    )


@pytest.mark.parametrize("chunk", [1 << 12, 1 << 16])
def test_reading_in_pieces_of_any_size_gives_the_same_facts(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in texts()[::7]:
        content = path.read_bytes()
        try:
            whole = read_input(Source.from_bytes("x", content))
        except ReadError:  # not every file is a dump or a table
            continue
        with monkeypatch.context() as patched:
            patched.setattr(source, "_CHUNK", chunk)
            pieces = read_input(Source.from_bytes("x", content))
        assert list(reading.as_text([pieces], full=True, unicode=True)) == list(
            reading.as_text([whole], full=True, unicode=True)
        ), path


@pytest.mark.parametrize("name", ["hotspot", "ss", "netstat"])
def test_reading_twice_gives_the_same_facts(name: str) -> None:
    netstat = next((ROOT / "fixtures").glob("*/sockets-netstat.txt"))
    path = {"hotspot": DUMP, "ss": SOCKETS, "netstat": netstat}[name]
    one, two = (read_input(Source.from_path(path)) for _ in range(2))
    assert reading.as_json([one], "0", compact=True) == reading.as_json([two], "0", compact=True)
    assert list(reading.as_text([one], full=True, unicode=True)) == list(
        reading.as_text([two], full=True, unicode=True)
    )
