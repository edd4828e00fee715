"""The working copy of an article while rules decide, and what the rules agree on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.boilerplate.lexicon import Hit, Where
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.lexicon import Lexicon

KEPT = frozenset({Label.TITLE, Label.HEADING, Label.BODY})
"""Labels of the article itself."""

PROSE_WORDS = 8
"""A closed line of so many words is a sentence, not a label."""

LONG_WORDS = 25
"""A line of so many words is prose even without a full stop: no headline is as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule decided of a block; the confidence is a probability in [0, 1]."""

    label: Label
    rule: str
    confidence: float


@dataclass(slots=True, kw_only=True)
class Page:
    """The blocks of an article and the verdicts so far; the first rule that decides has the word.

    `body` is the range of blocks [start, end) between which the article's text stands.
    """

    blocks: tuple[Candidate, ...]
    lexicon: Lexicon
    script: str | None
    given_title: str | None = None
    verdicts: list[Verdict | None] = field(default_factory=list)
    headings: set[int] = field(default_factory=set)
    body: tuple[int, int] = (0, 0)
    title: int | None = None

    def __post_init__(self) -> None:
        self.verdicts = [None] * len(self.blocks)

    def decide(self, index: int, label: Label, rule: str, confidence: float) -> None:
        """Give the verdict unless an earlier rule has."""
        if self.verdicts[index] is None:
            self.verdicts[index] = Verdict(label=label, rule=rule, confidence=confidence)

    def is_open(self, index: int) -> bool:
        return self.verdicts[index] is None

    def label(self, index: int) -> Label | None:
        verdict = self.verdicts[index]
        return verdict.label if verdict else None

    def open_blocks(self) -> Iterator[tuple[int, Candidate]]:
        """Yield the blocks that no rule has decided yet."""
        for index, block in enumerate(self.blocks):
            if self.verdicts[index] is None:
                yield index, block


def is_prose(block: Candidate) -> bool:
    """Whether a block reads as sentences rather than as a label, a headline or an entry of a list."""
    ends = block.closed or block.text.endswith((":", "："))
    return block.length >= LONG_WORDS or (block.length >= PROSE_WORDS and ends)


def best_hit(hits: list[Hit]) -> Hit | None:
    return max(hits, key=lambda hit: hit.strength, default=None)


__all__ = ["KEPT", "Hit", "Page", "Verdict", "Where", "best_hit", "is_prose"]
