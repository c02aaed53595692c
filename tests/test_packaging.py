"""The grammars and the knowledge are found wherever the package is: wheel, editable install,
checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

CASE = ROOT / "fixtures" / "tomcat-self-call"
COMMAND = ("correlate", str(CASE / "dump.txt"), str(CASE / "sockets.txt"))


def run(command: list[str], cwd: Path, **env: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)], ROOT)
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_grammars_and_knowledge_and_nothing_of_the_fixtures(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for grammar in (ROOT / "grammars").glob("*.lark"):
        assert f"hangscope/grammars/{grammar.name}" in names
    assert any(name.startswith("hangscope/knowledge/data/") for name in names)
    assert not any(name.startswith(("fixtures", "tests")) for name in names)


def test_command_works_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True, system_site_packages=False)
    python = tmp_path / "venv" / "bin" / "python"
    run([str(python), "-m", "pip", "install", "--quiet", str(wheel)], tmp_path)
    told = run([str(python.with_name("hangscope")), *COMMAND], tmp_path)
    assert "self-call-deadlock" in told


def test_command_works_from_a_bare_checkout() -> None:
    told = run([sys.executable, "-m", "hangscope", *COMMAND], ROOT, PYTHONPATH=str(ROOT))
    assert "self-call-deadlock" in told


def test_command_works_from_the_editable_install(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("hangscope")
    assert command.exists(), "run ./check: it installs the project editable"
    assert "self-call-deadlock" in run([str(command), *COMMAND], tmp_path)
