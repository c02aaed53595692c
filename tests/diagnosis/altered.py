"""Real cases with one thing changed in any capture: what must the diagnosis then be?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.diagnosis.model import Finding
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
Change = Callable[[str], str]
NOTHING: Mapping[str, Change] = {}
NO_TEXT: Mapping[str, str] = {}


def altered(
    case: str,
    changes: Mapping[str, Change] = NOTHING,
    *,
    without: tuple[str, ...] = (),
    more: Mapping[str, str] = NO_TEXT,
) -> Diagnosis:
    """The diagnosis of a case whose files are changed by name, without some, with more."""
    texts = {path.name: path.read_text() for path in (FIXTURES / case).glob("*.txt")}
    for name in without:
        del texts[name]
    for name, change in changes.items():
        before = texts[name]
        texts[name] = change(before)
        assert texts[name] != before, f"nothing is changed in {name}"
    texts.update(more)
    return _diagnosis(sorted(texts.items()))


def told(
    case: str, change: Change = str, *, files: tuple[str, ...] = (), also: str = ""
) -> Diagnosis:
    """The diagnosis of a case whose dumps are all changed.

    Args:
        case: The folder of the case.
        change: What happens to each dump.
        files: The captures to read; the dumps and the socket table if none are given.
        also: One more input.
    """
    folder = FIXTURES / case
    names = files or (*(path.name for path in sorted(folder.glob("dump*.txt"))), "sockets.txt")
    texts = [(name, (folder / name).read_text()) for name in names]
    changed = [(name, change(text) if name.startswith("dump") else text) for name, text in texts]
    return _diagnosis([*changed, *([("also.txt", also)] if also else [])])


def _diagnosis(texts: Iterable[tuple[str, str]]) -> Diagnosis:
    inputs = [read_input(Source.from_bytes(name, text.encode())) for name, text in texts]
    return diagnose(
        interpret(
            assemble(
                [dump for one in inputs for dump in one.dumps],
                [table for one in inputs for table in one.tables],
                KNOWLEDGE,
                processes=[facts for one in inputs for facts in one.processes],
            )
        )
    )


def found(finding: str, diagnosis: Diagnosis) -> Finding | None:
    """The finding with that id, if it is raised."""
    return next((one for one in diagnosis.findings if one.id == finding), None)


def replacing(old: str, new: str) -> Change:
    """Puts ``new`` in the place of every ``old``."""
    return lambda text: text.replace(old, new)


def without_lines(marker: str, keep: int = 0) -> Change:
    """Leaves out the lines that hold ``marker``, all but the first ``keep``."""

    def change(text: str) -> str:
        kept, seen = [], 0
        for line in text.split("\n"):
            seen += marker in line
            if marker not in line or seen <= keep:
                kept.append(line)
        return "\n".join(kept)

    return change


def ids(diagnosis: Diagnosis) -> set[str]:
    """The findings of a diagnosis."""
    return {finding.id for finding in diagnosis.findings}


def with_frame_above(marker: str, frame: str) -> Change:
    """Puts a frame above the line that holds ``marker``, wherever it stands."""

    def change(text: str) -> str:
        lines = text.split("\n")
        at = [number for number, line in enumerate(lines) if marker in line]
        assert at, marker
        for number in reversed(at):
            lines.insert(number, f"\tat {frame}")
        return "\n".join(lines)

    return change
