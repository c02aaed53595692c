"""Options of the test run, and where its samples are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# Whether a change is right must not depend on luck: on CI the same examples are tried each time.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shared",
        type=Path,
        help="folder of samples from the wild, for the wide tests; without it they are skipped",
    )
    parser.addoption(
        "--live",
        action="store_true",
        help="fail, instead of skipping what hangs a real JVM, where there is no JDK or Maven",
    )


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Path:
    """The folder of samples that are not part of the project."""
    path: Path | None = request.config.getoption("--shared")
    if path is None:
        pytest.skip("wide test: give --shared=PATH")
    assert path.is_dir(), f"--shared {path} is not a folder"
    return path


@pytest.fixture
def live(request: pytest.FixtureRequest) -> None:
    """Where a JDK and Maven are; with --live they must be."""
    missing = [tool for tool in ("java", "jstack", "jcmd", "mvn") if shutil.which(tool) is None]
    if missing and not request.config.getoption("--live"):
        pytest.skip(f"hangs a real JVM: needs {', '.join(missing)}")
    assert not missing, f"--live needs {', '.join(missing)}"
