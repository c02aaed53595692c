"""Dumps in every wrapping and encoding of the samples are those that were wrapped."""

from __future__ import annotations

from pathlib import Path

import pytest

from hangscope.readers import Source
from hangscope.readers.errors import UnreadableInput
from hangscope.readers.wrappings.carriers import Carriers, streams

SAMPLES = Path("formats") / "thread-samples"
WRAPPED = {
    "ansi-colour.log": "ansi-colours compose",
    "docker-compose.log": "compose",
    "docker-json-file.log": "docker-json-file",
    "html-escaped.txt": "html",
    "journald-short.log": "syslog",
    "kubectl-logs-prefix.log": "pod",
    "kubernetes-cri.log": "cri",
    "markdown-quoted.txt": "quoted",
    "rsyslog-escaped-tabs.log": "syslog rsyslog-escapes",
    "stern.log": "stern",
    "tanuki-wrapper.log": "tanuki",
    "websphere-native-stdout.log": "websphere",
    "crlf.txt": "",
    "lone-cr.txt": "",
    "utf8-bom.txt": "",
}


def name_in(line: str) -> str:
    """The name in a thread's header; empty for other lines."""
    return line.split('" #', maxsplit=1)[0][1:] if line.startswith('"') and '" #' in line else ""


def unwrapped(path: Path) -> tuple[list[str], str]:
    carriers = Carriers()
    parts = streams(carriers.unwrap(Source.from_path(path).batches()))
    found = [[text for batch in batches for text in batch.texts] for _, batches in parts]
    (texts,) = found
    return texts, " ".join(carrier.name for carrier in carriers.found)


@pytest.mark.parametrize(("name", "carriers"), WRAPPED.items(), ids=list(WRAPPED))
def test_the_dump_is_the_one_that_was_wrapped(shared: Path, name: str, carriers: str) -> None:
    plain = shared / SAMPLES / "jdk17" / "MonitorDeadlock" / "stdout-with-sigquit.txt"
    texts, told = unwrapped(shared / SAMPLES / "derived" / name)
    assert told == carriers
    assert texts == plain.read_text("utf-8").split("\n")[:-1]


@pytest.mark.parametrize("name", ["names-cp949", "names-gb18030", "names-utf16le-bom"])
def test_names_are_those_of_the_same_dump_in_utf_8(shared: Path, name: str) -> None:
    plain = shared / SAMPLES / "jdk17" / "Names" / "jstack.txt"
    texts = list(Source.from_path(shared / SAMPLES / "derived" / f"{name}.txt").lines())
    lines = plain.read_text("utf-8").split("\n")[:-1]
    found = {name_in(line) for line in texts}
    known = {name_in(line) for line in lines if "\ufffd" not in line}
    lost = known - found
    assert not lost or (name == "names-cp949" and len(lost) <= 6), lost
    assert "한글-스레드-1" in found


def test_sigquit_and_jstack_agree_on_names(shared: Path) -> None:
    names = [f"jdk{jdk}/Names/stdout-with-sigquit" for jdk in (17, 21, 25)]
    names += [
        f"extra/encodings-jdk{jdk}/jstack-{how}" for jdk in (17, 25) for how in ("UTF-8", "EUC-KR")
    ]
    for name in names:
        lines = list(Source.from_path(shared / SAMPLES / f"{name}.txt").lines())
        assert any(line.startswith('"한글-스레드-1" ') for line in lines), name
        assert any(line.startswith('"emoji \U0001f600" ') for line in lines) == ("sigquit" in name)


def test_nothing_else_of_the_samples_is_wrapped(shared: Path) -> None:
    count = 0
    for path in sorted((shared / "formats").glob("*-samples/**/*")):
        if not path.is_file() or path.parent.name == "derived":
            continue
        carriers = Carriers()
        try:
            for one in carriers.unwrap(Source.from_path(path).batches()):
                assert one.stream == "", path
        except UnreadableInput:
            continue
        assert carriers.found == [], path
        count += 1
    assert count > 1000
