"""Local ports: which range connections out of a host get theirs from, and which are in use."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from hangscope.facts import Endpoint, Evidence
from hangscope.interpret.case import Case
from hangscope.interpret.remembered import remembered
from hangscope.interpret.sockets import HostSockets, Row

_RANGE = "net.ipv4.ip_local_port_range"
"""Holds for IPv6 too."""
_TWO_PORTS = re.compile(r"(\d{1,5})\s+(\d{1,5})")
_DEFAULT = (32768, 60999)


@dataclass(frozen=True, slots=True)
class PortRange:
    """The ports that connect() chooses from."""

    first: int
    last: int
    evidence: Evidence | None
    """Where the host states it; None where Linux' default is taken."""

    @property
    def width(self) -> int:
        """How many there are."""
        return self.last - self.first + 1

    @property
    def inference(self) -> str:
        """Why this range is taken where no input states it; empty where one does."""
        if self.evidence is not None:
            return ""
        return (
            f"the range of local ports is Linux' default, {self.first}-{self.last}: no input states"
            f" {_RANGE}"
        )


def local_port_range(case: Case) -> PortRange:
    """The host's range of local ports; the default where it is not stated, or not in one voice."""
    stated: dict[tuple[int, int], Evidence] = {}
    for one in case.processes:
        for setting in one.settings:
            match = _TWO_PORTS.fullmatch(setting.value.strip())
            if setting.name == _RANGE and match and int(match[1]) <= int(match[2]):
                stated.setdefault((int(match[1]), int(match[2])), setting.evidence)
    if len(stated) != 1:
        return PortRange(*_DEFAULT, None)
    (((first, last), evidence),) = stated.items()
    return PortRange(first, last, evidence)


@remembered
def local_ports_used(
    sockets: HostSockets, ports: PortRange
) -> Mapping[tuple[str, Endpoint], tuple[Row, ...]]:
    """Connections out of the host by source address and destination: each has a port of its own.

    What connect() can run out of is the ports of one such pair.
    """
    used: dict[tuple[str, Endpoint], list[Row]] = defaultdict(list)
    first, last = ports.first, ports.last
    for row in sockets.outbound:
        address, port, _ = row.local
        if port is not None and first <= port <= last:
            used[address, row.peer].append(row)
    return {pair: tuple(rows) for pair, rows in used.items()}
