"""What the documents show is what the command says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from hangscope.cli import main

ROOT = Path(__file__).resolve().parents[1]

README = (ROOT / "README.md").read_text()
SAMPLE = re.compile(r"<!-- sample: hangscope (.*?) -->\n```\n(.*?)\n```", re.DOTALL)
ELISION = "[…]"


def test_the_readmes_sample_is_real_output() -> None:
    """Lines may be left out where the sample says so, but none is made up or out of order."""
    found = SAMPLE.search(README)
    assert found is not None
    command = [sys.executable, "-m", "hangscope", *found[1].split()]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rest = iter([line.rstrip() for line in told.split("\n")])
    for line in found[2].split("\n"):
        if line.strip() != ELISION:
            assert line.rstrip() in rest, f"the command does not print: {line}"


def test_every_command_and_option_is_in_the_readme() -> None:
    for name, command in main.commands.items():
        assert f"hangscope {name}" in README
        for parameter in command.params:
            longest = max(parameter.opts, key=len)
            if longest.startswith("--"):
                assert any(option in README for option in parameter.opts), longest


def test_every_finding_is_in_the_readme() -> None:
    ids = re.findall(r'^ID = "(.*)"$', _sources(), flags=re.MULTILINE)
    assert len(ids) > 10
    assert [identifier for identifier in ids if f"`{identifier}`" not in README] == []


def _sources() -> str:
    return "\n".join(p.read_text() for p in (ROOT / "hangscope" / "diagnosis").glob("*.py"))
