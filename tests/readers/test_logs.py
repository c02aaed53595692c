"""Logs belong to nobody: no reader sees a line of theirs as its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangscope.readers import READERS, UnknownFormat
from hangscope.readers.logs import is_of_a_log, log_lines

from .reading import read

LOG = """\
2026-11-22 03:11:08.012  INFO 12345 --- [nio-8080-exec-1] o.a.c.c.C.[Tomcat] : PID 17 started
2026-11-22T03:11:08.012Z DEBUG [main] com.acme.Ledger - tid=77 to "book" (a java.lang.String)
java.util.concurrent.TimeoutException: waiting to lock <0x00000000ffd1aa18> took too long
\tat java.base/java.lang.Object.wait(Native Method)
\tat app//com.acme.Ledger.post(Ledger.java:12) ~[ledger-1.0.jar:?]
    at com.acme.Ledger.lambda$post$0(Ledger.java:30)
\tSuppressed: java.io.IOException: Stream closed
Caused by: java.net.SocketTimeoutException: Read timed out: http://127.0.0.1:8080/x
\t... 12 more
\t... 3 common frames omitted
Exception in thread "main" java.lang.OutOfMemoryError: unable to create native thread
{"@timestamp":"2026-11-22T03:11:08.012Z","level":"INFO","thread":"main","message":"laddr -> PID"}
10.0.0.7 - - [22/Nov/2026:03:11:08 +0000] "GET /x?y=1 HTTP/1.1" 200 1234 "-" "curl/7.88.1"
Nov 22 03:11:08 host app[1234]: tcp connection established 127.0.0.1:80
Hibernate: select book0_.id as id1_0_ from book book0_ where book0_.id=?
I1122 03:11:08.012345 12345 server.cc:123] listening on 0.0.0.0:8080
[2026-11-22T03:11:08.012+0000][info][gc] GC(12) Pause Young (Normal) 24M->4M(256M) 3.123ms
Total requests: 17
Error: connection refused, PID 17
"""

PAIRS = Path(__file__).resolve().parents[1] / "grammars" / "pairs" / "logs.txt"
LINES = [
    *LOG.splitlines(),
    *(
        line.removeprefix("> ")
        for line in PAIRS.read_text("utf-8").splitlines()
        if line.startswith("> ")
    ),
    "",
    "  ",
]


@pytest.mark.parametrize("line", LOG.splitlines())
def test_no_reader_sees_a_line_of_a_log(line: str) -> None:
    assert [reader.name for reader in READERS if reader.sees(line)] == []


def test_exceptions_in_a_log_are_no_dump() -> None:
    with pytest.raises(UnknownFormat):
        read(LOG * 3)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_many_lines_of_a_log_are_those_that_each_are(data: st.DataObject) -> None:
    """Wherever the run starts, and whatever ends it: blanks, line feeds, prose."""
    lines = data.draw(st.lists(st.sampled_from(LINES), max_size=40))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(lines)))
        line = data.draw(st.sampled_from(LINES))
        at = data.draw(st.integers(0, len(line)))
        piece = data.draw(st.sampled_from(["", " ", "\t", "\n", "(", ")", "é"]))
        lines.insert(place, line[:at] + piece + data.draw(st.sampled_from(["", line[at:]])))
    start = data.draw(st.integers(0, len(lines)))
    alone = next((at for at in range(start, len(lines)) if not is_of_a_log(lines[at])), len(lines))
    if any("\n" in line for line in lines):
        assert log_lines(lines, start) <= alone - start
    else:
        assert log_lines(lines, start) == alone - start


def test_a_dump_after_a_long_log_is_read_as_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    log = "\n".join(LOG.splitlines() * 60)
    dump = "2026-11-22 03:11:08\nFull thread dump OpenJDK 64-Bit Server VM (17.0.2+8 mixed mode):\n"
    thread = '\n"main" #1 prio=5 os_prio=0 tid=0x00007f nid=0x1 runnable\n\tat a.B.c(D.java:1)\n'
    text = f"{log}\n{dump}{thread}\n{log}\n"
    many = read(text)
    monkeypatch.setattr("hangscope.readers.walk.log_lines", lambda *_: 0)
    assert read(text) == many
    assert many.dumps[0].captured is not None
    assert many.outside > 1000
