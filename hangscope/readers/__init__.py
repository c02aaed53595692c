"""Texts to facts: which format an input is, and what it says.

To add a format: a grammar in ``grammars/``, a module with a ``Reader`` here, one line in
``READERS``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hangscope.facts import InputFacts
from hangscope.readers.aix_netstat import AixNetstat
from hangscope.readers.art import Art
from hangscope.readers.bsd_netstat import BsdNetstat
from hangscope.readers.conntrack import Conntrack
from hangscope.readers.dispatch import Recognised, read, recognise_among
from hangscope.readers.dump_to_file import DumpToFile
from hangscope.readers.errors import (
    EmptyInput,
    ReadError,
    SourceChanged,
    ToolFailed,
    UnknownFormat,
    UnreadableInput,
)
from hangscope.readers.get_net_tcp_connection import GetNetTcpConnection
from hangscope.readers.hotspot import Hotspot
from hangscope.readers.interface import Reader
from hangscope.readers.javacore import Javacore
from hangscope.readers.jhsdb import Jhsdb
from hangscope.readers.jrockit import Jrockit
from hangscope.readers.json_text import JsonText
from hangscope.readers.lsof import Lsof
from hangscope.readers.lsof_fields import LsofFields
from hangscope.readers.native_image import NativeImage
from hangscope.readers.netstat import Netstat
from hangscope.readers.netstat_s import NetstatS
from hangscope.readers.nstat import Nstat
from hangscope.readers.openj9_text import Openj9Text
from hangscope.readers.proc_fd import ProcFd
from hangscope.readers.proc_limits import ProcLimits
from hangscope.readers.proc_net_netstat import ProcNetNetstat
from hangscope.readers.proc_net_snmp import ProcNetSnmp
from hangscope.readers.proc_net_snmp6 import ProcNetSnmp6
from hangscope.readers.proc_net_sockstat import ProcNetSockstat
from hangscope.readers.proc_net_tcp import ProcNetTcp
from hangscope.readers.proc_status import ProcStatus
from hangscope.readers.proc_tasks import ProcTasks
from hangscope.readers.ps import Ps
from hangscope.readers.psutil_jsonl import PsutilJsonl
from hangscope.readers.sockstat import Sockstat
from hangscope.readers.solaris_netstat import SolarisNetstat
from hangscope.readers.source import Source
from hangscope.readers.ss import Ss
from hangscope.readers.ss_summary import SsSummary
from hangscope.readers.sysctl import Sysctl
from hangscope.readers.thread_info import ThreadInfo
from hangscope.readers.thread_mxbean import ThreadMxbean
from hangscope.readers.top import Top
from hangscope.readers.ulimit import Ulimit
from hangscope.readers.windows_netstat import WindowsNetstat

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
