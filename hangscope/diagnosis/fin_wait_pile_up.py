"""Connections that this host has closed, and that do not end.

What it is: after close() a connection waits for the other side. FIN_WAIT1 and LAST_ACK: it has not
even acknowledged the end (it is gone, or does not read). FIN_WAIT2: it has, and has not closed its
own end (it hangs, or forgot to: it has the connection in CLOSE_WAIT).

How it is recognised: such rows in numbers, by the service or the remote endpoint; those whose other
end is on the same host are told by that end.

What it is mistaken for: a leak of this process. It has done its part; most are not its own any more
(no owner), and the kernel ends them by itself.

What to do now: look at the other side: why does it not close, or not answer?

What to do for good: cure the other side. tcp_fin_timeout only hides it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from hangscope.diagnosis.model import (
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import cite_rows, plural
from hangscope.facts import TcpState
from hangscope.interpret import Interpretation
from hangscope.interpret.sockets import HostSockets, Role, Row
from hangscope.waits import Certainty

ID = "fin-wait-pile-up"
KIND = Kind.LEAK
LAYER = Layer.NETWORK
_FEWEST = 50
"""Fewer are connections that are being closed at this moment."""

_KERNEL_S = "timewait"
"""The timer that ss prints of a connection that no process has any more."""

_MEANING = {
    TcpState.FIN_WAIT1: "have been closed here, and the other side has not acknowledged it: it is"
    " gone, a firewall has forgotten the connection, or it does not read what is still to be sent",
    TcpState.FIN_WAIT2: "have been closed here and acknowledged there, and the other side has not"
    " closed its end: there they are in CLOSE_WAIT",
    TcpState.CLOSING: "were closed by both sides at once, and the last acknowledgement is missing",
    TcpState.LAST_ACK: "were closed by the other side first; its last acknowledgement is missing:"
    " it is gone, or a firewall has forgotten the connection",
}

REMEDIES = (
    Remedy(
        When.NOW,
        "Look at the other side: take its dump and its socket table. Those without an owner cost"
        " this process nothing and end by themselves (FIN_WAIT2 after tcp_fin_timeout, 60 s).",
    ),
    Remedy(
        When.LASTING,
        "Cure the other side: it has to close what it has read to the end. Where firewalls forget"
        " idle connections, send keep-alives more often than they forget.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a service, or a remote endpoint, with such connections in numbers."""
    sockets = interpretation.case.sockets
    if sockets is None:
        return
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sockets.in_state(*_MEANING):
        if not sockets.is_local(row.peer.address):
            groups[_side(sockets, row)].append(row)
    for (how, endpoint), rows in sorted(groups.items()):
        if len(rows) >= _FEWEST:
            yield _finding(sockets, how, endpoint, rows)


def _side(sockets: HostSockets, row: Row) -> tuple[str, str]:
    if sockets.role(row) is Role.ACCEPTED:
        service = sockets.service_of(row.local)
        return "on", str(service.endpoint if service else row.local)
    return "to", str(row.peer)


def _finding(sockets: HostSockets, how: str, endpoint: str, rows: list[Row]) -> Finding:
    states = Counter(row.state for row in rows)
    said = [
        f"{count:,} ({state.value}) {_MEANING[state]}." for state, count in states.most_common()
    ]
    owned = sum(bool(row.owners) for row in rows) if sockets.owners_recorded else None
    ending = all(row.timer is not None and row.timer.kind == _KERNEL_S for row in rows)
    if owned:
        said.append(
            f"{plural(owned, 'of them is', 'of them are')} still open in a process here, which has"
            " ended only its own half: these never expire."
        )
    elif owned == 0 or ending:
        said.append("No process here has one open: the kernel ends them by itself.")
    hosts = Counter(row.peer.address for row in rows)
    if how == "on":
        address, count = hosts.most_common(1)[0]
        said.append(f"{count:,} of them are with {address}.")
    states_told = " and ".join(state.value for state, _ in states.most_common())
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.PROVEN,
        permanent=False if owned == 0 or (ending and not owned) else None,
        headline=(
            f"{plural(len(rows), 'connection')} {how} {endpoint} have been closed here and not"
            f" at the other side ({states_told}): it does not do its part."
        ),
        explanation=" ".join(said),
        subjects=(
            Subject(SubjectType.ENDPOINT, endpoint),
            *(
                Subject(SubjectType.SOCKET_GROUP, f"{state.value} {how} {endpoint}", None, count)
                for state, count in states.most_common()
            ),
        ),
        chain=(),
        rests_on=(),
        citations=cite_rows(rows, f"closed {how} {endpoint}"),
        remedies=REMEDIES,
        refuted_by="a table a minute later (ss -tanpo) that has no such rows",
    )
