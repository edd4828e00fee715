"""A small sample of `python -m tests.hostile`: it runs, verifies, and every rejection has a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile.articles import articles
from tests.hostile.checking import ALL_FORMATS, file_faults, reject_faults
from tests.running import problems, run

if TYPE_CHECKING:
    from pathlib import Path


def test_hostile_articles_are_taken_in_or_set_aside_with_a_reason(tmp_path: Path) -> None:
    source, corpus = tmp_path / "articles", tmp_path / "corpus"
    source.mkdir()
    for number, one in enumerate(articles(seed=0, count=50)):
        (source / f"{number}.txt").write_bytes(one.content)
    run(source, corpus, ALL_FORMATS)

    assert problems(corpus, source) == ()
    assert list(reject_faults(corpus)) == []
    assert list(file_faults(corpus)) == []


def test_a_seed_always_makes_the_same_articles() -> None:
    assert list(articles(seed=3, count=20)) == list(articles(seed=3, count=30))[:20]
