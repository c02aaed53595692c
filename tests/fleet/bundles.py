"""Bundles of small real captures, as directories and archives."""

from __future__ import annotations

import shutil
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

from hangscope.fleet.bundle import Bundle, Digest, read_bundle

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
CIRCLE = FIXTURES / "three-hosts-circle"


def fleet(folder: Path) -> list[Bundle]:
    """Three hosts of one circle, one of them packed, and hosts that know nobody."""
    for name in "ab":
        shutil.copytree(CIRCLE / name, folder / name)
    with tarfile.open(folder / "c.tar.gz", "w:gz") as tar:
        tar.add(CIRCLE / "c", "captured")
    names = ["a", "b", "c.tar.gz"]
    names.extend(alone(folder, number).name for number in range(4))
    return [Bundle(name.split(".")[0], (Path(name),), folder) for name in names]


def slowly(bundle: Bundle) -> Digest:
    """Read a bundle, so that there is a half way."""
    time.sleep(0.05)
    return read_bundle(bundle)


def alone(folder: Path, number: int) -> Path:
    """A host with addresses and threads of its own."""
    made = folder / f"alone-{number}"
    made.mkdir()
    case = FIXTURES / ("tomcat-self-call" if number % 2 else "tomcat-idle")
    dump = (case / "dump.txt").read_text().replace("0x00007f", f"0x0000{0x40 + number:02x}")
    (made / "dump.txt").write_text(dump)
    (made / "sockets.txt").write_text((case / "sockets.txt").read_text())
    return made
