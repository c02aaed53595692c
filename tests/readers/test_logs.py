"""Logs belong to nobody: no reader sees a line of theirs as its own."""

from __future__ import annotations

import pytest

from hangscope.readers import READERS, UnknownFormat

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


@pytest.mark.parametrize("line", LOG.splitlines())
def test_no_reader_sees_a_line_of_a_log(line: str) -> None:
    assert [reader.name for reader in READERS if reader.sees(line)] == []


def test_exceptions_in_a_log_are_no_dump() -> None:
    with pytest.raises(UnknownFormat):
        read(LOG * 3)
