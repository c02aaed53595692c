"""Other names for the same things: addresses of objects, of hosts, and ports of clients."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from typing import Self

_OBJECT = re.compile(
    r"0x0*(?P<number>[1-9a-f][0-9a-f]{7,14})\b|(?<=@)(?P<hash>[1-9a-f][0-9a-f]{3,7})\b"
)
"""An address in a JVM, printed with or without zeros, and the hash that other forms have of it."""
_END = re.compile(
    r"(?<![\w.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?!\.?\d)(?:\]?:(?P<port>\d+)\b)?"
    r"|[sd]port=(?P<tracked>\d+)\b"
)
"""One end of a connection; trackers print its port elsewhere."""
_FIRST_OF_CLIENTS = 32768
"""Linux gives these ports to clients (ip_local_port_range); no case serves one of them."""
_STAYS = "0.0.0.0"  # noqa: S104 - text of a table, nothing is bound


class Renaming:
    """A change of names, one to one, that can be undone."""

    def __init__(self, pattern: re.Pattern[str], names: Mapping[str, str]) -> None:
        self._pattern = pattern
        self._new = dict(names)
        self._old = {new: old for old, new in names.items()}
        assert len(self._new) == len(self._old)

    @classmethod
    def of_objects(cls, texts: Iterable[str], chance: random.Random) -> Self:
        """Objects, threads and classes of JVMs lie elsewhere."""
        names: dict[str, str] = {}
        for length, found in _by_length(name for _, name in _found(_OBJECT, texts)).items():
            places = chance.sample(range(16 ** (length - 1), 16**length), len(found))
            names |= zip(found, map("{:x}".format, places), strict=True)
        return cls(_OBJECT, names)

    @classmethod
    def of_hosts(cls, texts: Iterable[str], chance: random.Random) -> Self:
        """Hosts have other addresses, and clients other ports of the same range."""
        found = _found(_END, texts)
        addresses = [name for group, name in found if group == "address" and name != _STAYS]
        places = chance.sample(range(1, 1 << 16), len(addresses))
        moved = {
            address: f"{'127' if address.startswith('127.') else '172'}.20.{at >> 8}.{at & 255}"
            for address, at in zip(addresses, places, strict=True)
        }
        ports = sorted({name for group, name in found if group != "address"}, key=int)
        of_clients = [port for port in ports if int(port) >= _FIRST_OF_CLIENTS]
        others = chance.sample(of_clients, len(of_clients))
        return cls(_END, moved | dict(zip(of_clients, others, strict=True)))

    def new(self, text: str) -> str:
        """``text`` with the new names."""
        return self._renamed(text, self._new)

    def old(self, text: str) -> str:
        """``text`` with the old names."""
        return self._renamed(text, self._old)

    def _renamed(self, text: str, names: Mapping[str, str]) -> str:
        def renamed(match: re.Match[str]) -> str:
            whole, start = match[0], match.start()
            for group in reversed(list(match.groupdict())):
                if name := match[group]:
                    at, end = match.start(group) - start, match.end(group) - start
                    whole = whole[:at] + names.get(name, name) + whole[end:]
            return whole

        return self._pattern.sub(renamed, text)


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> list[tuple[str, str]]:
    """What stands in each group of ``pattern``, in the same order on each run."""
    matches = (match for text in texts for match in pattern.finditer(text))
    groups = (match.groupdict().items() for match in matches)
    return sorted({(group, name) for pairs in groups for group, name in pairs if name})


def _by_length(names: Iterable[str]) -> dict[int, list[str]]:
    by_length: dict[int, list[str]] = {}
    for name in dict.fromkeys(names):
        by_length.setdefault(len(name), []).append(name)
    return by_length
