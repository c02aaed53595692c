"""Damage never makes a deadlock that was not there; what means the same is told the same."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.diagnosis.model import Kind
from hangscope.facts import NOT_RECORDED, HostFacts, InputFacts, Socket, SocketTable, TcpState
from hangscope.interpret import assemble_hosts, interpret
from hangscope.knowledge import load
from hangscope.readers import ReadError, read_input
from hangscope.readers.content.source import Source
from tests.inputs import inputs, inputs_by_host
from tests.renaming import Renaming
from tests.tables import lsof_text, netstat_text, proc_text, ss_text

ROOT = Path(__file__).resolve().parents[1]

CASES = sorted(path.parent for path in (ROOT / "fixtures").glob("*/expected.json"))
OTHER_CAPTURES = sorted((ROOT / "fixtures").glob("*/sockets-*.txt"))
KNOWLEDGE = load()
FIRST_EPHEMERAL = 30_000
HALF_OPEN = "half-open-connection"
BLAMES_NOBODY = (Kind.HEALTHY, Kind.INCONCLUSIVE)
NEED_A_BACKLOG = {"accept-queue-overflow"}
"""netstat prints none."""
SEEN_IN_PART = {
    "connection-pool-deadlock": {"connection-pool-exhausted"},
    "hash-map-loop": {"runaway-thread"},
    "self-call-deadlock": {"http-client-pool-exhausted"},
}
"""What is left of a circle, and true all the same, where its other half is missing."""
ROWS = (b"LISTEN", b"ESTAB", b"CLOSE", b"TIME", b"FIN", b"SYN", b"LAST", b"tcp")
Change = Callable[[bytes, random.Random], bytes]


def cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text))]


def without_some_threads(text: bytes, chance: random.Random) -> bytes:
    head, *threads = text.split(b'\n\n"')
    kept = [thread for thread in threads[:-1] if chance.random() > 0.3]
    return b'\n\n"'.join([head, *kept, *threads[-1:]])


def without_some_lines(text: bytes, chance: random.Random) -> bytes:
    return b"\n".join(line for line in text.split(b"\n") if chance.random() > 0.3)


def crlf(text: bytes, _: random.Random) -> bytes:
    return text.replace(b"\n", b"\r\n")


def shuffled_threads(text: bytes, chance: random.Random) -> bytes:
    threads, end, rest = text.partition(b"JNI global ref")
    head, *blocks = threads.split(b'\n\n"')
    middle = blocks[:-1]
    chance.shuffle(middle)
    return b'\n\n"'.join([head, *middle, *blocks[-1:]]) + end + rest


def shuffled_rows(text: bytes, chance: random.Random) -> bytes:
    lines = text.split(b"\n")
    places = [n for n, line in enumerate(lines) if line.startswith(ROWS)]
    rows = [lines[n] for n in places]
    chance.shuffle(rows)
    for place, row in zip(places, rows, strict=True):
        lines[place] = row
    return b"\n".join(lines)


def twice(text: bytes, _: random.Random) -> bytes:
    return text + b"\n" + text


def unchanged(text: bytes, _: random.Random) -> bytes:
    return text


def diagnosed(case: Path, dump: Change, table: Change, seed: int) -> Diagnosis | None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret

    def changed(path: Path) -> bytes:
        change = table if path.name.startswith("sockets") else unchanged
        return (dump if path.name.startswith("dump") else change)(path.read_bytes(), chance)

    return diagnosed_of(inputs_by_host(case), changed)


def diagnosed_of(hosts: dict[str, list[Path]], text: Callable[[Path], bytes]) -> Diagnosis | None:
    read: list[HostFacts] = []
    for name, paths in hosts.items():
        facts: list[InputFacts] = []
        for path in paths:
            with suppress(ReadError):
                facts.append(read_input(Source.from_bytes(f"{name}/{path.name}", text(path))))
        read.append(HostFacts.of(name, facts))
    if not any(host.dumps or host.tables for host in read):
        return None
    return diagnose(interpret(assemble_hosts(read, KNOWLEDGE)))


@cache
def undamaged(case: Path) -> Diagnosis:
    diagnosis = diagnosed(case, unchanged, unchanged, 0)
    assert diagnosis is not None
    return diagnosis


def deadlocks(diagnosis: Diagnosis | None) -> set[str]:
    told = diagnosis.findings if diagnosis else ()
    return {finding.id for finding in told if finding.id.endswith("deadlock")}


def accusations(diagnosis: Diagnosis | None) -> set[str]:
    """Everything that is said to be wrong, of whatever kind."""
    told = diagnosis.findings if diagnosis else ()
    return {finding.id for finding in told if finding.kind not in BLAMES_NOBODY}


def seen_in_part(known: set[str]) -> set[str]:
    """What may be said instead where less is seen."""
    return {weaker for one in known for weaker in SEEN_IN_PART.get(one, ())}


def real(case: Path) -> set[str]:
    expected = json.loads((case / "expected.json").read_text())
    return {f["id"] for f in expected["findings"] if f["id"].endswith("deadlock")}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=lambda path: path.name)


def damages() -> Iterator[tuple[Change, Change]]:
    yield cut, unchanged
    yield unchanged, cut
    yield cut, cut
    yield without_some_threads, unchanged
    yield unchanged, without_some_lines
    yield without_some_threads, without_some_lines


def test_no_damage_makes_a_deadlock_or_accuses_anybody_else(case: Path) -> None:
    known = accusations(undamaged(case))
    allowed = known | seen_in_part(known)
    for number, (dump, table) in enumerate(damages()):
        for seed in range(4):
            told = diagnosed(case, dump, table, 10 * number + seed)
            assert deadlocks(told) <= real(case), (dump.__name__, table.__name__, seed)
            assert accusations(told) <= allowed, (dump.__name__, table.__name__, seed)


def test_order_and_copies_change_nothing(case: Path) -> None:
    before = undamaged(case)
    for dump, table in ((shuffled_threads, shuffled_rows), (twice, unchanged), (unchanged, twice)):
        after = diagnosed(case, dump, table, 0)
        assert after is not None
        assert after.verdict.finding == before.verdict.finding, (dump.__name__, table.__name__)
        assert accusations(after) == accusations(before), (dump.__name__, table.__name__)


def test_no_damage_makes_a_connection_half_open(case: Path) -> None:
    """Where the peer's table lacks rows, a connection looks as if it had no other end."""
    wanted = json.loads((case / "expected.json").read_text())["findings"]
    if len(inputs_by_host(case)) > 1 and HALF_OPEN not in {finding["id"] for finding in wanted}:
        for number, (dump, table) in enumerate(damages()):
            for seed in range(4):
                told = diagnosed(case, dump, table, 10 * number + seed)
                assert HALF_OPEN not in {f.id for f in (told.findings if told else ())}, seed


def test_a_hang_is_not_called_healthy_because_rows_are_missing(case: Path) -> None:
    if real(case):
        for seed in range(4):
            told = diagnosed(case, unchanged, without_some_lines, seed)
            assert told is not None
            assert told.verdict.kind.value != "healthy", seed


def test_a_dump_without_the_list_of_its_threads_claims_no_pool_stuck_unless_it_ends() -> None:
    """JDK 9 and older print no such list: then only the last line tells that a dump is whole."""
    case = ROOT / "fixtures" / "executor-starvation"

    def older(text: bytes, _: random.Random) -> bytes:
        start = text.index(b"Threads class SMR info:")
        return text[:start] + text[text.index(b"\n\n", start) + 2 :]

    def older_and_cut(text: bytes, chance: random.Random) -> bytes:
        return older(text, chance).split(b"JNI global ref")[0]

    assert deadlocks(diagnosed(case, older, unchanged, 0)) == real(case)
    assert deadlocks(diagnosed(case, older_and_cut, unchanged, 0)) == set()


def test_line_ends_change_nothing(case: Path) -> None:
    before = undamaged(case)
    after = diagnosed(case, crlf, crlf, 0)
    assert after is not None
    assert before.verdict == after.verdict
    assert before.summary == after.summary


def said(diagnosis: Diagnosis, names: Callable[[str], str]) -> list[object]:
    """All that a diagnosis says, with other names; of what it lists, names decide the order."""
    return [
        (
            one.id,
            one.kind,
            one.layer,
            one.certainty,
            one.permanent,
            one.effect_of,
            names(one.headline),
            names(one.explanation),
            Counter(names(str(subject)) for subject in one.subjects),
            Counter(names(str(step)) for step in one.chain),
            Counter(names(str(citation)) for citation in one.citations),
            list(map(names, one.rests_on)),
            [names(remedy.text) for remedy in one.remedies],
        )
        for one in diagnosis.findings
    ] + [
        [names(gap.what) for gap in diagnosis.gaps],
        Counter(names(str(endpoint)) for endpoint in diagnosis.summary.endpoints),
    ]


@pytest.mark.parametrize("rename", [Renaming.of_objects, Renaming.of_hosts])
def test_other_addresses_change_nothing_but_names(
    case: Path, rename: Callable[[list[str], random.Random], Renaming]
) -> None:
    hosts = inputs_by_host(case)
    paths = [path for paths in hosts.values() for path in paths]
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    names = rename([path.read_text() for path in paths], chance)
    after = diagnosed_of(hosts, lambda path: names.new(path.read_text()).encode())
    assert after is not None
    assert said(after, names.old) == said(undamaged(case), str)


@pytest.mark.parametrize(
    ("rename", "name"),
    [(Renaming.of_objects, r"<0x[0-9a-f]+>"), (Renaming.of_hosts, r"\b10\.\d+\.\d+\.\d+\b")],
)
def test_other_addresses_are_other_addresses(
    rename: Callable[[list[str], random.Random], Renaming], name: str
) -> None:
    hosts = inputs_by_host(ROOT / "fixtures" / "nat-mutual-call")
    texts = [path.read_text() for paths in hosts.values() for path in paths]
    names = rename(texts, random.Random(1))  # noqa: S311 - repeatable, not secret
    renamed = [names.new(text) for text in texts]
    before, after = (set(re.findall(name, "\n".join(of))) for of in (texts, renamed))
    assert before
    assert before.isdisjoint(after)
    assert list(map(names.old, renamed)) == texts


def owned(table: SocketTable) -> list[Socket]:
    """Its sockets with their families: a listener on any address takes IPv4 by IPv6, as JVMs do."""
    by_six = {s.local.port for s in table.sockets if s.local.address in {"*", "::"}}

    def family(socket: Socket) -> str:
        owners = () if socket.owners is NOT_RECORDED else socket.owners
        six = socket.local.port in by_six or any(owner.command == "java" for owner in owners)
        return socket.family or ("IPv6" if six or ":" in socket.local.address else "IPv4")

    return [socket._replace(family=family(socket)) for socket in table.sockets]


def by_proc(sockets: list[Socket]) -> str:
    four, six = ([s for s in sockets if s.family == name] for name in ("IPv4", "IPv6"))
    return proc_text(four) + proc_text(six, "IPv6")


def by_lsof(sockets: list[Socket]) -> str:
    return lsof_text(sockets, queues=False)


def ports_of(case: Path) -> set[int]:
    """Ports that are listened on, or that somebody was called at."""
    paths = [path for of in inputs_by_host(case).values() for path in of if "sockets" in path.name]
    tables = [table for path in paths for table in read_input(Source.from_path(path)).tables]
    sockets = [socket for table in tables for socket in table.sockets]
    listening = {socket.local.port for socket in sockets if socket.state is TcpState.LISTEN}
    called = {socket.peer.port for socket in sockets} - {None}
    return {port for port in listening | called if port is not None and port < FIRST_EPHEMERAL}


def test_a_table_of_one_port_alone_accuses_nobody_else(case: Path) -> None:
    """As ``lsof -i:8080`` prints it."""
    known = accusations(undamaged(case))
    for port in ports_of(case):

        def of_it(text: bytes, _: random.Random, one: bytes = b":%d " % port) -> bytes:
            lines = text.split(b"\n")
            kept = [n for n in lines if not n.startswith(ROWS) or one in n + b" "]
            return b"\n".join(kept)

        told = diagnosed(case, unchanged, of_it, 0)
        assert deadlocks(told) <= real(case), port
        assert accusations(told) <= known | seen_in_part(known), port


def told_by(case: Path, write: Callable[[list[Socket]], str]) -> Diagnosis | None:
    """The diagnosis where another tool had been asked for the sockets, in all tables."""

    def text(path: Path) -> bytes:
        if not path.name.startswith("sockets"):
            return path.read_bytes()
        tables = read_input(Source.from_path(path)).tables
        queues = all(table.queues_recorded for table in tables)
        texts = (
            f"{table.captured or ''}\n{(write if queues else by_lsof)(owned(table))}"
            for table in tables
        )
        return "\n".join(texts).encode()

    return diagnosed_of(inputs_by_host(case), text)


@pytest.mark.parametrize("write", [ss_text, netstat_text])
def test_another_tool_that_tells_as_much_changes_no_verdict(
    case: Path, write: Callable[[list[Socket]], str]
) -> None:
    before, after = undamaged(case), told_by(case, write)
    assert after is not None
    if write is netstat_text and before.verdict.finding in NEED_A_BACKLOG:
        assert after.verdict.kind in BLAMES_NOBODY
        return
    assert [one.id for one in after.findings] == [one.id for one in before.findings]
    assert after.verdict.finding == before.verdict.finding


@pytest.mark.parametrize("write", [by_proc, by_lsof])
def test_another_tool_that_tells_less_accuses_nobody_else(
    case: Path, write: Callable[[list[Socket]], str]
) -> None:
    known, after = accusations(undamaged(case)), told_by(case, write)
    assert deadlocks(after) <= real(case)
    assert accusations(after) <= known | seen_in_part(known)
    assert after is None or not real(case) or after.verdict.kind is not Kind.HEALTHY


@pytest.mark.parametrize("write", [by_proc, by_lsof])
def test_a_deadlock_is_seen_by_tools_that_tell_less(write: Callable[[list[Socket]], str]) -> None:
    for name in ("tomcat-self-call", "three-hosts-circle"):
        case = ROOT / "fixtures" / name
        assert deadlocks(told_by(case, write)) == real(case)


@pytest.mark.parametrize(
    "table", OTHER_CAPTURES, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_each_capture_of_a_moment_alone_accuses_nobody_else(table: Path) -> None:
    case = table.parent
    after = diagnosed_of({"": inputs(case, table.name)}, Path.read_bytes)
    assert deadlocks(after) <= real(case)
    assert accusations(after) <= accusations(undamaged(case))
