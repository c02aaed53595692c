"""JSON from the wild: ``--shared=PATH``. Every number is counted once more, by other means."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hangscope.facts import InputFacts, LockAction, LockLine, Monitors
from hangscope.readers import Source, read_input

CUT = {"jdk21/Names", "jdk25/Names"}
"""A name with a control character makes the JDK stop."""
FRAME = re.compile(r'^ +"[^"]+\([^"]*\)",?$', re.MULTILINE)


def read(path: Path) -> InputFacts:
    return read_input(Source.from_path(path))


def test_dumps_of_the_jdk(shared: Path) -> None:
    paths = sorted(shared.glob("formats/thread-samples/*/*/dump_to_file.json"))
    paths += sorted(shared.glob("corpus/dumps/*dump_to_file.json"))
    paths += sorted(shared.glob("corpus/dumps/own-vthreads-*.json"))
    paths += [
        shared / "corpus/dumps" / name
        for name in ("tda-jcmd-dump.json", "tm-jcmd-dump-json-jdk25.txt")
    ]
    assert len(paths) > 25
    for path in paths:
        text = path.read_text("utf-8")
        is_cut = "/".join(path.parts[-3:-1]) in CUT
        facts = read(path)
        (dump,) = facts.dumps
        assert dump.format == "dump-to-file-json"
        assert len(dump.threads) == text.count('"tid"') - is_cut, path
        assert sum(len(list(one.frames())) for one in dump.threads) == len(FRAME.findall(text))
        assert dump.ended is not is_cut
        assert bool(facts.not_understood) is is_cut, path
        release = re.search(r'"runtimeVersion": "(\d+)', text)
        assert release
        assert dump.jdk_feature == int(release[1])
        assert (dump.monitors is Monitors.RECORDED) == (int(release[1]) >= 25)
        locks = [e for one in dump.threads for e in one.entries if isinstance(e, LockLine)]
        for action, pattern in {
            LockAction.WAITING_TO_LOCK: '"blockedOn"',
            LockAction.WAITING_ON: '"waitingOn"',
            LockAction.PARKING: '"parkBlocker"',
        }.items():
            assert sum(one.action is action for one in locks) == text.count(pattern), path


def test_what_was_cut_at_16_000_bytes(shared: Path) -> None:
    path = shared / "formats/thread-samples/extra/dump-to-stdout-jdk25/dump_to_file-minus.json.txt"
    facts = read(path)
    (dump,) = facts.dumps
    assert len(dump.threads) == path.read_text().count('"tid"') - 1
    assert not dump.ended
    assert len(facts.not_understood) == 1


def test_actuator(shared: Path) -> None:
    facts = read(shared / "corpus/dumps/springboot-actuator.json")
    assert facts.not_understood == ()
    (dump,) = facts.dumps
    text = (shared / "corpus/dumps/springboot-actuator.json").read_text("utf-8")
    assert len(dump.threads) == text.count('"threadName"') == 22
    told = [
        (one.name, entry.owner)
        for one in dump.threads
        for entry in one.entries
        if isinstance(entry, LockLine) and entry.owner
    ]
    assert ("deadLock1", "deadLock2") in told
    assert ("deadLock2", "deadLock1") in told
    assert len(told) == len(re.findall(r'"lockOwnerId":[0-9]', text))


def test_ignition(shared: Path) -> None:
    facts = read(shared / "corpus/dumps/ignition-deadlock.json")
    assert facts.not_understood == ()
    (dump,) = facts.dumps
    assert len(dump.threads) == 5
    members = sorted(m.thread[-5:] for report in dump.deadlocks for m in report.members)
    ids = {one.id: one.name[-5:] for one in dump.threads}
    assert members == sorted(ids[number] for number in (676, 683, 684))


def test_tables_of_jc(shared: Path) -> None:
    count = 0
    for path in sorted(shared.glob("formats/socket-samples/**/*.json")):
        text = path.read_text("utf-8")
        rows = json.loads(text) if text.strip() else []
        tcp = [row for row in rows if isinstance(row, dict) and _is_tcp(row)]
        if not tcp:
            continue
        facts = read(path)
        count += 1
        assert facts.not_understood == (), path
        (table,) = facts.tables
        if table.format == "jc-lsof":
            sockets = {row["device"] for row in tcp}
            assert len(table.sockets) == len(sockets), path
        else:
            assert len(table.sockets) == len(tcp), path
    assert count > 40


def _is_tcp(row: dict[str, object]) -> bool:
    if "node" in row and "fd" in row:
        return bool(re.search(r" \([A-Z_0-9]+( QR=.*)?\)$", str(row["name"]))) and str(
            row["type"]
        ).startswith("IPv")
    if "tx_queue" in row:
        return True
    protocol = str(row.get("netid", row.get("proto", ""))).lower()
    return protocol.startswith("tcp") and bool(row.get("state"))
