"""Reports of every kind, to be rendered: each must read well, the empty one too."""

from __future__ import annotations

from collections.abc import Callable

from hangscope.diagnosis.model import (
    Citation,
    Count,
    Diagnosis,
    EndpointSummary,
    Finding,
    Gap,
    Kind,
    Layer,
    PoolSummary,
    Remedy,
    Step,
    Subject,
    SubjectType,
    Summary,
    Verdict,
    When,
)
from hangscope.facts import Evidence
from hangscope.report import Document
from hangscope.waits.claims import Certainty

from .building import Texts, document, dump_input, evidence, socket_input, thread_dump
from .founding import self_call

MEMBER = "ticket.zip!node-1/dump.txt"
LOCKS = [f"<0x00000000ffd3f00{n}> (a cases.BankServer$Account)" for n in (1, 2)]
TELLER = """\
"teller-{n}" #{id} prio=5 os_prio=0 cpu=1.12ms elapsed=30.02s tid=0x00007f125c08b{n:03x} \
nid={id} waiting for monitor entry  [0x00007f12580{n:03d}00]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at cases.BankServer.transfer(BankServer.java:64)
	- waiting to lock <0x00000000ffd3f{other:03d}> (a cases.BankServer$Account)
	- locked <0x00000000ffd3f{n:03d}> (a cases.BankServer$Account)
	at cases.BankServer.serve(BankServer.java:46)
	at java.lang.Thread.run(java.base@17.0.15/Thread.java:840)
"""
REPORT = """\
Found one Java-level deadlock:
=============================
"teller-1":
  waiting to lock monitor 0x00007f125c08bde0 (object 0x00000000ffd3f002, a cases.Account),
  which is held by "teller-2"
"teller-2":
  waiting to lock monitor 0x00007f12580035b0 (object 0x00000000ffd3f001, a cases.Account),
  which is held by "teller-1"
"""


def lock_deadlock() -> Document:
    """Two threads hold what the other wants; a slow database is another matter."""
    texts: Texts = {}
    spans = [evidence(texts, MEMBER, TELLER.format(n=n, other=3 - n, id=20 + n)) for n in (1, 2)]
    report = evidence(texts, MEMBER, REPORT)
    deadlock = _lock_deadlock(spans, report)
    verdict = Verdict(
        deadlock.kind, deadlock.id, deadlock.layer, deadlock.certainty, deadlock.headline
    )
    first = thread_dump(Evidence(MEMBER, 1, 26), 21, "2026-11-24 02:20:00", 4242)
    second = thread_dump(Evidence(MEMBER, 900, 1800), 20, "2026-11-24 02:20:10", 4242)
    summary = Summary(threads_by_state=(Count("BLOCKED", 9), Count("WAITING", 12)))
    findings = (deadlock, _slow_database(spans))
    return document(Diagnosis(verdict, findings, (), summary), (dump_input(first, second),), texts)


def _lock_deadlock(spans: list[Evidence], report: Evidence) -> Finding:
    lines = [Evidence(MEMBER, span.first_line + 3, span.first_line + 4) for span in spans]
    waits = [
        Citation(span, f'"teller-{n}" waits to lock <0x00000000ffd3f00{3 - n}>')
        for n, span in enumerate(spans, 1)
    ]
    holds = [Citation(line, f'"teller-{n}" locked it') for n, line in enumerate(lines, 1)]
    sure = Certainty.PROVEN
    return Finding(
        id="lock-deadlock",
        kind=Kind.DEADLOCK,
        layer=Layer.APPLICATION,
        certainty=sure,
        permanent=True,
        headline="2 threads wait for each other's locks (2 locks) and will never go on.",
        explanation=(
            "The JVM itself reports it, with the same threads. 7 more threads wait behind them."
        ),
        subjects=(
            *(Subject(SubjectType.LOCK, lock) for lock in LOCKS),
            *(Subject(SubjectType.THREAD, f"teller-{n}") for n in (1, 2)),
        ),
        chain=(
            Step('"teller-1"', LOCKS[1], "waits to lock", sure, (waits[0],)),
            Step(LOCKS[1], '"teller-2"', "is held by", sure, (holds[1],)),
            Step('"teller-2"', LOCKS[0], "waits to lock", sure, (waits[1],)),
            Step(LOCKS[0], '"teller-1"', "is held by", sure, (holds[0],)),
        ),
        rests_on=(),
        citations=(waits[0], Citation(report, "the JVM's own report of the same deadlock")),
        remedies=(
            Remedy(
                When.NOW, "Restart the process: nothing else frees threads that deadlock on locks."
            ),
            Remedy(
                When.LASTING,
                "Take these locks in the same order everywhere, or hold only one at a time; the"
                " quoted stacks show both orders.",
            ),
        ),
    )


def _slow_database(spans: list[Evidence]) -> Finding:
    """A chain that ends outside, and a finding that is no effect of the verdict's."""
    sure = Certainty.PROVEN
    lease = Citation(spans[1], "waits for a lease")
    reply = Citation(Evidence(MEMBER, 5, 6), "reads")
    return Finding(
        id="slow-database",
        kind=Kind.SLOW_DEPENDENCY,
        layer=Layer.RDBMS,
        certainty=Certainty.INFERRED,
        permanent=None,
        headline="3 threads wait for the database 10.0.0.5:5432.",
        explanation="",
        subjects=(Subject(SubjectType.ENDPOINT, "10.0.0.5:5432"),),
        chain=(
            Step("3 threads of audit", "HikariPool-1", "wait for a connection of", sure, (lease,)),
            Step("HikariPool-1", '"audit-7"', "is held by", Certainty.INFERRED),
            Step('"audit-7"', "10.0.0.5:5432", "reads the reply of", sure, (reply,)),
        ),
        rests_on=("The only driver read in the dump is one of PostgreSQL.",),
        citations=(),
        remedies=(Remedy(When.NOW, "Look at pg_stat_activity."),),
        refuted_by="a second dump in which other threads read its replies",
    )


def healthy() -> Document:
    """Nothing hangs; one harmless thing is worth a word."""
    texts: Texts = {}
    rows = (f"TIME-WAIT 0 0 10.0.0.1:8080 10.0.0.2:{port}" for port in range(30_000, 60_000))
    span = evidence(texts, "ss.txt", "\n".join(rows))
    harmless = Finding(
        id="time-wait-harmless",
        kind=Kind.HEALTHY,
        layer=Layer.NETWORK,
        certainty=Certainty.PROVEN,
        permanent=False,
        headline="30,000 sockets in TIME_WAIT, and they are not the problem.",
        explanation="No port range is near its end.",
        subjects=(Subject(SubjectType.SOCKET_GROUP, "TIME_WAIT on *:8080", None, 30_000),),
        chain=(),
        rests_on=(),
        citations=(Citation(span, "TIME_WAIT at the side that closed first"),),
        remedies=(),
    )
    headline = "Nothing hangs: all 200 workers are idle and nothing waits on anything."
    verdict = Verdict(Kind.HEALTHY, None, None, None, headline)
    idle = PoolSummary("http-nio-8080-exec", "worker", None, 200, (Count("idle", 200),))
    closed = EndpointSummary("*:8080", None, 30_000, (Count("closed, in TIME_WAIT", 30_000),))
    summary = Summary(
        (Count("WAITING", 210), Count("RUNNABLE", 12)),
        (idle,),
        (Count("TIME_WAIT", 30_000), Count("LISTEN", 2)),
        (closed,),
    )
    dump = dump_input(thread_dump(Evidence("dump.txt", 1, 3000), 222))
    inputs = (dump, socket_input("ss.txt", 30_002))
    return document(Diagnosis(verdict, (harmless,), (), summary), inputs, texts)


def inconclusive() -> Document:
    """What is given does not decide it, and the report says what would."""
    headline = (
        "These inputs do not say why the service hangs: 14 threads wait for locks whose owners"
        " are not recorded."
    )
    verdict = Verdict(Kind.INCONCLUSIVE, None, None, None, headline)
    gaps = (
        Gap(
            "dump.txt was taken without -l: the owners of 3 java.util.concurrent locks that"
            " threads wait for are not in it.",
            "who holds these locks, and whether they are a deadlock",
            "jstack -l PID > dump.txt   (walks the heap: the JVM may stand still for seconds)",
        ),
        Gap(
            "No socket table is given.",
            "whom the 6 threads in a network read wait for; whether requests stand unread; whether"
            " the service calls itself",
            "ss -tanp > sockets.txt   (as root, in the process's network namespace)",
        ),
        Gap(
            "There is one thread dump of this moment only.",
            "whether the threads move: slow and stuck look alike in one snapshot",
            "jstack PID > dump-1.txt; sleep 10; jstack PID > dump-2.txt",
        ),
    )
    summary = Summary((Count("WAITING", 14), Count("RUNNABLE", 6)))
    dump = dump_input(thread_dump(Evidence("dump.txt", 1, 300), 20))
    return document(Diagnosis(verdict, (), gaps, summary), (dump,))


def empty() -> Document:
    """Nothing was given that could be read."""
    headline = "There is nothing to decide from."
    verdict = Verdict(Kind.INCONCLUSIVE, None, None, None, headline)
    return document(Diagnosis(verdict, (), (), Summary()))


CASES: dict[str, Callable[[], Document]] = {
    "self-call": self_call,
    "lock-deadlock": lock_deadlock,
    "healthy": healthy,
    "inconclusive": inconclusive,
    "empty": empty,
}
