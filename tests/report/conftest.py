from __future__ import annotations

import pytest

from hangscope.report import Document

from .cases import CASES


@pytest.fixture(params=list(CASES))
def name(request: pytest.FixtureRequest) -> str:
    """Name of each case in turn."""
    case: str = request.param
    return case


@pytest.fixture
def case(name: str) -> Document:
    """Each case in turn."""
    return CASES[name]()
