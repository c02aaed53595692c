"""The JVM's own deadlock report: ``Found one Java-level deadlock``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from hangscope.facts import DeadlockMember, DeadlockReport, Evidence, Frame, LockLine
from hangscope.readers.interface import Lines, Numbered, Surroundings
from hangscope.readers.spans import Spans
from hangscope.readers.threads.hotspot_records import (
    Banner,
    Glued,
    Header,
    HeldBy,
    Mark,
    Named,
    ProcessId,
    Record,
    Timestamp,
    Wants,
    Within,
)

_LINES_OF_A_NAME = 12
"""Lines that a thread's name may be spread over."""
NOT_OF_A_REPORT = "not a line of a deadlock report"


def joined(
    first: Numbered,
    lines: Lines,
    parse: Callable[[str], Record],
    accepts: Callable[[Record], bool] = lambda _: True,
) -> tuple[Record, int]:
    """The record of a line that needs the following ones to be whole: names hold line feeds.

    Returns:
        The record and the number of its last line; ``UNKNOWN``, and nothing taken from
        ``lines``, if there is none that ``accepts`` takes.
    """
    taken: list[Numbered] = []
    whole = first[1]
    for number, more in islice(lines, _LINES_OF_A_NAME):
        taken.append((number, more))
        alone = parse(more) if more.lstrip().startswith('"') else Mark.UNKNOWN
        if isinstance(alone, Header | Named) and accepts(alone):
            break
        whole = f"{whole}\n{more}"
        record = parse(whole)
        if record is not Mark.UNKNOWN and accepts(record):
            return record, number
    lines.back(*taken)
    return Mark.UNKNOWN, first[0]


class DeadlockSection:
    """Reads from ``Found one Java-level deadlock`` to the line that is no part of it."""

    def __init__(self, input_name: str, parse: Callable[[str], Record], spans: Spans) -> None:
        self._input = input_name
        self._parse = parse
        self._spans = spans
        self.reports: list[DeadlockReport] = []
        self.last_line = 0
        self._members: list[DeadlockMember] = []
        self._first_line = 0
        self._name: tuple[str, int] | None = None
        self._wants: Wants | None = None
        self._in_stacks = False
        self._blank = False
        """Whether a blank line or a cut stands above."""

    def read(self, title: int, lines: Lines, around: Surroundings) -> None:
        """Read on from the title in line ``title``; give back what is no part of the section."""
        self._begin(title)
        while not self._is_over(lines, around):
            pass  # lines were given back

    def _is_over(self, lines: Lines, around: Surroundings) -> bool:
        for first, line in lines:
            record, number = self._parse(line), first
            if record is Mark.UNKNOWN and _opens_a_name(line):
                record, number = joined((first, line), lines, self._parse)
            match record:
                case Banner() | Header() | Timestamp() | ProcessId() | Mark.PROMPT:
                    return self._ends_before((first, line), lines)
                case Mark.DEADLOCK_TOTAL:
                    self._end()
                    self.last_line = number
                    return True
                case Mark.DEADLOCK:
                    self._end()
                    self._begin(number)
                case Within.BLANK | Within.ELISION:
                    self._blank = True
                    continue
                case Mark.UNKNOWN:
                    if self._blank or around.starts_elsewhere(line):
                        return self._ends_before((first, line), lines)
                    self._spans.add(first, NOT_OF_A_REPORT)
                    if _opens_a_name(line):
                        return False
                    continue
                case _:
                    self._take(record, first, number)
            self.last_line = number
            self._blank = False
        self._end()
        return True

    def _ends_before(self, line: Numbered, lines: Lines) -> bool:
        self._end()
        lines.back(line)
        return True

    def _begin(self, number: int) -> None:
        self._first_line = self.last_line = number
        self._members = []
        self._name = self._wants = None
        self._in_stacks = self._blank = False

    def _take(self, record: Record, first: int, last: int) -> None:
        match record:
            case Mark.DEADLOCK_STACKS:
                self._in_stacks = True
            case Named(name) if not self._in_stacks:
                self._close_member(None)
                self._name = name, first
            case Wants() if self._name:
                self._wants = record
            case HeldBy(owner) if self._name and self._wants:
                self.last_line = last
                self._close_member(owner)
            case Frame() | LockLine() | Glued() | Named() | Within.NOISE:
                pass
            case _:
                self._spans.add(first, NOT_OF_A_REPORT)

    def _close_member(self, owner: str | None) -> None:
        if self._name and self._wants:
            name, started = self._name
            wants = self._wants
            evidence = Evidence(self._input, started, self.last_line)
            member = DeadlockMember(
                name, wants.what, wants.address, wants.class_name, owner, evidence
            )
            self._members.append(member)
        self._name = self._wants = None

    def _end(self) -> None:
        self._close_member(None)
        if self._members:
            evidence = Evidence(self._input, self._first_line, self.last_line)
            self.reports.append(DeadlockReport(tuple(self._members), evidence))
        self._members = []


def _opens_a_name(line: str) -> bool:
    return line.lstrip().startswith(('"', 'which is held by "', 'in JNI, which is held by "'))
