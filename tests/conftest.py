"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")  # a busy machine is no fault of the code

EXAMPLES = int(os.environ.get("FUZZ", "1"))
"""Times as many examples of what is made up at random; 1 is quick enough for every change."""

ROOT = Path(__file__).parents[1]


def examples(few: int) -> int:
    """Return how many examples to try where `few` do for every change."""
    return few * EXAMPLES


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write what comes out as what is expected; read the diff",
    )


@pytest.fixture(scope="session")
def rewrite_golden(pytestconfig: pytest.Config) -> bool:
    """Whether golden tests write their expectations instead of checking them."""
    return bool(pytestconfig.getoption("--rewrite-golden"))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def seeds(root: Path) -> Path:
    """Return the folder of the five seed articles."""
    return root / "seeds"


@pytest.fixture(scope="session")
def shared(root: Path) -> Path:
    """Return the folder of data that is not part of the project; skip where it is absent."""
    folder = root.parent / "shared"
    if not (folder / "seeds" / "labels.json").is_file():
        pytest.skip("needs the data folder ../shared, which is not part of the project")
    return folder
