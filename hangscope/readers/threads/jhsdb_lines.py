"""From the lines of ``jhsdb jstack`` to records; what the lines look like is in ``jhsdb.lark``.

Frames and lock lines are the facts themselves; equal lines share one record.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from sys import intern
from typing import Final, NamedTuple, TypeAlias

from hangscope.facts import Frame, LockAction, LockLine, ThreadState
from hangscope.readers.syntax.lines import LineParser, LineSyntax


class Mark(Enum):
    """Lines that say all by being there."""

    UNKNOWN = auto()
    BLANK = auto()
    NOISE = auto()
    ELISION = auto()
    PROMPT = auto()
    SYNCHRONIZERS = auto()
    CODE = auto()
    """A frame of the VM's own making, in mixed mode."""
    FAILURE = auto()
    """The tool tells that it failed."""
    TRACE = auto()
    """Where in the tool that was."""
    DETECTION = auto()
    DETECTED = auto()
    DEADLOCK = auto()


class Header(NamedTuple):
    """The first line of a thread; the name is empty before JDK 9."""

    name: str
    id: int | None
    daemon: bool
    priority: int | None
    tid: int | None
    nid: int
    os_state: str


class MixedTitle(NamedTuple):
    """The line above a native thread, in mixed mode."""

    nid: int


class State(NamedTuple):
    """The ``java.lang.Thread.State`` line."""

    state: ThreadState | None
    detail: str


class VmState(NamedTuple):
    """The ``JavaThread state`` line: ``_thread_in_native``."""

    text: str


class Native(NamedTuple):
    """A frame of C code."""

    frame: Frame


class Owned(NamedTuple):
    """One of the ownable synchronizers."""

    lock: LockLine


class Attaching(NamedTuple):
    """The first line of all; None for a core file."""

    pid: int | None


class Version(NamedTuple):
    """The JVM's release as its banner has it."""

    text: str


class Named(NamedTuple):
    """``"name":``, a thread of a deadlock report."""

    name: str


class Wants(NamedTuple):
    """What a thread of a deadlock report waits for."""

    what: str
    address: int | None
    class_name: str


class HeldBy(NamedTuple):
    """Who has it."""

    name: str


Record: TypeAlias = (
    Frame
    | LockLine
    | Mark
    | Header
    | MixedTitle
    | State
    | VmState
    | Native
    | Owned
    | Attaching
    | Version
    | Named
    | Wants
    | HeldBy
)


def _header(  # noqa: PLR0917 - as many values as are printed
    name: str,
    number: str,
    daemon: str | None,
    priority: str,
    tid: str,
    nid: str,
    os_state: str,
) -> Header:
    return Header(
        name[1:-1],
        int(number),
        daemon is not None,
        None if priority == "<unknown>" else int(priority),
        int(tid, 16),
        int(nid, 16) if nid[:2] == "0x" else int(nid),
        intern(os_state),
    )


def _old_header(lwp: str, state: str) -> Header:
    return Header(
        "", None, daemon=False, priority=None, tid=None, nid=int(lwp), os_state=intern(state)
    )


def _nid(text: str) -> int:
    return int(text, 16 if text.startswith("0x") else 10)


def _dotted(class_name: str) -> str:
    return intern(class_name.replace("/", "."))


def _method(text: str) -> str:
    """A hidden class as other dumps name it: ``Foo$$Lambda/0x1f``, not ``Foo$$Lambda+0x1f``."""
    return intern(text.replace("+0x", "/0x"))


def _frame(method: str, line: str | None) -> Frame:
    return Frame(_method(method), intern(f"line {line}") if line else "")


def _lock(action: str, address: str | None, class_name: str) -> LockLine:
    of = intern(class_name.replace("/", "."))
    return LockLine(_ACTIONS[action], int(address, 16) if address else None, of)


_ACTIONS: Final = {action.value: action for action in LockAction}


def _wants(what: str, address: str, class_name: str) -> Wants:
    return Wants(what, int(address, 16), _dotted(class_name))


def _mixed_title(text: str) -> MixedTitle:
    return MixedTitle(int(text.strip("- t@")))


def _marking(what: Mark) -> Callable[..., Record]:
    return lambda *_: what


_BUILD: Final[dict[str, Callable[..., Record]]] = {
    "frame": _frame,
    "mixed_frame": _frame,
    "native_method": lambda text: Frame(_method(text.partition("(")[0]), "Native Method"),
    "symbol": lambda name: Native(Frame(intern(name), "")),
    "lock": _lock,
    "lock_of_unknown": lambda action: LockLine(_ACTIONS[action], None, ""),
    "synchronizer": lambda at, of: Owned(_lock("locked", at, of)),
    "header": _header,
    "header_without_thread": lambda tid, nid, os_state: Header(
        "", None, daemon=False, priority=None, tid=int(tid, 16), nid=_nid(nid), os_state=os_state
    ),
    "old_header": _old_header,
    "mixed_title": _mixed_title,
    "state": lambda state, detail: State(ThreadState(state), detail or ""),
    "unknown_state": lambda: State(None, ""),
    "vm_state": VmState,
    "attaching": lambda pid: Attaching(int(pid)),
    "attaching_elsewhere": lambda: Attaching(None),
    "version": Version,
    "deadlock_thread": lambda name: Named(name[1:-1]),
    "wants_monitor": lambda at, of: _wants("monitor", at, of),
    "wants_synchronizer": lambda at, of: _wants("ownable synchronizer", at, of),
    "wants_raw_monitor": lambda: Wants("JVM TI raw monitor", None, ""),
    "held_by": lambda name: HeldBy(name[1:-1]),
    "synchronizers_title": _marking(Mark.SYNCHRONIZERS),
    "no_synchronizer": _marking(Mark.SYNCHRONIZERS),
    "code_blob": _marking(Mark.CODE),
    "detection": _marking(Mark.DETECTION),
    "detection_result": _marking(Mark.DETECTED),
    "deadlock_title": _marking(Mark.DEADLOCK),
    "failure": _marking(Mark.FAILURE),
    "exception": _marking(Mark.FAILURE),
    "trace": _marking(Mark.TRACE),
    "elision": _marking(Mark.ELISION),
    "divider": _marking(Mark.ELISION),
    "prompt": _marking(Mark.PROMPT),
    "remark": _marking(Mark.NOISE),
}

_LASTING: Final = frozenset(
    {
        "frame",
        "mixed_frame",
        "native_method",
        "symbol",
        "code_blob",
        "lock_of_unknown",
        "state",
        "vm_state",
        "synchronizers_title",
        "no_synchronizer",
    }
)
"""Lines of a thread's block that occur again and again."""

SYNTAX: Final = LineSyntax("jhsdb")


class JhsdbParser(LineParser[Record]):
    """The lines of one input; all that are ``known`` are of threads' blocks."""

    def __init__(self) -> None:
        super().__init__(SYNTAX, _BUILD, _LASTING)
        self.known[""] = Mark.BLANK
        self._header = SYNTAX.matcher("header")
        self._title = SYNTAX.matcher("mixed_title")
        self._old_header = SYNTAX.matcher("old_header")
        self._lock = SYNTAX.matcher("lock")

    def parse_unknown(self, line: str) -> Record:
        """The same as ``parse``; lines of which each is another are not remembered."""
        if line.startswith('"'):
            values = self._header(line)
            if values is not None:
                return _header(*values)
        elif line.startswith("\t- "):
            values = self._lock(line[1:])
            if values is not None:
                return _lock(*values)
        elif line.startswith("-----"):
            values = self._title(line)
            if values is not None:
                return _mixed_title(*values)
        elif line.startswith("Thread "):
            values = self._old_header(line)
            if values is not None:
                return _old_header(*values)
        return super().parse_unknown(line)

    def _unmatched(self, text: str) -> Record:
        return Mark.UNKNOWN if text else Mark.BLANK
