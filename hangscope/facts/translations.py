"""What a connection tracker states: which address stands for which (NAT), and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hangscope.facts.evidence import Evidence
from hangscope.facts.sockets import Endpoint, TcpState


class Translation(NamedTuple):
    """One tracked connection; where nothing is translated, ``reply`` is ``original`` reversed."""

    state: TcpState | None
    """The tracker's own idea of the state; None where it prints one that sockets do not have."""
    original: tuple[Endpoint, Endpoint]
    """Source and destination of the first packet, as its sender sees them."""
    reply: tuple[Endpoint, Endpoint]
    """Source and destination of the answer, as its sender sees them."""
    evidence: Evidence

    @property
    def is_translated(self) -> bool:
        """Whether the two ends see different addresses."""
        return self.reply != self.original[::-1]


@dataclass(frozen=True, slots=True)
class TranslationTable:
    """One listing of one tracker (``conntrack -L``, ``/proc/net/nf_conntrack``)."""

    evidence: Evidence
    format: str
    translations: tuple[Translation, ...]
    captured: str | None = None
