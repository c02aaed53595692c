"""File descriptors: by count, by sockets alone, by accept() that fails; never without a reason."""

from __future__ import annotations

import re

import pytest

from hangscope.waits import Certainty

from .altered import NOTHING, Change, altered, found, replacing

ID = "file-descriptor-exhaustion"
CASE = "self-call-out-of-descriptors"
LIMITS, LISTED = "process-limits.txt", "process-fd.txt"
SOFT = "Max open files            256 "


def raised_with(most: int, *, without: tuple[str, ...] = ()) -> bool:
    now = f"Max open files            {most:<4}"
    changes = NOTHING if most == 256 else {LIMITS: replacing(SOFT, now)}
    return found(ID, altered(CASE, changes, without=without)) is not None


@pytest.mark.parametrize(
    ("most", "raised"), [(256, True), (268, True), (269, False), (4096, False)]
)
def test_listed_descriptors_are_near_their_limit(most: int, raised: bool) -> None:
    assert raised_with(most) is raised  # 255 are open


@pytest.mark.parametrize(("most", "raised"), [(230, True), (240, False)])
def test_sockets_alone_need_less_for_the_files_besides_are_not_listed(
    most: int, raised: bool
) -> None:
    assert raised_with(most, without=(LISTED,)) is raised  # 207 are sockets of the process


def test_that_only_sockets_are_counted_is_said() -> None:
    finding = found(
        ID,
        altered(
            CASE, {LIMITS: replacing(SOFT, "Max open files            210 ")}, without=(LISTED,)
        ),
    )
    assert finding is not None
    assert "of its sockets alone" in finding.headline
    assert any("are not listed" in why for why in finding.rests_on)


def test_accept_that_fails_tells_without_a_limit() -> None:
    finding = found(ID, altered(CASE, without=(LIMITS, LISTED)))
    assert finding is not None
    assert finding.certainty is Certainty.INFERRED
    assert finding.effect_of == "self-call-deadlock"
    assert "accept() fails" in finding.headline


def test_a_pause_of_another_kind_tells_nothing() -> None:
    changes = {"dump.txt": replacing("Acceptor.handleExceptionWithDelay", "Acceptor.run")}
    assert found(ID, altered(CASE, changes, without=(LIMITS, LISTED))) is None


def test_the_limit_of_a_shell_is_not_that_of_the_process() -> None:
    more = {"process-ulimit.txt": "open files                          (-n) 256\n"}
    changes = {"dump.txt": replacing("Acceptor.handleExceptionWithDelay", "Acceptor.run")}
    told = altered(CASE, changes, without=(LIMITS, LISTED), more=more)
    assert found(ID, told) is None


def test_an_unlimited_process_has_no_limit_to_reach() -> None:
    changes = {LIMITS: replacing(SOFT, "Max open files            unlimited ")}
    finding = found(ID, altered(CASE, changes))
    assert finding is not None  # accept() fails nevertheless
    assert "of the" not in finding.headline


def test_a_file_that_is_open_again_and_again_is_named() -> None:
    lines = [f"lr-x------ 1 app app 64 Nov 25 11:14 {n} -> /opt/app/rates.csv" for n in range(250)]
    finding = found(
        ID,
        altered(
            "parked-requests",
            {
                LIMITS: replacing(
                    "Max open files            1024 ", "Max open files            256  "
                )
            },
            without=(LISTED,),
            more={LISTED: "\n".join(["total 0", *lines, ""])},
        ),
    )
    assert finding is not None
    assert "250 of them are /opt/app/rates.csv" in finding.explanation


def test_workers_that_wait_for_something_unknown_are_told_beside_it() -> None:
    changes = {
        "dump.txt": replacing(
            "sun.nio.ch.SocketDispatcher.read0(java.base@17.0.15/Native Method)",
            "java.util.concurrent.locks.LockSupport.park(X.java:1)",
        )
    }
    told = altered(CASE, {name: _waiting(change) for name, change in changes.items()})
    assert found(ID, told) is not None
    assert found("inconclusive", told) is not None


def _waiting(change: Change) -> Change:
    """Workers that wait for a queue, of which nobody knows who fills it."""

    def changed(text: str) -> str:
        text = re.sub(r"(?m)^\tat (?:sun|java\.io|java\.net|cases)\..*\n", "", change(text))
        parked = "java.util.concurrent.locks.LockSupport.park(X.java:1)\n"
        queue = "\tat java.util.concurrent.LinkedBlockingQueue.put(X.java:1)\n"
        return text.replace(parked, parked + queue).replace("State: RUNNABLE", "State: WAITING")

    return changed


def test_connections_never_closed_are_told_as_the_cause() -> None:
    more = {LIMITS: "Max open files            32                   32                   files\n"}
    finding = found(ID, altered("close-wait-leak", more=more))
    assert finding is not None
    assert finding.effect_of == "close-wait-leak"


def test_a_limit_that_is_not_recorded_is_asked_for_where_there_are_many_sockets() -> None:
    def gap(sockets: int) -> bool:
        row = 'ESTAB 0 0 10.0.0.1:{} 10.0.0.2:80 users:(("java",pid=7,fd=9))'
        rows = "\n".join(row.format(n) for n in range(10_000, 10_000 + sockets))
        pid = {"dump.txt": lambda text: f"7:\n{text}"}
        table = {"sockets.txt": lambda text: text.split("\n", maxsplit=1)[0] + f"\n{rows}\n"}
        told = altered("executor-for-all-letters", {**pid, **table})
        return any("limit of open files" in gap.what for gap in told.gaps)

    asked = altered("jetty-out-of-descriptors").gaps
    assert any("limit of open files" in gap.what for gap in asked)
    assert gap(500)
    assert not gap(499)
