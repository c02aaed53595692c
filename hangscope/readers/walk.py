"""One pass over a stream of lines: each part goes to the reader whose text it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hangscope.facts import Evidence
from hangscope.readers.commands import prompt
from hangscope.readers.interface import Lines, Read, Reader, Reading, Surroundings
from hangscope.readers.logs import is_of_a_log, log_lines
from hangscope.readers.processes.moments import moment_of
from hangscope.readers.syntax.lines import BLANKS


class Walk:
    """Outside of all texts until a reader sees a line of its own."""

    def __init__(self, input_name: str, readers: Sequence[Reader]) -> None:
        self._input = input_name
        self._readers = readers
        self._asked = _Asked(readers)
        self._readings: dict[str, Reading] = {}
        self._around = Surroundings()
        self._outside = 0
        self._before: list[int] = []
        """Lines that stand right above a text, and may belong to it."""
        self._refused: set[str] = set()
        """Readers that saw the next line as theirs and, on a closer look, did not take it."""
        self.reason = ""
        """What the first text was recognised by."""
        self.also: tuple[str, ...] = ()
        """Who else could have taken its first line."""
        self.last_line = 0

    def through(self, lines: Lines) -> None:
        """Read everything."""
        while (found := self._sought(lines)) is not None:
            self._feed(*found, lines)
        self.last_line = lines.last_number

    def finished(self) -> list[Read]:
        """What each reader read."""
        return [reading.finish() for reading in self._readings.values()]

    def outside(self, found: Iterable[Evidence]) -> int:
        """How many lines with text are no part of what was ``found``."""
        taken = {
            number
            for number in self._before
            for _, first_line, last_line in found
            if first_line <= number <= last_line
        }
        return self._outside - len(taken)

    def _sought(self, lines: Lines) -> tuple[Reader, str, str] | None:
        """The next line that a reader sees as its own, the reader, and why."""
        asked = self._asked.__getitem__
        for number, line in lines:
            if not line:
                continue
            if is_of_a_log(line):
                self._outside += 1
                self._around.before.append((number, line))
                self._pass_over_a_log(lines)
                continue
            for reader in asked(line.lstrip(BLANKS)[:1]):
                reason = reader.sees(line)
                if reason and reader.name not in self._refused:
                    lines.back((number, line))
                    return reader, line, reason
            self._outside += 1
            self._refused.clear()
            command = prompt(line)
            if command:
                self._around.command = command
                self._keep_the_date()
            else:
                self._around.before.append((number, line))
        return None

    def _pass_over_a_log(self, lines: Lines) -> None:
        """Pass over the lines of a log that come next: a log may be long."""
        (numbers, texts), start = lines.ahead()
        count = log_lines(texts, start)
        last = slice(start + max(0, count - (self._around.before.maxlen or 0)), start + count)
        self._outside += count
        self._around.before.extend(zip(numbers[last], texts[last], strict=True))
        lines.skip(count)

    def _keep_the_date(self) -> None:
        """A command was typed: what stands above it says nothing about it but when that was."""
        before = self._around.before
        dated = [one for one in before if moment_of(one[1]) is not None][-1:]
        before.clear()
        before.extend(dated)

    def _feed(self, reader: Reader, line: str, reason: str, lines: Lines) -> None:
        reading = self._readings.get(reader.name)
        if reading is None:
            reading = self._readings[reader.name] = reader.begin(self._input)
        before = lines.next_number()
        self._around.starts_elsewhere = self._elsewhere(reader)
        reading.feed(lines, self._around)
        if lines.next_number() == before:
            self._refused.add(reader.name)
            return
        self._refused.clear()
        self._before += [number for number, _ in self._around.before]
        left, self._around = self._around.left, Surroundings()
        self._around.before.extend(left)
        self._outside += len(left)
        if not self.reason:
            self.reason = reason
            self.also = tuple(
                other.name for other in self._readers if other.sees(line) not in {None, reason}
            )

    def _elsewhere(self, reader: Reader) -> Callable[[str], bool]:
        asked = self._asked
        return lambda line: any(
            other.sees(line) for other in asked[line.lstrip(BLANKS)[:1]] if other is not reader
        )


class _Asked(dict[str, tuple[Reader, ...]]):
    """The readers that may see a line, by its first character: most lines are those of logs."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        super().__init__()
        self._readers = readers

    def __missing__(self, initial: str) -> tuple[Reader, ...]:
        found = self[initial] = tuple(
            one for one in self._readers if one.initials is None or initial in one.initials
        )
        return found
