"""Tables of psutil's ``net_connections()``: one JSON object a line, as capturing writes them.

::

    {"hangscope": "sockets/1", "captured": "2026-11-22T03:16:27+00:00", "pid": 27836}
    {"fd": 3, "family": 2, "type": 1, "laddr": ["127.0.0.1", 49068],
     "raddr": ["127.0.0.1", 8080], "status": "ESTABLISHED", "pid": 30287}

(the object in one line). ``recv_q``, ``send_q``, ``inode`` and ``command`` may be added, which
psutil itself does not know. JSON needs no grammar of ours.
"""

from __future__ import annotations

import json
from typing import Any, Final

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    InputKind,
    Owner,
    Socket,
    SocketTable,
    TcpState,
)
from hangscope.readers.endpoints import Endpoints
from hangscope.readers.interface import Lines, Read, Surroundings
from hangscope.readers.lines import BLANKS
from hangscope.readers.spans import Spans

_STREAM: Final = 1
"""``SOCK_STREAM``, everywhere."""
_STATES: Final = {state.value: state for state in TcpState} | {
    "CLOSED": TcpState.CLOSE,
    "SYN_RCVD": TcpState.SYN_RECV,
    "FIN_WAIT_1": TcpState.FIN_WAIT1,
    "FIN_WAIT_2": TcpState.FIN_WAIT2,
}
_IPV4: Final = 2
"""``AF_INET``; ``AF_INET6`` has another number on each system."""
_TITLE: Final = "hangscope"
_ANY: Final = Endpoint("*", None)
_NOT_OF_PSUTIL: Final = "not a socket as JSON"


class PsutilJsonl:
    """The reader."""

    name = "psutil-jsonl"
    kind = InputKind.SOCKET_TABLE

    def sees(self, line: str) -> str | None:
        """A line that is an object with ``laddr`` and ``status``, or the title."""
        text = line.strip(BLANKS)
        if not text.startswith("{") or not text.endswith("}"):
            return None
        if '"laddr"' not in text and f'"{_TITLE}"' not in text:
            return None
        row = _loaded(text)
        if row is None:
            return None
        if "laddr" in row and "status" in row:
            return "it has a socket as JSON"
        if str(row.get(_TITLE, "")).startswith("sockets/"):
            return "it says that it is a socket table of hangscope"
        return None

    def begin(self, input_name: str) -> PsutilJsonlReading:
        """Start with a new input."""
        return PsutilJsonlReading(input_name)


class PsutilJsonlReading:
    """All tables of this kind in one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._endpoint = Endpoints().of
        self._spans = Spans()
        self._tables: list[SocketTable] = []
        self._first_line = 0
        self._last_line = 0
        self._sockets: list[Socket] = []
        self._title: dict[str, Any] = {}

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is no JSON."""
        for number, line in lines:
            text = line.strip(BLANKS)
            if not text:
                continue
            if not text.startswith("{") or around.starts_elsewhere(line):
                lines.back((number, line))
                return
            row = _loaded(text)
            if row is None:
                self._spans.add(number, _NOT_OF_PSUTIL)
            elif _TITLE in row:
                self._close()
                self._title = row
            else:
                self._take(row, number)
            self._first_line = self._first_line or number
            self._last_line = number

    def finish(self) -> Read:
        """Close the last table."""
        self._close()
        return Read(tables=tuple(self._tables), not_understood=self._spans.all())

    def _take(self, row: dict[str, Any], number: int) -> None:
        try:
            socket = self._socket(row, Evidence(self._input, number, number))
        except (KeyError, TypeError, ValueError, OverflowError):
            self._spans.add(number, _NOT_OF_PSUTIL)
            return
        if socket is not None:
            self._sockets.append(socket)

    def _socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        if row.get("type", _STREAM) != _STREAM:
            return None
        state = _STATES[row["status"]]
        pid, fd = row.get("pid"), _number(row.get("fd"))
        owners: tuple[Owner, ...] = ()
        if pid is not None:
            owners = (Owner(int(pid), str(row.get("command") or ""), fd if fd != -1 else None),)
        return Socket(
            state,
            self._end(row["laddr"]),
            self._end(row["raddr"]),
            _number(row.get("recv_q")),
            _number(row.get("send_q")),
            owners,
            evidence,
            _number(row.get("inode")) or None,
            None,
            "IPv4" if row["family"] == _IPV4 else "IPv6",
        )

    def _end(self, pair: list[Any]) -> Endpoint:
        if not pair:
            return _ANY
        address, port = pair
        return self._endpoint(str(address), str(int(port)) if port else "*")

    def _close(self) -> None:
        if self._first_line:
            self._tables.append(self._frozen())
        self._first_line = 0
        self._sockets, self._title = [], {}

    def _frozen(self) -> SocketTable:
        sockets = self._sockets
        states = {socket.state for socket in sockets}
        owners_recorded = any(socket.owners for socket in sockets)
        if not owners_recorded:
            sockets = [socket._replace(owners=NOT_RECORDED) for socket in sockets]
        # A process' own sockets all have it as owner; the whole system's do not.
        whole = _TITLE in self._title or any(not socket.owners for socket in sockets)
        captured = self._title.get("captured")
        return SocketTable(
            evidence=Evidence(self._input, self._first_line, self._last_line),
            format="psutil-jsonl",
            sockets=tuple(sockets),
            owners_recorded=owners_recorded,
            queues_recorded=any(socket.recv_q is not None for socket in sockets),
            time_wait_recorded=whole or TcpState.TIME_WAIT in states,
            listeners_recorded=whole or TcpState.LISTEN in states,
            captured=None if captured is None else str(captured),
        )


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else None


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
