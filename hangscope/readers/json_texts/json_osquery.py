"""osquery's ``process_open_sockets`` and ``listening_ports`` as JSON: all values are texts.

::

    [{"pid": "27836", "fd": "52", "socket": "162004", "family": "2", "protocol": "6",
      "local_address": "10.0.0.1", "local_port": "8080", "remote_address": "10.0.0.2",
      "remote_port": "60494", "state": "ESTABLISHED"}]

(osquery: specs/process_open_sockets.table, specs/listening_ports.table). Sockets without an owner
have pid -1; the state 07 (CLOSE) is called CLOSED.
"""

from __future__ import annotations

from typing import Any, Final

from hangscope.facts import Evidence, InputKind, Socket, SocketTable, TcpState
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_reading import Dialect
from hangscope.readers.json_texts.json_rows import ANY, STATES, JsonTable, number_of, owner_of
from hangscope.readers.json_texts.json_walk import Shape

_TCP: Final = 6
"""IPPROTO_TCP."""
_IPV4: Final = 2
"""AF_INET; AF_INET6 has another number on each system."""


class Osquery(JsonTable):
    """All tables of this dialect in one input."""

    name = "osquery-json"

    def begun(self) -> None:
        """Forget what was seen in the table before."""
        self._is_listening_ports = False
        self._ownerless = False

    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row."""
        if int(row.get("protocol", _TCP)) != _TCP:
            return None
        owners = owner_of(row.get("pid"), row.get("name"), row.get("fd"))
        self._ownerless |= not owners
        if "port" in row:
            self._is_listening_ports = True
            state, peer = TcpState.LISTEN, ANY
            local = self.endpoint(str(row["address"]), _port(row["port"]))
        else:
            state = STATES[row["state"]]
            local = self.endpoint(str(row["local_address"]), _port(row["local_port"]))
            peer = self.endpoint(str(row["remote_address"]), _port(row["remote_port"]))
        family = number_of(row.get("family"))
        return Socket(
            state,
            local,
            peer,
            None,
            None,
            owners,
            evidence,
            number_of(row.get("socket")) or None,
            None,
            None if family is None else "IPv4" if family == _IPV4 else "IPv6",
        )

    def frozen(self) -> SocketTable:
        """The table; what a query left out is not seen in its answer."""
        states = self.states()
        return self.table(
            owners=self.has_owners(),
            queues=False,
            time_wait=TcpState.TIME_WAIT in states
            or (self._ownerless and not self._is_listening_ports),
            listeners=TcpState.LISTEN in states or self._is_listening_ports,
        )


def _port(value: Any) -> str:
    return str(int(value) or "*")


def _fits(head: Head) -> bool:
    keys = head.keys
    if head.path or "protocol" not in keys:
        return False
    return {"local_address", "local_port", "remote_address", "remote_port", "state"} <= keys or {
        "address",
        "port",
        "pid",
    } <= keys


OSQUERY: Final = Dialect(
    name=Osquery.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(),
    tells=frozenset({"protocol"}),
    fits=_fits,
    begin=Osquery,
)
