"""Many sockets in TIME_WAIT, and why they are not the problem.

What it is: the side that closes first keeps each connection for a minute, so that late segments
do no harm. A busy service has thousands. They hold no thread, no file descriptor and next to no
memory.

How it is recognised: many TIME_WAIT rows, and no (source address, destination address,
destination port) whose ephemeral ports come near their end.

What it is mistaken for: the cause of a hang, and treated with kernel settings that do harm
(tcp_tw_recycle).

What to do now: nothing.

What to do for good: reuse connections (keep-alive), if the rate of new ones is a cost.
"""

from __future__ import annotations

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
from hangscope.diagnosis.telling import cite_rows
from hangscope.facts import TcpState
from hangscope.interpret import Interpretation
from hangscope.interpret.ports import local_port_range, local_ports_used
from hangscope.waits import Certainty

ID = "time-wait-harmless"
KIND = Kind.HEALTHY
LAYER = Layer.NETWORK
_MANY = 1000
"""Enough for somebody to wonder."""
_NEAR = 0.5

REMEDIES = (
    Remedy(When.NOW, "Nothing. Do not set tcp_tw_recycle (it breaks clients behind NAT)."),
    Remedy(
        When.LASTING,
        "If so many new connections are a cost of their own, reuse them (keep-alive).",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """At most one finding a host."""
    sockets = interpretation.case.sockets
    if sockets is None:
        return
    rows = sockets.in_state(TcpState.TIME_WAIT)
    if len(rows) < _MANY:
        return
    ports = local_port_range(interpretation.case)
    used = {pair: len(of) for pair, of in local_ports_used(sockets, ports).items()}
    (source, destination), most = max(
        used.items(), key=lambda item: item[1], default=(("", None), 0)
    )
    if most >= _NEAR * ports.width:
        return
    whose = "the host's" if ports.evidence else "Linux' default"
    busiest = (
        f"The most for one destination are {most:,} ports from {source} to {destination}, of"
        f" {ports.width:,} in {whose} range."
        if most
        else "None of them uses up an ephemeral port: this host's own services closed first."
    )
    yield Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.PROVEN,
        permanent=False,
        headline=f"{len(rows):,} sockets in TIME_WAIT are harmless.",
        explanation=(
            f"{busiest} Each one goes by itself after 60 seconds and holds neither a thread nor a"
            " file descriptor."
        ),
        subjects=(Subject(SubjectType.SOCKET_GROUP, "TIME_WAIT", None, len(rows)),),
        chain=(),
        rests_on=(),
        citations=cite_rows(rows, "sockets in TIME_WAIT"),
        remedies=REMEDIES,
    )
