"""The founding case: ten workers call their own port, forty requests wait, 61 clients gave up."""

from __future__ import annotations

from hangscope.diagnosis.model import (
    Citation,
    Count,
    CountAt,
    CpuSummary,
    Diagnosis,
    EndpointSummary,
    Finding,
    Gap,
    GrowthSummary,
    Kind,
    Layer,
    Moment,
    PoolSummary,
    Remedy,
    Step,
    Subject,
    SubjectType,
    Summary,
    Verdict,
    When,
)
from hangscope.facts import Evidence, NotUnderstood
from hangscope.report import Document
from hangscope.waits.claims import Certainty

from .building import Texts, document, dump_input, evidence, socket_input, thread_dump

WORKER = """\
"http-nio-8080-exec-{n}" #{id} daemon prio=5 os_prio=0 cpu=6.50ms elapsed=212.41s \
tid=0x00007f561c4db{n:03x} nid={nid} runnable  [0x00007f5604{n:03d}000]
   java.lang.Thread.State: RUNNABLE
	at sun.nio.ch.SocketDispatcher.read0(java.base@17.0.15/Native Method)
	at sun.nio.ch.SocketDispatcher.read(java.base@17.0.15/SocketDispatcher.java:47)
	at sun.nio.ch.NioSocketImpl.tryRead(java.base@17.0.15/NioSocketImpl.java:266)
	at sun.nio.ch.NioSocketImpl.implRead(java.base@17.0.15/NioSocketImpl.java:317)
	at java.net.Socket$SocketInputStream.read(java.base@17.0.15/Socket.java:966)
	at java.io.BufferedInputStream.fill(java.base@17.0.15/BufferedInputStream.java:244)
	at java.io.BufferedInputStream.read(java.base@17.0.15/BufferedInputStream.java:343)
	- locked <0x00000000ff58e{n:03x}> (a java.io.BufferedInputStream)
	at sun.net.www.http.HttpClient.parseHTTPHeader(java.base@17.0.15/HttpClient.java:826)
	at sun.net.www.protocol.http.HttpURLConnection.getInputStream(\
java.base@17.0.15/HttpURLConnection.java:1626)
	at net.daum.crystal.core.execute.SearchManager.search(SearchManager.java:104)
	at org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:140)
	at org.apache.tomcat.util.threads.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1189)
	at java.lang.Thread.run(java.base@17.0.15/Thread.java:840)
"""
LISTENER = 'LISTEN     0      100        *:8080      *:*      users:(("java",pid=27836,fd=42))'
ACCEPTED = (
    "{state:10} {queue:<6} 0      [::ffff:{local}]:8080  [::ffff:{peer}]:{port}"
    ' users:(("java",pid=27836,fd={fd}))'
)
HEADLINE = (
    "The service waits for itself: all 10 worker threads that could answer a request on"
    " *:8080 wait for an answer that only one of them could give."
)
POOL = "10 threads of http-nio-8080-exec"
CALLS = "10 connections to 127.0.0.1:8080"
PROCESS = "pid 27836"


def self_call() -> Document:
    texts: Texts = {}
    deadlock = _deadlock(texts)
    verdict = Verdict(deadlock.kind, deadlock.id, deadlock.layer, deadlock.certainty, HEADLINE)
    findings = (deadlock, _pile_up(texts))
    gap = Gap(
        "Which thread reads which socket is inferred from counts, not recorded.",
        "whether each thread waits where it is said to: proof instead of inference",
        "for t in /proc/PID/task/*; do echo ${t##*/} $(cat $t/syscall); done   (as root)",
    )
    lost = (
        NotUnderstood(812, 812, "looks like a frame, but is cut off"),
        NotUnderstood(900, 915, "no thread's header before it"),
    )
    dump = thread_dump(Evidence("dump.txt", 1, 915), 45, "2026-11-24 02:24:49")
    inputs = (dump_input(dump, lost=lost), socket_input("sockets.txt", 112))
    return document(Diagnosis(verdict, findings, (gap,), _summary()), inputs, texts)


def _workers(texts: Texts) -> tuple[Citation, ...]:
    return tuple(
        Citation(
            evidence(texts, "dump.txt", WORKER.format(n=n, id=14 + n, nid=27900 + n)),
            f'"http-nio-8080-exec-{n}" reads a reply (HttpURLConnection), without a read timeout,'
            " in net.daum.crystal.core.execute.SearchManager.search",
        )
        for n in range(1, 11)
    )


def _rows(texts: Texts, count: int, **values: str | int) -> Evidence:
    first = int(values.pop("port"))
    rows = (ACCEPTED.format(port=first + n, fd=(first + n) % 997, **values) for n in range(count))
    return evidence(texts, "sockets.txt", "\n".join(rows))


def _deadlock(texts: Texts) -> Finding:
    workers = _workers(texts)
    listener = Citation(
        evidence(texts, "sockets.txt", LISTENER), "*:8080 is listened on by pid 27836"
    )
    own = _rows(
        texts, 10, state="ESTAB", queue=159, local="127.0.0.1", peer="127.0.0.1", port=38280
    )
    unread = Citation(own, "the service calls itself; Recv-Q 159: no worker has read the requests")
    return Finding(
        id="self-call-deadlock",
        kind=Kind.DEADLOCK,
        layer=Layer.APPLICATION,
        certainty=Certainty.INFERRED,
        permanent=True,
        headline=HEADLINE,
        explanation=(
            "In the circle: 10 threads of http-nio-8080-exec. On *:8080 40 requests are not read,"
            " 10 of them the service's own. 61 clients gave up and left a CLOSE_WAIT behind."
            " Nothing in the circle has a timeout, so it never ends by itself."
        ),
        subjects=(
            Subject(SubjectType.ENDPOINT, "*:8080", PROCESS),
            Subject(SubjectType.POOL, "http-nio-8080-exec", PROCESS, 10),
        ),
        chain=(
            Step(POOL, CALLS, "wait for the reply on", Certainty.INFERRED, workers),
            Step(CALLS, "*:8080", "lead to", Certainty.PROVEN, (unread,)),
            Step("*:8080", POOL, "is served only by", Certainty.PROVEN, (listener,)),
        ),
        rests_on=(
            (
                "The 10 threads in an HTTP client read and the 10 connections of this process to"
                " its own listener are the same: no other outbound connection of it is open."
            ),
            "dump.txt is process 27836: it owns port 8080, which the threads are named after.",
        ),
        citations=workers[:1],
        refuted_by="a table of the same moment in which these connections lead elsewhere",
        remedies=(
            Remedy(
                When.NOW,
                "Restart the process: no request will be answered again by itself, even without"
                " load.",
            ),
            Remedy(
                When.NOW,
                "Until it is fixed, admit fewer concurrent requests than there are workers (at the"
                " load balancer): the calls to itself then always find a free one.",
            ),
            Remedy(
                When.LASTING,
                "Do not call the own server through the network while serving a request: call the"
                " code directly, or serve that content from another process or from a connector"
                " with a pool of its own. A larger pool only moves the load at which it hangs.",
            ),
            Remedy(
                When.LASTING,
                "Set connect and read timeouts on every outbound call, so that a hang becomes an"
                " error.",
            ),
        ),
    )


def _pile_up(texts: Texts) -> Finding:
    gone = {"state": "CLOSE-WAIT", "local": "10.41.249.26", "peer": "10.51.31.150"}
    spans = (
        _rows(texts, 10, queue=1, port=36813, **gone),
        _rows(texts, 51, queue=97, port=40471, **gone),
    )
    return Finding(
        id="close-wait-pile-up",
        kind=Kind.LEAK,
        layer=Layer.WAS,
        certainty=Certainty.PROVEN,
        permanent=True,
        headline=(
            "61 connections to *:8080 stand in CLOSE_WAIT: the clients are gone and the service"
            " has not closed them."
        ),
        explanation=(
            "Of 101 connections on *:8080: 10 given up by the client while being served; 51 given"
            " up by the client unread. No worker came to look at them: the workers are held up by"
            " something else."
        ),
        subjects=(Subject(SubjectType.SOCKET_GROUP, "CLOSE_WAIT on *:8080", PROCESS, 61),),
        chain=(),
        rests_on=(),
        citations=tuple(Citation(span, "CLOSE_WAIT on *:8080") for span in spans),
        remedies=(
            Remedy(
                When.NOW,
                "Do not tune the kernel: no setting ends CLOSE_WAIT. The sockets go when the"
                " process closes them or ends.",
            ),
            Remedy(When.LASTING, "Cure what keeps the workers from their requests."),
        ),
        effect_of="self-call-deadlock",
    )


def _summary() -> Summary:
    calling = (Count("reply (HttpURLConnection)", 10),)
    utility = (Count("idle", 1), Count("running", 1))
    ledger = (
        Count("calls of the service to itself, unread", 10),
        Count("requests that no thread has read", 30),
        Count("given up by the client unread (CLOSE_WAIT)", 51),
        Count("given up by the client while being served (CLOSE_WAIT)", 10),
    )
    return Summary(
        threads_by_state=(
            Count("RUNNABLE", 17),
            Count("WAITING", 13),
            Count("TIMED_WAITING", 6),
            Count("not recorded", 9),
        ),
        pools=(
            PoolSummary("http-nio-8080-exec", "worker", PROCESS, 10, calling),
            PoolSummary("Catalina-utility", "executor", PROCESS, 2, utility),
        ),
        sockets_by_state=(Count("CLOSE_WAIT", 61), Count("ESTABLISHED", 50), Count("LISTEN", 1)),
        endpoints=(EndpointSummary("*:8080", "java (pid 27836)", 101, ledger),),
        cpu=(
            CpuSummary("VM Thread", PROCESS, 62.5, "between dumps", 10.0),
            CpuSummary("main", PROCESS, 3.0, "over the thread's life", 900.0),
        ),
        moments=(
            Moment(PROCESS, "dump.txt:1", "2026-11-24 11:20:00", "a.txt:2", None, None),
            Moment(PROCESS, "dump.txt:900", "2026-11-24 11:20:10", "b.txt:2", "11:20:57", 47.0),
        ),
        growth=(
            GrowthSummary(
                "open files",
                PROCESS,
                (CountAt(3100, 0.0), CountAt(3350, 5.0), CountAt(3600, 10.0)),
                50.0,
                4096,
                in_part=False,
                seconds_to_limit=10.0,
            ),
            GrowthSummary(
                "threads",
                None,
                (CountAt(40, None), CountAt(90, None)),
                per_second=None,
                limit=None,
                in_part=True,
                seconds_to_limit=None,
            ),
        ),
    )
