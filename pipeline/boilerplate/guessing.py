"""Guesses what kind of boilerplate a block is that the model strips and no rule has named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.boilerplate.lists import FEWEST_TITLE_WORDS, GOVERNING
from pipeline.boilerplate.page import KEPT
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Page

REACH = 3
"""Blocks on either side whose label a block of no label may share."""

CAPTION_WORDS = 40
"""Most words of a caption."""

LISTED = frozenset({Label.RELATED_NEWS, Label.NAVIGATION, Label.TAGS, Label.COMMENTS, Label.EMBEDDED_POST})
"""Labels that come in rows: a block among them is one of them."""


def governors(page: Page, stripped: Sequence[bool]) -> list[Label | None]:
    """Return for each block the label of the heading from which only stripped blocks part it."""
    found: list[Label | None] = []
    current: Label | None = None
    for index, gone in enumerate(stripped):
        found.append(current)
        if not gone:
            current = None
        elif index in page.headings:
            label = page.label(index)
            current = label if label in GOVERNING else None
    return found


def guess(page: Page, index: int, governor: Label | None) -> Label:
    """Return the likeliest label: of a phrase in the block, of the heading above, of its row, of its form."""
    hit = page.hits.get(index)
    if hit is not None and hit.label not in KEPT:
        return hit.label
    return governor or _row(page, index) or _form(page, page.blocks[index], index)


def _row(page: Page, index: int) -> Label | None:
    """Return the label of the nearest block around that comes in rows."""
    for distance in range(1, REACH + 1):
        for place in (index - distance, index + distance):
            label = page.label(place) if 0 <= place < len(page.blocks) else None
            if label in LISTED:
                return label
    return None


def _form(page: Page, block: Candidate, index: int) -> Label:
    """Return what blocks of this form and place mostly are."""
    if block.marks:
        return Label.EMBEDDED_POST
    if block.length < FEWEST_TITLE_WORDS:
        return Label.NAVIGATION
    start, end = page.body
    if start <= index < end and not block.title_like and block.length <= CAPTION_WORDS:
        return Label.CAPTION
    return Label.RELATED_NEWS
