"""The labelled blocks of an article by where they stand, and the facts that were found in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.boilerplate.folding import fold
from pipeline.boilerplate.names import find_persons
from pipeline.boilerplate.phrasebook import load_phrasebook
from pipeline.languages import UNDETERMINED
from pipeline.normalized import NormalizedText
from pipeline.records import Label, Meta, Span

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.leftover_rules import Stretch
    from pipeline.boilerplate.page import Verdict
    from pipeline.boilerplate.phrasebook import Phrasebook
    from pipeline.records import Document

OPENING = 3
"""Paragraphs of the text within which what belongs to its head may still stand."""

ABOVE_TITLE = 3
"""Blocks above the headline that may belong to it."""

_BELOW = (
    Label.TIMESTAMP,
    Label.BYLINE,
    Label.PHOTO_CREDIT,
    Label.CAPTION,
    Label.SOURCE_LINK,
    Label.TAGS,
    Label.SEPARATOR,
    Label.SHARE_PROMPT,
    Label.REPEATED_TITLE,
    Label.ADVERTISEMENT,
    Label.NEWSLETTER_APPEAL,
    Label.DONATION_APPEAL,
    Label.SUBSCRIPTION_WALL,
)
"""What can stand below the text and still belong to the article, or part it from what does."""

_EDGES = " ,:;|-–—/"
_PAIRS = ('""', "''", "«»", "“”", "„“", "()", "[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Places of the blocks that can belong to the article, those of the head nearest to the headline first.

    What stands below the first list of other news, of comments or of sections belongs to them.
    """

    head: tuple[int, ...] = ()
    text: tuple[int, ...] = ()
    tail: tuple[int, ...] = ()

    @property
    def around(self) -> frozenset[int]:
        return frozenset((*self.head, *self.tail))


@dataclass(slots=True)
class Article:
    """The blocks with their labels, and the facts so far."""

    document: Document
    blocks: Sequence[Candidate]
    verdicts: Sequence[Verdict]
    leftovers: Mapping[int, Sequence[Stretch]]
    found: list[Meta] = field(default_factory=list)
    book: Phrasebook = field(default_factory=load_phrasebook)
    labels: list[Label] = field(init=False)
    zones: Zones = field(init=False)
    _known: frozenset[str] = field(init=False)
    _persons: dict[int, tuple[tuple[int, int], ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._known = frozenset(fact.name for fact in self.document.meta)
        self.labels = [verdict.label for verdict in self.verdicts]
        self.zones = _zones(self.labels)

    @property
    def language(self) -> str:
        return self.document.language or UNDETERMINED

    def of(self, label: Label, places: Container[int] | None = None) -> list[tuple[int, str]]:
        """Return the blocks of a label, among some places, with their texts."""
        found = [index for index, other in enumerate(self.labels) if other is label]
        return [(index, self.blocks[index].text) for index in found if places is None or index in places]

    def persons(self, index: int) -> tuple[tuple[int, int], ...]:
        """Return where in a block the names of its authors stand, if it is a byline."""
        if index not in self._persons:
            self._persons[index] = tuple(find_persons(self.blocks[index].text, self.book))
        return self._persons[index]

    def others(self, index: int) -> Iterator[str]:
        """Yield the texts of all blocks but one."""
        return (block.text for place, block in enumerate(self.blocks) if place != index)

    def add(self, name: str, index: int, stretch: tuple[int, int], value: str | None = None) -> None:
        """Note a fact at a stretch of a block's text, unless it came with the article or is known."""
        start, end = stretch
        text = self.blocks[index].text
        if value is None:
            start, end = _bare(text, start, end)
        if name in self._known or start >= end:
            return
        said = text[start:end] if value is None else value
        if any(fact.name == name and fold(fact.value) == fold(said) for fact in self.found):
            return
        span = raw_span(self.document, self.blocks[index], start, end)
        self.found.append(Meta(name=name, value=said, span=span))

    def count(self, name: str) -> int:
        return sum(fact.name == name for fact in self.found)


def raw_span(document: Document, block: Candidate, start: int, end: int) -> Span:
    """Return the raw range of the characters [start, end) of a block's text."""
    normalized = document.normalized or NormalizedText.identity(document.text)
    within = normalized.from_raw(block.span)
    first = within.start
    while first < within.end and normalized.text[first].isspace():
        first += 1
    return normalized.to_raw(first + start, first + end)


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch without the marks at its ends, and without quotes or brackets around all of it."""
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    said = text[start:end]
    if said.endswith(")") and said.count(")") > said.count("("):
        return start, end - 1
    if len(said) > 1 and said[0] + said[-1] in _PAIRS and said[0] not in said[1:-1]:
        return start + 1, end - 1
    return start, end


def _zones(labels: list[Label]) -> Zones:
    text = tuple(index for index, label in enumerate(labels) if label in (Label.BODY, Label.HEADING))
    if not text:
        return Zones(head=tuple(range(len(labels))))
    first = min(text[0], labels.index(Label.TITLE) if Label.TITLE in labels else text[0])
    opening = text[min(OPENING, len(text)) - 1]
    below = range(text[-1] + 1, len(labels))
    others = next((index for index in below if labels[index] not in _BELOW), len(labels))
    above = range(first - 1, max(-1, first - 1 - ABOVE_TITLE), -1)
    inside = frozenset(text)
    head = (index for index in range(first, opening + 1) if index not in inside)
    return Zones(head=(*head, *above), text=text, tail=tuple(range(text[-1] + 1, others)))
