"""Addresses and ports as every table of one host would name them."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Final

from hangscope.facts import Endpoint

_REMEMBERED: Final = 100_000
"""Endpoints kept for sharing; the servers' ends repeat, the clients' do not."""

_MAPPED: Final = re.compile(r"::ffff:(?:([0-9.]+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))", re.ASCII)


def folded(address: str) -> str:
    """``address`` without brackets, scope and the IPv6 form of an IPv4 address."""
    if "%" in address:
        address = address.partition("%")[0]
    if ":" not in address:
        return address
    address = address.strip("[]").lower()
    mapped = _MAPPED.fullmatch(address)
    if mapped is None:
        return address
    return mapped[1] or str(IPv4Address(int(mapped[2], 16) << 16 | int(mapped[3], 16)))


class Endpoints:
    """Makes endpoints; equal ones are one object as long as there is room."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Endpoint] = {}
        self._addresses: dict[str, str] = {}

    def of(self, address: str, port: str) -> Endpoint:
        """The endpoint that a table prints as ``address:port``."""
        found = self._known.get((address, port))
        if found is None:
            found = self._made(address, port)
            if len(self._known) < _REMEMBERED:
                self._known[address, port] = found
        return found

    def _made(self, address: str, port: str) -> Endpoint:
        plain = self._addresses.get(address)
        if plain is None:
            plain = folded(address)
            if len(self._addresses) < _REMEMBERED:
                self._addresses[address] = plain
        if port.isdecimal():
            return Endpoint(plain, int(port))
        return Endpoint(plain, None) if port == "*" else Endpoint(plain, None, port)
