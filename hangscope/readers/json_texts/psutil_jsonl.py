"""Tables of psutil's ``net_connections()`` as JSON: an array, or one object a line.

::

    {"hangscope": "sockets/1", "captured": "2026-11-22T03:16:27+00:00", "pid": 27836}
    {"fd": 3, "family": 2, "type": 1, "laddr": ["127.0.0.1", 49068],
     "raddr": ["127.0.0.1", 8080], "status": "ESTABLISHED", "pid": 30287}

(each object in one line, as capturing writes them). ``recv_q``, ``send_q``, ``inode`` and
``command`` may be added, which psutil itself does not know. Ends may be objects with ``ip`` and
``port``, as psutil's named tuples become in some programs.
"""

from __future__ import annotations

from typing import Any, Final

from hangscope.facts import Endpoint, Evidence, InputKind, Owner, Socket, SocketTable, TcpState
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_reading import Dialect, JsonReader
from hangscope.readers.json_texts.json_rows import ANY, STATES, JsonTable, number_of
from hangscope.readers.json_texts.json_walk import Record, Shape

_STREAM: Final = frozenset({1, "SOCK_STREAM", "SocketKind.SOCK_STREAM"})
"""``SOCK_STREAM``, everywhere."""
_IPV4: Final = frozenset({2, "AF_INET", "AddressFamily.AF_INET"})
"""``AF_INET``; ``AF_INET6`` has another number on each system."""
_TITLE: Final = "hangscope"


class Psutil(JsonTable):
    """All tables of this dialect in one input."""

    name = "psutil-jsonl"

    def record(self, record: Record) -> None:
        """One row, or the title of a table."""
        row = record.value
        if _TITLE not in row:
            super().record(record)
            return
        self.start_table(record.first_line)
        self.title = row

    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row."""
        if row.get("type", 1) not in _STREAM:
            return None
        state = STATES[row["status"]]
        pid, fd = row.get("pid"), number_of(row.get("fd"))
        owners: tuple[Owner, ...] = ()
        if pid is not None:
            owners = (Owner(int(pid), str(row.get("command") or ""), fd if fd != -1 else None),)
        return Socket(
            state,
            self._end(row["laddr"]),
            self._end(row["raddr"]),
            number_of(row.get("recv_q")),
            number_of(row.get("send_q")),
            owners,
            evidence,
            number_of(row.get("inode")) or None,
            None,
            "IPv4" if row["family"] in _IPV4 else "IPv6",
        )

    def _end(self, pair: Any) -> Endpoint:
        if not pair:
            return ANY
        if isinstance(pair, dict):
            pair = [pair["ip"], pair["port"]]
        address, port = pair
        return self.endpoint(str(address), str(int(port)) if port else "*")

    def frozen(self) -> SocketTable:
        """The table; a process' own sockets all have it as owner, the whole system's do not."""
        states = self.states()
        owners = self.has_owners()
        whole = _TITLE in self.title or any(not socket.owners for socket in self.sockets)
        return self.table(
            owners=owners,
            queues=any(socket.recv_q is not None for socket in self.sockets),
            time_wait=whole or TcpState.TIME_WAIT in states,
            listeners=whole or TcpState.LISTEN in states,
        )


def _fits(head: Head) -> bool:
    if head.path:
        return False
    if _TITLE in head.keys and str(head.title).startswith("sockets/"):
        return True
    return {"laddr", "status"} <= head.keys


PSUTIL: Final = Dialect(
    name=Psutil.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(),
    tells=frozenset({"laddr", _TITLE}),
    fits=_fits,
    begin=Psutil,
)


class PsutilJsonl(JsonReader):
    """The reader of this dialect alone."""

    def __init__(self) -> None:
        super().__init__(Psutil.name, InputKind.SOCKET_TABLE, (PSUTIL,), lines_alone=True)
