"""What the report tells of a whole corpus: counted in one pass, in memory that does not grow with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from heapq import heappush, heapreplace
from typing import TYPE_CHECKING

from pipeline.languages import UNDETERMINED
from pipeline.ledger import count_characters
from pipeline.report.doubt import doubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.corpus import DocumentRow, TranslationUnit

MOST_DOUBTFUL = 100
"""Units that the report lists, the most doubtful first."""

LARGEST_RATIO = 100.0
"""Length ratios above count as this one, so that no article can make the counters grow."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A unit to look at, and the page and number of the article that it stands in."""

    doubt: float
    unit: TranslationUnit
    article: int

    def __lt__(self, other: Suspect) -> bool:
        """Less doubtful; of two alike, the later in the corpus."""
        return self._key < other._key

    @property
    def _key(self) -> tuple[float, int, int]:
        return self.doubt, -self.article, -self.unit.sentence


@dataclass(slots=True)
class LanguageTally:
    """What is counted of the units of one source language."""

    articles: int = 0
    units: int = 0
    passthrough: int = 0
    words: int = 0
    scores: defaultdict[str, Counter[float]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass(slots=True)
class LabelTally:
    """What is counted of the blocks of one label that were stripped."""

    blocks: int = 0
    characters: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Tally:
    """What is counted of a corpus; characters are the non-blank ones of the raw articles."""

    articles: int = 0
    units: int = 0
    characters: Counter[str] = field(default_factory=Counter)
    languages: defaultdict[str, LanguageTally] = field(default_factory=lambda: defaultdict(LanguageTally))
    labels: defaultdict[str, LabelTally] = field(default_factory=lambda: defaultdict(LabelTally))
    flags: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    suspects: list[Suspect] = field(default_factory=list)

    def add(self, document: DocumentRow, units: Sequence[TranslationUnit]) -> None:
        """Count an article and its units."""
        counts = document.counts
        self.characters.update(
            total=counts.characters,
            translated=counts.translated_characters,
            passed_through=counts.passthrough_characters,
            set_aside=counts.set_aside_characters,
        )
        self.languages[document.language or UNDETERMINED].articles += 1
        if document.drop_stage is not None:
            self.dropped[f"{document.drop_stage}: {_word(document.drop_reason)}"] += 1
        self.set_aside.update(f"{one.stage}: {_word(one.reason)}" for one in document.set_aside)
        self._count_blocks(document)
        for unit in units:
            self._count_unit(unit)
        self.articles += 1
        self.units += len(units)

    def worst(self) -> list[Suspect]:
        """Return the units to look at, the most doubtful first."""
        return sorted(self.suspects, reverse=True)

    def scores(self, name: str) -> Counter[float]:
        """Return how often a score has each value, rounded, over all languages."""
        total: Counter[float] = Counter()
        for language in self.languages.values():
            total.update(language.scores.get(name, {}))
        return total

    def score_names(self) -> list[str]:
        """Return the scores that some unit has: length and probability first, then by name."""
        names = {name for language in self.languages.values() for name in language.scores}
        first = ("length_ratio", "log_prob")
        return [*(name for name in first if name in names), *sorted(names.difference(first))]

    def _count_blocks(self, document: DocumentRow) -> None:
        for block in document.blocks:
            if not block.kept:
                label = self.labels[block.label]
                label.blocks += 1
                label.characters += count_characters(document.text[block.start : block.end])
                label.languages[document.language or UNDETERMINED] += 1
                label.rules[block.rule] += 1

    def _count_unit(self, unit: TranslationUnit) -> None:
        language = self.languages[unit.source_language or UNDETERMINED]
        language.units += 1
        language.passthrough += unit.passthrough
        language.words += len(unit.target.split())
        for name, value in measured(unit):
            language.scores[name][min(round(value, 2), LARGEST_RATIO)] += 1
        self.flags.update(unit.flags)
        if unit.model is not None:
            self.models[unit.model] += 1
        points = doubt(unit)
        if points > 0:
            suspect = Suspect(points, unit, self.articles)
            if len(self.suspects) < MOST_DOUBTFUL:
                heappush(self.suspects, suspect)
            elif self.suspects[0] < suspect:
                heapreplace(self.suspects, suspect)


def measured(unit: TranslationUnit) -> list[tuple[str, float]]:
    """Return the scores of a unit, its log-probability among them."""
    scores = {score.name: score.value for score in unit.scores}
    if unit.log_prob is not None:
        scores["log_prob"] = unit.log_prob
    return list(scores.items())


def _word(reason: str | None) -> str:
    """Return the machine word of a reason, without the details after the colon."""
    return (reason or "").partition(":")[0]
