"""Connections to one destination have used up the local ports.

What it is: a connection out of a host takes a local port, and for one source address and one
destination each port serves once. When all are taken, by open connections or by TIME_WAIT,
connect() fails: "Cannot assign requested address".

How it is recognised: the connections of one source address, destination address and destination
port, TIME_WAIT included, against net.ipv4.ip_local_port_range.

What it is mistaken for: a refusing server; harmless TIME_WAIT (spread over many destinations, or
on the side of a service, as many harm nobody).

What to do now: reuse connections, or widen the range of ports.

What to do for good: keep connections alive in a pool; more destination addresses or ports;
tcp_tw_reuse helps a client. tcp_tw_recycle never does: it breaks clients behind NAT.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hangscope.diagnosis.model import (
    Citation,
    Finding,
    Kind,
    Layer,
    Remedy,
    Subject,
    SubjectType,
    When,
)
from hangscope.diagnosis.telling import cite_rows, plural
from hangscope.facts import Endpoint, TcpState
from hangscope.interpret import Interpretation
from hangscope.interpret.ports import PortRange, local_port_range, local_ports_used
from hangscope.interpret.sockets import Row
from hangscope.waits import Certainty

ID = "ephemeral-port-exhaustion"
KIND = Kind.EXHAUSTION
LAYER = Layer.NETWORK
_NEAR = 0.9
_FAILS = (
    "When none is left, connect() to that destination fails with 'Cannot assign requested address';"
    " other destinations are not affected."
)
_MOST = 0.5

REMEDIES = (
    Remedy(
        When.NOW,
        "Widen the range (sysctl -w net.ipv4.ip_local_port_range='10240 65535') and let a client"
        " use ports in TIME_WAIT again (net.ipv4.tcp_tw_reuse=1). Never tcp_tw_recycle.",
    ),
    Remedy(
        When.LASTING,
        "Keep connections alive and reuse them (a pool, HTTP keep-alive): one for each call is what"
        " uses the ports up. More destination addresses or ports, or source addresses, multiply"
        " what there is.",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a source address and destination."""
    sockets = interpretation.case.sockets
    if sockets is None:
        return
    ports = local_port_range(interpretation.case)
    for (source, destination), rows in local_ports_used(sockets, ports).items():
        taken = len({row.local.port for row in rows})
        if taken >= _NEAR * ports.width:
            yield _finding(ports, source, destination, rows, taken)


def _finding(
    ports: PortRange, source: str, destination: Endpoint, rows: tuple[Row, ...], taken: int
) -> Finding:
    states = Counter(row.state for row in rows)
    told = ", ".join(f"{count:,} {state.value}" for state, count in states.most_common())
    waiting = states[TcpState.TIME_WAIT] > _MOST * len(rows)
    inference = ports.inference
    said = [
        f"The range {ports.first}-{ports.last} has {ports.width:,} ports; they are {told}.",
        _FAILS,
    ]
    if waiting:
        said.append(
            "This side closes first, so it keeps each port for 60 seconds (TIME_WAIT): a new"
            " connection for every call uses them up faster than they come back."
        )
    return Finding(
        id=ID,
        kind=KIND,
        layer=LAYER,
        certainty=Certainty.INFERRED if inference else Certainty.PROVEN,
        permanent=False if waiting else None,
        headline=(
            f"{taken:,} of {ports.width:,} local ports of {source} are taken by connections to"
            f" {destination}."
        ),
        explanation=" ".join(said),
        subjects=(
            Subject(SubjectType.ENDPOINT, str(destination)),
            *(
                Subject(SubjectType.SOCKET_GROUP, f"{state.value} to {destination}", None, count)
                for state, count in states.most_common()
            ),
        ),
        chain=(),
        rests_on=(inference,) if inference else (),
        citations=(
            *((Citation(ports.evidence, "the range of local ports"),) if ports.evidence else ()),
            *cite_rows(rows, f"{plural(len(rows), 'connection')} to {destination}"),
        ),
        remedies=REMEDIES,
        refuted_by="a wider range of ports on the host (sysctl net.ipv4.ip_local_port_range)",
    )
