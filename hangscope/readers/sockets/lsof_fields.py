"""Output of ``lsof -F`` and ``lsof -F0``, which is made for programs: one field a line.

::

    p27836
    cjava
    f52
    tIPv6
    PTCP
    n*:8080
    TST=LISTEN

``p`` starts a process, ``f`` a file of it, in this order; all other fields are there or not as
it was asked (lsof(8), OUTPUT FOR OTHER PROGRAMS). As in its tables, rows of one socket are
one socket with several owners.
"""

from __future__ import annotations

from sys import intern
from typing import Any, Final, TypeAlias

from hangscope.facts import (
    NOT_RECORDED,
    Endpoint,
    Evidence,
    InputKind,
    NotRecorded,
    Owner,
    Socket,
    SocketTable,
    TcpState,
)
from hangscope.readers.interface import Lines, Read, Surroundings
from hangscope.readers.sockets.endpoints import Endpoints
from hangscope.readers.sockets.lsof import STATES
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import LineSyntax

SYNTAX: Final = LineSyntax("lsof_fields")

_STARTS: Final = frozenset("pft")
_OF_ONE_FILE: Final = {"f": "descriptor", "d": "device", "n": "name"}
"""Fields that differ from file to file, by their letters; all others repeat themselves."""
_Field: TypeAlias = tuple[str, tuple[Any, ...]] | tuple[()]
"""The rule and its values."""
_FAMILIES: Final = ("IPv4", "IPv6")
_ANY: Final = Endpoint("*", None)
_CUT: Final = "the last file, without its state: it may be cut; take it with `lsof -nP -i -F`"
_UNKNOWN_STATE: Final = "a state that TCP does not have"
_REMEMBERED: Final = 100_000
"""Fields kept, as most lines are one of a few."""


class LsofFields:
    """The reader."""

    name = "lsof-fields"
    kind = InputKind.SOCKET_TABLE
    initials = _STARTS

    def sees(self, line: str) -> str | None:
        """A process, a file of it, or the type of a socket: ``p27836``, ``f52``, ``tIPv6``."""
        if line[:1] not in _STARTS:
            return None
        field = line.partition("\0")[0]
        if field[1:] in _FAMILIES and field[0] == "t":
            return "it has a field of lsof -F"
        if field[0] != "t" and field[1:].isdecimal() and SYNTAX.match(field):
            return "it has a field of lsof -F"
        return None

    def begin(self, input_name: str) -> LsofFieldsReading:
        """Start with a new input."""
        return LsofFieldsReading(input_name)


class LsofFieldsReading:
    """All listings of ``lsof -F`` in one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._endpoint = Endpoints().of
        self._own = {tag: (rule, SYNTAX.matcher(rule)) for tag, rule in _OF_ONE_FILE.items()}
        self._known: dict[str, _Field] = {}
        self._spans = Spans()
        self._tables: list[SocketTable] = []
        self._sockets: list[Socket] = []
        self._places: dict[object, int] = {}
        """Where the socket of an inode, or of an address, stands among the sockets."""
        self._process: int | None = None
        self._command = ""
        self._file: dict[str, tuple[Any, ...]] = {}
        """The fields of the file being read, by their rules."""
        self._file_from = 0
        self._lacks_states = False
        """Whether lsof was not asked for states: a file went by without one."""

    def feed(self, lines: Lines, around: Surroundings) -> None:  # noqa: ARG002 - none matter
        """Read on to the first line that is no field."""
        first = last = lines.next_number()
        fields = 0
        parsed, take = self._parsed, self._take
        for number, line in lines:
            if "\0" in line:
                found = [parsed(part) for part in line.removesuffix("\0").split("\0")]
                if None in found:
                    lines.back((number, line))
                    break
                for one in found:
                    if one:
                        take(number, last, *one)
                fields += len(found)
            else:
                field = parsed(line)
                if field:
                    take(number, last, *field)
                elif field is None:
                    lines.back((number, line))
                    break
                fields += 1
            last = number
        self._end_file(last, is_last=True)
        if fields > 1:
            self._close(Evidence(self._input, first, last))
        self._process, self._command = None, ""
        self._sockets, self._places = [], {}
        self._lacks_states = False

    def finish(self) -> Read:
        """All that was read."""
        return Read(tables=tuple(self._tables), not_understood=self._spans.all())

    def _parsed(self, text: str) -> _Field | None:
        """The field; an empty one if it is of no interest, None if it is none."""
        known = self._known.get(text)
        if known is not None:
            return known
        own = self._own.get(text[:1])
        values = own[1](text) if own else None
        if own and values is not None:
            return own[0], values
        found = SYNTAX.match(text)
        if found is None:
            return None
        field = () if found[0] == "other" else found
        if len(self._known) < _REMEMBERED:
            self._known[text] = field
        return field

    def _take(self, number: int, before: int, rule: str, values: tuple[Any, ...]) -> None:
        if rule == "descriptor":
            self._end_file(before)
            self._file_from = number
        elif rule == "process":
            self._end_file(before)
            self._process, self._command = int(values[0]), ""
            return
        elif rule == "command":
            self._command = intern(values[0])
            return
        elif not self._file_from:
            self._file_from = number
        self._file[rule] = values

    def _end_file(self, last: int, *, is_last: bool = False) -> None:
        """The fields of one file are complete: a socket of TCP, or nothing of interest."""
        file, first = self._file, self._file_from
        self._file, self._file_from = {}, 0
        name = file.get("name")
        family = file.get("family", (None,))[0]
        if name is None or family not in (*_FAMILIES, None):
            return
        if file.get("protocol", ("TCP",))[0] != "TCP":
            return
        evidence = Evidence(self._input, first, max(first, last))
        if "state" not in file:
            if is_last and not self._lacks_states:  # it may be cut, in the middle of its port too
                self._spans.extend(evidence.first_line, evidence.last_line, _CUT)
                return
            self._lacks_states = True
        state = STATES.get(file.get("state", ("UNKNOWN",))[0])
        if state is None:
            self._spans.extend(evidence.first_line, evidence.last_line, _UNKNOWN_STATE)
            return
        self._add(file, state, family, name, evidence)

    def _add(
        self,
        file: dict[str, tuple[Any, ...]],
        state: TcpState,
        family: str | None,
        name: tuple[Any, ...],
        evidence: Evidence,
    ) -> None:
        owners: tuple[Owner, ...] | NotRecorded = NOT_RECORDED
        if self._process is not None:
            fd = file.get("descriptor", ("",))[0]
            owners = (Owner(self._process, self._command, int(fd) if fd.isdecimal() else None),)
        device = file.get("device", (None,))[0]
        place = self._places.setdefault(device or (family, name), len(self._sockets))
        if place < len(self._sockets):
            self._share(place, owners)
            return
        address, port, peer, peer_port = name
        sent, received = file.get("send_q"), file.get("recv_q")
        self._sockets.append(
            Socket(
                state,
                self._endpoint(address, port),
                self._endpoint(peer, peer_port) if peer else _ANY,
                int(received[0]) if received else None,
                int(sent[0]) if sent and state is not TcpState.LISTEN else None,
                owners,
                evidence,
                int(device) if device and device.isdecimal() else None,
                None,
                family,
            )
        )

    def _share(self, place: int, owners: tuple[Owner, ...] | NotRecorded) -> None:
        """The socket is there already; it has got one more owner now."""
        socket = self._sockets[place]
        if owners is NOT_RECORDED:
            return
        known = () if socket.owners is NOT_RECORDED else socket.owners
        if owners[0] not in known or owners[0].fd is None:
            self._sockets[place] = socket._replace(owners=(*known, *owners))

    def _close(self, evidence: Evidence) -> None:
        states = {socket.state for socket in self._sockets}
        self._tables.append(
            SocketTable(
                evidence=evidence,
                format="lsof-fields",
                sockets=tuple(self._sockets),
                owners_recorded=any(one.owners is not NOT_RECORDED for one in self._sockets),
                queues_recorded=any(one.recv_q is not None for one in self._sockets),
                time_wait_recorded=False,
                listeners_recorded=TcpState.LISTEN in states,
            )
        )
