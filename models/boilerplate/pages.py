"""Pages with labelled lines: reading them, parting them by site, and making variants of them."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.boilerplate.blocks import read_blocks
from pipeline.corpus import document_id
from pipeline.normalized import NormalizedText
from pipeline.records import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.boilerplate.blocks import Candidate

USUAL = ("scrape", "plain")
"""Variants that stand for our users' articles; each page has one of them."""

BEFORE = (0, 0, 1, 5, 10, 20, 30)
AFTER = (0, 1, 3, 8, 15, 40, 60)
"""Lines around the text of a page that a crop leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as labelled: body, boilerplate or title; `doubtful` ones are not scored."""

    text: str
    label: str
    doubtful: bool
    after_gap: bool

    @property
    def boilerplate(self) -> bool | None:
        """None where the label is doubtful or the line is the headline."""
        return None if self.doubtful or self.label == "title" else self.label == "boilerplate"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPage:
    """A page of a set; `variant` says how much of it there is, `site` must not stand on both sides of a split."""

    id: str
    set: str
    language: str
    variant: str
    lines: tuple[Line, ...]

    @property
    def site(self) -> str:
        return site_of(self.id)

    @property
    def held(self) -> bool:
        return is_held(self.site)

    def fold(self, folds: int) -> int:
        return hashlib.sha256(self.site.encode()).digest()[1] % folds

    @property
    def text(self) -> str:
        parts = [("\n\n" if line.after_gap else "\n") + line.text for line in self.lines]
        return "".join(parts).lstrip("\n")


def read_pages(path: Path) -> Iterator[LabelledPage]:
    """Yield the pages of a `<set>.jsonl.gz` that have lines."""
    name = path.name.partition(".")[0]
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            lines = tuple(
                Line(
                    text=line["text"],
                    label=line["label"],
                    doubtful="amb" in line,
                    after_gap=bool(line.get("gap")),
                )
                for line in row["lines"]
            )
            if lines:
                yield LabelledPage(
                    id=row["id"], set=name, language=row["language"], variant=row["variant"], lines=lines
                )


def document(page: LabelledPage) -> Document:
    """Return the page as an article whose normalised text is the raw text."""
    text = page.text
    return Document(id=document_id(page.id, text), uri=page.id, text=text, normalized=NormalizedText.identity(text))


def blocks_of(page: LabelledPage) -> tuple[tuple[Candidate, ...], list[int]]:
    """Return the blocks of a page, and the number of the block that each line stands in."""
    blocks = read_blocks(document(page))
    places, block = [], 0
    for start, _ in ranges(page):
        while block < len(blocks) - 1 and blocks[block].span.end <= start:
            block += 1
        places.append(block)
    return blocks, places


def ranges(page: LabelledPage) -> Iterator[tuple[int, int]]:
    """Yield where each line stands in the text of its page."""
    position = 0
    for number, line in enumerate(page.lines):
        position += (2 if line.after_gap else 1) * (number > 0)
        yield position, position + len(line.text)
        position += len(line.text)


def clean(page: LabelledPage) -> LabelledPage | None:
    """Return the body of a page alone: an article without boilerplate."""
    body = tuple(line for line in page.lines if line.boilerplate is False)
    return replace(page, variant="clean", lines=body) if body else None


def crop(page: LabelledPage) -> Iterator[LabelledPage]:
    """Yield the text of a page with more or fewer lines around it, as scrapers differ; always the same."""
    body = [number for number, line in enumerate(page.lines) if line.boilerplate is False]
    if body:
        dice = random.Random(page.id)  # noqa: S311 # no secret
        lines = page.lines[max(0, body[0] - dice.choice(BEFORE)) : body[-1] + 1 + dice.choice(AFTER)]
        yield replace(page, variant="crop", lines=lines)


def variants(pages: Iterable[LabelledPage]) -> Iterator[LabelledPage]:
    """Yield what is learned from: pages as they are, their text alone, and crops of whole pages."""
    for page in pages:
        if page.variant in USUAL:
            yield page
            text = clean(page)
            if text:
                yield text
        if page.variant != "scrape":
            yield from crop(page)


def is_held(site: str) -> bool:
    """Whether a site is one that nothing is trained or tuned on: about every other one."""
    return bool(hashlib.md5(site.encode(), usedforsecurity=False).digest()[0] & 1)


def site_of(identifier: str) -> str:
    """Return the site that a page's id names; where it names none, the page is its own site."""
    first, _, rest = identifier.partition("/")
    if first == "daniel":
        return re.sub(r"^www\d*\.", "", rest.split("_")[1])
    if first == "fundus":
        return re.sub(r"_\d{4}_.*", "", rest)
    if first == "cleanportal":
        return identifier.rpartition("_")[0]
    return identifier
