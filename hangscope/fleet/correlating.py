"""The whole of a fleet: bundles are read, those with ties are joined, and one report is made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from hangscope.fleet.bundle import Bundle, Digest, digest, read_bundle
from hangscope.fleet.engine import Engine, Lost, here
from hangscope.fleet.group import Group, Spool, diagnose
from hangscope.fleet.progress import shown
from hangscope.fleet.quoting import quotable
from hangscope.interpret import Ties
from hangscope.pipeline import (
    Correlation,
    GroupDiagnosis,
    HostReading,
    HostSources,
    check_any_read,
    grouped,
    read_host,
    reported,
    unread_host,
)
from hangscope.readers.errors import UnreadableInput


@dataclass(frozen=True, slots=True)
class _Host:
    """A host that was read: its facts wait elsewhere."""

    reading: HostReading
    ties: Ties
    place: tuple[int, int]


def correlate_fleet(
    hosts: Sequence[Bundle | HostSources],
    engine: Engine,
    *,
    own: tuple[Path, ...],
    created: datetime,
    resources: ExitStack,
    pid: int | None = None,
    format: str | None = None,  # noqa: A002 - as the option is called
) -> Correlation:
    """Say why services hang on the hosts of a fleet.

    Args:
        hosts: Two at least, no two of one name; what is no bundle is read in this process.
        engine: Does the work.
        own: Files with knowledge of the user's own.
        created: The report's date.
        resources: What is unpacked to be quoted stays as long as these.
        pid: The process of the dumps, when the caller knows it.
        format: Name of the one reader to use for what is no bundle.

    Raises:
        NothingReadable: Not one input could be read.
    """
    with Spool() as spool:
        known = _read(hosts, engine, format, spool, resources)
        check_any_read([host.reading for host in known])
        together = grouped([host.ties for host in known], pid)
        tasks = (
            Group(
                tuple(spool.get(known[at].place) for at in group),
                tuple(Path.cwd() / file for file in own),
                pid,
                alone=len(together) == 1,
            )
            for group in together
        )
        readings = [host.reading for host in known]
        parts: dict[int, GroupDiagnosis] = {}
        # What concerns all is joined here: its facts need not be sent again.
        for number, part in (here if len(together) == 1 else engine)(diagnose, tasks):
            if isinstance(part, Lost):
                for at in together[number]:
                    readings[at] = _without(readings[at], part)
            else:
                parts[number] = part
    return reported(readings, [parts[number] for number in sorted(parts)], created)


def bytes_of(bundles: Sequence[Bundle]) -> int:
    """How large the files are, as they stand there."""
    return sum(_size(bundle.base / file) for bundle in bundles for file in bundle.files)


def _read(
    hosts: Sequence[Bundle | HostSources],
    engine: Engine,
    format_: str | None,
    spool: Spool,
    resources: ExitStack,
) -> list[_Host]:
    known: dict[int, _Host] = {}
    with shown(len(hosts)) as tell:
        for number, name, found in _digests(hosts, engine, format_, resources):
            known[number] = _Host(found.reading, found.ties, spool.put(found.facts))
            tell(name)
    return [known[number] for number in range(len(hosts))]


def _digests(
    hosts: Sequence[Bundle | HostSources],
    engine: Engine,
    format_: str | None,
    resources: ExitStack,
) -> Iterator[tuple[int, str, Digest]]:
    bundles: Mapping[int, Bundle] = {
        number: host for number, host in enumerate(hosts) if isinstance(host, Bundle)
    }
    for number, host in enumerate(hosts):
        if isinstance(host, HostSources):
            yield number, host.name, digest(read_host(host, format_))
    numbers = tuple(bundles)
    for index, found in engine(read_bundle, bundles.values()):
        bundle = bundles[numbers[index]]
        if isinstance(found, Lost):
            error = UnreadableInput(bundle.host, f"{found.why}; nothing of it was read")
            made = digest(unread_host(bundle.host, error))
        else:
            made = replace(found, reading=quotable(bundle, found.reading, resources))
        yield numbers[index], bundle.host, made


def _without(reading: HostReading, lost: Lost) -> HostReading:
    """A host that was read and about which nothing could be said."""
    said = f"{reading.name}: {lost.why}; nothing is said about this host"
    return replace(reading, failures=(*reading.failures, said))


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size if path.is_file() else 0
    inside = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sum(one.stat().st_size for one in inside if one.is_file())
