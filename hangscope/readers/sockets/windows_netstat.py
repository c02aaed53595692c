"""Tables of Windows' ``netstat``, with any of ``-a -n -o -b -q -t``, in any language.

::

      Proto  Local Address          Foreign Address        State           PID
      TCP    0.0.0.0:8080           0.0.0.0:0              LISTENING       1712
     [java.exe]

Microsoft documents the columns; titles, headings and, in German, states are translated. A
listener is told by its foreign port, 0, which is the same in all languages. There are no queues,
and what no process owns (TIME_WAIT) has the process id 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from sys import intern
from typing import Final

from hangscope.facts import InputKind, Owner, Socket, SocketTable, TcpState
from hangscope.readers.interface import Lines, Surroundings
from hangscope.readers.sockets.columnar import Column, ColumnarReading, known_rows
from hangscope.readers.sockets.columns import (
    FAMILY_CODES,
    NOBODY,
    STATE_CODES,
    UNTOLD,
    Codes,
    SocketColumns,
)
from hangscope.readers.sockets.tables import Table
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("windows_netstat")

STATES: Final = {state.value: state for state in TcpState} | {
    "LISTENING": TcpState.LISTEN,
    "SYN_RECEIVED": TcpState.SYN_RECV,
    "FIN_WAIT_1": TcpState.FIN_WAIT1,
    "FIN_WAIT_2": TcpState.FIN_WAIT2,
    "CLOSED": TcpState.CLOSE,
    "DELETE_TCB": TcpState.CLOSE,
    "BOUND": TcpState.CLOSE,
    "HERGESTELLT": TcpState.ESTABLISHED,
    "WARTEND": TcpState.TIME_WAIT,
    "SCHLIESSEN_WARTEN": TcpState.CLOSE_WAIT,
    "SYN_GESENDET": TcpState.SYN_SENT,
    "SYN_EMPFANGEN": TcpState.SYN_RECV,
    "FIN_WARTEN_1": TcpState.FIN_WAIT1,
    "FIN_WARTEN_2": TcpState.FIN_WAIT2,
    "SCHLIESSEND": TcpState.CLOSING,
    "GESCHLOSSEN": TcpState.CLOSE,
}
"""The states in English and in German; those of listeners are not looked up."""

_BOUND: Final = "BOUND"
"""What ``-q`` calls a socket that has a port and neither listens nor is connected."""
_CODES: Final = {name: STATE_CODES[state] for name, state in STATES.items()}
_LISTEN: Final = STATE_CODES[TcpState.LISTEN]
_NONE: Final = -1
"""Stands for a state that is not known."""
_WORD: Final = 4
"""Place of the state among the values of a row."""
_IPV4: Final = FAMILY_CODES["IPv4"]
_IPV6: Final = FAMILY_CODES["IPv6"]
_NOT_OF_WINDOWS: Final = "not a row of Windows' netstat"
_UNKNOWN_STATE: Final = "a state of TCP in a language that is not known"
_TITLES: Final = (
    *("Active Con", "Aktive Ver", "Connexions", "Conexiones", "Connessioni", "Conexões"),
    *("Активные", "活动", "活動", "使用中", "アクティブ", "활성"),
)
_INITIALS: Final = frozenset("TU") | {title[0] for title in _TITLES}


class WindowsNetstat:
    """The reader."""

    name = "windows-netstat"
    kind = InputKind.SOCKET_TABLE
    initials = _INITIALS

    def sees(self, line: str) -> str | None:
        """A title in a language that is known, or a row, which starts with ``TCP``."""
        text = line.strip(BLANKS)
        if text[:1] not in _INITIALS:
            return None
        if text.startswith(("TCP", "UDP")):
            found = any(SYNTAX.matcher(rule)(text) is not None for rule in ("row", "other_family"))
            return "it has a row of Windows' netstat" if found else None
        if text.startswith(_TITLES) and SYNTAX.matcher("title")(text) is not None:
            return "it has the title of Windows' netstat"
        return None

    def begin(self, input_name: str) -> WindowsNetstatReading:
        """Start with a new input."""
        return WindowsNetstatReading(input_name)


"""Of lines that are seen."""
"""What known titles start with."""


class WindowsNetstatReading(ColumnarReading):
    """All tables of Windows' ``netstat`` in one input."""

    def __init__(self, input_name: str) -> None:
        super().__init__(
            input_name, SYNTAX, _NOT_OF_WINDOWS, others=("other_family", "program", "note")
        )
        self._program = SYNTAX.matcher("program")
        self._is_other = SYNTAX.matcher("other_family")
        self._is_note = SYNTAX.matcher("note")
        self._is_heading = SYNTAX.matcher("header")
        self._headed_at: set[int] = set()
        """Where tables begin below a heading that could not be told before its rows."""
        self._below = 0
        """The line below the last row, or below what belongs to that row."""
        self._is_tcp = False
        """Whether that row is a socket's."""

    def _opened(self) -> None:
        self._owners = Codes(self._owners_of).__getitem__

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of a table."""
        first = lines.next_number()
        if around.before:
            number, line = around.before[-1]
            if number == first - 1 and self._is_heading(line.strip(BLANKS)) is not None:
                self._close()
                self._headed_at.add(first)
        super().feed(lines, around)

    def _row(self, number: int, text: str) -> Socket | str | None:
        return self._beside(number, text)

    def _add(
        self,
        columns: SocketColumns,
        lines: Sequence[int],
        rule: str,  # noqa: ARG002 - there is one kind of row
        values: Sequence[Column],
    ) -> None:
        self._below = lines[-1] + 1
        words = values[_WORD]
        states = [
            _LISTEN if peer_port == "0" and word != _BOUND else _CODES.get(word, _NONE)
            for peer_port, word in zip(values[_WORD - 1], words, strict=True)
        ]
        self._is_tcp = states[-1] != _NONE
        if _NONE in states:
            for line, state in zip(lines, states, strict=True):
                if state == _NONE:
                    self._spans.add(line, _UNKNOWN_STATE)
            is_known = [state != _NONE for state in states]
            lines, values = known_rows(lines, values, is_known)
            states = [state for state in states if state != _NONE]
        address, port, peer, peer_port, _, pid = values
        families = (_IPV6 if one.startswith("[") else _IPV4 for one in address)
        columns.add_rows(lines, states, families)
        columns.add_ends(address, port, peer, peer_port)
        columns.add_no_queues()
        columns.add_owners(map(self._owners, pid))
        columns.add_inodes(None)
        columns.add_timers(None)

    def _owners_of(self, pid: str) -> int:
        if not pid:
            return UNTOLD
        return self._columns.group((Owner(int(pid), ""),)) if int(pid) else NOBODY

    def _beside(self, number: int, text: str) -> str | None:
        """What is no socket: a row of UDP, and what stands below a row with ``-b``."""
        if text.startswith("UDP") and self._is_other(text) is not None:
            self._below = number + 1
            self._is_tcp = False
            return ""
        if number != self._below or self._table is None:
            return None
        program = self._program(text)
        if program:
            self._owned(intern(program[0]))
        elif self._is_note(text) is None:
            return None
        self._below += 1
        return ""

    def _owned(self, command: str) -> None:
        """The owner of the last row is ``command``."""
        if self._is_tcp and len(self._columns):
            self._columns.own_last(command)
        self._is_tcp = False

    def _frozen(self, table: Table) -> SocketTable:
        columns = self._columns
        states = table.states()
        headed = bool(table.header) or table.first_line in self._headed_at
        return SocketTable(
            evidence=table.evidence(self._input),
            format="windows-netstat",
            sockets=columns.frozen(owners_recorded=columns.tells_owners()),
            owners_recorded=columns.tells_owners(),
            queues_recorded=False,
            time_wait_recorded=TcpState.TIME_WAIT in states or (headed and not table.elided),
            listeners_recorded=TcpState.LISTEN in states,
        )
