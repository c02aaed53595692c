"""``Get-NetTCPConnection | ConvertTo-Json`` of Windows.

::

    [{"LocalAddress": "10.0.0.1", "LocalPort": 8080, "RemoteAddress": "10.0.0.2",
      "RemotePort": 60494, "State": 5, "OwningProcess": 27836, "CreationTime": "…"}]

States are numbers of the MIB (``MIB_TCP_STATE``), or names where they were converted before;
what no process owns any more has process 0.
"""

from __future__ import annotations

from typing import Any, Final

from hangscope.facts import Evidence, InputKind, Socket, SocketTable, TcpState
from hangscope.readers.json_texts.json_head import Head
from hangscope.readers.json_texts.json_reading import Dialect
from hangscope.readers.json_texts.json_rows import ANY, STATES, JsonTable, owner_of
from hangscope.readers.json_texts.json_walk import Shape

_STATES: Final = {
    1: TcpState.CLOSE,
    2: TcpState.LISTEN,
    3: TcpState.SYN_SENT,
    4: TcpState.SYN_RECV,
    5: TcpState.ESTABLISHED,
    6: TcpState.FIN_WAIT1,
    7: TcpState.FIN_WAIT2,
    8: TcpState.CLOSE_WAIT,
    9: TcpState.CLOSING,
    10: TcpState.LAST_ACK,
    11: TcpState.TIME_WAIT,
}
_NOT_CONNECTED: Final = frozenset({12, 100, "DELETETCB", "BOUND"})
"""About to be deleted, or bound to a port and no more: neither connection nor listener."""
_NAMES: Final = STATES | {
    "SYNSENT": TcpState.SYN_SENT,
    "SYNRECEIVED": TcpState.SYN_RECV,
    "FINWAIT1": TcpState.FIN_WAIT1,
    "FINWAIT2": TcpState.FIN_WAIT2,
}


class GetNetTcpConnection(JsonTable):
    """All tables of this dialect in one input."""

    name = "get-nettcpconnection-json"

    def socket(self, row: dict[str, Any], evidence: Evidence) -> Socket | None:
        """The socket of a row."""
        told = row["State"]
        if isinstance(told, dict):  # an enumeration with -EnumsAsStrings or as object
            told = told["Value"]
        if isinstance(told, str):
            told = int(told) if told.isdecimal() else told.upper().replace("_", "")
        if told in _NOT_CONNECTED:
            return None
        state = _STATES[told] if isinstance(told, int) else _NAMES[told]
        address = str(row["LocalAddress"])
        is_listener = state is TcpState.LISTEN
        return Socket(
            state,
            self.endpoint(address, str(int(row["LocalPort"]))),
            ANY
            if is_listener
            else self.endpoint(str(row["RemoteAddress"]), str(int(row["RemotePort"]))),
            None,
            None,
            owner_of(row.get("OwningProcess"), None, None),
            evidence,
            None,
            None,
            "IPv6" if ":" in address else "IPv4",
        )

    def frozen(self) -> SocketTable:
        """The table; without a filter it has all states."""
        states = self.states()
        return self.table(
            owners=self.has_owners(),
            queues=False,
            time_wait=len(states) > 1,
            listeners=len(states) > 1 or TcpState.LISTEN in states,
        )


def _fits(head: Head) -> bool:
    return not head.path and {"LocalAddress", "LocalPort", "RemotePort", "State"} <= head.keys


GET_NET_TCP_CONNECTION: Final = Dialect(
    name=GetNetTcpConnection.name,
    kind=InputKind.SOCKET_TABLE,
    shape=Shape(),
    tells=frozenset({"LocalAddress", "LocalPort"}),
    fits=_fits,
    begin=GetNetTcpConnection,
)
