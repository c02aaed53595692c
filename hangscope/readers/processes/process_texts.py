"""What the readers of process facts share: which lines make one text, and whose process it is.

Such texts are short and stand between others: a run of lines of one kind is one text. Up to
``_PATIENCE`` foreign lines within it are damage; more of them, or a line that starts another
text, end it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hangscope.facts import (
    Counter,
    Descriptor,
    Evidence,
    Limit,
    ProcessFacts,
    Setting,
    ThreadCall,
    ThreadUsage,
)
from hangscope.readers.commands import prompt
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.processes.moments import moment_of
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

_PATIENCE: Final = 2
"""Foreign lines within a text; there is more than damage where there are more."""
_BLANK_LINES: Final = 3
"""Blank lines within a text."""


@dataclass
class ProcessText:
    """A text being read."""

    input: str
    first_line: int
    last_line: int
    command: str
    """What was typed to get it, if that is known."""
    pid: int | None = None
    captured: str | None = None
    limits: list[Limit] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    usages: list[ThreadUsage] = field(default_factory=list)
    descriptors: list[Descriptor] = field(default_factory=list)
    calls: list[ThreadCall] = field(default_factory=list)
    named: set[Hashable] = field(default_factory=set)
    """What it has stated already: what comes again is of another text."""

    def set(self, name: str, value: str, number: int) -> None:
        """Line ``number`` states a value."""
        self.settings.append(Setting(name, value, Evidence(self.input, number, number)))

    def count(self, name: str, value: str, number: int) -> None:
        """Line ``number`` states a counter."""
        self.counters.append(Counter(name, int(value), Evidence(self.input, number, number)))

    def frozen(self, format_name: str) -> ProcessFacts:
        """The text as a fact."""
        return ProcessFacts(
            evidence=Evidence(self.input, self.first_line, self.last_line),
            format=format_name,
            pid=pid_of(self.command) if self.pid is None else self.pid,
            captured=self.captured,
            limits=tuple(self.limits),
            settings=tuple(self.settings),
            counters=tuple(self.counters),
            usages=tuple(self.usages),
            descriptors=tuple(self.descriptors),
            calls=tuple(self.calls),
        )


class ProcessReading(ABC):
    """The texts of one format in one input.

    Subclasses take the lines one by one; a line that they do not take is foreign.
    """

    preceding: ClassVar[frozenset[str]] = frozenset()
    """Kinds of line that may stand above the line that is seen, and say little by themselves."""
    noise: ClassVar[frozenset[str]] = frozenset()
    """Kinds of line that belong to the format and state nothing."""

    def __init__(self, input_name: str, format_name: str, syntax: LineSyntax) -> None:
        self._input = input_name
        self._format = format_name
        self._why = f"not a line of {format_name}"
        self._syntax = syntax
        self._spans = Spans()
        self._read: list[ProcessFacts] = []

    @abstractmethod
    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        """Take what a line states: False if it is no line of this text, None if of the next."""

    def _begun(self, text: ProcessText) -> None:  # noqa: ARG002 - for those that need it
        """A new text begins: forget what was noted about the one before."""
        return

    def _ended(self, text: ProcessText) -> None:  # noqa: ARG002 - for those that need it
        """The text has ended: state what its lines say together."""
        return

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read one text, up to the first line that is not part of it."""
        first = lines.next_number()
        text = ProcessText(self._input, first, first, around.command)
        self._begun(text)
        self._look_back(text, around)
        foreign: list[Numbered] = []
        wrong = blank = 0
        for number, line in lines:
            bare = line.strip(BLANKS)
            taken = self._taken(text, line, bare, number) if bare else False
            if taken:
                if foreign:
                    self._tell(foreign)
                    foreign.clear()
                    wrong = blank = 0
                text.last_line = number
                continue
            foreign.append((number, line))
            if not bare:
                blank += 1
            elif taken is None or prompt(line) or around.starts_elsewhere(line):
                break
            elif not self._is_noise(bare):
                wrong += 1
            if wrong > _PATIENCE or blank > _BLANK_LINES:
                break
        else:
            if [number for number, _ in foreign] == [text.last_line + 1]:  # cut while written
                self._tell(foreign)
                foreign.clear()
        lines.back(*foreign)
        self._ended(text)
        facts = text.frozen(self._format)
        if facts.records:
            self._read.append(facts)

    def finish(self) -> Read:
        """All texts that state something."""
        return Read(processes=tuple(self._read), not_understood=self._spans.all())

    def _taken(self, text: ProcessText, line: str, bare: str, number: int) -> bool | None:  # noqa: ARG002 - some formats look at the indentation
        found = self._syntax.match(bare)
        if found is None:
            return False
        rule, values = found
        return rule not in self.noise and self._take(text, rule, values, number)

    def _is_noise(self, bare: str) -> bool:
        if not self.noise:
            return False
        found = self._syntax.match(bare)
        return found is not None and found[0] in self.noise

    def _tell(self, foreign: list[Numbered]) -> None:
        for number, line in foreign:
            bare = line.strip(BLANKS)
            if bare and not self._is_noise(bare):
                self._spans.add(number, self._why)

    def _look_back(self, text: ProcessText, around: Surroundings) -> None:
        """Lines right above that belong to the text, and the date above them."""
        before = list(around.before)
        own: list[tuple[int, str, tuple[str | None, ...]]] = []
        while before and self.preceding and before[-1][0] == text.first_line - 1:
            found = self._syntax.match(before[-1][1].strip(BLANKS))
            if found is None or found[0] not in self.preceding:
                break
            text.first_line, _ = before.pop()
            own.append((text.first_line, *found))
        for number, rule, values in reversed(own):
            self._take(text, rule, values, number)
        if before:
            text.captured = moment_of(before[-1][1])


def pid_of(command: str) -> int | None:
    """The process that ``command`` asks about: ``cat /proc/123/limits``, ``top -H -p 123``."""
    words = command.split()
    for word, after in zip(words, [*words[1:], ""], strict=False):
        parts = word.split("/")
        if parts[:2] == ["", "proc"] and _is_pid(parts[2] if len(parts) > 2 else ""):  # noqa: PLR2004
            return int(parts[2])
        option, pid, rest = word.partition("p")
        if option.startswith("-") and option[1:2] != "-" and pid:
            asked = rest or after
            if _is_pid(asked):
                return int(asked)
    return None


def _is_pid(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9  # noqa: PLR2004 - of 32 bits
