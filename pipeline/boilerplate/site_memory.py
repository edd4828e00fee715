"""What is known of sites: lines that stand on many of their articles, which no rule need know.

Kept as JSON that people can read, beside the corpus; `site_learning` makes it from the input.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from pipeline.boilerplate.folding import MANY, fold
from pipeline.boilerplate.page import KEPT, Verdict, is_prose
from pipeline.boilerplate.site_names import SiteFrom, name_site
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.records import Document

RULE = "site_memory"

LONGEST = 2_000
"""Characters of a line that is remembered, at most."""


class Side(StrEnum):
    """Where a line stands, seen from the article's own paragraphs."""

    ABOVE = "above"
    INSIDE = "inside"
    BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedLine:
    """A line of a site: folded, without numbers; `sides` are where it is boilerplate.

    `articles` is on how many of the articles looked at it stands.
    """

    line: str
    label: Label
    confidence: float
    sides: tuple[Side, ...]
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedSite:
    """A site: how many articles it has in the input, how many were looked at, what they share."""

    articles: int
    looked_at: int
    lines: tuple[RememberedLine, ...]


@dataclass(frozen=True)
class SiteMemory:
    """The lines of each site, by its name, and what tells the site of an article."""

    sites: dict[str, RememberedSite]
    site: SiteFrom = "auto"
    site_pattern: str | None = None

    @cached_property
    def digest(self) -> str:
        """The sha256 of what shapes labels: counts, which change with every article, are left out."""
        lines = {
            name: sorted((one.line, one.label, one.sides, one.confidence) for one in site.lines)
            for name, site in self.sites.items()
            if site.lines
        }
        content = json.dumps([self.site, self.site_pattern, lines], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def to_json(self) -> str:
        """Return JSON, the same for the same memory: sites by name, lines by their number of articles."""
        sites = {name: asdict(site) for name, site in sorted(self.sites.items())}
        memory = {"site": self.site, "site_pattern": self.site_pattern, "sites": sites}
        return json.dumps(memory, ensure_ascii=False, indent=1) + "\n"

    def lines(self, document: Document) -> Mapping[str, RememberedLine]:
        """Return the lines of the site that an article is from, by their text."""
        return self._lines.get(name_site(document.uri, document.meta, self.site, self.site_pattern), {})

    @cached_property
    def _lines(self) -> dict[str, dict[str, RememberedLine]]:
        return {name: {one.line: one for one in site.lines} for name, site in self.sites.items()}


def parse_memory(text: str | bytes) -> SiteMemory:
    """Return the memory that `to_json` wrote; raises `ValidationError`."""
    return TypeAdapter(SiteMemory).validate_json(text)


def line_key(block: Candidate) -> str | None:
    """Return what makes two lines the same; None for one that is never remembered."""
    if not block.words or len(block.text) > LONGEST:
        return None
    return " ".join(block.words) if len(block.text) <= MANY else " ".join(fold(block.text).split())


def own_paragraphs(blocks: Sequence[Candidate], labels: Sequence[Label], shared: Sequence[bool]) -> tuple[int, int]:
    """Return the first and the last paragraph of the article that others do not share, or (-1, -1)."""
    own = [
        index for index, block in enumerate(blocks) if labels[index] in KEPT and not shared[index] and is_prose(block)
    ]
    return (own[0], own[-1]) if own else (-1, -1)


def side_of(index: int, own: tuple[int, int]) -> Side:
    """Return where a block stands."""
    return Side.ABOVE if index < own[0] else Side.BELOW if index > own[1] else Side.INSIDE


def recall(
    blocks: Sequence[Candidate], verdicts: Sequence[Verdict], lines: Mapping[str, RememberedLine]
) -> tuple[Verdict, ...]:
    """Return the verdicts with what the site's memory says of lines that were taken for text.

    The headline is never touched, nor an article that has no paragraph of its own.
    """
    keys = [line_key(block) for block in blocks]
    known = [lines.get(key) if key else None for key in keys]
    labels = [verdict.label for verdict in verdicts]
    own = own_paragraphs(blocks, labels, [line is not None for line in known])
    if own[0] < 0:
        return tuple(verdicts)
    return tuple(
        Verdict(label=line.label, rule=RULE, confidence=line.confidence)
        if line and verdict.label in KEPT - {Label.TITLE} and side_of(index, own) in line.sides
        else verdict
        for index, (line, verdict) in enumerate(zip(known, verdicts, strict=True))
    )
