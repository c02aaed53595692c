"""Samples from the wild of ThreadInfo, JMX tools, native images and JRockit; old HotSpot too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hangscope.readers import Source, read_input

SAMPLES = [
    ("corpus/dumps/ignition-legacy-web.txt", "thread-info", r"^(?:Daemon )?Thread \["),
    ("corpus/dumps/tm-mxbean-visualvm.txt", "thread-info", r'^".*" Id='),
    ("corpus/dumps/tomcat-ajp-blocked-38-socketread0.txt", "thread-mxbean", r"Thread t@"),
    ("corpus/dumps/tm-graalvm-native-image.txt", "native-image", r'^"'),
    ("corpus/dumps/dumpling-jrockit-1.6.log", "jrockit", r'^"'),
    ("corpus/dumps/jrockit-1.4.2_03-stacked.dmp", "jrockit", r'^"'),
    ("corpus/dumps/jrockit-8.1sp2-stack.dmp", "jrockit", r'^"'),
    ("corpus/dumps/weblogic-8.1sp3-win32.dmp", "jrockit", r'^".*" prio='),
    ("corpus/dumps/tda-hpdump.log", "hotspot", r'^"'),
    ("corpus/dumps/intellij-threads-dump.txt", "hotspot", r'^"'),
    ("corpus/dumps/jdk14-apple-1.4.2_08.dmp", "hotspot", r'^".*" .*tid='),
    ("corpus/dumps/jdk15-sun-weblogic-9.1.dmp", "hotspot", r'^"'),
    ("formats/thread-samples/extra/threadinfo-jdk17/stdout-with-sigquit.txt", "thread-info", "Id="),
    ("formats/thread-samples/extra/threadinfo-jdk25/stdout-with-sigquit.txt", "thread-info", "Id="),
]
LOGGED = {"jdk15-sun-weblogic-9.1.dmp": 2}
"""Lines of a log below the last dump, which a divider there makes part of it."""


@pytest.mark.parametrize(("path", "name", "header"), SAMPLES, ids=lambda value: value)
def test_every_thread_is_read_and_every_line_understood(
    shared: Path, path: str, name: str, header: str
) -> None:
    facts = read_input(Source.from_path(shared / path))
    text = (shared / path).read_text("utf-8", "replace")
    expected = sum(bool(re.search(header, line)) for line in text.split("\n"))
    if path.startswith("formats/"):
        expected = len(re.findall(r" Id=\d+ [A-Z]", text))
    assert {dump.format for dump in facts.dumps} == {name}
    assert facts.records == expected
    left = [
        number
        for span in facts.not_understood
        if "title of a thread dump without" not in span.why
        for number in range(span.first_line, span.last_line + 1)
    ]
    assert len(left) == LOGGED.get(Path(path).name, 0)
