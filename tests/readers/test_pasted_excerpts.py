"""Excerpts as people paste them into articles and tickets: prompts, cuts, no headings.

Made by hand in the shape of the article that the project comes from.
"""

from __future__ import annotations

from hangscope.facts import Endpoint, InputKind, LockAction, Owner, TcpState, ThreadState, Timer

from .reading import read

LSOF = """\
$ lsof -i:8080
COMMAND   PID     USER   FD   TYPE    DEVICE SIZE/OFF NODE NAME
java     4711      app 1712r  IPv4 844147418      0t0  TCP 10.0.0.26:webcache->10.0.1.149:60494 (CLOSE_WAIT)
java     4711      app 1754w  IPv4 844155954      0t0  TCP 10.0.0.26:webcache->10.0.1.149:61397 (ESTABLISHED)
...
"""  # noqa: E501
NETSTAT = """\
$ netstat -tonp
tcp        1      0 10.0.0.26:8080           10.0.1.150:16011          CLOSE_WAIT  4711/java          keepalive (7196.98/0/0)
tcp        1      0 10.0.0.26:8080           10.0.1.149:40471          CLOSE_WAIT  4711/java          keepalive (7197.80/0/0)
...
"""  # noqa: E501
JSTACK = """\
$ jstack 4711
"http-apr-8080-exec-24" daemon prio=10 tid=0x00007f9240054800 nid=0x6cc1 waiting on condition [0x00007f9271964000]
   java.lang.Thread.State: WAITING (parking)
    at sun.misc.Unsafe.park(Native Method)
    - parking to wait for  <0x0000000797283fc8> (a java.util.concurrent.FutureTask)
    at java.util.concurrent.FutureTask.get(FutureTask.java:187)
    at org.acme.search.SearchManager.search(SearchManager.java:163)
...
"""  # noqa: E501


def test_lsof() -> None:
    facts = read(LSOF)
    assert (facts.kind, facts.format, facts.not_understood) == (
        InputKind.SOCKET_TABLE,
        "lsof",
        (),
    )
    waiting, open_ = facts.tables[0].sockets
    assert waiting.state is TcpState.CLOSE_WAIT
    assert waiting.local == Endpoint("10.0.0.26", None, "webcache")
    assert waiting.owners == (Owner(4711, "java", 1712),)
    assert (waiting.inode, waiting.evidence.first_line) == (844147418, 3)
    assert open_.state is TcpState.ESTABLISHED
    assert not facts.tables[0].listeners_recorded


def test_netstat() -> None:
    facts = read(NETSTAT)
    assert (facts.format, facts.not_understood) == ("netstat", ())
    (table,) = facts.tables
    assert table.sockets[0].timer == Timer("keepalive", 7196.98, 0)
    assert table.sockets[0].owners == (Owner(4711, "java"),)
    assert [socket.recv_q for socket in table.sockets] == [1, 1]
    assert not table.time_wait_recorded


def test_jstack() -> None:
    facts = read(JSTACK)
    assert (facts.format, facts.not_understood) == ("hotspot", ())
    (thread,) = facts.dumps[0].threads
    assert (thread.name, thread.id, thread.nid) == ("http-apr-8080-exec-24", None, 0x6CC1)
    assert (thread.state, thread.state_detail) == (ThreadState.WAITING, "parking")
    assert [entry[0] for entry in thread.entries][1] is LockAction.PARKING
    assert list(thread.entry_lines) == [4, 5, 6, 7]


def test_the_whole_article() -> None:
    fence = (
        "{% endhighlight %}\n\nAnd so on, for `ESTABLISHED` and others.\n\n{% highlight bash %}\n"
    )
    other = (
        "$ netstat -ton\ntcp 0 0 10.0.0.26:8080 10.0.1.149:40484 FIN_WAIT2  timewait (28.29/0/0)\n"
    )
    facts = read("# CLOSE_WAIT\n\n" + fence + fence.join([LSOF, NETSTAT, other, JSTACK]) + fence)
    assert facts.not_understood == ()
    assert [(table.format, len(table.sockets)) for table in facts.tables] == [
        ("lsof", 2),
        ("netstat", 2),
        ("netstat", 1),
    ]
    assert [len(dump.threads) for dump in facts.dumps] == [1]
