"""Thread dumps as JSON."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    Identity,
    LockAction,
    LockLine,
    Monitors,
    ThreadDump,
    ThreadState,
)
from hangscope.readers import ReadError

from .reading import dump_of, read

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "json"
FILES = ["dump-jdk21.json", "dump-jdk25.json"]
RUN = Frame("org.acme.Main.run", "Main.java:4")
WAIT = Frame("java.lang.Object.wait0", "Native Method")


def thread(tid: str | int = "3", name: str = "main", **more: Any) -> dict[str, Any]:
    return {"tid": tid, "name": name, "stack": ["java.base/org.acme.Main.run(Main.java:4)"]} | more


def dump(*threads: dict[str, Any], **more: Any) -> dict[str, Any]:
    containers = [
        {"container": "<root>", "parent": None, "owner": None, "threads": list(threads)},
        {
            "container": "Pool@1b",
            "parent": "<root>",
            "owner": None,
            "threads": [thread("9", "p-1")],
        },
    ]
    title = {
        "processId": "258",
        "time": "2026-11-22T03:22:16.58Z",
        "runtimeVersion": "25.0.3+9-LTS",
    }
    return {"threadDump": title | more | {"threadContainers": containers}}


def pretty(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def test_a_dump() -> None:
    found = dump_of(pretty(dump(thread(state="RUNNABLE"))))
    assert (found.format, found.pid, found.jdk_feature) == ("dump-to-file-json", 258, 25)
    assert (found.captured, found.vm) == ("2026-11-22 03:22:16Z", "25.0.3+9-LTS")
    assert (found.identity, found.atomic, found.ended) == (Identity.HASH, False, True)
    assert found.monitors is Monitors.RECORDED
    main, worker = found.threads
    assert (main.name, main.id, main.state) == ("main", 3, ThreadState.RUNNABLE)
    assert (main.container, worker.container) == (None, "Pool@1b")
    assert main.entries == (RUN,)
    assert main.entries is worker.entries
    assert main.synchronizers is NOT_RECORDED


def test_before_jdk_25_neither_states_nor_locks_are_recorded() -> None:
    found = dump_of(pretty(dump(thread())))
    assert found.monitors is Monitors.NOT_RECORDED
    assert found.threads[0].state is None


@pytest.mark.parametrize("indent", [None, 0, 2, 4])
def test_lines_are_those_of_the_text(indent: int | None) -> None:
    model = dump(
        thread(
            state="WAITING",
            waitingOn="java.lang.Object@1f",
            stack=["a.b.c(D.java:1)", "a.b.[x](D.java:2)", "a.b.e(Native Method)"],
            monitorsOwned=[{"depth": 1, "locks": ["java.lang.Object@1f", None]}],
        )
    )
    text = json.dumps(model, indent=indent) + "\n"
    lines = text.split("\n")
    for one in dump_of(text).threads:
        assert f'"{one.name}"' in "\n".join(
            lines[one.evidence.first_line - 1 : one.evidence.last_line]
        )
        for entry, number in zip(one.entries, one.entry_lines, strict=True):
            told = entry.method if isinstance(entry, Frame) else f"{entry.class_name}"
            assert told in lines[number - 1]


def test_locks_stand_where_classic_dumps_have_them() -> None:
    found = dump_of(
        pretty(
            dump(
                thread(
                    state="WAITING",
                    waitingOn="org.acme.Q@1f",
                    stack=["java.base/java.lang.Object.wait0(Native Method)"] * 2,
                    monitorsOwned=[{"depth": 1, "locks": ["org.acme.Q@1f", None]}],
                ),
                thread(state="BLOCKED", blockedOn="[I@2e"),
                thread(
                    state="WAITING", parkBlocker={"object": "java.lang.String@3d", "owner": "44"}
                ),
                thread(stack=[], blockedOn="[I@2e"),
            )
        )
    )
    waiting, blocked, parked, bare, _ = found.threads
    assert waiting.entries == (
        WAIT,
        LockLine(LockAction.WAITING_ON, 0x1F, "org.acme.Q"),
        WAIT,
        LockLine(LockAction.LOCKED, 0x1F, "org.acme.Q"),
        LockLine(LockAction.ELIMINATED, None, ""),
    )
    assert blocked.entries == (RUN, LockLine(LockAction.WAITING_TO_LOCK, 0x2E, "[I"))
    assert parked.entries[1] == LockLine(LockAction.PARKING, 0x3D, "java.lang.String", None, 44)
    assert bare.entries == (LockLine(LockAction.WAITING_TO_LOCK, 0x2E, "[I"),)


def test_numbers_of_jdk_27_are_as_good_as_texts() -> None:
    found = dump_of(
        pretty(
            dump(thread(3), thread(40, "v", virtual=True, carrier=3), processId=7, formatVersion=2)
        )
    )
    carrier, mounted, _ = found.threads
    assert (found.pid, carrier.carrying, mounted.virtual) == (7, 40, True)


def test_names_are_kept_as_they_are() -> None:
    name = 'a "b"\n{"tid": 7}, \\ \u2028 é'
    assert dump_of(pretty(dump(thread(name=name)))).threads[0].name == name


@pytest.mark.parametrize("name", FILES)
def test_captures(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    found = dump_of(text)
    assert len(found.threads) == text.count('"tid"')
    frames = [frame for one in found.threads for frame in one.frames()]
    assert len(frames) == len(re.findall(r"^ +\".*\)\",?$", text, re.MULTILINE))
    assert [one.name for one in found.threads if "waits" in one.name] == ['waits "here"\n\\']
    assert sum(one.virtual for one in found.threads) == 13
    lines = text.split("\n")
    for one in found.threads:
        assert f'"tid": "{one.id}"' in lines[one.evidence.first_line]
        for entry, number in zip(one.entries, one.entry_lines, strict=True):
            told = entry.method if isinstance(entry, Frame) else entry.class_name
            assert told.rpartition("/")[2] in lines[number - 1]


def test_the_deadlock_of_the_capture_is_in_its_locks() -> None:
    found = dump_of((FOLDER / "dump-jdk25.json").read_text("utf-8"))
    held: dict[str, int | None] = {}
    wanted: dict[str, int | None] = {}
    for one in found.threads:
        for entry in one.entries:
            if isinstance(entry, LockLine) and one.name.startswith("deadlock-"):
                (held if entry.action is LockAction.LOCKED else wanted)[one.name] = entry.address
    assert held["deadlock-1"] == wanted["deadlock-2"] != held["deadlock-2"]
    assert held["deadlock-2"] == wanted["deadlock-1"]


def test_what_the_jdk_cut_off_is_told() -> None:
    text = (FOLDER / "dump-jdk25-stdout.txt").read_text("utf-8")
    facts = read(text)
    (found,) = facts.dumps
    assert not found.ended
    whole = re.findall(r"^          },?$", text, re.MULTILINE)
    assert len(found.threads) == len(whole)
    (span,) = facts.not_understood
    assert span.last_line == text.count("\n") + 1
    assert '"tid"' in text.split("\n")[span.first_line]


def test_a_dump_cut_anywhere_gives_the_threads_before_the_cut() -> None:
    text = pretty(dump(thread("1", "a"), thread("2", "b"), thread("4", "c")))
    whole = dump_of(text)
    last = [one.evidence.last_line for one in whole.threads]
    for end in range(text.index('"threadDump"') + 14, len(text) - 2):
        part = text[:end]
        try:
            facts = read(part)
        except ReadError:
            assert part.count("}") <= 1
            continue
        (found,) = facts.dumps
        complete = [n for n in last if part.count("\n") + 1 > n or _has_brace(part, n)]
        assert [one.name for one in found.threads] == [
            one.name for one in whole.threads[: len(complete)]
        ]
        assert not found.ended


def _has_brace(part: str, line: int) -> bool:
    lines = part.split("\n")
    return len(lines) == line and "}" in lines[line - 1]


def names(found: ThreadDump) -> list[str]:
    return [one.name for one in found.threads]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"name": "b"', '"name": "b'),
        ('"name": "b"', '"name" "b"'),
        ('"tid": "2"', '"tid": '),
        ('"tid": "2"', '"tid": {"x": [}'),
        ('"name": "b"', '"name": "\x07"'),
        ('"name": "b"', '"name": "b\nINFO a line of a log\n"'),
    ],
)
def test_damage_costs_one_thread(indent: int | None, old: str, new: str) -> None:
    text = json.dumps(dump(thread("1", "a"), thread("2", "b"), thread("4", "c")), indent=indent)
    damaged = text.replace(old, new)
    facts = read(damaged)
    (found,) = facts.dumps
    assert names(found) == ["a", "c", "p-1"]
    assert found.threads[-1].container == "Pool@1b"
    assert not found.ended  # a thread is missing
    first = text[: text.index(old)].count("\n") + 1
    assert any(s.first_line <= first <= s.last_line for s in facts.not_understood)


def test_much_damage_in_one_long_line_costs_in_proportion() -> None:
    def seconds(pairs: int) -> float:
        good = json.dumps(thread())
        bad = good.replace('", "', '" "', 1)
        assert bad != good
        text = json.dumps(dump(thread("@")))
        text = text.replace(json.dumps(thread("@")), ",".join([good, bad] * pairs))
        started = time.process_time()
        assert len(read(text).dumps[0].threads) == pairs + 1
        return time.process_time() - started

    assert seconds(10_000) < 8 * seconds(2_500)


def test_two_dumps_one_after_the_other() -> None:
    text = pretty(dump(thread()))
    glued = text.rstrip() + text + "some log line\n" + text
    facts = read(glued)
    assert facts.not_understood == ()
    assert [len(one.threads) for one in facts.dumps] == [2, 2, 2]
    lines = glued.split("\n")
    for found in facts.dumps:
        for one in found.threads:
            assert lines[one.evidence.first_line - 1].strip() == "{"


def test_a_cut_dump_does_not_swallow_what_follows() -> None:
    text = pretty(dump(thread("1", "a"), thread("2", "b")))
    cut = text[: text.index('"b"')]
    row = "ESTAB 0 0 10.0.0.1:1 10.0.0.2:2\n"
    facts = read(f"{cut}\n{row}\n{text}")
    assert [names(one) for one in facts.dumps] == [["a"], ["a", "b", "p-1"]]
    assert [len(one.sockets) for one in facts.tables] == [1]
    facts = read(cut + "\n" + text)
    assert [names(one) for one in facts.dumps] == [["a"], ["a", "b", "p-1"]]


def test_a_dump_without_its_head() -> None:
    text = pretty(dump(thread("1", "a"), thread("2", "b")))
    rest = text[text.index('"name": "a"') :]
    facts = read(rest)
    (found,) = facts.dumps
    assert "b" in names(found)
    assert not found.ended


def test_line_ends_of_windows() -> None:
    text = pretty(dump(thread()))
    assert dump_of(text.replace("\n", "\r\n")).threads == dump_of(text).threads


ELEMENT = {
    "className": "org.acme.Main",
    "methodName": "run",
    "fileName": "Main.java",
    "lineNumber": 4,
    "nativeMethod": False,
}
INFO = {
    "threadName": "worker",
    "threadId": 18,
    "threadState": "BLOCKED",
    "lockName": "java.lang.Object@3cadaa1b",
    "lockInfo": {"className": "java.lang.Object", "identityHashCode": 1018014235},
    "lockOwnerId": 17,
    "lockOwnerName": "holder",
    "daemon": True,
    "priority": 5,
    "stackTrace": [ELEMENT],
    "lockedMonitors": [
        {"className": "java.util.List", "identityHashCode": 26, "lockedStackDepth": 0}
    ],
    "lockedSynchronizers": [{"className": "a.Sync", "identityHashCode": 27}],
}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("model", [{"threads": [INFO]}, [INFO]], ids=["boot-2", "boot-1"])
def test_actuator(indent: int | None, model: object) -> None:
    text = json.dumps(model, indent=indent)
    found = dump_of(text)
    assert (found.format, found.ended, found.atomic) == ("actuator-json", True, True)
    (one,) = found.threads
    assert (one.name, one.id, one.daemon, one.priority) == ("worker", 18, True, 5)
    assert one.entries == (
        RUN,
        LockLine(LockAction.WAITING_TO_LOCK, 1018014235, "java.lang.Object", "holder", 17),
        LockLine(LockAction.LOCKED, 26, "java.util.List"),
    )
    assert one.synchronizers == (LockLine(LockAction.LOCKED, 27, "a.Sync"),)
    assert found.synchronizers_recorded
    lines = text.split("\n")
    if indent:
        assert [lines[n - 1].strip() for n in one.entry_lines] == ["{", '"lockInfo": {', "{"]
        assert lines[one.entry_lines[0] - 2].strip() == '"stackTrace": ['


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"lineNumber": -2}, "Native Method"),
        ({"lineNumber": -1}, "Main.java"),
        ({"fileName": None, "lineNumber": -1}, "Unknown Source"),
    ],
)
def test_locations_of_actuator(change: dict[str, object], location: str) -> None:
    info = INFO | {"stackTrace": [ELEMENT | change]}
    assert dump_of(json.dumps([info])).threads[0].entries[0] == Frame("org.acme.Main.run", location)


@pytest.mark.parametrize(
    ("method", "state", "action"),
    [
        ("jdk.internal.misc.Unsafe.park", "WAITING", LockAction.PARKING),
        ("java.lang.Object.wait0", "WAITING", LockAction.WAITING_ON),
        ("java.lang.Object.wait0", "BLOCKED", LockAction.WAITING_TO_LOCK),
    ],
)
def test_what_a_thread_of_actuator_waits_for(method: str, state: str, action: LockAction) -> None:
    class_name, _, name = method.rpartition(".")
    element = ELEMENT | {"className": class_name, "methodName": name}
    one = dump_of(json.dumps([INFO | {"threadState": state, "stackTrace": [element]}])).threads[0]
    lock = one.entries[1]
    assert isinstance(lock, LockLine)
    assert lock.action is action


def test_ignition() -> None:
    def worker(number: int, owner: int) -> dict[str, Any]:
        return {
            "name": f"w{number}",
            "id": number,
            "state": "BLOCKED",
            "daemon": False,
            "waitingFor": {"lock": f"a.B@{owner}", "owner": owner},
            "lockedMonitors": [{"lock": f"a.B@{number}", "frame": "x.Y.z(Y.java:2)"}],
            "stacktrace": ["org.acme.Main.run(Main.java:4)", "java.base@11/x.Y.z(Y.java:2)"],
        }

    model = {"version": "8.1.16", "deadlocks": [6, 8, 7], "threads": [worker(6, 7), worker(7, 8)]}
    model["threads"].append(worker(8, 6))  # type: ignore[attr-defined]
    text = pretty(model)
    found = dump_of(text)
    assert (found.format, found.vm) == ("ignition-json", "Ignition 8.1.16")
    (report,) = found.deadlocks
    assert [(m.thread, m.held_by, m.address) for m in report.members] == [
        ("w6", "w7", 7),
        ("w7", "w8", 8),
        ("w8", "w6", 6),
    ]
    line = text.split("\n")[report.members[0].evidence.first_line - 1]
    assert '"waitingFor"' in line
    assert found.threads[0].entries[1:] == (
        LockLine(LockAction.WAITING_TO_LOCK, 7, "a.B", None, 7),
        Frame("x.Y.z", "Y.java:2"),
        LockLine(LockAction.LOCKED, 6, "a.B"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "{\n}",
        '{"threads": 7}',
        '{"threads": []}',
        '{"level": "info", "threads": ["a", "b"]}',
        '{\n"level": "info",\n"message": "{\\"threadDump\\": {}}"\n}',
        '{"log": "{\\"threadDump\\": {\\n", "stream": "stdout"}',
        "[\n1,\n2\n]",
        "{" * 3000,
        "[" * 3000,
        "{\n" * 3000,
        '{"tid":' * 3000,
    ],
)
def test_json_of_others_is_nobody_s(text: str) -> None:
    with pytest.raises(ReadError):
        read(text)


def test_lines_of_others_are_left_to_them() -> None:
    row = "ESTAB 0 0 10.0.0.1:1 10.0.0.2:2"
    facts = read('{\n"level": "info",\n"rows": [\n' + f"{row}\n]\n}}\n{row}\n")
    assert [len(one.sockets) for one in facts.tables] == [2]


def test_evidence_of_a_thread_on_one_line() -> None:
    facts = read("log\n" + json.dumps(dump(thread())) + "\n")
    (found,) = facts.dumps
    assert found.evidence == Evidence("input.txt", 2, 2)
    assert found.threads[0].entry_lines == (2,)


def test_a_dump_with_a_damaged_thread_is_not_whole() -> None:
    path = Path(__file__).resolve().parents[2] / "fixtures/formats/json/dump-jdk25.json"
    text = path.read_text("utf-8")
    assert read(text).dumps[0].ended
    place = text.index('"tid"', len(text) // 2)
    facts = read(text[:place] + "#" + text[place + 1 :])
    assert facts.not_understood
    assert not facts.dumps[0].ended
