"""Inputs whose cost could grow faster than they do: huge lines, huge names, masses of one thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import tables

_MILLION: Final = 1_000_000
_LINE: Final = 10 * _MILLION


class Corner(NamedTuple):
    """A text that grows with ``n``; it is read at a quarter of ``largest`` and at ``largest``."""

    name: str
    largest: int
    write: Callable[[Path, int], int]


_BANNER: Final = "Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode):\n\n"
_HEADER: Final = (
    '"{}" #{} daemon prio=5 os_prio=0 cpu=1.50ms elapsed=2.25s tid={:#018x} nid={:#x}'
    " waiting on condition  [0x00007f0000009000]\n   java.lang.Thread.State: {}\n"
)
_FRAME: Final = "\tat com.acme.Service.call(Service.java:12)\n"


def _thread(number: int, entries: str = _FRAME, *, name: str = "", state: str = "RUNNABLE") -> str:
    tid = 0x7F00_0000_0000 + 0x100 * number
    header = _HEADER.format(name or f"w-{number}", number + 1, tid, number + 1, state)
    return f"{header}{entries}\n"


def _dump(path: Path, threads: Callable[[int], str], count: int) -> int:
    with path.open("w", newline="") as out:
        out.write(_BANNER)
        out.writelines(map(threads, range(count)))
    return count


def _one_frame_each(path: Path, n: int) -> int:
    return _dump(path, _thread, n)


def _one_thread(entries: Callable[[int], str]) -> Callable[[Path, int], int]:
    def write(path: Path, n: int) -> int:
        return _dump(path, lambda _: _thread(0, "".join(map(entries, range(n)))), 1)

    return write


def _one_name(unit: str, of: Callable[[str], str]) -> Callable[[Path, int], int]:
    def write(path: Path, n: int) -> int:
        path.write_text(of(unit * (n // len(unit))), newline="")
        return 1

    return write


def _hotspot_name(name: str) -> str:
    return _BANNER + _thread(0, name=name)


def _dump_to_file_name(name: str) -> str:
    return (
        "17508\n2026-11-25T08:35:57.435477736Z\n25.0.3+9-LTS\n\n"
        f'#3 "{name}" RUNNABLE 2026-11-25T08:35:57.455231086Z\n    at com.acme.A.run(A.java:5)\n\n'
    )


def _jhsdb_name(name: str) -> str:
    return (
        "Attaching to process ID 17230, please wait...\nDebugger attached successfully.\n"
        "Server compiler detected.\nJVM version is 17.0.15+6-Debian-1deb12u1\n"
        f'"{name}" #18 daemon prio=9 tid=0x00007f7934000fe0 nid=0x43a3 runnable'
        " [0x0000000000000000]\n   java.lang.Thread.State: RUNNABLE\n"
        "   JavaThread state: _thread_blocked\n"
        " - com.acme.A.run() @bci=5, line=3 (Compiled frame)\n"
    )


def _javacore_name(name: str) -> str:
    return (
        "NULL           --------------------------------\n"
        "0SECTION       THREADS subcomponent dump routine\n"
        f'3XMTHREADINFO      "{name}" J9VMThread:0x00000000000000A1, omrthread_t:0x01,'
        " java/lang/Thread:0x00E0, state:R, prio=9\n"
        "4XESTACKTRACE                at java/lang/Thread.run(Thread.java:857)\n"
    )


def _locked(number: int) -> str:
    return f"{_FRAME}\t- locked <{0x8000_0000 + 8 * number:#018x}> (a java.lang.Object)\n"


def _distinct_locks(path: Path, n: int) -> int:
    return _dump(path, lambda number: _thread(number, _locked(number)), n)


def _one_lock(path: Path, n: int) -> int:
    wait = f"{_FRAME}\t- waiting to lock <0x0000000080000000> (a java.lang.Object)\n"

    def thread(number: int) -> str:
        if not number:
            return _thread(0, _locked(0))
        return _thread(number, wait, state="BLOCKED (on object monitor)")

    return _dump(path, thread, n)


def _deadlock(path: Path, n: int) -> int:
    rule = "=" * 29
    with path.open("w", newline="") as out:
        out.write(_BANNER + _thread(0) + f"Found one Java-level deadlock:\n{rule}\n")
        for number in range(n):
            out.write(
                f'"w-{number}":\n  waiting to lock monitor {0x7000 + number:#018x}'
                f" (object {0x8000_0000 + 8 * number:#018x}, a java.lang.Object),\n"
                f'  which is held by "w-{(number + 1) % n}"\n'
            )
    return 1


def _small_dumps(path: Path, n: int) -> int:
    with path.open("w", newline="") as out:
        for number in range(n):
            out.write(f"2026-11-22 03:16:27\n{_BANNER}{_thread(number)}\n")
    return n


def _small_tables(form: tables.Format) -> Callable[[Path, int], int]:
    def write(path: Path, n: int) -> int:
        with path.open("w", newline="") as out:
            for one in tables.connections(n):
                out.write(f"{form.head}{form.row(one)}\n")
        return n

    return write


def _shared_socket(path: Path, n: int) -> int:
    with path.open("w", newline="") as out:
        out.write(tables.LSOF.head)
        for pid in range(1, n + 1):
            out.write(f"httpd {pid} root 4u IPv4 17098 0t0 TCP *:8080 (LISTEN)\n")
    return 1


def _shared_socket_of_ss(path: Path, n: int) -> int:
    users = ",".join(f'("httpd",pid={pid},fd=4)' for pid in range(1, n + 1))
    row = f"LISTEN 0      100    0.0.0.0:8080       0.0.0.0:*      users:({users})\n"
    path.write_text(tables.SS.head + row, newline="")
    return 1


def _between_log_lines(form: tables.Format) -> Callable[[Path, int], int]:
    def write(path: Path, n: int) -> int:
        with path.open("w", newline="") as out:
            out.write(form.head)
            for number, one in enumerate(tables.connections(n)):
                out.write(f"{form.row(one)}2026-11-22 03:16:27 INFO request {number} served\n")
        return n

    return write


def _only(line: Callable[[int], str]) -> Callable[[Path, int], int]:
    def write(path: Path, n: int) -> int:
        with path.open("w", newline="") as out:
            out.writelines(map(line, range(n)))
        return 0

    return write


_CONTEXTS: Final = {
    "a HotSpot dump": _BANNER + _thread(0).rstrip("\n") + "\n",
    "a dump_to_file": _dump_to_file_name("main").rstrip("\n") + "\n",
    "a dump of jhsdb": _jhsdb_name("main"),
    "a javacore": _javacore_name("main"),
    **{
        f"a table of {name}": form.head + "".join(map(form.row, tables.connections(3)))
        for name, form in {
            "ss": tables.SS,
            "netstat": tables.NETSTAT,
            "lsof": tables.LSOF,
            "/proc/net/tcp": tables.PROC_NET_TCP,
            "Windows' netstat": tables.WINDOWS,
        }.items()
    },
}
_FILLERS: Final = ("a", " ", '"', "1", "a ", "(", "a:", "0x1,", "/", "\t- ", '\\"', ".")
_PLACES: Final = 4


def _long_lines(context: str) -> Callable[[Path, int], int]:
    """A text again and again, its last line longer each time: elsewhere, by something else."""
    before, last = context.rstrip("\n").rsplit("\n", 1)
    places = [len(last) * place // _PLACES for place in range(_PLACES + 1)]

    def write(path: Path, n: int) -> int:
        size = n // len(_FILLERS) // len(places)
        with path.open("w", newline="") as out:
            for filler in _FILLERS:
                for place in places:
                    more = filler * (size // len(filler))
                    out.write(f"{before}\n{last[:place]}{more}{last[place:]}\n\n")
        return 0

    return write


def _one_line(filler: str) -> Callable[[Path, int], int]:
    """A huge line of nobody's, between a dump and a table."""

    def write(path: Path, n: int) -> int:
        table = tables.SS.head + "".join(map(tables.SS.row, tables.connections(1)))
        line = filler * (n // len(filler))
        path.write_text(f"{_BANNER}{_thread(0)}\n{line}\n{table}", newline="")
        return 2

    return write


CORNERS: Final = (
    *(Corner(f"one line of 10 MB: {filler!r}", _LINE, _one_line(filler)) for filler in 'a 1"{('),
    *(
        Corner(f"60 long lines, 10 MB, in {name}", _LINE, _long_lines(text))
        for name, text in _CONTEXTS.items()
    ),
    *(
        Corner(f"a name of 1 MB of {unit!r}, {tool}", _MILLION, _one_name(unit, of))
        for tool, of in {
            "HotSpot": _hotspot_name,
            "dump_to_file": _dump_to_file_name,
            "jhsdb": _jhsdb_name,
            "javacore": _javacore_name,
        }.items()
        for unit in ("a", '" #1 ', "x\n", '\n"')
    ),
    Corner("1,000,000 threads of one frame", _MILLION, _one_frame_each),
    Corner("1,000,000 frames in one thread", _MILLION, _one_thread(lambda _: _FRAME)),
    Corner("1,000,000 locks in one thread", _MILLION, _one_thread(_locked)),
    Corner("1,000,000 threads, a lock each", _MILLION, _distinct_locks),
    Corner("400,000 threads that wait for one lock", 400_000, _one_lock),
    Corner("a deadlock of 200,000 threads", 200_000, _deadlock),
    Corner("100,000 dumps of one thread", 100_000, _small_dumps),
    *(
        Corner(f"200,000 tables of one row, {name}", 200_000, _small_tables(form))
        for name, form in {
            "ss": tables.SS,
            "netstat": tables.NETSTAT,
            "lsof": tables.LSOF,
            "/proc/net/tcp": tables.PROC_NET_TCP,
            "Windows": tables.WINDOWS,
        }.items()
    ),
    Corner("40,000 owners of one socket, lsof", 40_000, _shared_socket),
    Corner("200,000 owners of one socket, ss", 200_000, _shared_socket_of_ss),
    *(
        Corner(f"400,000 rows between log lines, {name}", 400_000, _between_log_lines(form))
        for name, form in {"ss": tables.SS, "netstat": tables.NETSTAT}.items()
    ),
    Corner("4,000,000 empty lines", 4 * _MILLION, _only(lambda _: "\n")),
    Corner(
        "400,000 log lines",
        400_000,
        _only(lambda n: f'2026-11-22 03:16:27.123 [worker-{n % 50}] INFO "call {n}" took 12 ms\n'),
    ),
    Corner(
        "400,000 lines of JSON",
        400_000,
        _only(lambda n: f'{{"level":"info","message":"call {n}","took":{n % 99}}}\n'),
    ),
    Corner("400,000 headers, no frames", 400_000, _only(lambda n: f'"w-{n}" #{n} prio=5\n')),
)
"""In the order in which they are read."""
