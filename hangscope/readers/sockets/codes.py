"""Numbers for what is printed in a column, each made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from hangscope.facts.socket_rows import NO_PORT

LONGEST_PORT: Final = 5
"""Digits of a port."""
_FIRST_SERVICE: Final = NO_PORT - 1
_REMEMBERED: Final = 100_000
"""Numbers kept by their digits."""

K = TypeVar("K")


class Codes(dict[K, int], Generic[K]):
    """Numbers of values; the number of a new one is made by ``code``. Looked up by ``map``."""

    def __init__(self, code: Callable[[K], int]) -> None:
        super().__init__()
        self._code = code

    def __missing__(self, key: K) -> int:
        self[key] = made = self._code(key)
        return made


class Numbers(dict[str, int]):
    """Numbers by their digits; ``absent`` for "". Looked up by ``map``."""

    def __init__(self, absent: int) -> None:
        super().__init__()
        self._absent = absent

    def __missing__(self, digits: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[digits] = number = int(digits) if digits else self._absent
        return number


class Ports(dict[str, int]):
    """What stands in a column of ports, by what is printed. Looked up by ``map``."""

    def __init__(self, services: dict[int, str]) -> None:
        super().__init__()
        self._services = services

    def __missing__(self, printed: str) -> int:
        if printed.isdecimal() and len(printed) <= LONGEST_PORT and printed.isascii():
            self[printed] = code = int(printed)
            return code
        code = NO_PORT
        if printed != "*":
            code = _FIRST_SERVICE - len(self._services)
            self._services[code] = printed
        self[printed] = code
        return code
