"""Everything that arrives as JSON, told by the names of its members.

To add a dialect: a module with a ``Dialect``, one line in ``DIALECTS``.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.json_texts.json_actuator import ACTUATOR
from hangscope.readers.json_texts.json_dump_to_file import DUMP_TO_FILE
from hangscope.readers.json_texts.json_ignition import IGNITION
from hangscope.readers.json_texts.json_jc import JC_NETSTAT, JC_PROC_NET_TCP, JC_SS
from hangscope.readers.json_texts.json_lsof import JC_LSOF, LSOF_JSON
from hangscope.readers.json_texts.json_osquery import OSQUERY
from hangscope.readers.json_texts.json_powershell import GET_NET_TCP_CONNECTION
from hangscope.readers.json_texts.json_reading import Dialect, JsonReader
from hangscope.readers.json_texts.psutil_jsonl import PSUTIL

DIALECTS: Final[tuple[Dialect, ...]] = (
    DUMP_TO_FILE,
    ACTUATOR,
    IGNITION,
    PSUTIL,
    JC_SS,
    JC_NETSTAT,
    JC_LSOF,
    JC_PROC_NET_TCP,
    LSOF_JSON,
    OSQUERY,
    GET_NET_TCP_CONNECTION,
)
"""The first one that a text fits has it."""


class JsonText(JsonReader):
    """The reader of all dialects."""

    def __init__(self) -> None:
        super().__init__("json-text", InputKind.THREAD_DUMP, DIALECTS)
