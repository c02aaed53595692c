"""Which tables are of one moment, and which moment is a dump's."""

from __future__ import annotations

from hangscope.facts import SocketTable, TcpState
from hangscope.interpret.snapshots import nearest, snapshots

from .capturing import LISTENER, row, table

KEPT = row("10.0.0.1:8080", "10.0.0.2:5001")
NEW = row("10.0.0.1:8080", "10.0.0.2:5002")
FIRST, SECOND, THIRD = (f"2026-11-25 20:06:{second}" for second in (50, 53, 56))


def moments(*tables: SocketTable) -> list[list[int]]:
    """The tables of each moment, by their places among those given."""
    return [[tables.index(one) for one in of] for of in snapshots(tables)]


def test_the_same_connection_in_two_tables_of_one_tool_makes_two_moments() -> None:
    assert moments(table(LISTENER, KEPT), table(LISTENER, KEPT, NEW)) == [[0], [1]]


def test_the_same_listener_of_one_process_does_too() -> None:
    gone = row("10.0.0.1:8080", "10.0.0.2:5003")
    assert moments(table(LISTENER, gone), table(LISTENER, NEW)) == [[0], [1]]


def test_a_listener_without_its_process_may_be_of_another_host() -> None:
    nobodys = row("*:8080", state=TcpState.LISTEN, owned=False)
    assert moments(table(nobodys, KEPT), table(nobodys, NEW)) == [[0, 1]]


def test_tables_that_complete_each_other_are_of_one_moment() -> None:
    assert moments(table(LISTENER), table(KEPT)) == [[0, 1]]  # ss -tln, ss -tn
    assert moments(table(LISTENER, KEPT), table(LISTENER)) == [[0, 1]]
    other = row("[::1]:8080", "[::1]:5001")
    assert moments(table(KEPT), table(other)) == [[0, 1]]  # IPv4, IPv6
    assert moments(table(LISTENER, KEPT), table(LISTENER, KEPT, format="lsof")) == [[0, 1]]


def test_tables_are_put_in_order_of_time() -> None:
    late, early = table(LISTENER, KEPT, captured=SECOND), table(LISTENER, KEPT, captured=FIRST)
    assert moments(late, early) == [[1], [0]]


def test_two_tools_in_turns() -> None:
    tables = [
        table(LISTENER, KEPT, captured=FIRST),
        table(LISTENER, KEPT, captured=FIRST, format="lsof"),
        table(LISTENER, KEPT, NEW, captured=SECOND),
        table(LISTENER, KEPT, NEW, captured=SECOND, format="lsof"),
    ]
    assert moments(*tables) == [[0, 1], [2, 3]]
    assert moments(tables[0], tables[2], tables[1], tables[3]) == [[0, 2], [1, 3]]


def test_two_tools_one_after_the_other_without_times() -> None:
    one = [table(LISTENER, KEPT, line=n) for n in (1, 31)]
    other = [table(LISTENER, KEPT, line=n, format="lsof") for n in (1, 31)]
    assert moments(*one, *other) == [[0, 2], [1, 3]]


def test_a_single_table_of_another_tool_joins_the_moment_nearest_to_it() -> None:
    one = [table(LISTENER, KEPT, captured=time) for time in (FIRST, THIRD)]
    early = table(LISTENER, KEPT, captured=SECOND[:-1] + "1", format="lsof")
    assert moments(*one, early) == [[0, 2], [1]]
    assert moments(*one, table(LISTENER, format="lsof")) == [[0], [1, 2]]


def test_the_moment_of_a_dump() -> None:
    taken = snapshots([table(LISTENER, KEPT, captured=time) for time in (FIRST, SECOND, THIRD)])
    assert nearest(taken, "2026-11-25 20:06:52") == 1
    assert nearest(taken, "2026-11-25 20:09:52") == 2
    assert nearest(taken, "2026-11-25 01:00:00") == 0
    assert nearest(taken, None) == 2
    undated = snapshots([table(LISTENER, KEPT), table(LISTENER, KEPT, line=30)])
    assert nearest(undated, FIRST) == 1


def test_of_two_tables_as_near_the_later_one_counts() -> None:
    taken = snapshots([table(LISTENER, KEPT, captured=time) for time in (FIRST, THIRD)])
    assert nearest(taken, SECOND) == 1


def test_no_table_at_all() -> None:
    assert snapshots([]) == ()
