"""Real captures with single lines changed: what a rule must look at to come to its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hangscope.diagnosis import Diagnosis, diagnose
from hangscope.facts import InputFacts
from hangscope.interpret import assemble, interpret
from hangscope.knowledge import load
from hangscope.readers import read_input
from hangscope.readers.content.source import Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
KNOWLEDGE = load()
Change = Callable[[str], str]


def told(
    case: str, change: Change = str, *, files: tuple[str, ...] = (), also: str = ""
) -> Diagnosis:
    """The diagnosis of a case whose dumps were changed.

    Args:
        case: The folder of the case.
        change: What happens to each dump.
        files: The captures to read; all if none are given.
        also: One more input.
    """
    folder = FIXTURES / case
    names = files or (*(path.name for path in sorted(folder.glob("dump*.txt"))), "sockets.txt")
    inputs: list[InputFacts] = []
    for name in names:
        text = (folder / name).read_text()
        content = change(text) if name.startswith("dump") else text
        inputs.append(read_input(Source.from_bytes(name, content.encode())))
    if also:
        inputs.append(read_input(Source.from_bytes("also.txt", also.encode())))
    dumps = [dump for one in inputs for dump in one.dumps]
    tables = [table for one in inputs for table in one.tables]
    processes = [facts for one in inputs for facts in one.processes]
    return diagnose(interpret(assemble(dumps, tables, KNOWLEDGE, processes=processes)))


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
