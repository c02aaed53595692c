"""The founding case hangs anew: a real Tomcat here and now, captured by us and by the usual
tools.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

PROGRAMS = ROOT / "fixtures" / "programs"
CLASS_PATH = f"{PROGRAMS}/target/classes{os.pathsep}{PROGRAMS}/target/lib/*"
WORKERS = 10
PATIENCE = 90.0

pytestmark = [
    pytest.mark.live,
    pytest.mark.usefixtures("live"),
    pytest.mark.xdist_group("live"),  # one real hang at a time
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def until(what: str, happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE:g} s"
        time.sleep(0.3)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def waiting_workers(pid: int) -> int:
    dump = subprocess.run(["jstack", str(pid)], capture_output=True, text=True, check=False).stdout
    threads = dump.split("\n\n")
    return sum("-exec-" in t and "HttpURLConnection.getInputStream" in t for t in threads)


@cache
def build() -> None:
    command = ["mvn", "-q", "-B", "process-classes"]
    with (PROGRAMS / "pom.xml").open() as pom:
        fcntl.flock(pom, fcntl.LOCK_EX)  # each process of the tests builds into the same folder
        built = subprocess.run(command, cwd=PROGRAMS, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr


def site(port: int, page_ms: int, folder: Path) -> subprocess.Popen[bytes]:
    build()
    target = f"http://127.0.0.1:{port}/page"
    program = ["cases.TomcatSite", "urlconnection", target, str(page_ms), f"{port}:{WORKERS}"]
    command = ["java", "-Xmx128m", "-cp", CLASS_PATH, *program]
    with (folder / "site.log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)


def clients(port: int, count: int) -> subprocess.Popen[bytes]:
    client = ROOT / "fixtures" / "peers" / "client.py"
    command = [sys.executable, str(client), "127.0.0.1", str(port), "/report"]
    return subprocess.Popen([*command, "--clients", str(count), "--patience", "120"])


def stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A Tomcat whose every worker waits for itself: its pid and port."""
    port = free_port()
    server = site(port, 0, tmp_path)
    try:
        until("the server listening", lambda: listens(port))
        load = clients(port, 40)
        try:
            until("the hang", lambda: waiting_workers(server.pid) == WORKERS)
            yield server.pid, port
        finally:
            stop(load)
    finally:
        stop(server)


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The same program with slow pages and few clients: calls to itself, and workers free."""
    port = free_port()
    server = site(port, 60_000, tmp_path)
    try:
        until("the server listening", lambda: listens(port))
        load = clients(port, 3)
        try:
            until("the calls", lambda: waiting_workers(server.pid) == 3)
            yield server.pid, port
        finally:
            stop(load)
    finally:
        stop(server)


def hangscope(folder: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "hangscope", "correlate", *arguments, "--format", "json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_a_live_hang_is_captured_and_explained(hung: tuple[int, int], tmp_path: Path) -> None:
    pid, port = hung
    report = hangscope(tmp_path, "--pid", str(pid))
    assert report["verdict"]["finding"] == "self-call-deadlock"
    finding = report["findings"][0]
    assert finding["permanent"] is True
    subjects = {(s["type"], s["name"], s["count"]) for s in finding["subjects"]}
    assert ("pool", f"http-nio-{port}-exec", WORKERS) in subjects
    (kept,) = tmp_path.glob(f"hangscope-{pid}-*")
    assert {path.name for path in kept.iterdir()} == {"dump.txt", "sockets.jsonl", "report.json"}
    again = hangscope(tmp_path, str(kept / "dump.txt"), str(kept / "sockets.jsonl"))
    assert report["verdict"] == again["verdict"]


@pytest.mark.parametrize(
    "table", [["ss", "-tanp"], ["netstat", "-tanp"], ["lsof", "-nP", "-i"]], ids=lambda t: t[0]
)
def test_the_usual_tools_tell_the_same(
    hung: tuple[int, int], tmp_path: Path, table: list[str]
) -> None:
    assert shutil.which(table[0]), f"{table[0]} is not installed"
    pid, _ = hung
    for name, command in (("dump.txt", ["jstack", str(pid)]), ("sockets.txt", table)):
        with (tmp_path / name).open("wb") as out:
            subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=False)
    report = hangscope(tmp_path, "dump.txt", "sockets.txt")
    assert report["verdict"]["finding"] == "self-call-deadlock"


def test_free_workers_are_no_deadlock(busy: tuple[int, int], tmp_path: Path) -> None:
    report = hangscope(tmp_path, "--pid", str(busy[0]))
    assert report["verdict"]["kind"] == "healthy"
    assert not [f["id"] for f in report["findings"] if f["kind"] == "deadlock"]
