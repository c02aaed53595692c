"""Texts to facts: which format an input is, and what it says.

To add a format: a grammar in ``grammars/``, a module with a ``Reader`` here, one line in
``READERS``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hangscope.facts import InputFacts
from hangscope.readers.content.source import Source
from hangscope.readers.dispatch import Recognised, read, recognise_among
from hangscope.readers.errors import (
    EmptyInput,
    ReadError,
    SourceChanged,
    ToolFailed,
    UnknownFormat,
    UnreadableInput,
)
from hangscope.readers.interface import Reader
from hangscope.readers.json_texts.json_text import JsonText
from hangscope.readers.json_texts.psutil_jsonl import PsutilJsonl
from hangscope.readers.processes.netstat_s import NetstatS
from hangscope.readers.processes.nstat import Nstat
from hangscope.readers.processes.proc_fd import ProcFd
from hangscope.readers.processes.proc_limits import ProcLimits
from hangscope.readers.processes.proc_net_netstat import ProcNetNetstat
from hangscope.readers.processes.proc_net_snmp import ProcNetSnmp
from hangscope.readers.processes.proc_net_snmp6 import ProcNetSnmp6
from hangscope.readers.processes.proc_net_sockstat import ProcNetSockstat
from hangscope.readers.processes.proc_status import ProcStatus
from hangscope.readers.processes.proc_tasks import ProcTasks
from hangscope.readers.processes.ps import Ps
from hangscope.readers.processes.ss_summary import SsSummary
from hangscope.readers.processes.sysctl import Sysctl
from hangscope.readers.processes.top import Top
from hangscope.readers.processes.ulimit import Ulimit
from hangscope.readers.sockets.aix_netstat import AixNetstat
from hangscope.readers.sockets.bsd_netstat import BsdNetstat
from hangscope.readers.sockets.conntrack import Conntrack
from hangscope.readers.sockets.get_net_tcp_connection import GetNetTcpConnection
from hangscope.readers.sockets.lsof import Lsof
from hangscope.readers.sockets.lsof_fields import LsofFields
from hangscope.readers.sockets.netstat import Netstat
from hangscope.readers.sockets.proc_net_tcp import ProcNetTcp
from hangscope.readers.sockets.sockstat import Sockstat
from hangscope.readers.sockets.solaris_netstat import SolarisNetstat
from hangscope.readers.sockets.ss import Ss
from hangscope.readers.sockets.windows_netstat import WindowsNetstat
from hangscope.readers.threads.art import Art
from hangscope.readers.threads.dump_to_file import DumpToFile
from hangscope.readers.threads.hotspot import Hotspot
from hangscope.readers.threads.javacore import Javacore
from hangscope.readers.threads.jhsdb import Jhsdb
from hangscope.readers.threads.jrockit import Jrockit
from hangscope.readers.threads.native_image import NativeImage
from hangscope.readers.threads.openj9_text import Openj9Text
from hangscope.readers.threads.thread_info import ThreadInfo
from hangscope.readers.threads.thread_mxbean import ThreadMxbean

__all__ = [
    "READERS",
    "EmptyInput",
    "ReadError",
    "Reader",
    "Recognised",
    "Source",
    "SourceChanged",
    "ToolFailed",
    "UnknownFormat",
    "UnreadableInput",
    "read_input",
    "recognise",
]

READERS: Final[tuple[Reader, ...]] = (
    DumpToFile(),
    Jhsdb(),
    Javacore(),
    Openj9Text(),
    NativeImage(),
    Jrockit(),
    Art(),
    ThreadInfo(),
    ThreadMxbean(),
    Hotspot(),
    Ss(),
    AixNetstat(),
    BsdNetstat(),
    Sockstat(),
    SolarisNetstat(),
    Netstat(),
    Lsof(),
    LsofFields(),
    WindowsNetstat(),
    GetNetTcpConnection(),
    Conntrack(),
    ProcNetTcp(),
    PsutilJsonl(),
    ProcLimits(),
    Ulimit(),
    ProcStatus(),
    Sysctl(),
    Nstat(),
    ProcNetSnmp(),
    ProcNetNetstat(),
    ProcNetSnmp6(),
    ProcNetSockstat(),
    NetstatS(),
    SsSummary(),
    Top(),
    Ps(),
    ProcFd(),
    ProcTasks(),
    JsonText(),
)
"""All formats; the first reader that sees a line of its own gets it."""


def recognise(head: Iterable[str]) -> Recognised | None:
    """The reader that an input with these first lines is for, and why; None if none is."""
    return recognise_among(READERS, head)


def read_input(source: Source, *, format: str | None = None) -> InputFacts:  # noqa: A002
    """Everything that ``source`` says; logs and prose round it are passed over.

    Args:
        source: The input.
        format: Name of the one reader to use; by default each line shows whose it is.

    Raises:
        ReadError: Nothing of it can be read.
        ValueError: No reader is called ``format``.
    """
    readers = READERS if format is None else tuple(r for r in READERS if r.name == format)
    if not readers:
        names = ", ".join(reader.name for reader in READERS)
        raise ValueError(f"no reader is called {format}; there are {names}")
    return read(source, readers)
