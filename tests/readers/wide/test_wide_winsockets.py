"""Samples of lsof and of Windows' netstat: ``--shared=PATH``. All is counted once more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hangscope.facts import InputFacts, TcpState
from hangscope.readers import EmptyInput, Source, read_input

SAMPLES = Path("formats") / "socket-samples"
WITHOUT_STATE = re.compile(r"-iTCP_-Tq?\.txt$|_-Fpc?fn\.txt$")
ROW = re.compile(r"^\S+ +\d+ .*IPv[46] .* TCP .*\(([A-Z_0-9]+)[^)]*\)$", re.MULTILINE)
DEVICE = re.compile(r"IPv[46] +(?:[A-Z][A-Z,]* +)?(\w+) +\w+ +TCP ")


def samples(shared: Path, pattern: str) -> list[Path]:
    return sorted((shared / SAMPLES).glob(pattern))


def read(path: Path) -> InputFacts:
    return read_input(Source.from_path(path))


def test_lsof(shared: Path) -> None:
    count = 0
    for path in [*samples(shared, "**/*lsof_*.txt"), *samples(shared, "peers/jc/*lsof*.out")]:
        text = path.read_text("utf-8")
        if not text or "_-F" in path.name:
            continue
        count += 1
        facts = read(path)
        assert (facts.format, facts.not_understood) == ("lsof", ()), path
        untold = {one.state for one in facts.tables[0].sockets} == {TcpState.UNKNOWN}
        assert untold == bool(WITHOUT_STATE.search(path.name)), path
        if untold:
            continue
        rows = [found[0] for found in ROW.finditer(text)]
        devices = {found[1] for row in rows if (found := DEVICE.search(row))}
        (table,) = facts.tables
        assert len(table.sockets) == len(devices), path
        owners = [one.owners for one in table.sockets if isinstance(one.owners, tuple)]
        files = [
            tuple(
                re.findall(
                    r"^\S+ +(\d+) .*? (\*?\d+)\w* +IPv[46] +(?:\S+ +)?(\w+) +\w+ +TCP ", row
                )[0]
            )
            for row in rows
        ]
        if not any(fd.startswith("*") for _, fd, _ in files):
            files = sorted(set(files))  # -K lists them for each task
        assert sum(map(len, owners)) == len(files), path
    assert count > 45


def test_lsof_fields(shared: Path) -> None:
    count = 0
    for path in samples(shared, "**/*lsof_*-F*.txt"):
        count += 1
        facts = read(path)
        assert (facts.format, facts.not_understood) == ("lsof-fields", ()), path
        untold = {one.state for one in facts.tables[0].sockets} == {TcpState.UNKNOWN}
        assert untold == bool(WITHOUT_STATE.search(path.name)), path
        if untold:
            continue
        files = re.split(r"[\0\n]f", path.read_text("utf-8"))[1:]
        kinds = {
            (
                found[1]
                if (found := re.search(r"[\0\n]d(\w+)[\0\n]", file))
                else re.findall(r"[\0\n][tn]([^\0\n]+)", file)[-1]
            )
            for file in files
            if re.search(r"[\0\n]PTCP[\0\n]", file)
        }
        (table,) = facts.tables
        assert len(table.sockets) == len(kinds) > 0, path
        states = sorted(one.state.value for one in table.sockets)
        if len(kinds) == len(files):
            assert states == sorted(re.findall(r"TST=(\w+)", "\0f".join(files)))
    assert count > 15


def test_fields_say_what_the_table_says(shared: Path) -> None:
    folder = shared / SAMPLES / "01-states"
    table = read(folder / "lsof_-nP_-iTCP_-Tqs.txt").tables[0]
    for name in ("lsof_-nP_-iTCP_-F.txt", "lsof_-nP_-iTCP_-F0.txt"):
        fields = read(folder / name).tables[0]
        assert [one[:6] for one in fields.sockets] == [one[:6] for one in table.sockets]


def test_windows(shared: Path) -> None:
    paths = samples(shared, "peers/jc/windows*.out")
    for path in paths:
        facts = read(path)
        assert (facts.format, facts.not_understood) == ("windows-netstat", ()), path
        (table,) = facts.tables
        text = path.read_text("utf-8").replace("\r", "")
        rows = re.findall(r"^ +TCP +(\S+) +(\S+) +(\S+) *(\d*)", text, re.MULTILINE)
        assert len(table.sockets) == len(rows) > 0
        assert sum(one.state is TcpState.LISTEN for one in table.sockets) == text.count("LISTENING")
        pids = [int(row[3] or 0) for row in rows]
        assert pids == [
            one.owners[0].pid if isinstance(one.owners, tuple) and one.owners else 0
            for one in table.sockets
        ]
        lines = text.split("\n")
        for one in table.sockets:
            assert f":{one.local.service or one.local.port}" in lines[one.evidence.first_line - 1]
            command = one.owners[0].command if isinstance(one.owners, tuple) and one.owners else ""
            below = lines[one.evidence.first_line : one.evidence.first_line + 2]
            assert not command or any(f"[{command}]" in line for line in below)
        if "aonb" in path.name:
            named = [one for one in table.sockets if isinstance(one.owners, tuple) and one.owners]
            told = re.findall(r"^ +TCP.*[1-9]\d*\n(?:  \S+\n)? \[", text, re.MULTILINE)
            assert sum(bool(one.owners[0].command) for one in named) == len(told) > 50  # type: ignore[index]
    assert len(paths) == 4


def test_empty_samples_are_told_as_such(shared: Path) -> None:
    for path in samples(shared, "**/*lsof_*.txt"):
        if path.stat().st_size == 0:
            with pytest.raises(EmptyInput):
                read(path)
