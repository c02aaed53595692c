"""``ls -l /proc/PID/fd``: the open file descriptors of a process.

::

    total 0
    lrwx------ 1 root root 64 Nov 22 03:10 11 -> socket:[163371]

Loops round ``readlink`` print ``11 -> socket:[163371]``.
"""

from __future__ import annotations

from typing import Final

from hangscope.facts import Descriptor, Evidence, InputKind
from hangscope.readers.processes.process_texts import ProcessReading, ProcessText
from hangscope.readers.syntax.lines import BLANKS, LineSyntax

SYNTAX: Final = LineSyntax("proc_fd")
_SOCKET: Final = "socket:["


class ProcFd:
    """The reader."""

    name = "proc-fd"
    kind = InputKind.PROCESS
    initials = None

    def sees(self, line: str) -> str | None:
        """The path of the folder, or a descriptor."""
        if (" -> " in line or (line.startswith("/proc/") and "/fd" in line)) and (
            match := SYNTAX.match(line.strip(BLANKS))
        ):
            return None if match[0] == "other" else "it has a line of /proc/PID/fd"
        return None

    def begin(self, input_name: str) -> ProcFdReading:
        """Start with a new input."""
        return ProcFdReading(input_name, self.name, SYNTAX)


class ProcFdReading(ProcessReading):
    """All texts of this kind in one input."""

    preceding = frozenset({"total", "folder"})
    noise = frozenset({"other"})

    def _take(
        self, text: ProcessText, rule: str, values: tuple[str | None, ...], number: int
    ) -> bool | None:
        if rule == "total":
            return True if number <= text.first_line + 1 else None
        if rule == "folder":
            if text.descriptors or text.pid is not None:
                return None
            text.pid = _pid(values[0])
            return True
        pid = _pid(values[0]) if rule == "entry" else None
        fd, target = values[-2] or "", values[-1] or ""
        if pid is not None and pid != text.pid:
            if text.descriptors:
                return None
            text.pid = pid
        if fd in text.named:
            return None
        text.named.add(fd)
        if len(target) > 1 and target[0] == target[-1] == "'":  # as ls quotes on a terminal
            target = target[1:-1]
        where = Evidence(text.input, number, number)
        text.descriptors.append(Descriptor(int(fd), target, _inode(target), where))
        return True


def _pid(text: str | None) -> int | None:
    return None if text is None or text == "self" else int(text)


def _inode(target: str) -> int | None:
    number = target[len(_SOCKET) : -1]
    if target.startswith(_SOCKET) and number.isascii() and number.isdecimal() and len(number) <= 18:  # noqa: PLR2004 - of 64 bits
        return int(number)
    return None
