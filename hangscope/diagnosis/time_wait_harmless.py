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

from collections import Counter
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
from hangscope.interpret.sockets import HostSockets
from hangscope.waits import Certainty

ID = "time-wait-harmless"
KIND = Kind.HEALTHY
LAYER = Layer.NETWORK
_MANY = 1000
"""Enough for somebody to wonder."""
_DEFAULT_PORTS = 28_232
"""Linux: ip_local_port_range 32768-60999 (Documentation/networking/ip-sysctl.rst)."""
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
    rows = [row for row in sockets.rows if row.state is TcpState.TIME_WAIT]
    if len(rows) < _MANY:
        return
    used = _ports_used(sockets)
    ((source, destination), most) = used.most_common(1)[0] if used else (("", ""), 0)
    if most >= _NEAR * _DEFAULT_PORTS:
        return
    busiest = (
        f"The most for one destination are {most:,} ports from {source} to {destination}, of"
        f" {_DEFAULT_PORTS:,} in Linux' default range."
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


def _ports_used(sockets: HostSockets) -> Counter[tuple[str, str]]:
    """Ephemeral ports in use by source and destination: what a connect() can run out of."""
    return Counter((row.local.address, str(row.peer)) for row in sockets.outbound)
