"""Listings of the connection tracker of Linux: ``conntrack -L``, ``/proc/net/nf_conntrack``.

::

    tcp 6 431997 ESTABLISHED src=10.9.1.2 dst=10.9.1.1 sport=50780 dport=8443
        src=192.0.2.2 dst=192.0.2.1 sport=8080 dport=50780 [ASSURED] mark=0 use=1

(one line). The first four are the connection as its client sees it, the others the answer as
the server sends it (Linux: net/netfilter/nf_conntrack_standalone.c; conntrack(8)). The tracker
sits between the ends: its state is what it has seen pass, and no end's own.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final

from hangscope.facts import Endpoint, Evidence, InputKind, TcpState, Translation, TranslationTable
from hangscope.readers.interface import Lines, Read, Surroundings
from hangscope.readers.sockets.endpoints import Endpoints
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("conntrack")

STATES: Final = {state.value: state for state in TcpState}
"""Those of its states that sockets have; NONE, FIN_WAIT and SYN_SENT2 are the tracker's own."""

_STARTS: Final = (
    "tcp ",
    "udp ",
    "ipv4 ",
    "ipv6 ",
    "icmp",
    "conntrack v",
    "unknown ",
    "sctp ",
    "gre ",
)
_ADDRESS: Final = " src="
"""What no entry is without, and no line of another format has."""
_KNOWN: Final = ("row", "other_protocol", "count")
_DAMAGED: Final = "not an entry of conntrack"
_WRITTEN_OUT: Final = re.compile(r"(?:[0-9a-f]{4}:){7}[0-9a-f]{4}", re.ASCII)


class Conntrack:
    """The reader."""

    name = "conntrack"
    kind = InputKind.SOCKET_TABLE
    initials = frozenset(word[0] for word in _STARTS)

    def sees(self, line: str) -> str | None:
        """An entry, or the count of entries that ``conntrack`` tells beside them."""
        text = line.strip(BLANKS)
        if not text.startswith(_STARTS):
            return None
        if any(SYNTAX.matcher(rule)(text) is not None for rule in _KNOWN):
            return "it has an entry of conntrack"
        return None

    def begin(self, input_name: str) -> ConntrackReading:
        """Start with a new input."""
        return ConntrackReading(input_name)


class ConntrackReading:
    """All listings of the tracker in one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._values = SYNTAX.matcher("row")
        self._endpoint = Endpoints().of
        self._short: dict[str, str] = {}
        self._spans = Spans()
        self._tables: list[TranslationTable] = []

    def feed(self, lines: Lines, around: Surroundings) -> None:  # noqa: ARG002 - none matter
        """Read on to the first line that is no entry."""
        first = last = lines.next_number()
        entries: list[Translation] = []
        for number, line in lines:
            text = line.strip(BLANKS)
            entry = self._entry(number, text)
            if entry is not None:
                entries.append(entry)
            elif not self._is_known(number, text):
                lines.back((number, line))
                break
            last = number
        evidence = Evidence(self._input, first, last)
        self._tables.append(TranslationTable(evidence, "conntrack", tuple(entries)))

    def finish(self) -> Read:
        """All that was read."""
        return Read(translations=tuple(self._tables), not_understood=self._spans.all())

    def _entry(self, number: int, text: str) -> Translation | None:
        values = self._values(text)
        if values is None:
            return None
        state, source, target, port, target_port, *reply = values
        answer, answered, answer_port, answered_port = reply
        return Translation(
            STATES.get(state),
            (self._end(source, port), self._end(target, target_port)),
            (self._end(answer, answer_port), self._end(answered, answered_port)),
            Evidence(self._input, number, number),
        )

    def _end(self, address: str, port: str) -> Endpoint:
        """``/proc`` writes all eight groups of an IPv6 address, all other tables do not."""
        if ":" in address and _WRITTEN_OUT.fullmatch(address):
            short = self._short.get(address)
            if short is None:
                short = self._short[address] = str(IPv6Address(address))
            address = short
        return self._endpoint(address, port)

    def _is_known(self, number: int, text: str) -> bool:
        """Whether ``text`` is of the listing, though it says nothing of a TCP connection."""
        if SYNTAX.match(text) is not None:
            return True
        if not (text.startswith(_STARTS) and _ADDRESS in text):
            return False
        self._spans.add(number, _DAMAGED)
        return True
