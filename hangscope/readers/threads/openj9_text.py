"""What OpenJ9's ``jstack`` and ``jcmd Thread.print`` write; JDK 8 to 26.

What a line says is in ``openj9_text.lark``::

    JRE 17 Linux amd64-64-Bit Compressed References 20221018_325 (JIT enabled, AOT enabled)
    OpenJ9   - e04a7f6c1

    "worker-1" prio=5 Id=21 BLOCKED on org.acme.Fork@1b2c3d owned by "worker-2" Id=22
            at org.acme.Philosopher.run(Philosopher.java:39)
            - locked org.acme.Fork@4d5e6f

The threads look like those of ``ThreadInfo.toString()``; the title tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from sys import intern
from typing import Final, NamedTuple, TypeAlias

from hangscope.facts import (
    NOT_RECORDED,
    Evidence,
    Frame,
    Identity,
    InputKind,
    JavaThread,
    LockAction,
    LockLine,
    StackEntry,
    ThreadDump,
    ThreadState,
)
from hangscope.readers.interface import Lines, Numbered, Read, Surroundings
from hangscope.readers.spans import Spans
from hangscope.readers.syntax.lines import BLANKS, LineParser, LineSyntax
from hangscope.readers.threads.javacore_lines import feature_of

_SYNTAX: Final = LineSyntax("openj9_text")
_NOT_OF_A_DUMP: Final = "not a line of a thread dump"
_NO_HEADER: Final = "part of a thread whose first line is missing"
_CUT_HEADER: Final = "first line of a thread, damaged"
_EMPTY: Final = "the title of a thread dump without threads"
_PATIENCE: Final = 20
"""Unknown lines after a blank one, until the dump is taken to be over."""
_LINES_OF_A_NAME: Final = 12
_REACH: Final = 3
"""Lines above the title in which its time and its process id stand."""
_STARTS: Final = ("JRE ", "OpenJ9   - ")
_WAITS: Final = ("java.lang.Object.wait",)


class Title(NamedTuple):
    """The first line; empty for those that follow it."""

    vm: str


class Told(NamedTuple):
    """What stands above the title."""

    captured: str | None
    pid: int | None


class Header(NamedTuple):
    """The first line of a thread."""

    name: str
    priority: int | None
    id: int
    state: ThreadState
    wants: LockLine | None


class Owned(NamedTuple):
    """One of the ownable synchronizers; None for their title."""

    lock: LockLine | None


class _Unknown(NamedTuple):
    """A line of something else."""

    is_blank: bool


_Record: TypeAlias = Frame | LockLine | Title | Told | Header | Owned | _Unknown


def _lock(action: LockAction, class_name: str, identity: str) -> LockLine:
    return LockLine(action, int(identity, 16), intern(class_name))


def _header(  # noqa: PLR0917 - as many values as are printed
    name: str,
    priority: str | None,
    number: str,
    state: str,
    wanted: str | None,
    owner: str | None,
    owner_id: str | None,
) -> Header:
    lock = None
    if wanted is not None and owner is not None and owner_id is not None:
        class_name, _, identity = wanted.rpartition("@")
        lock = LockLine(LockAction.WAITING_TO_LOCK, None, "")
        if class_name:
            lock = _lock(LockAction.WAITING_TO_LOCK, class_name, identity)
        known = int(owner_id) if int(owner_id) >= 0 else None
        lock = lock._replace(owner=None if known is None else owner[1:-1], owner_id=known)
    of = None if priority is None else int(priority)
    return Header(name[1:-1], of, int(number), ThreadState(state), lock)


_BUILD: Final[dict[str, Callable[..., _Record]]] = {
    "vm": Title,
    "component": lambda: Title(""),
    "information": lambda of: Told(None, int(of) if of.isascii() and of.isdecimal() else None),
    "process": lambda pid: Told(None, int(pid)),
    "timestamp": lambda date, time: Told(f"{date} {time}", None),
    "thread": _header,
    "frame": lambda method, location: Frame(method, location or ""),
    "locked": lambda of, at: _lock(LockAction.LOCKED, of, at),
    "synchronizers": lambda: Owned(None),
    "synchronizer": lambda of, at: Owned(_lock(LockAction.LOCKED, of, at)),
}


class _Parser(LineParser[_Record]):
    def __init__(self) -> None:
        super().__init__(_SYNTAX, _BUILD, frozenset({"frame"}))

    def _unmatched(self, text: str) -> _Record:
        return _Unknown(not text)


@dataclass
class _Thread:
    """A thread being read."""

    header: Header
    first_line: int
    last_line: int
    entries: list[StackEntry] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    owned: list[LockLine] | None = None
    owned_lines: list[int] = field(default_factory=list)

    def frozen(self, input_name: str) -> JavaThread:
        entries, header = self.entries, self.header
        top = next((one for one in entries if isinstance(one, Frame)), None)
        if top and header.wants is None and top.method.startswith(_WAITS):
            entries = _without_what_is_waited_on(entries)
        return JavaThread(
            name=header.name,
            is_java=True,
            evidence=Evidence(input_name, self.first_line, self.last_line),
            id=header.id,
            priority=header.priority,
            state=header.state,
            entries=tuple(entries),
            entry_lines=tuple(self.lines),
            synchronizers=NOT_RECORDED if self.owned is None else tuple(self.owned),
            synchronizer_lines=tuple(self.owned_lines),
        )


def _without_what_is_waited_on(entries: list[StackEntry]) -> list[StackEntry]:
    """The innermost monitor of a thread in ``wait`` is the one that it gave up."""
    for index, entry in enumerate(entries):
        if isinstance(entry, LockLine):
            waited = entry._replace(action=LockAction.WAITING_ON)
            return [*entries[:index], waited, *entries[index + 1 :]]
    return entries


@dataclass
class _Dump:
    """A dump being read."""

    first_line: int
    last_line: int
    vm: str = ""
    told: list[Told] = field(default_factory=list)
    threads: list[_Thread] = field(default_factory=list)

    def frozen(self, input_name: str) -> ThreadDump:
        return ThreadDump(
            evidence=Evidence(input_name, self.first_line, self.last_line),
            threads=tuple(thread.frozen(input_name) for thread in self.threads),
            captured=next((one.captured for one in self.told if one.captured), None),
            vm=self.vm or None,
            jdk_feature=feature_of(self.vm),
            pid=next((one.pid for one in self.told if one.pid is not None), None),
            synchronizers_recorded=any(thread.owned is not None for thread in self.threads),
            format="openj9-text",
            identity=Identity.HASH,
        )


class Openj9Text:
    """The reader."""

    name = "openj9-text"
    kind = InputKind.THREAD_DUMP
    initials = frozenset(word[0] for word in _STARTS)

    def sees(self, line: str) -> str | None:
        """Its title alone: ``java -version`` prints it too, within another line."""
        text = line.strip(BLANKS)
        if text.startswith(_STARTS) and _SYNTAX.match(text) is not None:
            return f"it says `{text}`"
        return None

    def begin(self, input_name: str) -> Openj9TextReading:
        """Start with a new input."""
        return Openj9TextReading(input_name)


class Openj9TextReading:
    """All such dumps of one input."""

    def __init__(self, input_name: str) -> None:
        self._input = input_name
        self._parser = _Parser()
        self._spans = Spans()
        self._dumps: list[ThreadDump] = []
        self._dump: _Dump | None = None
        self._unknown: list[Numbered] = []
        """Lines after a blank one; whose they are depends on what follows."""

    def feed(self, lines: Lines, around: Surroundings) -> None:
        """Read on to the first line that is nothing of a dump."""
        self._close()
        self._dump = dump = _Dump(lines.next_number(), lines.next_number())
        for number, line in around.before:
            record = self._parser.parse(line)
            if isinstance(record, Told) and number >= dump.first_line - _REACH:
                dump.told.append(record)
                dump.first_line = min(dump.first_line, number)
        while not self._is_over(dump, lines, around):
            pass  # lines were given back

    def finish(self) -> Read:
        """Close the last dump."""
        self._close()
        return Read(dumps=tuple(self._dumps), not_understood=self._spans.all())

    def _is_over(self, dump: _Dump, lines: Lines, around: Surroundings) -> bool:
        parse = self._parser.parse
        after_blank = True
        for number, line in lines:
            record, last = parse(line), number
            if isinstance(record, _Unknown) and line.lstrip(BLANKS).startswith('"'):
                record, last = self._joined((number, line), lines)
                if isinstance(record, _Unknown):
                    self._keep(dump, number, _CUT_HEADER)
                    dump.threads.append(_Thread(_NOBODY, number, number))
                    return False
            if isinstance(record, _Unknown):
                if record.is_blank:
                    after_blank = True
                    continue
                if around.starts_elsewhere(line):
                    lines.back(*self._unknown, (number, line))
                    return True
                if after_blank or not dump.threads:
                    self._unknown.append((number, line))
                    if len(self._unknown) > _PATIENCE:
                        lines.back(*self._unknown)
                        return True
                else:
                    self._keep(dump, number, _NOT_OF_A_DUMP)
                continue
            after_blank = False
            if self._begins_anew(dump, record):
                lines.back(*self._unknown, (number, line))
                return True
            self._take(dump, record, number, last)
        return True

    def _begins_anew(self, dump: _Dump, record: _Record) -> bool:
        return isinstance(record, Title | Told) and bool(dump.threads)

    def _joined(self, first: Numbered, lines: Lines) -> tuple[_Record, int]:
        """A header that is spread over lines, for its name holds line feeds."""
        taken: list[Numbered] = []
        whole = first[1]
        for number, more in islice(lines, _LINES_OF_A_NAME):
            taken.append((number, more))
            if isinstance(self._parser.parse(more), Header):
                break
            whole = f"{whole}\n{more}"
            record = self._parser.parse(whole)
            if isinstance(record, Header):
                return record, number
        lines.back(*taken)
        return _Unknown(is_blank=False), first[0]

    def _keep(self, dump: _Dump, number: int, why: str) -> None:
        self._spans.add(number, why)
        dump.last_line = max(dump.last_line, number)

    def _take(self, dump: _Dump, record: _Record, first: int, last: int) -> None:
        for number, _ in self._unknown:
            self._spans.add(number, _NOT_OF_A_DUMP)
        self._unknown = []
        dump.last_line = last
        thread = dump.threads[-1] if dump.threads else None
        match record:
            case Title(vm):
                dump.vm = dump.vm or vm
            case Told():
                dump.told.append(record)
            case Header():
                thread = _Thread(record, first, last)
                dump.threads.append(thread)
                if record.wants:
                    thread.entries.append(record.wants)
                    thread.lines.append(last)
            case _ if thread is None or thread.header is _NOBODY:
                self._spans.add(first, _NO_HEADER)
            case Frame() | LockLine():
                thread.entries.append(record)
                thread.lines.append(last)
                thread.last_line = last
            case Owned(lock):
                thread.owned = thread.owned or []
                if lock:
                    thread.owned.append(lock)
                    thread.owned_lines.append(last)
                thread.last_line = last

    def _close(self) -> None:
        dump, self._dump, self._unknown = self._dump, None, []
        if dump is None:
            return
        dump.threads = [thread for thread in dump.threads if thread.header is not _NOBODY]
        if dump.threads:
            self._dumps.append(dump.frozen(self._input))
        elif dump.vm:
            self._spans.extend(dump.first_line, dump.last_line, _EMPTY)


_NOBODY: Final = Header("", None, 0, ThreadState.UNKNOWN, None)
"""Stands for a thread whose first line is damaged."""
