"""Several dumps and tables of one process: what holds in them, what moves, what grows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hangscope.facts import (
    Descriptor,
    Evidence,
    Limit,
    ProcessFacts,
    Setting,
    SocketTable,
    TcpState,
    ThreadDump,
    ThreadUsage,
)
from hangscope.interpret import Case, Jvm, assemble, interpret
from hangscope.interpret.cpu import Measured, usages
from hangscope.interpret.growth import growths
from hangscope.interpret.history import dumps_alike, held, seconds_of
from hangscope.interpret.skew import skew
from hangscope.knowledge import load

from .capturing import LISTENER, PID, WORK, dump, row, table, thread

KNOWLEDGE = load()
TIMES = [f"2026-11-25 20:06:{second}" for second in (50, 53, 56)]
OUT = row("127.0.0.1:50001", "127.0.0.1:8080")
IN = row("127.0.0.1:8080", "127.0.0.1:50001", recv_q=148)
GONE = "10.0.0.2"


def case(
    dumps: Sequence[ThreadDump],
    tables: Sequence[SocketTable] = (),
    processes: Sequence[ProcessFacts] = (),
) -> Case:
    return assemble(dumps, tables, KNOWLEDGE, processes=processes)


def only(joined: Case) -> Jvm:
    (jvm,) = joined.jvms
    return jvm


def half_closed(count: int, captured: str | None = None, line: int = 1) -> SocketTable:
    rows = [
        row("10.0.0.1:8080", f"{GONE}:{5000 + n}", TcpState.CLOSE_WAIT, line=line + n)
        for n in range(count)
    ]
    return table(LISTENER, *rows, captured=captured, line=line)


# What holds


def test_a_thread_that_is_the_same_in_the_last_dumps_lasts_that_long() -> None:
    dumps = [
        dump(thread(1), thread(2, WORK), thread(3), captured=TIMES[0], line=1),
        dump(thread(1), thread(2), thread(3), captured=TIMES[1], line=200),
        dump(thread(1), thread(2), thread(3, WORK), captured=TIMES[2], line=400),
    ]
    joined = case(dumps)
    jvm = only(joined)
    one, two, three = (t.node for t in jvm.threads)
    assert [jvm.lasting[node] for node in (one, two, three)] == [3, 2, 1]
    assert jvm.moved == {three}
    assert dumps_alike(joined, [one]) == (3, 6.0)
    assert dumps_alike(joined, [one, two]) == (2, 3.0)
    assert dumps_alike(joined, [one, three]) == (1, None)
    assert held(joined, [one, two])
    assert not held(joined, [three])


@pytest.mark.parametrize(("burnt", "moved"), [(0.9, False), (1.0, True), (50.0, True)])
def test_a_thread_that_burnt_cpu_has_moved(burnt: float, moved: bool) -> None:
    dumps = [dump(thread(1, cpu_ms=5.0), line=1), dump(thread(1, cpu_ms=5.0 + burnt), line=200)]
    jvm = only(case(dumps))
    assert (jvm.threads[0].node in jvm.moved) is moved


def test_a_thread_that_is_new_has_moved() -> None:
    jvm = only(case([dump(thread(1), line=1), dump(thread(1), thread(2), line=200)]))
    assert jvm.moved == {jvm.threads[1].node}


def test_of_one_dump_nothing_has_moved_and_nothing_is_known_to_hold() -> None:
    joined = case([dump(thread(1), captured=TIMES[0])])
    jvm = only(joined)
    assert jvm.moved == frozenset()
    assert dumps_alike(joined, [jvm.threads[0].node]) == (1, None)
    assert not held(joined, [jvm.threads[0].node])


def test_one_dump_given_twice_is_one_moment() -> None:
    one = dump(thread(1, elapsed_s=7.0), captured=TIMES[0])
    joined = case([one, one])
    assert not held(joined, [only(joined).threads[0].node])


def test_the_age_of_threads_tells_time_better_than_clocks() -> None:
    earlier = dump(thread(1, elapsed_s=7.0), captured=TIMES[0])
    later = dump(thread(1, elapsed_s=9.5), captured=TIMES[1])
    assert seconds_of(earlier, later) == 2.5
    assert seconds_of(dump(thread(1)), dump(thread(1))) is None


# Which table


def test_the_table_nearest_to_the_last_dump_is_reasoned_from() -> None:
    tables = [half_closed(n, time, line=100 * n) for n, time in zip((1, 2, 3), TIMES, strict=True)]
    joined = case([dump(thread(1), captured=TIMES[1])], tables)
    assert joined.sockets is not None
    assert joined.sockets is joined.sockets.moments[1]
    assert sum(one.state is TcpState.CLOSE_WAIT for one in joined.sockets.rows) == 2


def test_rows_of_another_moment_are_not_mixed_in() -> None:
    first = table(LISTENER, OUT, IN, captured=TIMES[0])
    last = table(LISTENER, captured=TIMES[2], line=50)
    kept = row("10.0.0.1:8080", f"{GONE}:1")
    joined = case([], [first, table(LISTENER, kept, captured=TIMES[1], line=30), last])
    assert joined.sockets is not None
    assert OUT.local not in {one.local for one in joined.sockets.rows}


# How far apart


def skew_of(dumps: Sequence[ThreadDump], tables: Sequence[SocketTable]) -> float | None:
    joined = case(dumps, tables)
    assert joined.sockets is not None
    jvm = only(joined)
    rows = [one for one in joined.sockets.rows if one.local == OUT.local]
    return skew(joined.sockets, jvm, [t.node for t in jvm.threads], rows).seconds


def test_a_dump_and_a_table() -> None:
    taken = [table(LISTENER, OUT, IN, captured="2026-11-25 20:07:35")]
    assert skew_of([dump(thread(1), captured=TIMES[0])], taken) == 45
    assert skew_of([dump(thread(1))], taken) is None
    assert skew_of([dump(thread(1), captured=TIMES[0])], [table(LISTENER, OUT, IN)]) is None
    before = [table(LISTENER, OUT, IN, captured="2026-11-25 20:06:20")]
    assert skew_of([dump(thread(1), captured=TIMES[0])], before) == -30


def test_dumps_that_show_the_same_before_and_after_the_table_count_as_simultaneous() -> None:
    taken = [table(LISTENER, OUT, IN, captured="2026-11-25 20:07:35")]
    late = "2026-11-25 20:09:00"
    same = [dump(thread(1), captured=TIMES[0]), dump(thread(1), captured=late, line=200)]
    assert skew_of(same, taken) == 0
    moved = [dump(thread(1, WORK), captured=TIMES[0]), dump(thread(1), captured=late, line=200)]
    assert skew_of(moved, taken) == -85


def test_so_do_tables_that_show_the_same_connections_before_and_after_the_dump() -> None:
    early, late = "2026-11-25 20:05:00", "2026-11-25 20:07:00"
    one = [dump(thread(1), captured=TIMES[0])]
    tables = [
        table(LISTENER, OUT, IN, captured=early),
        table(LISTENER, OUT, IN, captured=late, line=50),
    ]
    assert skew_of(one, tables) == 0
    other = OUT._replace(recv_q=9)
    assert skew_of(one, [table(LISTENER, other, captured=early), tables[1]]) == 10


def test_a_far_skew_is_said_and_leaves_threads_another_way_out() -> None:
    def claims_of(captured: str) -> tuple[str, int]:
        taken = [table(LISTENER, OUT, IN, captured=captured)]
        found = interpret(case([dump(thread(1), captured=TIMES[0])], taken))
        (group,) = found.replies
        return group.inference, len(group.targets)

    near, ways = claims_of("2026-11-25 20:06:54")
    assert ("taken" in near, ways) == (False, 1)
    said, ways = claims_of("2026-11-25 20:07:35")
    assert ("in a table taken 45 s after the dump" in said, ways) == (True, 1)
    said, ways = claims_of("2026-11-25 20:16:50")
    assert ("in a table taken 600 s after the dump" in said, ways) == (True, 2)


# What grows


def facts(
    captured: str | None, *, files: int = 0, limit: int | None = None, line: int = 1
) -> ProcessFacts:
    def place(n: int) -> Evidence:
        return Evidence("process.txt", line + n, line + n)

    return ProcessFacts(
        Evidence("process.txt", line, line + files),
        "proc-fd",
        pid=PID,
        captured=captured,
        limits=() if limit is None else (Limit("Max open files", limit, limit, "files", place(0)),),
        descriptors=tuple(Descriptor(n, "/dev/null", None, place(n)) for n in range(files)),
    )


def test_half_closed_connections_grow() -> None:
    tables = [
        half_closed(n, time, line=100 * n) for n, time in zip((10, 25, 40), TIMES, strict=True)
    ]
    joined = case([dump(thread(1), captured=TIMES[2])], tables, [facts(None, limit=100)])
    sockets, pile = sorted(growths(joined), key=lambda one: one.what, reverse=True)
    assert (pile.what, pile.process) == ("CLOSE_WAIT on *:8080", f"pid {PID}")
    assert [tuple(point) for point in pile.points] == [(10, 0), (25, 3), (40, 6)]
    assert pile.per_second == 5
    assert pile.seconds_to_limit is None
    assert (sockets.what, sockets.in_part) == ("open sockets", True)
    assert sockets.seconds_to_limit == pytest.approx((100 - 41) / 5)


def test_open_files_grow_towards_their_limit() -> None:
    stated = [
        facts(TIMES[1], files=80, line=200),
        facts(TIMES[0], files=50, limit=200),
        facts(TIMES[2], files=110, line=500),
    ]
    (files,) = growths(case([dump(thread(1))], [], stated))
    assert [point.number for point in files.points] == [50, 80, 110]
    assert (files.what, files.limit, files.per_second) == ("open files", 200, 10)
    assert files.seconds_to_limit == 9


def test_a_text_below_a_dated_one_has_its_time() -> None:
    stated = [
        facts(TIMES[0], limit=200, line=1),
        facts(None, files=50, line=10),
        facts(TIMES[1], limit=200, line=100),
        facts(None, files=80, line=110),
    ]
    (files,) = growths(case([dump(thread(1))], [], stated))
    assert files.per_second == 10


def test_threads_grow() -> None:
    dumps = [
        dump(*(thread(n, elapsed_s=7 + 2 * turn) for n in range(size)), line=1000 * turn)
        for turn, size in ((0, 10), (1, 14), (2, 18))
    ]
    (threads,) = growths(case(dumps))
    assert (threads.what, threads.per_second) == ("threads", 2)


def test_threads_grow_by_status_and_how_many_a_user_may_have() -> None:
    def status(number: int, captured: str, line: int) -> ProcessFacts:
        place = Evidence("status.txt", line, line)
        return ProcessFacts(
            place,
            "proc-status",
            pid=PID,
            captured=captured,
            limits=(Limit("Max processes", 1000, 2000, "processes", place),),
            settings=(Setting("Threads", str(number), place),),
        )

    stated = [status(400, TIMES[2], 20), status(100, TIMES[0], 10)]
    (threads,) = growths(case([dump(thread(1))], [], stated))
    assert (threads.per_second, threads.limit, threads.in_part) == (50, 1000, True)
    assert threads.seconds_to_limit == 12


def test_without_times_it_grows_at_no_known_rate() -> None:
    (pile, _) = growths(case([dump(thread(1))], [half_closed(5), half_closed(50, line=200)]))
    assert [point.number for point in pile.points] == [5, 50]
    assert (pile.per_second, pile.seconds_to_limit) == (None, None)


def test_tables_without_times_that_were_taken_in_turns_with_dumps_have_theirs() -> None:
    dumps = [dump(thread(1), captured=time, line=n) for n, time in enumerate(TIMES[:2], 1)]
    (pile, _) = growths(case(dumps, [half_closed(5), half_closed(50, line=200)]))
    assert (pile.per_second, pile.by_dumps) == (15, True)


@pytest.mark.parametrize("counts", [(10, 10, 10), (10, 30, 20), (40, 20, 10), (10, 11, 14)])
def test_what_shrinks_or_stays_or_sways_does_not_grow(counts: tuple[int, int, int]) -> None:
    tables = [
        half_closed(n, time, line=100 * turn)
        for turn, (n, time) in enumerate(zip(counts, TIMES, strict=True))
    ]
    assert growths(case([dump(thread(1))], tables)) == ()


# Who is busy


def test_cpu_between_two_dumps() -> None:
    dumps = [
        dump(thread(1, cpu_ms=100, elapsed_s=10), thread(2, cpu_ms=5, elapsed_s=10), line=1),
        dump(thread(1, cpu_ms=1600, elapsed_s=12), thread(2, cpu_ms=5, elapsed_s=12), line=200),
    ]
    busy, idle = usages(case(dumps))
    assert (busy.share, busy.measured, busy.seconds) == (0.75, Measured.BETWEEN_DUMPS, 2)
    assert idle.share == 0


def test_cpu_by_top_where_one_dump_is_given() -> None:
    top = ProcessFacts(
        Evidence("top.txt", 1, 9),
        "top",
        pid=PID,
        usages=(ThreadUsage(201, "http-nio-8080-e", 99.9, None, "R", Evidence("top.txt", 8, 8)),),
    )
    joined = case([dump(thread(1, elapsed_s=100), thread(2, elapsed_s=100))], [], [top])
    busy, other = usages(joined)
    assert [one.measured for one in (busy, other)] == [Measured.BY_TOP, Measured.OVER_ITS_LIFE]
    assert busy.share == pytest.approx(0.999)
    assert other.share == pytest.approx(0.00005)


def test_cpu_that_no_dump_tells() -> None:
    assert usages(case([dump(thread(1, cpu_ms=None))])) == ()
