"""The classes of input whose reading is measured, in their default sizes."""

from __future__ import annotations

from functools import partial
from typing import Final

import dumps
import logs
import other_dumps
import tables
import virtual_threads
from inputs import Write

_SIZE: Final = 100_000_000
ROWS: Final = 1_000_000
"""Of a socket table."""
_THREADS: Final = 50_000
_VIRTUAL: Final = 100_000

SERIES: Final = "series of dumps"
ONE: Final = "one dump of 50,000 threads"
DUMPS: Final[dict[str, Write]] = {
    SERIES: partial(dumps.write_series, size=_SIZE),
    ONE: partial(dumps.write_one, threads=_THREADS),
    "all frames distinct": partial(dumps.write_distinct, size=_SIZE),
    "100,000 virtual threads, JSON": partial(virtual_threads.write_json, threads=_VIRTUAL),
    "100,000 virtual threads, text": partial(virtual_threads.write_text, threads=_VIRTUAL),
    "jhsdb jstack --mixed": partial(other_dumps.write_mixed, size=_SIZE),
    "javacore": partial(other_dumps.write_javacore, size=_SIZE),
    "series in journald's lines": partial(logs.write_log, size=_SIZE, wrap=logs.journald),
    "series in docker's json-file": partial(logs.write_log, size=_SIZE, wrap=logs.docker),
    "series in kubectl logs --timestamps": partial(logs.write_log, size=_SIZE, wrap=logs.kubectl),
}
TABLES: Final = {
    "ss -tanp": tables.SS,
    "netstat -tanpo": tables.NETSTAT,
    "lsof -nP -iTCP": tables.LSOF,
    "/proc/net/tcp": tables.PROC_NET_TCP,
    "Windows netstat -ano": tables.WINDOWS,
}
