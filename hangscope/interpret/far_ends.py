"""The other end of a connection: on the same host, on another one, or behind a translation.

The ends of a connection mirror each other, unless somebody between them translates addresses.
Loopback and link-local addresses mean something else on each host and are never looked for on
another one. Ends that fit on several hosts (private networks reuse addresses) are not followed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from hangscope.facts import Endpoint, Evidence, TcpState, Translation
from hangscope.interpret.hosts import Host
from hangscope.interpret.sockets import Row, Service, is_loopback

_MOST_TRANSLATIONS = 4
"""Trackers on one way; real ways have one or two."""
_Ends = tuple[Endpoint, Endpoint]


class FarEnd(NamedTuple):
    """Where a connection leads."""

    host: Host
    row: Row | None
    """The socket there; None where the address alone tells."""
    service: Service | None
    inference: str = ""
    """How it was followed, in words; empty where both tables or a tracker state it."""
    translations: tuple[Evidence, ...] = ()
    """The tracker's lines that tell the way."""


class FarEnds:
    """Finds the other ends of connections among all sockets of all hosts."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self._hosts = tuple(host for host in hosts if host.sockets is not None)
        self._trackers = tuple(host for host in hosts if host.translations)
        self._opened: dict[Host, Counter[Endpoint]] = {}

    def of(self, host: Host, row: Row) -> FarEnd | None:
        """The other end of ``row`` of ``host``; None when no input shows it."""
        sockets = host.sockets
        assert sockets is not None  # noqa: S101 - rows come from it
        mirror = sockets.mirror(row)
        if mirror is not None:
            return FarEnd(host, mirror, sockets.service_of(mirror.local))
        found = self._elsewhere(host, row.peer, row.local) or self._translated(host, row)
        if found is not None:
            return found
        service = sockets.reached(row)
        if service is not None:
            return FarEnd(host, None, service)
        return self._by_client(host, row)

    def _elsewhere(self, host: Host, local: Endpoint, peer: Endpoint) -> FarEnd | None:
        """The one socket of another host that has these ends."""
        if len(self._hosts) == 1 or _is_private_to_host(local, peer):
            return None
        found = [
            _end(other, row)
            for other in self._by_address.get(local.address, ())
            if other is not host and other.sockets
            if (row := other.sockets.between(local, peer)) is not None
        ]
        return found[0] if len(found) == 1 else None

    def _translated(self, host: Host, row: Row) -> FarEnd | None:
        """The end that trackers tell: each says by which addresses the next one knows it."""
        source, target = row.local, row.peer
        lines: list[Evidence] = []
        for _ in range(_MOST_TRANSLATIONS):
            told = self._told(host, source, target)
            if told is None:
                return None
            tracker, translation = told
            lines.append(translation.evidence)
            target, source = translation.reply
            found = self._at(tracker, target, source)
            if found is not None:
                return found._replace(translations=tuple(lines))
        return None

    def _told(
        self, host: Host, source: Endpoint, target: Endpoint
    ) -> tuple[Host, Translation] | None:
        private = _is_private_to_host(source, target)
        told = [
            one
            for one in self._originals.get((source, target), ())
            if one[0] is host or not private
        ]
        ways = {translation.reply for _, translation in told}
        return told[0] if len(ways) == 1 else None

    def _at(self, tracker: Host, local: Endpoint, peer: Endpoint) -> FarEnd | None:
        """The socket with these ends, on the tracker's own host or on one other."""
        own = tracker.sockets.between(local, peer) if tracker.sockets else None
        return _end(tracker, own) if own is not None else self._elsewhere(tracker, local, peer)

    def _by_client(self, host: Host, row: Row) -> FarEnd | None:
        """The one accepted connection of the same client: a virtual address hides the server's.

        A translation of the server's address leaves the client's as it is. One client port may
        have several connections; then nothing is concluded.
        """
        if self._originals.get((row.local, row.peer)):  # a tracker tells the way, if not its end
            return None
        if self._clients(host)[row.local] != 1:
            return None
        private = _is_private_to_host(row.local)
        found = [
            (other, accepted)
            for other, accepted in self._accepted.get(row.local, ())
            if other is host or not (private or _is_private_to_host(accepted.local))
        ]
        if len(found) != 1:
            return None
        ((there, accepted),) = found
        where = there.of_it(str(accepted.local))
        return _end(there, accepted)._replace(
            inference=(
                f"{row.peer} stands for {where}: it is the only connection there of the same client"
                " address and port"
            )
        )

    def _clients(self, host: Host) -> Counter[Endpoint]:
        """How many connections each local end of a host has opened."""
        known = self._opened.get(host)
        if known is None:
            rows = host.sockets.outbound if host.sockets else ()
            known = self._opened[host] = Counter(row.local for row in rows)
        return known

    @cached_property
    def _accepted(self) -> dict[Endpoint, list[tuple[Host, Row]]]:
        """Open connections of services by their client's end."""
        accepted: dict[Endpoint, list[tuple[Host, Row]]] = defaultdict(list)
        established = TcpState.ESTABLISHED
        for host in self._hosts:
            for rows in host.sockets.all_accepted if host.sockets else ():
                for row in rows:
                    if row.state is established:
                        accepted[row.peer].append((host, row))
        return accepted

    @cached_property
    def _by_address(self) -> dict[str, list[Host]]:
        by_address: dict[str, list[Host]] = defaultdict(list)
        for host in self._hosts:
            for address in host.sockets.addresses if host.sockets else ():
                by_address[address].append(host)
        return by_address

    @cached_property
    def _originals(self) -> dict[_Ends, list[tuple[Host, Translation]]]:
        originals: dict[_Ends, list[tuple[Host, Translation]]] = defaultdict(list)
        for host in self._trackers:
            for translation in host.translations:
                originals[translation.original].append((host, translation))
        return originals


def _end(host: Host, row: Row) -> FarEnd:
    return FarEnd(host, row, host.sockets.service_of(row.local) if host.sockets else None)


def _is_private_to_host(*ends: Endpoint) -> bool:
    """Whether the addresses mean something else on each host."""
    return any(is_loopback(end.address) or is_link_local(end.address) for end in ends)


def is_link_local(address: str) -> bool:
    """Whether ``address`` means something on one link alone."""
    return address.startswith(("169.254.", "fe80:"))
