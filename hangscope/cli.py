"""The command line: arguments, streams and exit statuses; nothing is decided here.

Exit status 0: the analysis ran, whatever it found. 1: with ``--exit-code``, the verdict is a
hang. 2: wrong usage, or nothing could be read.
"""

from __future__ import annotations

import gc
import shutil
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, ParamSpec, TypedDict, cast

import click

from hangscope import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hangscope.fleet.bundle import Bundle
    from hangscope.fleet.engine import Engine
    from hangscope.knowledge import Knowledge
    from hangscope.pipeline import Correlation
    from hangscope.readers.content.archives import Found, Unpacked

_P = ParamSpec("_P")


class _OfHosts(click.Command):
    """A command whose ``--host NAME`` is about the FILEs that follow it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the places of the names of hosts among the FILEs."""
        from hangscope.readers.content.bundles import UnclearHost, rewritten

        try:
            args = rewritten(args)
        except UnclearHost as error:
            raise click.UsageError(str(error), ctx) from error
        return super().parse_args(ctx, args)


_FORMATS = ("terminal", "markdown", "json")
_SUFFIXES = {"terminal": "txt", "markdown": "md", "json": "json"}
_NOT_A_HANG = ("healthy", "inconclusive")
_ENGINES = ("processes", "dask")
_WORTH_PROCESSES = 8_000_000
"""Bytes from which on processes are started without being asked for: they take half a second."""


def _how_to_read(command: Callable[_P, None]) -> Callable[_P, None]:
    """Add the options that override recognition."""

    def known(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        from hangscope.readers import READERS

        names = [reader.name for reader in READERS]
        if value is not None and value not in names:
            raise click.BadParameter(f"there is no format {value}; there are {', '.join(names)}")
        return value

    def usable(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        from hangscope.readers.content.encodings import codec_of

        try:
            codec_of(b"a", value)
        except LookupError as error:
            raise click.BadParameter(str(error)) from error
        return value

    command = click.option(
        "--encoding",
        metavar="NAME",
        callback=usable,
        help="How FILEs' bytes are text (cp949, shift_jis, …); by default that is found out.",
    )(command)
    return click.option(
        "--as",
        "as_format",
        metavar="FORMAT",
        callback=known,
        help="Read FILEs as this format, whatever they look like.",
    )(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hangscope")
def main() -> None:
    """Say why a Java service hangs, from a thread dump and a socket table."""


@main.command(cls=_OfHosts)
@click.argument("files", nargs=-1, type=Path, metavar="[FILE]...")
@click.option(
    "--host",
    metavar="NAME",
    expose_value=False,
    help="The FILEs that follow, up to the next --host, are of this host. Without it, each of"
    " several directories or archives is a host of its own; any other FILEs are of one host.",
)
@click.option("--pid", type=int, help="Process of the dump; without FILEs, capture it live.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    default="terminal",
    show_default=True,
    help="Form of the report.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the report to this file."
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when the verdict is a hang.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="With a live PID: seconds that jcmd or jstack may take.",
)
@click.option(
    "--knowledge",
    "own",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Pools, clients and waits of your own (TOML); may be given several times.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="With several hosts: processes that read them; by default one a processor, 1 is this one.",
)
@click.option(
    "--engine",
    type=click.Choice(_ENGINES),
    default="processes",
    show_default=True,
    help="With several hosts: what reads them; dask is a cluster that sees the FILEs too.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="With --engine dask: of the cluster; by default as Dask itself is set to.",
)
@_how_to_read
def correlate(  # noqa: PLR0917 - click passes every option by name
    files: tuple[Path, ...],
    pid: int | None,
    format_: str,
    output: Path | None,
    exit_code: bool,
    timeout: float,
    own: tuple[Path, ...],
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    as_format: str | None,
    encoding: str | None,
) -> None:
    """Join thread dumps (jstack, jcmd, kill -3) and socket tables (ss, netstat, lsof).

    FILEs are told apart by their content, in any order and number; - is standard input. They may
    be of several hosts: a/ b/ c.tar.gz, or --host a FILE... --host b FILE... With --pid and no
    FILE, the process is captured on this host: its dump and its sockets are kept as plain files
    beside the report.
    """
    # Facts hold no cycles: the collector would walk them over and over and free nothing.
    gc.disable()
    created = datetime.now(UTC).replace(microsecond=0)
    if not files and pid is None:
        raise click.UsageError("give a thread dump and a socket table, or --pid PID")
    if scheduler is not None and engine != "dask":
        raise click.UsageError("--scheduler is of --engine dask")
    knowledge = _knowledge(own)
    live = not files
    if live and pid is not None:
        directory = _beside(output, pid, created)
        files = _captured(pid, directory, timeout)
        output = output or directory / f"report.{_SUFFIXES[format_]}"
    given = _Given(_hosts(files), own, pid, encoding, as_format, created)
    if len(given.hosts) == 1:
        correlation = _correlated(given, knowledge)
    else:
        correlation = _fleet(given, _Workers(engine, jobs, scheduler))
    for failure in correlation.failures:
        click.echo(f"hangscope: {failure}", err=True)
    _write(correlation, format_, output, also_show=live)
    if exit_code and correlation.document.verdict.kind not in _NOT_A_HANG:
        sys.exit(1)


@main.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Form of the listing.",
)
@click.option("--full", is_flag=True, help="List every thread and socket; as JSON, one a line.")
@_how_to_read
def facts(
    files: tuple[Path, ...],
    format_: str,
    full: bool,
    as_format: str | None,
    encoding: str | None,
) -> None:
    """Say what FILEs were taken for, what they hold and what of them was not understood.

    Nothing is diagnosed. FILEs are told apart by their content; - is standard input.
    """
    gc.disable()
    from hangscope.pipeline import NothingReadable, read_all
    from hangscope.report import fact_lines, reading

    try:
        read = read_all(_sources(files, encoding), format=as_format)
    except NothingReadable as error:
        _fail(error.messages)
    for failure in read.failures:
        click.echo(f"hangscope: {failure}", err=True)
    lines: Iterator[str]
    if format_ == "json":
        click.echo(reading.as_json(read.inputs, __version__, compact=full), nl=False)
        every = read.inputs if full else ()
        lines = (line for one in every for line in fact_lines.fact_lines(one))
    else:
        lines = reading.as_text(read.inputs, full=full, unicode=_can_draw())
    for line in lines:
        click.echo(line, nl=False)


@main.command()
@click.argument("finding", required=False, metavar="[ID]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    default="terminal",
    show_default=True,
    help="Form of the page.",
)
def explain(finding: str | None, format_: str) -> None:
    """Explain the finding ID: how it is recognised, what it is mistaken for, what to do.

    Without an ID, list all findings.
    """
    from hangscope.diagnosis.catalogue import alike, catalogue
    from hangscope.report import manual

    pages = [page for page in catalogue() if finding in (None, page.id)]
    if not pages:
        meant = " or ".join(alike(finding or ""))
        hint = f"did you mean {meant}?" if meant else "hangscope explain lists all"
        raise click.UsageError(f"there is no finding {finding!r}; {hint}")
    click.echo(manual.render(pages, format_, **_screen()), nl=False, color=True)


@main.command()
def schema() -> None:
    """Print the JSON Schema of the JSON report."""
    from hangscope.report.schema import schema_text

    click.echo(schema_text())


def _beside(output: Path | None, pid: int, created: datetime) -> Path:
    if output is not None:
        return output.parent
    return Path(f"hangscope-{pid}-{created:%Y%m%dT%H%M%SZ}")


def _captured(pid: int, directory: Path, timeout: float) -> tuple[Path, ...]:
    from hangscope.capture import CaptureError, capture

    try:
        captured = capture(pid, directory, timeout)
    except CaptureError as error:
        _fail([str(error)])
    for failure in captured.failures:
        click.echo(f"hangscope: {failure}", err=True)
    return captured.files


def _knowledge(own: Sequence[Path]) -> Knowledge:
    from hangscope.knowledge import KnowledgeError, load

    try:
        return load(*own)
    except KnowledgeError as error:
        _fail([str(error)])


class _Given(NamedTuple):
    """What a report is to be made of."""

    hosts: Mapping[str, tuple[Path, ...]]
    own: tuple[Path, ...]
    pid: int | None
    encoding: str | None
    format: str | None
    created: datetime


class _Workers(NamedTuple):
    """Who reads the FILEs of several hosts."""

    engine: str
    jobs: int | None
    scheduler: str | None


def _hosts(files: Sequence[Path]) -> dict[str, tuple[Path, ...]]:
    from hangscope.readers.content.bundles import UnclearHost, by_host

    try:
        return dict(by_host(files))
    except UnclearHost as error:
        raise click.UsageError(str(error)) from error


def _correlated(given: _Given, knowledge: Knowledge) -> Correlation:
    """The report over one host."""
    from hangscope.pipeline import HostSources, NothingReadable, correlate_hosts
    from hangscope.readers import ReadError

    unpacked = _unpacked(given.encoding)
    hosts = [HostSources(name, _texts(of, unpacked)) for name, of in given.hosts.items()]
    try:
        return correlate_hosts(
            hosts, knowledge=knowledge, created=given.created, pid=given.pid, format=given.format
        )
    except NothingReadable as error:
        _fail(error.messages)
    except ReadError as error:  # what is to be quoted has changed meanwhile
        _fail([str(error)])


def _fleet(given: _Given, workers: _Workers) -> Correlation:
    """The report over several hosts."""
    from hangscope.fleet.bundle import Bundle
    from hangscope.fleet.cluster import NoCluster
    from hangscope.fleet.correlating import correlate_fleet
    from hangscope.pipeline import HostSources, NothingReadable
    from hangscope.readers import ReadError

    unpacked = _unpacked(given.encoding)
    hosts: list[Bundle | HostSources] = [
        Bundle(name, of, Path.cwd(), given.encoding, given.format)
        if all(map(_can_be_opened_again, of))
        else HostSources(name, _texts(of, unpacked))
        for name, of in given.hosts.items()
    ]
    resources = click.get_current_context().with_resource(ExitStack())
    try:
        return correlate_fleet(
            hosts,
            _engine([host for host in hosts if isinstance(host, Bundle)], workers),
            own=given.own,
            created=given.created,
            resources=resources,
            pid=given.pid,
            format=given.format,
        )
    except NothingReadable as error:
        _fail(error.messages)
    except (ReadError, NoCluster) as error:
        _fail([str(error)])


def _engine(bundles: Sequence[Bundle], workers: _Workers) -> Engine:
    """The engine that is asked for, or that is worth its start."""
    from hangscope.fleet.cluster import on_cluster
    from hangscope.fleet.correlating import bytes_of
    from hangscope.fleet.engine import here
    from hangscope.fleet.processes import cores, in_processes

    if workers.engine == "dask":
        return cast("Engine", partial(on_cluster, scheduler=workers.scheduler))
    jobs = min(workers.jobs or cores(), len(bundles))
    if jobs <= 1 or (workers.jobs is None and bytes_of(bundles) < _WORTH_PROCESSES):
        return here
    return cast("Engine", partial(in_processes, jobs=jobs))


def _can_be_opened_again(file: Path) -> bool:
    """Whether other processes can read it too: a pipe can be read once, and by this one alone."""
    return str(file) != "-" and (file.is_file() or file.is_dir() or not file.exists())


def _sources(files: Sequence[Path], encoding: str | None) -> Iterator[Found]:
    """The texts in ``files``."""
    return _texts(files, _unpacked(encoding))


def _unpacked(encoding: str | None) -> Unpacked:
    """A place for what has to be unpacked; it stays there until the command ends."""
    from hangscope.readers.content.archives import Unpacked

    return click.get_current_context().with_resource(Unpacked(encoding))


def _texts(files: Sequence[Path], unpacked: Unpacked) -> Iterator[Found]:
    for path in dict.fromkeys(files):
        if str(path) == "-":
            yield from unpacked.stream("<stdin>", sys.stdin.buffer)
        else:
            yield from unpacked.at(path)


def _write(correlation: Correlation, format_: str, output: Path | None, *, also_show: bool) -> None:
    from hangscope.report import render

    if output is not None:
        text = render(correlation.document, format_, width=None, color=False, unicode=True)
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            _fail([f"{output}: cannot be written ({error.strerror})"])
        click.echo(f"hangscope: the report is in {output}", err=True)
    if output is None or also_show:
        click.echo(render(correlation.document, format_, **_screen()), nl=False, color=True)


class _Screen(TypedDict):
    width: int | None
    color: bool
    unicode: bool


def _screen() -> _Screen:
    """What standard output can show."""
    terminal = sys.stdout.isatty()
    return {
        "width": shutil.get_terminal_size().columns if terminal else None,
        "color": terminal and _colour_wanted(),
        "unicode": _can_draw(),
    }


def _colour_wanted() -> bool:
    import os

    return "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _can_draw() -> bool:
    try:
        "╰▶…".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _fail(messages: Sequence[str]) -> NoReturn:
    for message in messages:
        click.echo(f"hangscope: {message}", err=True)
    sys.exit(2)
