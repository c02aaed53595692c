"""Changes by whole lines, which changes of bytes seldom amount to."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

Change: TypeAlias = Callable[[list[bytes], random.Random, Sequence[bytes]], None]

_FIELD: Final = re.compile(rb"[0-9a-fA-Fx.]{2,}|[^ \t]+")
_NUMBERS: Final = (b"0", b"-1", b"9" * 18, b"9" * 19, b"0x" + b"f" * 16, b"f" * 17, b"", b"1.2.3")
_WRAPPINGS: Final = (
    b"> ",
    b"    ",
    b"\t",
    b"\x1b[31m",
    b"2026-11-22T03:16:27.123456789Z stdout F ",
    b"Nov 22 03:16:27 web01 java[1562]: ",
    b"web-1  | ",
    b"[pod/web-1/app] ",
    b"INFO   | jvm 1    | 2026/11/22 03:16:27 | ",
)


def changed(content: bytes, seed: int, lines: Sequence[bytes], longest: int) -> bytes:
    """``content`` changed in one to four places, with ``lines`` to choose new ones from."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    end = b"\r\n" if b"\r\n" in content and chance.random() < 0.9 else b"\n"  # noqa: PLR2004
    own = content.split(end)
    for _ in range(chance.randint(1, 4)):
        chance.choice(_CHANGES)(own, chance, lines)
        own = own or [b""]
    return end.join(own)[:longest]


def _add(own: list[bytes], chance: random.Random, lines: Sequence[bytes]) -> None:
    own.insert(chance.randint(0, len(own)), chance.choice(lines))


def _replace(own: list[bytes], chance: random.Random, lines: Sequence[bytes]) -> None:
    own[chance.randrange(len(own))] = chance.choice(lines)


def _drop(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    start = chance.randrange(len(own))
    del own[start : start + chance.choice((1, 1, 1, 2, 5, 50))]


def _double(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    start = chance.randrange(len(own))
    part = own[start : start + chance.choice((1, 1, 2, 5, 50))]
    place = chance.randint(0, len(own))
    own[place:place] = part * chance.choice((1, 1, 1, 2, 30))


def _swap(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    one, other = chance.randrange(len(own)), chance.randrange(len(own))
    own[one], own[other] = own[other], own[one]


def _cut(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    place = chance.randrange(len(own))
    at = chance.randint(0, len(own[place]))
    own[place] = own[place][:at] if chance.random() < 0.5 else own[place][at:]  # noqa: PLR2004


def _break(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    place = chance.randrange(len(own))
    at = chance.randint(0, len(own[place]))
    own[place : place + 1] = [own[place][:at], own[place][at:]]


def _join(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    place = chance.randrange(len(own))
    own[place : place + 2] = [chance.choice((b"", b" ", b"\r")).join(own[place : place + 2])]


def _repeat_part(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    """What an expression that tries too much is slow on."""
    place = chance.randrange(len(own))
    line = own[place]
    at = chance.randint(0, len(line))
    part = line[at : at + chance.choice((1, 1, 2, 4, 10))]
    own[place] = line[:at] + part * chance.choice((2, 10, 300, 3000)) + line[at:]


def _field(own: list[bytes], chance: random.Random, lines: Sequence[bytes]) -> None:
    """A field of one line, or a number no tool prints, for one of another."""
    place = chance.randrange(len(own))
    places = list(_FIELD.finditer(own[place]))
    if places:
        at = chance.choice(places)
        other = [*_FIELD.findall(chance.choice((*own[:50], chance.choice(lines)))), *_NUMBERS]
        own[place] = own[place][: at.start()] + chance.choice(other) + own[place][at.end() :]


def _wrap(own: list[bytes], chance: random.Random, _: Sequence[bytes]) -> None:
    start, prefix = chance.randrange(len(own)), chance.choice(_WRAPPINGS)
    end = start + chance.choice((1, 5, 1000))
    own[start:end] = [prefix + line for line in own[start:end]]


_CHANGES: Final[tuple[Change, ...]] = (
    _add,
    _replace,
    _drop,
    _double,
    _swap,
    _cut,
    _break,
    _join,
    _repeat_part,
    _field,
    _field,
    _wrap,
)
