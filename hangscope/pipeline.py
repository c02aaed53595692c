"""The whole of ``facts`` and of ``correlate`` in reading order: it joins the layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from hangscope import __version__
from hangscope.diagnosis import Diagnosis, diagnose, merged
from hangscope.facts import Evidence, HostFacts, InputFacts, InputKind, NotUnderstood
from hangscope.interpret import Ties, assemble_hosts, groups, interpret, joined, ties_of
from hangscope.knowledge import Knowledge
from hangscope.readers import ReadError, read_input
from hangscope.readers.content.source import Source
from hangscope.report.document import Document, Input, build, describe


class NothingReadable(Exception):  # noqa: N818 - it is an outcome, told to people as it stands
    """None of the inputs could be read; ``messages`` say why, one sentence each."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = tuple(messages)


class Quotable(Protocol):
    """An input whose lines can be read again."""

    def excerpt(self, first: int, last: int) -> str:
        """Lines ``first`` to ``last``; see :meth:`Source.excerpt`."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What each input says, in the order given, and what could not be read."""

    inputs: tuple[InputFacts, ...]
    sources: Mapping[str, Quotable]
    """Of the inputs, by their names."""
    failures: tuple[str, ...]
    host: str = ""
    """Names the host that all of them are of; empty for the only one."""


@dataclass(frozen=True, slots=True)
class HostReading:
    """A host whose facts are elsewhere: what a report says of its inputs by themselves."""

    name: str
    inputs: tuple[Input, ...]
    sources: Mapping[str, Quotable]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupDiagnosis:
    """Of hosts that may have to do with each other."""

    diagnosis: Diagnosis
    names: Mapping[str, str]
    """What each host that was given is called in the report."""


@dataclass(frozen=True, slots=True)
class HostSources:
    """What was captured on one host."""

    name: str
    """Names the host in the report; empty for the only one."""
    sources: Iterable[Source | ReadError]
    """Texts of any kind, in any order and number, and what could not be opened."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """The report, and what could not be read on the way."""

    document: Document
    failures: tuple[str, ...]


def read_all(
    sources: Iterable[Source | ReadError],
    *,
    format: str | None = None,  # noqa: A002 - as the option is called
    on_input: Callable[[str], None] = lambda _: None,
) -> Reading:
    """Read ``sources``, nothing more.

    Args:
        sources: Texts of any kind, in any order and number, and what could not be opened.
        format: Name of the one reader to use; by default each text shows whose it is.
        on_input: Told the name of each input before it is read.

    Raises:
        NothingReadable: Not one input could be read.
    """
    reading = read_host(HostSources("", sources), format, on_input)
    if len(reading.failures) == len(reading.inputs):
        raise NothingReadable(reading.failures)
    return reading


def read_host(
    host: HostSources,
    format: str | None = None,  # noqa: A002 - as the option is called
    on_input: Callable[[str], None] = lambda _: None,
) -> Reading:
    """Read what was captured on one host; the arguments are those of :func:`read_all`."""
    inputs: list[InputFacts] = []
    failures: list[str] = []
    by_name: dict[str, Quotable] = {}
    for found in host.sources:
        on_input(found.name)
        try:
            if isinstance(found, ReadError):
                raise found
            by_name[found.name] = found
            inputs.append(read_input(found, format=format))
        except ReadError as error:
            failures.append(str(error))
            inputs.append(_unread(error))
    return Reading(tuple(inputs), by_name, tuple(failures), host.name)


def unread_host(host: str, error: ReadError) -> Reading:
    """What is said of a host nothing of which could be read."""
    return Reading((_unread(error),), {}, (str(error),), host)


def correlate(
    sources: Iterable[Source | ReadError],
    *,
    knowledge: Knowledge,
    created: datetime,
    pid: int | None = None,
    format: str | None = None,  # noqa: A002 - as the option is called
    on_input: Callable[[str], None] = lambda _: None,
) -> Correlation:
    """Read ``sources`` of one host, join their facts and say why the service hangs.

    The arguments are those of :func:`correlate_hosts`.
    """
    return correlate_hosts(
        (HostSources("", sources),),
        knowledge=knowledge,
        created=created,
        pid=pid,
        format=format,
        on_input=on_input,
    )


def correlate_hosts(
    hosts: Iterable[HostSources],
    *,
    knowledge: Knowledge,
    created: datetime,
    pid: int | None = None,
    format: str | None = None,  # noqa: A002 - as the option is called
    on_input: Callable[[str], None] = lambda _: None,
) -> Correlation:
    """Read what was captured on any number of hosts, join it and say why the service hangs.

    Args:
        hosts: At least one; no two of one name.
        knowledge: Names pools, clients and waits.
        created: The report's date.
        pid: The process of the dumps, when the caller knows it.
        format: Name of the one reader to use; by default each text shows whose it is.
        on_input: Told the name of each input before it is read.

    Raises:
        NothingReadable: Not one input could be read.
    """
    readings = (read_host(host, format, on_input) for host in hosts)
    return correlate_read(readings, knowledge=knowledge, created=created, pid=pid)


def correlate_read(
    readings: Iterable[Reading],
    *,
    knowledge: Knowledge,
    created: datetime,
    pid: int | None = None,
) -> Correlation:
    """Join what was read of any number of hosts.

    The arguments are those of :func:`correlate_hosts`.

    Raises:
        NothingReadable: Not one input could be read.
    """
    facts: list[HostFacts] = []
    known: list[HostReading] = []
    for reading in readings:
        facts.append(HostFacts.of(reading.host, reading.inputs))
        known.append(described(reading))
    check_any_read(known)
    parts = [
        diagnose_group(
            [facts[at] for at in group], knowledge, pid=pid, alone=len(group) == len(facts)
        )
        for group in grouped([ties_of(one) for one in facts], pid)
    ]
    return reported(known, parts, created)


def described(reading: Reading) -> HostReading:
    """What stays of ``reading`` when its facts were handed on."""
    inputs = tuple(describe(replace(one, host=reading.host)) for one in reading.inputs)
    return HostReading(reading.host, inputs, reading.sources, reading.failures)


def check_any_read(hosts: Sequence[HostReading]) -> None:
    """Go on only with something to reason about.

    Raises:
        NothingReadable: Not one input could be read.
    """
    failures = [failure for host in hosts for failure in host.failures]
    if len(failures) == sum(len(host.inputs) for host in hosts):
        raise NothingReadable(failures)


def grouped(ties: Sequence[Ties], pid: int | None) -> list[list[int]]:
    """The places of the hosts that are reasoned about together."""
    if pid is not None:  # whose it is depends on how many dumps there are in all
        return [list(range(len(ties)))]
    return groups(ties)


def diagnose_group(
    hosts: Sequence[HostFacts], knowledge: Knowledge, *, pid: int | None, alone: bool
) -> GroupDiagnosis:
    """Say why the services on ``hosts`` hang.

    Args:
        hosts: All that may have to do with each other; at least one.
        knowledge: Names pools, clients and waits.
        pid: The process of the dumps, when the caller knows it.
        alone: Whether there are no other hosts than these.
    """
    told_apart, names = joined(hosts, among_others=not alone)
    case = assemble_hosts(told_apart, knowledge, pid=pid)
    return GroupDiagnosis(diagnose(interpret(case)), names)


def reported(
    hosts: Sequence[HostReading], parts: Sequence[GroupDiagnosis], created: datetime
) -> Correlation:
    """One report over all ``hosts``, whose groups' diagnoses are ``parts``."""
    names = {given: told for part in parts for given, told in part.names.items()}
    inputs = [
        replace(one, host=names.get(host.name, host.name) or None)
        for host in hosts
        for one in host.inputs
    ]
    by_name = {name: source for host in hosts for name, source in host.sources.items()}

    def excerpt(evidence: Evidence) -> str:
        return by_name[evidence.input].excerpt(evidence.first_line, evidence.last_line)

    diagnosis = merged([part.diagnosis for part in parts])
    document = build(diagnosis, inputs, excerpt, created=created, version=__version__)
    failures = tuple(failure for host in hosts for failure in host.failures)
    return Correlation(document, failures)


def _unread(error: ReadError) -> InputFacts:
    return InputFacts(
        error.name,
        InputKind.UNKNOWN,
        "",
        "",
        0,
        not_understood=(NotUnderstood(1, 1, str(error)),),
    )
