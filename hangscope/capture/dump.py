"""A thread dump of a live JVM: ``jcmd``, else ``jstack``, under a timeout."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from hangscope.capture.errors import CaptureError

_BANNER = b"Full thread dump"


def require_jvm(pid: int) -> None:
    """Make sure that ``pid`` is a JVM before a tool attaches to it.

    To attach, ``jcmd`` and ``jstack`` send SIGQUIT, which a JVM answers and any other process
    dies of (older JDKs do not look first; source: LinuxVirtualMachine / VirtualMachineImpl).

    Raises:
        CaptureError: There is no such process, or it is not a JVM.
    """
    try:
        process = psutil.Process(pid)
        name = process.name()
        mapped = {Path(region.path).stem for region in process.memory_maps()}
    except psutil.NoSuchProcess:
        raise CaptureError(
            f"there is no process {pid} here: give the PID that jps or ps shows"
        ) from None
    except psutil.AccessDenied:
        raise CaptureError(
            f"process {pid} can't be looked into: run hangscope as its owner or as root"
        ) from None
    if not mapped & {"libjvm", "jvm"}:
        raise CaptureError(
            f"process {pid} ({name}) is no JVM: it has no libjvm loaded; jps -l lists the JVMs here"
        )


def take_dump(pid: int, timeout: float) -> bytes:
    """What ``jcmd PID Thread.print -l`` (else ``jstack -l PID``) prints, byte for byte.

    Args:
        pid: The JVM's process id.
        timeout: Seconds for each tool. A JVM that cannot reach a safepoint never answers.

    Raises:
        CaptureError: No tool gave a dump; says what each one did.
    """
    tried = []
    for command in _commands(pid):
        try:
            # The tool is the JDK's own, found on PATH or beside the JVM; no shell is involved.
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            tried.append(f"{command[0]} gave no answer within {timeout:g} s")
            continue
        except OSError as error:
            tried.append(f"{command[0]}: {error.strerror}")
            continue
        if _BANNER in done.stdout:
            return done.stdout
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        tried.append(f"{command[0]}: {said.splitlines()[0] if said else 'printed nothing'}")
    if not tried:
        raise CaptureError(
            f"neither jcmd nor jstack was found on PATH or beside the JVM of process {pid}:"
            " install the JDK's tools, or take the dump with: kill -3 PID"
        )
    raise CaptureError(
        f"no thread dump of process {pid}: {'; '.join(tried)}. Run hangscope as the user that owns"
        " the process; if the JVM does not answer, kill -3 PID writes the dump to its stdout"
    )


def _commands(pid: int) -> Iterator[list[str]]:
    jcmd, jstack = _tool("jcmd", pid), _tool("jstack", pid)
    if jcmd:
        yield [jcmd, str(pid), "Thread.print", "-l"]
    if jstack:
        yield [jstack, "-l", str(pid)]


def _tool(name: str, pid: int) -> str | None:
    """The tool beside the JVM itself if there is one (same version), else the one on PATH."""
    try:
        beside = Path(psutil.Process(pid).exe()).with_name(name)
    except (psutil.Error, OSError):
        return shutil.which(name)
    return str(beside) if beside.is_file() else shutil.which(name)
