"""Articles with the facts they tell: read from `tests/data/facts`, and counted against what is found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline.stages.strip_boilerplate import StripBoilerplateConfig
from tests.labelled import article

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.records import Document

Fact = tuple[str, str]
"""Name and value."""


@dataclass(slots=True)
class Tally:
    """Facts that were found and expected, found in error, and missed, by name."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def note(self, found: Iterable[Fact], expected: Iterable[Fact]) -> None:
        """Count the facts of one article."""
        has, wanted = Counter(found), Counter(expected)
        self.right.update(name for name, _ in (has & wanted).elements())
        self.wrong.update(name for name, _ in (has - wanted).elements())
        self.missed.update(name for name, _ in (wanted - has).elements())


def read_facts(path: Path) -> tuple[str, str, list[Fact]]:
    """Return the language, the text and the facts of an article."""
    head, _, text = path.read_text(encoding="utf-8").partition("\n---\n")
    rows = [(name, value) for name, _, value in (line.partition("\t") for line in head.splitlines())]
    return rows[0][1], text, rows[1:]


def with_facts(text: str, language: str | None) -> Document:
    """Return the article with its blocks and facts."""
    with StripBoilerplateConfig().build() as stage:
        (document,) = stage([replace(article(text), language=language)])
    return document
