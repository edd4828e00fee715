"""The word alignments made by hand, and how links are measured against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from pipeline.words import find_words
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.records import Span

GOLD = ROOT / "tests" / "data" / "alignment"
LANGUAGES = ("ru", "ar", "fr")

Links = frozenset[tuple[int, int]]
"""Pairs of numbers of words: source, target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPair:
    """A sentence and its English; `possible` holds the sure links as well."""

    id: str
    language: str
    source: str
    target: str
    sure: Links
    possible: Links

    @property
    def chooses(self) -> bool:
        """Whether it serves to choose settings, not to report."""
        return int(self.id.partition("-")[2]) % 2 == 0

    def words(self) -> tuple[list[str], list[str]]:
        """Return the words of both sides."""
        sides = ((self.source, self.language), (self.target, "en"))
        source, target = ([text[w.span.start : w.span.end] for w in find_words(text, tag)] for text, tag in sides)
        return source, target

    def numbered(self, spans: Iterable[tuple[Span, Span]]) -> Links:
        """Return links between ranges of characters as links between words."""
        source, target = find_words(self.source, self.language), find_words(self.target, "en")
        return frozenset(
            (i, j)
            for left, right in spans
            for i, word in enumerate(source)
            if word.span.start < left.end and left.start < word.span.end
            for j, other in enumerate(target)
            if other.span.start < right.end and right.start < other.span.end
        )


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts over sentences: links made, of them possible, sure ones, of them found."""

    made: int = 0
    possible: int = 0
    sure: int = 0
    found: int = 0

    @classmethod
    def of(cls, pairs: Sequence[GoldPair], made: Sequence[Links]) -> Self:
        """Compare the links of each pair with its gold ones."""
        return cls(
            made=sum(len(links) for links in made),
            possible=sum(len(links & pair.possible) for pair, links in zip(pairs, made, strict=True)),
            sure=sum(len(pair.sure) for pair in pairs),
            found=sum(len(links & pair.sure) for pair, links in zip(pairs, made, strict=True)),
        )

    @property
    def precision(self) -> float:
        return self.possible / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.sure if self.sure else 1.0

    @property
    def error_rate(self) -> float:
        """The alignment error rate of Och and Ney (2003)."""
        total = self.made + self.sure
        return 1 - (self.found + self.possible) / total if total else 0.0


def read_gold() -> list[GoldPair]:
    """Return all pairs, language by language."""
    return [
        _pair(line, language)
        for language in LANGUAGES
        for line in (GOLD / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    ]


def _pair(line: str, language: str) -> GoldPair:
    name, source, target, sure, possible = line.split("\t")
    return GoldPair(
        id=name,
        language=language,
        source=source,
        target=target,
        sure=links_of(sure),
        possible=links_of(f"{sure} {possible}"),
    )


def links_of(text: str) -> Links:
    """Read links in Pharaoh format."""
    pairs = (one.split("-") for one in text.split())
    return frozenset((int(source), int(target)) for source, target in pairs)
