"""Words for each form of thread dump: what a whole one has, what it leaves out, what to take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hangscope.facts import Monitors, ThreadDump
from hangscope.interpret import Thread

_HOTSPOT = "jstack -l PID > dump.txt"
_JCMD = "jcmd PID Thread.print -l > dump.txt"
_JAVACORE = "jcmd PID Dump.java   (or kill -3 PID: the JVM writes javacore.*.txt)"


@dataclass(frozen=True, slots=True)
class Form:
    """One format in words."""

    begin: str
    """What a whole dump begins with and an excerpt lacks."""
    end: str
    """What is missing where a dump does not say that it is whole."""
    command: str
    """Takes a whole dump, of this form or of a better one."""
    locks: str = ""
    """What has locks and owners where a dump of this form may have none."""
    reports: bool = False
    """Whether the JVM's own report of deadlocks is part of it."""

    @property
    def command_for_locks(self) -> str:
        """Takes a dump with locks and owners."""
        return self.locks or self.command


_BANNER = 'no "Full thread dump" line'
_FORMS = {
    "hotspot": Form(_BANNER, "has no last line (JNI global references)", _HOTSPOT, reports=True),
    "dump-to-file": Form(
        "no lines with the process, the time and the version",
        "breaks off",
        "jcmd PID Thread.dump_to_file dump.txt",
        f"{_JCMD}   (for virtual threads: Thread.dump_to_file of JDK 25 or later)",
    ),
    "dump-to-file-json": Form(
        "",
        "is JSON that breaks off",
        "jcmd PID Thread.dump_to_file -format=json dump.json",
        f"{_JCMD}   (for virtual threads: Thread.dump_to_file of JDK 25 or later)",
    ),
    "jhsdb": Form(
        "no line with the JVM's version",
        "does not tell where it ends",
        "jhsdb jstack --locks --pid PID > dump.txt",
        f"{_HOTSPOT}   (if the process still answers: jhsdb may tell monitors wrongly)",
        reports=True,
    ),
    "javacore": Form(
        "no title section", 'has no last line ("END OF DUMP")', _JAVACORE, reports=True
    ),
    "openj9-text": Form(
        "no lines with the JVM's version",
        "does not tell where it ends",
        _JCMD,
        _JAVACORE,
    ),
    "jrockit": Form(
        "no line with the JVM's version",
        'has no last line ("END OF THREAD DUMP")',
        "jrcmd PID print_threads > dump.txt   (or kill -3 PID)",
        reports=True,
    ),
    "thread-info": Form(
        "a text that tells neither its beginning nor its end", "does not tell its end", _HOTSPOT
    ),
    "thread-mxbean": Form(_BANNER, "does not tell where it ends", _HOTSPOT),
    "native-image": Form(
        _BANNER,
        "does not tell where it ends",
        "kill -3 PID",
        "kill -3 PID; sleep 10; kill -3 PID   (no dump of a native image shows locks: compare two)",
    ),
    "art": Form(
        "no line with the process",
        'has no last line ("----- end PID -----")',
        "kill -3 PID   (Android writes /data/anr/)",
    ),
    "actuator-json": Form("", "is JSON that breaks off", "curl URL/actuator/threaddump", _HOTSPOT),
    "ignition-json": Form("", "is JSON that breaks off", _HOTSPOT, reports=True),
}


def showing(threads: Iterable[Thread]) -> str:
    """The command for a dump that shows ``threads``: jstack shows virtual ones while mounted."""
    if any(thread.java.virtual for thread in threads):
        return "jcmd PID Thread.dump_to_file -format=json FILE"
    return "jstack -l PID"


def form_of(dump: ThreadDump) -> Form:
    """The words for ``dump``; a format without words of its own is told like HotSpot's."""
    return _FORMS.get(dump.format, _FORMS["hotspot"])


def without_locks(dump: ThreadDump) -> str:
    """Why no lock of ``dump`` counts, as a sentence; empty if they do."""
    name = dump.evidence.input
    if dump.monitors is Monitors.RECORDED:
        return ""
    if dump.monitors is Monitors.UNRELIABLE:
        return f"The lock lines of {name} may be wrong (jhsdb swaps the monitors of a frame)."
    states = any(thread.state is not None for thread in dump.threads if thread.is_java)
    return f"{'No locks' if states else 'Neither locks nor thread states'} are recorded in {name}."
