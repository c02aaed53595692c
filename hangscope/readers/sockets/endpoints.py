"""Addresses and ports as every table of one host would name them."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Final

from hangscope.facts import Endpoint

_REMEMBERED: Final = 100_000
"""Addresses kept for sharing."""

_DIGITS_OF_A_PORT: Final = 5
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
    """Makes endpoints; an address that stands in many rows is one string, as is its last end."""

    def __init__(self) -> None:
        self._last: dict[str, Endpoint] = {}

    def of(self, address: str, port: str) -> Endpoint:
        """The endpoint that a table prints as ``address:port``."""
        last = self._last.get(address)
        plain = folded(address) if last is None else last.address
        if port.isdecimal() and len(port) <= _DIGITS_OF_A_PORT:
            number = int(port)
            if last is not None and last.port == number:
                return last
            found = Endpoint(plain, number)
        else:
            found = Endpoint(plain, None) if port == "*" else Endpoint(plain, None, port)
        if last is not None or len(self._last) < _REMEMBERED:
            self._last[address] = found
        return found
