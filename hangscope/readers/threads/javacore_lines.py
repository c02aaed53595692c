"""From the lines of a javacore to records; what the lines look like is in ``javacore.lark``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from sys import intern
from typing import Any, Final

from hangscope.facts import Frame
from hangscope.readers.syntax.lines import BLANKS, LineParser, LineSyntax, Match
from hangscope.readers.threads.javacore_records import (
    Blocked,
    Cpu,
    DeadlockObject,
    DeadlockThread,
    DeadlockWaits,
    Entered,
    Header,
    Ident,
    JavaIds,
    Mark,
    Monitor,
    MonitorInUse,
    Native,
    NativeIds,
    Object,
    Owner,
    Preparation,
    ProcessId,
    Record,
    Section,
    ThreadType,
    Time,
    Version,
    Waiter,
)

SYNTAX: Final = LineSyntax("javacore")

_MS: Final = 1000.0
_COMPILED: Final = "Compiled Code"


def is_tagged(text: str) -> bool:
    """Whether a line begins as those of a javacore do: ``3XM``, ``1CI``, ``NULL``."""
    if text.startswith("NULL"):
        return len(text) == len("NULL") or text[len("NULL")] in BLANKS
    return text[:1].isdecimal() and text[1:3].isalpha() and text[1:3].isupper()


def _address(text: str | None) -> int | None:
    return None if text is None or text == "<null>" else int(text, 16)


_SLASH: Final = re.compile(r"/(?!0x[0-9a-f])")
"""Between packages; a hidden class has another before its address."""


def _dotted(name: str) -> str:
    return intern(_SLASH.sub(".", name))


def _object(class_name: str | None, address: str | None) -> Object | None:
    if class_name is None or address is None:
        return None
    return Object(_dotted(class_name), int(address, 16))


def _unquoted(name: str | None) -> str | None:
    return None if name is None else name[1:-1]


def _time(date: str, time: str, utc: str | None) -> Time:
    return Time(f"{date.replace('/', '-')} {time}", utc is not None)


_FEATURE: Final = re.compile(r"J2?RE (?:1\.)?([0-9]{1,3})\b")


def feature_of(version: str) -> int | None:
    """The feature release: ``JRE 17 Linux …`` is 17, ``JRE 1.8.0 …`` is 8, ``J2RE 1.4.0`` is 4."""
    found = _FEATURE.search(version)
    return int(found[1]) if found else None


def _monitor(
    class_name: str, address: str, owner: str | None, pointer: str | None, ident: str | None
) -> Monitor:
    held_by = None
    if owner is not None or ident is not None:
        held_by = Owner(_unquoted(owner), _address(pointer), _address(ident))
    return Monitor(Object(_dotted(class_name), int(address, 16)), held_by)


def _queued(*, is_notified: bool) -> Callable[..., Record]:
    return lambda name, pointer: Waiter(Owner(name[1:-1], _address(pointer)), is_notified)


def _thread(name: str, tid: str, thread: str | None, state: str, priority: str) -> Header:
    java = None if thread is None else _address(thread) or 0
    return Header(name[1:-1], int(tid, 16), None, java, intern(state), int(priority))


def _thread_of_ibm(  # noqa: PLR0917 - as many values as IBM's Java prints
    name: str, tid: str, sys_thread: str, state: str, nid: str, priority: str
) -> Header:
    return Header(
        name[1:-1],
        int(sys_thread, 16),
        int(tid, 16),
        None,
        intern(state),
        int(priority),
        int(nid, 16),
    )


def _cpu(seconds: str | None, category: str | None) -> Cpu:
    ms = None if seconds is None else round(float(seconds) * _MS, 6)
    return Cpu(ms, intern((category or "").strip('"')))


def _blocked(  # noqa: PLR0917 - as many values as OpenJ9 prints
    action: str,
    class_name: str | None,
    address: str | None,
    initializer: str | None,
    owner: str | None,
    tid: str | None,
    _thread_object: str | None,
) -> Blocked:
    held_by = None if tid is None else Owner(_unquoted(owner), _address(tid))
    return Blocked(action, _object(class_name, address), held_by, _unquoted(initializer))


def _frame(method: str, location: str | None) -> Frame:
    return Frame(_dotted(method), intern(location or _COMPILED))


def _native(text: str) -> Native:
    parts = SYNTAX.matcher("native_frame")(text)
    if parts is None:
        return Native(Frame(intern(text), ""))
    symbol, instruction, module = parts
    return Native(Frame(intern(symbol or instruction), intern(module)))


def _marking(what: Mark) -> Callable[..., Record]:
    return lambda *_: what


_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "other": _marking(Mark.OTHER),
    "section": lambda text: Section(text.removesuffix(" subcomponent dump routine")),
    "end": _marking(Mark.END),
    "time": _time,
    "preparation": lambda text: Preparation("exclusive_vm_access" in text),
    "inconsistent": _marking(Mark.INCONSISTENT),
    "java_version": lambda text: Version(text, feature_of(text)),
    "process": lambda pid: ProcessId(int(pid)),
    "incomplete": _marking(Mark.INCOMPLETE),
    "monitor_in_use": lambda inflated: MonitorInUse(int(inflated, 16) != 0),
    "monitor": _monitor,
    "system_monitor": _marking(Mark.SYSTEM_MONITOR),
    "queue": _marking(Mark.QUEUE),
    "waiter": _queued(is_notified=False),
    "notify_waiter": _queued(is_notified=True),
    "flat_ident": lambda ident, _, pointer: Ident(int(ident, 16), int(pointer, 16)),
    "deadlock_title": _marking(Mark.DEADLOCK),
    "deadlock_thread": lambda name, _: DeadlockThread(name[1:-1]),
    "deadlock_waits": lambda which: DeadlockWaits(which is None),
    "deadlock_monitor": _marking(Mark.DEADLOCK_MONITOR),
    "deadlock_object": lambda of, at: DeadlockObject(_object(of, at), ""),
    "deadlock_system": lambda name: DeadlockObject(None, name.strip()),
    "deadlock_owned": _marking(Mark.DEADLOCK_OWNED),
    "current_thread": _marking(Mark.CURRENT_THREAD),
    "all_threads": _marking(Mark.ALL_THREADS),
    "full_dump": lambda vm: Version(vm.rstrip(":"), feature_of(vm)),
    "thread": _thread,
    "thread_of_ibm": _thread_of_ibm,
    "anonymous": lambda: Header("", is_java=False),
    "java_thread": lambda number, daemon: JavaIds(int(number, 16), daemon == "true"),
    "native_thread": lambda nid, state: NativeIds(int(nid, 16), intern(state or "")),
    "cpu": _cpu,
    "block": _blocked,
    "thread_type": ThreadType,
    "unmounted": lambda name, thread: Header(name[1:-1], object=_address(thread)),
    "unmounted_type": lambda type_, tid: ThreadType(type_, _address(tid)),
    "frame": _frame,
    "missing_frame": _marking(Mark.MISSING_FRAME),
    "entered": lambda of, at: Entered(Object(_dotted(of), int(at, 16))),
    "native": _native,
}

_LASTING: Final = frozenset({"frame"})
"""Lines that are the same in all dumps of a process, and looked up many at a time."""
_UNIQUE: Final = frozenset({"other", "thread", "java_thread", "native_thread", "cpu"})
"""Lines that every thread has of its own, and the many of no interest: they are not kept."""
_OTHERS: Final = 2_000
"""Lines of no interest that are kept all the same: some stand in each thread."""
_TAG: Final = re.compile("[0-9A-Z]+")


@cache
def _rules_of_tags() -> dict[str, tuple[str, ...]]:
    """The kinds of line that start with a tag, of those whose tag the grammar spells out."""
    found: dict[str, tuple[str, ...]] = {}
    for rule in SYNTAX.rules:
        tag = _TAG.match(SYNTAX.expression(rule))
        if tag:
            found[tag[0]] = (*found.get(tag[0], ()), rule)
    return found


def match(text: str) -> Match | None:
    """The same as ``SYNTAX.match``, which looks through all kinds of line, not those of a tag."""
    for rule in _rules_of_tags().get(text.partition(" ")[0], ()):
        values = SYNTAX.matcher(rule)(text)
        if values is not None:
            return rule, values
    return SYNTAX.match(text)


class JavacoreParser(LineParser[Record]):
    """The lines of one input; all that are ``known`` are frames."""

    def __init__(self) -> None:
        super().__init__(SYNTAX, _BUILD, _LASTING, _UNIQUE)
        self._others: set[str] = set()

    def frames_of(self, lines: Iterable[str]) -> list[Any]:
        """For each line the frame that it is known to be, or None; and None at the end."""
        return [*map(self.known.get, lines), None]

    def parse_unknown(self, line: str) -> Record:
        """The record of a line that is not among the ``known``."""
        record = self.recent.get(line)
        if record is not None:
            return record
        if line in self._others:
            return Mark.OTHER
        record = self._parsed(line)
        if record is Mark.OTHER:
            if len(self._others) >= _OTHERS:
                self._others.clear()
            self._others.add(line)
        return record

    def _match(self, text: str) -> Match | None:
        return match(text)

    def _unmatched(self, text: str) -> Record:
        if not text:
            return Mark.BLANK
        return Mark.DAMAGED if is_tagged(text) else Mark.UNTAGGED
