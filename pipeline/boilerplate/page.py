"""The working copy of an article while rules decide, and what the rules agree on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.lexicon import Hit, Lexicon

KEPT = frozenset({Label.TITLE, Label.HEADING, Label.BODY})
"""Labels of the article itself."""


FAMILIES = (
    KEPT,
    frozenset({Label.TIMESTAMP, Label.BYLINE, Label.PHOTO_CREDIT, Label.CAPTION, Label.SEPARATOR}),
    frozenset({Label.RELATED_NEWS}),
    frozenset({Label.SITE_HEADER, Label.NAVIGATION, Label.BREADCRUMB, Label.TAGS, Label.SHARE_PROMPT}),
    frozenset({Label.COMMENTS, Label.COMMENT_FORM}),
    frozenset(
        {
            Label.NEWSLETTER_APPEAL,
            Label.DONATION_APPEAL,
            Label.SUBSCRIPTION_WALL,
            Label.ADVERTISEMENT,
            Label.COOKIE_NOTICE,
            Label.LEGAL_FOOTER,
        }
    ),
    frozenset({Label.SOURCE_LINK, Label.EMBEDDED_POST, Label.REPEATED_TITLE}),
)
"""Labels that stand in like places; the number of a family is what the model knows of a label."""

_FAMILY = {label: number for number, labels in enumerate(FAMILIES) for label in labels}


class Source(IntEnum):
    """What a verdict rests on; the surest come last."""

    NOTHING = 0
    TEXT = 1
    HEADING = 2
    HEADLINES = 3
    BELOW = 4
    ABOVE = 5
    REPETITION = 6
    PHRASE_ANYWHERE = 7
    PHRASE_START = 8
    LINE = 9


_SOURCES = {
    "under_heading": Source.HEADING,
    "row_of_headlines": Source.HEADLINES,
    "headline_below_text": Source.HEADLINES,
    "short_line_below_text": Source.BELOW,
    "name_below_text": Source.BELOW,
    "short_line_above_text": Source.ABOVE,
    "headline_above_text": Source.ABOVE,
    "first_line": Source.ABOVE,
    "name_alone": Source.ABOVE,
    "label_many_times": Source.REPETITION,
    "phrase_anywhere": Source.PHRASE_ANYWHERE,
    "phrase_start": Source.PHRASE_START,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule decided of a block; the confidence is a probability in [0, 1]."""

    label: Label
    rule: str
    confidence: float


def family_of(label: Label) -> int:
    """Return the number of a label's family: 0 for what is kept."""
    return _FAMILY[label]


def source_of(verdict: Verdict | None) -> Source:
    if verdict is None:
        return Source.NOTHING
    return _SOURCES.get(verdict.rule) or (Source.TEXT if verdict.label in KEPT else Source.LINE)


@dataclass(slots=True, kw_only=True)
class Page:
    """The blocks of an article and the verdicts so far; the first rule that decides has the word.

    `body` is the range of blocks [start, end) between which the article's text stands.
    """

    blocks: tuple[Candidate, ...]
    lexicon: Lexicon
    given_title: str | None = None
    verdicts: list[Verdict | None] = field(default_factory=list)
    headings: set[int] = field(default_factory=set)
    hits: dict[int, Hit] = field(default_factory=dict)
    body: tuple[int, int] = (0, 0)
    title: int | None = None
    text: str = ""
    """All blocks, a line each: what is nowhere in it need not be looked for line by line."""

    def __post_init__(self) -> None:
        self.verdicts = [None] * len(self.blocks)
        self.text = "\n".join([block.text for block in self.blocks])

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
    return block.prose
