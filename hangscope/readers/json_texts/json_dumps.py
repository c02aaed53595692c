"""What the dialects of thread dumps have in common: which records make one dump."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any

from hangscope.facts import Evidence, Frame, JavaThread, ThreadDump
from hangscope.readers.interface import Read
from hangscope.readers.json_texts.json_lines import JsonLines
from hangscope.readers.json_texts.json_walk import Record
from hangscope.readers.spans import Spans


class JsonDumps(ABC):
    """All dumps of one dialect in one input."""

    def __init__(self, input_name: str, spans: Spans) -> None:
        self.spans = spans
        self.frames: dict[Hashable, Frame] = {}
        self.stacks: dict[Hashable, tuple[Frame, ...]] = {}
        self._input = input_name
        self._dumps: list[ThreadDump] = []
        self._begin()

    def _begin(self) -> None:
        self._first_line = self._last_line = 0
        self.ended = False
        self._is_whole = True
        self.threads: list[JavaThread] = []
        self.title: dict[str, Any] = {}
        self.monitors_recorded = False
        self.synchronizers_recorded = False
        self.begun()

    def begun(self) -> None:
        """Another dump begins."""
        return

    @abstractmethod
    def frozen(self) -> ThreadDump:
        """The dump that was read last."""

    def evidence(self) -> Evidence:
        """All lines of the dump."""
        return Evidence(self._input, self._first_line, self._last_line)

    def evidence_of(self, record: Record) -> Evidence:
        """The lines of one thread."""
        return Evidence(self._input, record.first_line, record.last_line)

    def evidence_at(self, line: int) -> Evidence:
        """One line."""
        return Evidence(self._input, line, line)

    def command(self) -> None:
        """What was open is over."""
        self._close()

    def open(self, first_line: int, *, lone: bool) -> None:
        """A dump, or one more thread of one that has lost its start."""
        if self._first_line and not lone:
            self._close()
        self._first_line = self._first_line or first_line

    def member(self, key: str, value: Any, line: int) -> None:  # noqa: ARG002 - it is no evidence
        """What is told of the process."""
        self.title.setdefault(key, value)

    def again(self, text: JsonLines, place: int) -> int | None:  # noqa: ARG002 - nothing is alike
        """No record is taken without being decoded."""
        return None

    def gap(self) -> None:
        """Nothing that was told holds for what follows alone."""
        return

    def lost(self) -> None:
        """A thread may be missing: the dump is not whole."""
        self._is_whole = False

    def close(self, last_line: int, *, ended: bool) -> None:
        """The dump goes up to here."""
        self._last_line = last_line
        self.ended = ended and self._is_whole

    def finish(self) -> Read:
        """All dumps."""
        self._close()
        return Read(dumps=tuple(self._dumps))

    def _close(self) -> None:
        if self._first_line:
            self._dumps.append(self.frozen())
            self._is_whole = True
        self._begin()
