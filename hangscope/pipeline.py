"""The whole of ``facts`` and of ``correlate`` in reading order: it joins the layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from hangscope import __version__
from hangscope.diagnosis import diagnose
from hangscope.facts import Evidence, HostFacts, InputFacts, InputKind, NotUnderstood
from hangscope.interpret import assemble_hosts, interpret, joined
from hangscope.knowledge import Knowledge
from hangscope.readers import ReadError, read_input
from hangscope.readers.content.source import Source
from hangscope.report.document import Document, build


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
    """Join what was read of any number of hosts; the arguments are those of
    :func:`correlate_hosts`.

    Raises:
        NothingReadable: Not one input could be read.
    """
    facts: list[HostFacts] = []
    inputs: list[InputFacts] = []
    failures: list[str] = []
    by_name: dict[str, Quotable] = {}
    for reading in readings:
        facts.append(HostFacts.of(reading.host, reading.inputs))
        inputs.extend(replace(one, host=reading.host) for one in reading.inputs)
        failures.extend(reading.failures)
        by_name.update(reading.sources)
    if len(failures) == len(inputs):
        raise NothingReadable(failures)
    told_apart, names = joined(facts)
    inputs = [replace(one, host=names[one.host]) for one in inputs]
    diagnosis = diagnose(interpret(assemble_hosts(told_apart, knowledge, pid=pid)))

    def excerpt(evidence: Evidence) -> str:
        return by_name[evidence.input].excerpt(evidence.first_line, evidence.last_line)

    document = build(diagnosis, inputs, excerpt, created=created, version=__version__)
    return Correlation(document, tuple(failures))


def _unread(error: ReadError) -> InputFacts:
    return InputFacts(
        error.name,
        InputKind.UNKNOWN,
        "",
        "",
        0,
        not_understood=(NotUnderstood(1, 1, str(error)),),
    )
