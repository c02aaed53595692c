"""``netstat -s`` of net-tools: counters of the network stack in words.

::

    TcpExt:
        14 times the listen queue of a socket overflowed
        TCPTimeouts: 36

Those of TCP that have a name in ``netstat_phrases`` get it: ``TcpExtListenOverflows``. Others,
and translated ones, keep their words behind their section's name, ``N`` for the number.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import InputKind
from hangscope.readers.processes.netstat_phrases import NAMES
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("netstat_s")
_SECTIONS: Final = ("Ip", "Icmp", "Tcp", "Udp", "Sctp", "MPTcp")


class NetstatS:
    """The reader."""

    name = "netstat-s"
    kind = InputKind.PROCESS
    initials = frozenset(word[0] for word in _SECTIONS)

    def sees(self, line: str) -> str | None:
        """A section, alone on its line and not indented."""
        if (
            line.startswith(_SECTIONS)
            and line.rstrip(BLANKS).endswith(":")
            and SYNTAX.matcher("section")(line.rstrip(BLANKS))
        ):
            return "it has a section of netstat -s"
        return None

    def begin(self, input_name: str) -> NetstatSReading:
        """Start with a new input."""
        return NetstatSReading(input_name, self.name, SYNTAX)


class NetstatSReading(ProcessReading):
    """All texts of this kind in one input."""

    _section = ""

    def _taken(self, text: ProcessText, line: str, bare: str, number: int) -> bool | None:
        found = self._syntax.match(bare)
        if found is None:
            return False
        rule, values = found
        # Sentences with a number are everywhere; what is not indented must be known.
        if line[0] not in BLANKS and rule not in ("section", "subtitle", "remark"):
            phrase, _ = _stated(rule, values)
            if rule != "named" and phrase not in NAMES.get(self._section, ()):
                return False
        return self._take(text, rule, values, number)

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        if rule == "section":
            section = values[0] or ""
            if section in text.named:
                return None
            text.named.add(section)
            self._section = section
        elif rule not in ("subtitle", "remark"):
            phrase, value = _stated(rule, values)
            known = NAMES.get(self._section, {}).get(phrase)
            if known:
                text.count(self._section + known, value, number)
            elif rule == "named" and " " not in phrase:
                text.count(self._section + phrase, value, number)
            else:
                text.count(f"{self._section} {phrase}", value, number)
        return True


def _stated(rule: str, values: tuple[str | None, ...]) -> tuple[str, str]:
    """The phrase of a counter, and its value."""
    if rule == "counted":
        return f"N {values[1]}".rstrip("."), values[0] or ""
    if rule == "told":
        before, value, after = values
        return f"{before}N{after or ''}", value or ""
    return values[0] or "", values[1] or ""
