"""What fuzzing starts from: pieces of real inputs, and the texts that the tests are written in."""

from __future__ import annotations

import ast
import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from hangscope.facts import InputFacts
from hangscope.readers import ReadError, Source, read_input

ROOT: Final = Path(__file__).resolve().parents[1]
LONGEST: Final = 8 << 10
"""Bytes of one seed."""

FAMILIES: Final = {
    "hotspot": r"hotspot|moments",
    "jhsdb": r"jhsdb",
    "dump-to-file": r"dump-to-file",
    "json": r"json",
    "javacore": r"javacore|openj9",
    "jmx": r"jmx|thread-info|thread-mxbean|stack-trace-element",
    "other-vms": r"jrockit|\bart\b|native-image",
    "ss": r"\bss\b|socket-name",
    "netstat": r"\bnetstat\b",
    "lsof": r"\blsof\b(?!-fields)",
    "lsof-fields": r"lsof-fields|lsof.*-F",
    "windows": r"windows|get-net-tcp",
    "unix": r"bsd|solaris|aix|sockstat|rmsock",
    "conntrack": r"conntrack",
    "proc": r"\bproc-net-tcp\b",
    "process": r"process|proc-(?!net-tcp)|ulimit|sysctl|nstat|netstat-s|ss-summary|\btop\b|\bps\b",
    "carriers": r"carrier|encoding|wrapped|pasted",
    "archives": r"archive",
}
"""Families of formats, and what the labels of their seeds have in them."""


class Seed(NamedTuple):
    """An input to start from."""

    label: str
    """Where it is from, and the formats that were found in it."""
    content: bytes


def seeds(family: str | None, *, more: Path | None = None) -> list[Seed]:
    """The seeds of a family, or of a format by its name; all without.

    ``more`` is a folder of further samples.
    """
    wanted = re.compile(FAMILIES.get(family, re.escape(family)) if family else "")
    everything = [*_of_fixtures(ROOT / "fixtures"), *_of_pairs(), *_of_tests(), *_of_archives()]
    if more:
        everything += _of_fixtures(more)
    return [seed for seed in everything if wanted.search(seed.label)]


def literals() -> list[str]:
    """The literal strings of all grammars."""
    found: set[str] = set()
    for path in sorted((ROOT / "grammars").glob("*.lark")):
        for line in path.read_text("utf-8").split("\n"):
            if not line.lstrip().startswith("//"):
                found.update(re.findall(r'"((?:[^"\\]|\\.)+)"', line))
    return sorted(found)


def _of_fixtures(folder: Path) -> Iterator[Seed]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".java", ".py", ".md", ".xml", ".sh", ".toml"}:
            content = path.read_bytes()
            for piece in _pieces(content):
                yield Seed(f"{_dashed(str(path.relative_to(folder)))} {_formats(piece)}", piece)


def _pieces(content: bytes) -> Iterator[bytes]:
    """Head, middle, tail, and the first paragraphs and lines."""
    if len(content) <= LONGEST:
        yield content
    else:
        middle = len(content) // 2
        yield from (content[:LONGEST], content[middle : middle + LONGEST], content[-LONGEST:])
    paragraphs = content.split(b"\n\n")
    if len(paragraphs) > 2:  # noqa: PLR2004 - a head and more than one
        yield from (one[:LONGEST] for one in paragraphs[:4])
    yield from (line[:LONGEST] for line in content.split(b"\n", 4)[:4])


def _of_pairs() -> Iterator[Seed]:
    for path in sorted((ROOT / "tests" / "grammars" / "pairs").glob("*.txt")):
        lines = [
            line[2:].replace("\\t", "\t").replace("\\n", "\n").encode("utf-8", "surrogateescape")
            for line in path.read_text("utf-8").split("\n")
            if line.startswith(">")
        ]
        label = _dashed(path.stem)
        for line in lines:
            yield Seed(label, line)
        yield Seed(label, b"\n".join(lines)[:LONGEST])


def _of_tests() -> Iterator[Seed]:
    for path in sorted((ROOT / "tests" / "readers").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                text = node.value
                content = text.encode("utf-8", "replace") if isinstance(text, str) else text
                if len(content) > 10:  # noqa: PLR2004 - shorter ones are names
                    yield Seed(_dashed(path.stem), content[:LONGEST])


def _of_archives() -> Iterator[Seed]:
    import zstandard

    text = (ROOT / "fixtures" / "lock-deadlock-monitors" / "dump.txt").read_bytes()[:2000]
    made = [gzip.compress(text), bz2.compress(text), lzma.compress(text)]
    made += [zstandard.compress(text), gzip.compress(gzip.compress(text))]
    for mode in ("w:", "w:gz", "w:xz"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode) as tar:
            for name in ("dump.txt", "a/dump.txt"):
                member = tarfile.TarInfo(name)
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text))
        made.append(packed.getvalue())
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", kind) as archive:
            archive.writestr("dump.txt", text)
            archive.writestr("inner.gz", made[0])
        made.append(packed.getvalue())
    yield from (Seed("archive", one) for one in made)


def _formats(content: bytes) -> str:
    try:
        facts = read_input(Source.from_bytes("seed", content))
    except ReadError:
        return ""
    return " ".join(sorted(_all_formats(facts)))


def _all_formats(facts: InputFacts) -> set[str]:
    found = {dump.format for dump in facts.dumps}
    found |= {table.format for table in facts.tables}
    found |= {table.format for table in facts.translations}
    return found | {process.format for process in facts.processes}


def _dashed(name: str) -> str:
    return name.removeprefix("test_").replace("_", "-").replace("/", " ")
