"""From claims to words: labels of nodes, the steps of a chain, citations of lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from hangscope.diagnosis.model import Citation, Step, Subject, SubjectType
from hangscope.facts import Evidence, ThreadState
from hangscope.interpret import Interpretation, Thread
from hangscope.interpret.destinations import TRANSLATED
from hangscope.interpret.sockets import Row, spans
from hangscope.knowledge import Activity
from hangscope.waits import Certainty, Claim, Node, NodeKind

_CITED_THREADS = 10
"""Threads of one kind that a finding quotes; how many more there are is said in words."""

_CITED_LINES = 21
"""Spans that one claim, or one group of sockets, quotes."""

_DOING = {
    Activity.IDLE: "waits for work",
    Activity.ACCEPTING: "waits for connections",
    Activity.POLLING: "polls its sockets",
    Activity.INBOUND_IO: "waits for its own client",
    Activity.LEASE: "waits for a pooled connection",
    Activity.REPLY: "reads a reply",
    Activity.CONNECT: "connects",
    Activity.HANDSHAKE: "shakes hands",
    Activity.WRITE: "writes to a peer",
    Activity.RUNNING: "runs",
}
_STATES = {
    ThreadState.BLOCKED: "is blocked",
    ThreadState.WAITING: "waits",
    ThreadState.TIMED_WAITING: "waits with a timeout",
}
_HELD = {NodeKind.LOCK: "is held", NodeKind.CLASS: "is being initialised"}
_FILES = {"file-read": "reads a file or a pipe", "file-write": "writes to a file or a pipe"}
_TIMED = {"yes": ", with a read timeout", "no": ", without a read timeout"}


class Telling:
    """Words for the nodes and claims of one interpretation."""

    def __init__(self, interpretation: Interpretation) -> None:
        self._interpretation = interpretation

    @cached_property
    def threads(self) -> dict[Node, Thread]:
        """Every thread by its node."""
        views = [view for jvm in self._interpretation.case.jvms for view in reversed(jvm.views)]
        shown = [thread for view in views for thread in view.threads]
        shown.sort(key=lambda thread: bool(thread.java.name))  # where it is named, if it is
        return {thread.node: thread for thread in shown}

    @cached_property
    def _by_header(self) -> dict[tuple[str, int], Thread]:
        return {
            (t.java.evidence.input, t.java.evidence.first_line): t
            for jvm in self._interpretation.case.jvms
            for view in jvm.views
            for t in view.threads
        }

    @cached_property
    def _several(self) -> bool:
        case = self._interpretation.case
        return len(case.jvms) > 1 or any(host.name for host in case.hosts)

    def label(self, node: Node, group: Iterable[Node] = ()) -> str:
        """``node`` in words; a thread stands for those of ``group`` that are of its pool."""
        thread = self.threads.get(node)
        where = f" of {node.scope}" if self._several and node.scope else ""
        if thread is None:
            return node.key + (f",{where}" if where and TRANSLATED in node.key else where)
        pool = thread.profile.pool
        peers = [n for n in group if (t := self.threads.get(n)) and t.profile.pool == pool]
        peers = [n for n in peers if n.scope == node.scope]
        if pool is None or len(peers) <= 1:
            return f"{_called(thread)}{where}"
        return f"{len(peers)} threads of {pool}{where}"

    def describe(self, thread: Thread) -> str:
        """What one thread does, in words: how it waits, by which library, for which code."""
        profile = thread.profile
        doing = _DOING.get(profile.activity) or _waiting(thread)
        if profile.activity is Activity.RUNNING and profile.io:
            doing = _FILES.get(profile.io.op, doing)
        through = "of" if profile.activity is Activity.LEASE else "through"
        library = f" {through} {profile.wait.library}" if profile.wait else ""
        timed = ""
        if profile.activity in (Activity.REPLY, Activity.HANDSHAKE) and profile.io:
            timed = _TIMED.get(profile.io.timed, "")
        index = profile.application_frame
        frame = thread.frame(index) if index is not None else None
        code = f" in {frame.method}" if frame else ""
        return f"{_called(thread)} {doing}{library}{timed}{code}"

    def shown(self, nodes: Iterable[Node]) -> list[Thread]:
        """The threads among ``nodes`` that a dump shows: a lock's owner may be missing."""
        return [self.threads[node] for node in nodes if node in self.threads]

    def cite_threads(self, threads: Iterable[Node]) -> tuple[Citation, ...]:
        """The stacks of ``threads``, the first ten."""
        listed = self.shown(threads)
        listed.sort(key=lambda t: (t.java.evidence.input, t.java.evidence.first_line))
        return tuple(Citation(t.top(), self.describe(t)) for t in listed[:_CITED_THREADS])

    def steps(self, claims: Sequence[Claim], group: Iterable[Node]) -> tuple[Step, ...]:
        """The chain that ``claims`` make, each link's target being the next one's waiter.

        A thread of ``group`` stands for all of them that wait for the same.
        """
        group = tuple(group)
        steps = []
        for index, claim in enumerate(claims):
            following = claims[(index + 1) % len(claims)].waiter
            target = following if following in claim.on else claim.on[0]
            source = self.label(claim.waiter, self._alike(claim, group))
            steps.append(
                Step(
                    source,
                    self.label(target, claim.on),
                    _agreeing(source, claim.relation),
                    claim.certainty,
                    self.cite(claim),
                )
            )
        return tuple(steps)

    def _alike(self, claim: Claim, group: Iterable[Node]) -> list[Node]:
        alike = self._interpretation.graph.alike(claim)
        return [node for node in group if node in alike]

    def cite(self, claim: Claim) -> tuple[Citation, ...]:
        """The lines of a claim, each with what it says."""
        return tuple(
            dict.fromkeys(
                Citation(evidence, self._says(claim, evidence))
                for evidence in claim.evidence[:_CITED_LINES]
            )
        )

    def _says(self, claim: Claim, evidence: Evidence) -> str:
        thread = self._by_header.get((evidence.input, evidence.first_line))
        if thread is not None:
            if evidence.last_line == evidence.first_line:
                return _membership(thread)
            return self.describe(thread)
        if claim.waiter.kind in _HELD:
            return f"{claim.waiter.key} {_HELD[claim.waiter.kind]}"
        if claim.on[0].kind in _HELD:
            return f"{claim.on[0].key} is waited for"
        if claim.waiter.kind is NodeKind.CONNECTION_POOL:
            return f"among the connections of {claim.waiter.key}"
        if claim.waiter.kind is NodeKind.ENDPOINT:
            return f"{claim.waiter.key} is listened on"
        if claim.waiter.kind is NodeKind.CONNECTION:
            relation = _agreeing(claim.waiter.key, claim.relation)
            _, translated, known_as = claim.waiter.key.partition(TRANSLATED)
            if translated:
                return f"the other ends at {known_as}: {relation} {self.label(claim.on[0])}"
            return f"{claim.waiter.key} {relation} {self.label(claim.on[0])}"
        if claim.on[0].kind is NodeKind.CONNECTION:
            return f"among {claim.on[0].key.partition(TRANSLATED)[0]}"
        return f"{self.label(claim.waiter)} {claim.relation} {self.label(claim.on[0])}"

    def subjects(self, nodes: Iterable[Node]) -> tuple[Subject, ...]:
        """Endpoints, pools, locks, threads; those of one pool are one subject."""
        subjects: dict[tuple[SubjectType, str, str], int] = {}
        alone: dict[tuple[SubjectType, str, str], str] = {}
        for node in sorted(nodes):
            thread = self.threads.get(node)
            if thread is not None:
                pooled = thread.profile.pool
                in_pool = pooled and not thread.java.virtual
                kind = SubjectType.POOL if in_pool else SubjectType.THREAD
                key = (kind, pooled or thread.name.strip(), node.scope)
                if kind is SubjectType.THREAD:
                    alone[key] = thread.name.strip()
            elif node.kind in _SUBJECTS:
                key = (_SUBJECTS[node.kind], node.key, node.scope)
            else:
                continue
            subjects[key] = subjects.get(key, 0) + 1
        order = list(SubjectType)
        return tuple(
            Subject(
                key[0],
                alone.get(key, key[1]) if count == 1 else key[1],
                self._interpretation.case.process(key[2]),
                count,
            )
            for key, count in sorted(
                subjects.items(), key=lambda item: (-order.index(item[0][0]), item[0][1:])
            )
        )


_SUBJECTS = {
    NodeKind.THREAD: SubjectType.THREAD,
    NodeKind.ENDPOINT: SubjectType.ENDPOINT,
    NodeKind.OUTSIDE: SubjectType.ENDPOINT,
    NodeKind.CONNECTION_POOL: SubjectType.CONNECTION_POOL,
    NodeKind.LOCK: SubjectType.LOCK,
    NodeKind.PROCESS: SubjectType.PROCESS,
    NodeKind.CLASS: SubjectType.LOCK,
}


def _called(thread: Thread) -> str:
    """Its name in quotes; ``Thread.print`` shows mounted virtual threads by their ids alone."""
    if thread.java.virtual and not thread.java.name:
        known = "" if thread.name.startswith(" #") else f" ({thread.name})"
        return f"virtual thread #{thread.java.id}{known}"
    return f'"{thread.name}"'


def _membership(thread: Thread) -> str:
    pool = thread.profile.pool
    what = f"one of the threads of {pool}" if pool else "in the dump"
    return f"{_called(thread)} is {what}"


def _waiting(thread: Thread) -> str:
    state = _STATES.get(thread.java.state) if thread.java.state else None
    primitive = thread.profile.primitive
    on = f" on {primitive.id}" if primitive else ""
    return f"{state or 'waits'}{on}"


_PLURAL = {
    "ends": "end",
    "has": "have",
    "is": "are",
    "leads": "lead",
    "needs": "need",
    "reads": "read",
    "stands": "stand",
    "queues": "queue",
    "waits": "wait",
    "was": "were",
}


def agree(verb: str, count: int) -> str:
    """``waits`` of one, ``wait`` of several."""
    return verb if count == 1 else _PLURAL[verb]


def _agreeing(source: str, relation: str) -> str:
    """``relation`` with its verb in the plural where ``source`` counts several."""
    verb, _, rest = relation.partition(" ")
    several = source[:1].isdigit() and not source.startswith("1 ")
    return f"{_PLURAL.get(verb, verb)} {rest}" if several else relation


def inferences(claims: Iterable[Claim], identities: Iterable[str]) -> tuple[str, ...]:
    """Every inference that ``claims`` rest on, each once; then how the processes were told."""
    made = [claim.inference for claim in claims if claim.certainty is Certainty.INFERRED]
    return tuple(dict.fromkeys([*made, *(how for how in identities if how)]))


def identities(interpretation: Interpretation, claims: Iterable[Claim]) -> tuple[str, ...]:
    """How the processes that ``claims`` are about were told, where that is inferred."""
    scopes = {node.scope for claim in claims for node in (claim.waiter, *claim.on)}
    jvms = (jvm for jvm in interpretation.case.jvms if jvm.scope in scopes)
    return tuple(jvm.identity.inference for jvm in jvms if jvm.identity.inference)


def cite_rows(rows: Sequence[Row], says: str) -> tuple[Citation, ...]:
    """The lines of ``rows``; where they are too many to quote, ``says`` tells how many are."""
    all_spans = spans(rows)
    shown = all_spans[:_CITED_LINES]
    if len(shown) < len(all_spans):
        quoted = sum(span.last_line - span.first_line + 1 for span in shown)
        says = f"{says} ({quoted:,} of {len(rows):,} rows are quoted)"
    return tuple(Citation(evidence, says) for evidence in shown)


def plural(count: int, one: str, several: str | None = None) -> str:
    """``1 thread``, ``3 threads``."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
