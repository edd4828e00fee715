"""Ten articles, and the corpus that is made of them when nothing happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.runs import copied_articles, digests
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

SMALL = "shards.articles=1"


@pytest.fixture(scope="session")
def articles(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """Return a folder of ten articles; do not write into it."""
    return copied_articles(seeds, tmp_path_factory.mktemp("input") / "articles", copies=2)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, articles: Path) -> dict[str, str]:
    """Return the checksums of the corpus that is made when nothing happens."""
    corpus = tmp_path_factory.mktemp("undisturbed") / "corpus"
    run(articles, corpus, SMALL)
    return digests(corpus)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return where a corpus may be made."""
    return tmp_path / "corpus"
