"""Capture: a live process becomes the same texts that a responder would have collected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hangscope.capture.dump import require_jvm, take_dump
from hangscope.capture.errors import CaptureError
from hangscope.capture.sockets import take_sockets

__all__ = ["CaptureError", "Captured", "capture"]


@dataclass(frozen=True, slots=True)
class Captured:
    """The files that a capture wrote, and what it could not get."""

    files: tuple[Path, ...]
    failures: tuple[str, ...]


def capture(pid: int, directory: Path, timeout: float) -> Captured:
    """Take a thread dump and the sockets of ``pid`` and write them to ``directory``.

    The sockets are taken right after the dump. One half alone is worth having, so only when both
    fail is that an error.

    Args:
        pid: The JVM's process id.
        directory: Made if it is not there; gets ``dump.txt`` and ``sockets.jsonl``.
        timeout: Seconds for each tool that takes the dump.

    Raises:
        CaptureError: There is no such JVM, or nothing could be captured.
    """
    require_jvm(pid)
    files: list[Path] = []
    failures: list[str] = []
    takes: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("dump.txt", lambda: take_dump(pid, timeout)),
        ("sockets.jsonl", lambda: take_sockets(pid)),
    )
    for name, take in takes:
        try:
            content = take()
        except CaptureError as error:
            failures.append(str(error))
            continue
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / name
        path.write_bytes(content)
        files.append(path)
    if not files:
        raise CaptureError("; ".join(failures))
    return Captured(tuple(files), tuple(failures))
