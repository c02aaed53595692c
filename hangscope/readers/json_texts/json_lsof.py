"""Open files as JSON: ``jc --lsof``, and lsof's own ``-J`` (one text) and ``-j`` (JSON Lines).

::

    [{"command": "java", "pid": 27836, "fd": "52u", "type": "IPv4", "device": "162004",
      "node": "TCP", "name": "10.0.0.1:8080->10.0.0.2:60494 (ESTABLISHED)"}]
    {"lsof_version": "4.99.6", "processes": [{"pid": 27836, "command": "java", "files": [
      {"fd": "52", "type": "IPv4", "device": "162004", "protocol": "TCP",
       "name": "10.0.0.1:8080->10.0.0.2:60494", "tcp_info": {"state": "ESTABLISHED"}}]}]}

(lsof: src/print.c). Descriptors of one socket (same device) are one socket with several owners.
"""

from __future__ import annotations

import re
from typing import Any, Final

from hangscope.facts import Endpoint, Evidence, InputKind, Owner, Socket, SocketTable, TcpState
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_reading import Dialect
from hangscope.readers.json_texts.json_rows import ANY, STATES, JsonTable, number_of
from hangscope.readers.json_texts.json_walk import Record, Shape
from hangscope.readers.syntax.lines import LineSyntax

SYNTAX: Final = LineSyntax("socket_name")
_FD: Final = re.compile(r"[0-9]{1,18}")
_NO_NAME: Final = "lsof has printed no addresses of this socket; take it with `lsof -nP -i`"
_NO_STATE: Final = "the state of this socket is missing; take it with `lsof -nP -i`"


class JsonOfLsof(JsonTable):
    """All tables of one of the dialects in one input."""

    def begun(self) -> None:
        """Forget the sockets of the table before."""
        self._places: dict[str, int] = {}

    def record(self, record: Record) -> None:
        """One open file."""
        row = record.value
        if row.get("type") not in ("IPv4", "IPv6"):
            return
        if row.get("protocol", row.get("node")) not in ("TCP", None):
            return
        fault = self._fault(row)
        if fault:
            self.spans.extend(record.first_line, record.last_line, fault)
        else:
            super().record(record)

    def _fault(self, row: dict[str, Any]) -> str | None:
        if row.get("name") is None:
            return _NO_NAME if row.get("protocol") == "TCP" else None
        is_tcp = row.get("protocol", row.get("node")) == "TCP"
        return _NO_STATE if is_tcp and self._values(row) is None else None

    def _values(self, row: dict[str, Any]) -> tuple[Any, ...] | None:
        name, info = str(row["name"]), row.get("tcp_info") or {}
        if "state" in info:
            name = f"{name} ({info['state']})"
        return SYNTAX.matcher("name")(name)

    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row, unless an earlier row has it."""
        values = None if row.get("name") is None else self._values(row)
        if values is None:
            return None  # jc leaves out what UDP is told by
        address, port, peer, peer_port, state, recv_q, send_q = values
        info = row.get("tcp_info") or {}
        pid, command = row.get("pid", self.title.get("pid")), self._command(row)
        descriptor = _FD.match(str(row.get("fd", "")))
        owner = Owner(int(pid or 0), command, int(descriptor[0]) if descriptor else None)
        device = str(row.get("device") or "")
        if device and self._is_shared(device, owner):
            return None
        self._places[device] = len(self.sockets)
        is_listener = state == "LISTEN"
        send_q = info.get("send_queue", send_q)
        return Socket(
            STATES[state],
            self.endpoint(address, port),
            self._peer(peer, peer_port),
            number_of(info.get("recv_queue", recv_q)),
            None if is_listener else number_of(send_q),
            (owner,),
            evidence,
            int(device) if _FD.fullmatch(device) else None,
            None,
            str(row["type"]),
        )

    def _command(self, row: dict[str, Any]) -> str:
        return str(row.get("command") or self.title.get("command") or "")

    def _peer(self, address: str | None, port: str | None) -> Endpoint:
        return self.endpoint(address, port) if address and port else ANY

    def _is_shared(self, device: str, owner: Owner) -> bool:
        place = self._places.get(device)
        if place is None:
            return False
        first = self.sockets[place]
        owners = first.owners if isinstance(first.owners, tuple) else ()
        if owner not in owners:
            self.sockets[place] = first._replace(owners=(*owners, owner))
        return True

    def frozen(self) -> SocketTable:
        """The table; TIME_WAIT sockets are no open files."""
        states = self.states()
        return self.table(
            owners=True,
            queues=any(socket.recv_q is not None for socket in self.sockets[:1]),
            time_wait=False,
            listeners=TcpState.LISTEN in states,
        )


class JcLsof(JsonOfLsof):
    """``jc --lsof``."""

    name = "jc-lsof"


class LsofJson(JsonOfLsof):
    """``lsof -J`` and ``lsof -j``."""

    name = "lsof-json"


def _fits_jc(head: Head) -> bool:
    return not head.path and {"command", "pid", "fd", "type", "node", "name"} <= head.keys


def _fits_lsof(head: Head) -> bool:
    if head.path[:1] == ("processes",) and "lsof_version" in head.top:
        return True
    return head.is_lone and {"pid", "command", "fd", "type"} <= head.keys


JC_LSOF: Final = Dialect(
    name=JcLsof.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(),
    tells=frozenset({"node"}),
    fits=_fits_jc,
    begin=JcLsof,
)
LSOF_JSON: Final = Dialect(
    name=LsofJson.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(
        walked=frozenset({"processes", "files"}),
        records=frozenset({"files"}),
        outer=frozenset({"pid"}),
        first=frozenset({"fd"}),
        start=re.compile(r'\{\s*"lsof_version"\s*:'),
    ),
    tells=frozenset({"lsof_version", "fd"}),
    fits=_fits_lsof,
    begin=LsofJson,
)
