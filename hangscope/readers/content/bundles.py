"""Which FILEs are of which host: a directory or an archive holds what was captured on one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Final

from hangscope.readers.content.archives import DAMAGE, HEAD, decompressed, packing

_SUFFIXES: Final = (".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".tzst", ".tar", ".zip")
_DEEPEST: Final = 2
"""Layers of compression round an archive."""

OF_HOST: Final = "\0host="
"""Starts a group of FILEs: no path of a file has such a character."""


class UnclearHost(ValueError):  # noqa: N818 - told to people as it stands
    """It cannot be told which host a FILE is of; the message says what to do."""


def by_host(files: Sequence[Path]) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The names of hosts, and their FILEs; the name is empty where all are of one.

    Where a FILE starts with ``OF_HOST``, the others up to the next such one are of the host that it
    names. Where none does, each of several directories and archives is a host of its own, and
    anything else is of one host.

    Raises:
        UnclearHost: Some FILEs belong to hosts and one belongs to none.
    """
    given = tuple(dict.fromkeys(files))
    if any(str(file).startswith(OF_HOST) for file in files):
        yield from _named(files)
        return
    bundles = [file for file in given if _is_bundle(file)]
    if len(bundles) < 2:  # noqa: PLR2004 - one is no several
        yield "", given
        return
    left = [file for file in given if file not in bundles]
    if left:
        raise UnclearHost(
            f"{left[0]}: of which of the {len(bundles)} hosts? Put it into that directory or"
            " archive, or say --host NAME before the files of each host"
        )
    names = [_name(bundle) for bundle in bundles]
    for bundle, name in zip(bundles, names, strict=True):
        yield (name if names.count(name) == 1 else str(bundle)), (bundle,)


def _named(files: Sequence[Path]) -> Iterator[tuple[str, tuple[Path, ...]]]:
    groups: dict[str, list[Path]] = {}
    group: list[Path] | None = None
    for file in files:
        text = str(file)
        if text.startswith(OF_HOST):
            group = groups.setdefault(text.removeprefix(OF_HOST), [])
        elif group is None:
            raise UnclearHost(f"{file}: of which host? Put it behind a --host NAME")
        elif any(file in other for other in groups.values() if other is not group):
            raise UnclearHost(f"{file}: is given for two hosts")
        elif file not in group:
            group.append(file)
    for name, of in groups.items():
        if not of:
            raise UnclearHost(f"--host {name}: no FILE follows")
        yield name, tuple(of)


def _name(bundle: Path) -> str:
    name = bundle.name or bundle.resolve().name
    while not bundle.is_dir() and name.lower().endswith(_SUFFIXES):
        name = name[: name.rindex(".")]
    return name or str(bundle)


def _is_bundle(path: Path) -> bool:
    """Whether ``path`` is a directory or an archive; one compressed text is neither."""
    if path.is_dir():
        return True
    if str(path) == "-" or not path.is_file():  # a pipe can be read once
        return False
    try:
        with path.open("rb") as file:
            stream: BufferedReader = file
            for _ in range(_DEEPEST + 1):
                packed = packing(stream.peek(HEAD)[:HEAD])
                if packed in {None, "tar", "zip"}:
                    return packed is not None
                stream = BufferedReader(decompressed(packed, stream))  # type: ignore[arg-type]
    except (OSError, *DAMAGE):
        return False
    return False


def rewritten(arguments: Sequence[str], option: str = "--host") -> list[str]:
    """``arguments`` with each ``--host NAME`` as a positional one that keeps its place.

    Raises:
        UnclearHost: The last one has no name.
    """
    kept: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            kept.extend((argument, *rest))
        elif argument == option or argument.startswith(f"{option}="):
            name = next(rest, "") if argument == option else argument.removeprefix(f"{option}=")
            if not name or name.startswith("-"):
                raise UnclearHost(f"{option}: needs the name of a host")
            kept.append(OF_HOST + name)
        else:
            kept.append(argument)
    return kept
