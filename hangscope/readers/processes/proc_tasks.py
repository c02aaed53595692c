"""``/proc/PID/task/TID/syscall`` of each thread: the system call that it is in.

::

    7157 comm=acceptor syscall=43 0x5 0x7fc4844e8490 0x7fc4844e8488 0xc 0x0 0x0 0x7fc4 0x7fc5
    /proc/7134/task/7157/syscall:43 0x5 0x7fc4844e8490 0x7fc4844e8488 0xc 0x0 0x0 0x7fc4 0x7fc5

(a loop, and ``grep . /proc/7134/task/*/syscall``). The kernel prints the call's number, six
arguments, the stack pointer and the program counter (Linux: fs/proc/base.c); ``-1`` with the
two pointers alone where the thread is blocked in no call.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import Evidence, InputKind, ThreadCall
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("proc_tasks")
_ARGUMENTS: Final = 6
_PARTS_OF_A_NAME: Final = 15
"""Bytes of a name, so that it has no more lines."""


class ProcTasks:
    """The reader."""

    name = "proc-tasks"
    kind = InputKind.PROCESS
    initials = None

    def sees(self, line: str) -> str | None:
        """A thread and its call."""
        if " syscall=" not in line and not line.startswith("/proc/"):
            return None
        found = SYNTAX.match(line.strip(BLANKS))
        if found and found[0] in ("task", "call_file", "name_file"):
            return "it has a thread's system call"
        return None

    def begin(self, input_name: str) -> ProcTasksReading:
        """Start with a new input."""
        return ProcTasksReading(input_name, self.name, SYNTAX)


class ProcTasksReading(ProcessReading):
    """All texts of this kind in one input."""

    def __init__(self, input_name: str, format_name: str, syntax: LineSyntax) -> None:
        super().__init__(input_name, format_name, syntax)
        self._opened: tuple[str, list[str], int] | None = None
        """A thread whose name goes on: its id, the lines of its name, the first line."""
        self._names: dict[int, str] = {}

    def _begun(self, text: ProcessText) -> None:  # noqa: ARG002 - the text is empty yet
        self._opened = None
        self._names = {}

    def _taken(self, text: ProcessText, line: str, bare: str, number: int) -> bool | None:
        taken = super()._taken(text, line, bare, number)
        if taken is False and self._opened and len(self._opened[1]) < _PARTS_OF_A_NAME:
            self._opened[1].append(line)
            return True
        return taken

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        if rule == "opening":
            self._unclosed()
            self._opened = values[0] or "", [values[1] or ""], number
            return True
        if rule == "name_file":
            pid, tid, name = values
            self._names[int(tid or 0)] = name or ""
            return self._is_of(text, int(pid or 0))
        if rule == "closing":
            if self._opened is None:
                return False
            tid, parts, first = self._opened
            self._opened = None
            name, *call = "\n".join([*parts, values[0] or ""]), *values[1:]
            return self._called(text, tid, name, call, (first, number))
        self._unclosed()
        if rule == "call_file":
            pid, tid, *call = values
            if self._is_of(text, int(pid or 0)) is None:
                return None
            return self._called(text, tid or "", "", call, (number, number))
        tid, name, *call = values
        return self._called(text, tid or "", name or "", call, (number, number))

    def _is_of(self, text: ProcessText, pid: int) -> bool | None:
        if text.pid not in (None, pid):
            return None
        text.pid = pid
        return True

    def _called(
        self,
        text: ProcessText,
        tid: str,
        name: str,
        call: list[str | None],
        lines: tuple[int, int],
    ) -> bool | None:
        if tid in text.named:
            return None
        text.named.add(tid)
        running, number, arguments = call
        if running or number:  # neither where the file could not be read
            text.calls.append(
                ThreadCall(
                    int(tid),
                    int(number) if number else None,
                    _arguments(arguments),
                    name,
                    Evidence(text.input, *lines),
                )
            )
        return True

    def _unclosed(self) -> None:
        if self._opened:
            _, parts, first = self._opened
            self._spans.extend(first, first + len(parts) - 1, "a thread without its system call")
            self._opened = None

    def _ended(self, text: ProcessText) -> None:
        self._unclosed()
        if self._names:
            text.calls = [
                call if call.command else call._replace(command=self._names.get(call.tid, ""))
                for call in text.calls
            ]


def _arguments(text: str | None) -> tuple[int, ...]:
    """The arguments of a call, without the two pointers behind them."""
    numbers = [int(word, 16) for word in (text or "").split()]
    return tuple(numbers[:_ARGUMENTS]) if len(numbers) > 2 else ()  # noqa: PLR2004 - the pointers
