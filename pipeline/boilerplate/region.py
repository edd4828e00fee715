"""Finds between which blocks the article's own text stands: the range with the greatest sum of scores.

The method is the maximum subsequence of Pasternack and Roth, "Extracting Article Text from the Web
with Maximum Subsequence Segmentation" (WWW 2009), with scores from prose and from the rules before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.boilerplate.page import KEPT, is_prose
from pipeline.records import Label

if TYPE_CHECKING:
    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Page

INSIDE = frozenset(
    {
        Label.TIMESTAMP,
        Label.PHOTO_CREDIT,
        Label.CAPTION,
        Label.SEPARATOR,
        Label.ADVERTISEMENT,
        Label.EMBEDDED_POST,
        Label.SOURCE_LINK,
        Label.BYLINE,
    }
)
"""Boilerplate that often stands between the paragraphs of an article."""

SEEN_THROUGH = frozenset(
    {
        Label.PHOTO_CREDIT,
        Label.CAPTION,
        Label.SEPARATOR,
        Label.ADVERTISEMENT,
        Label.EMBEDDED_POST,
    }
)
"""Blocks that do not part two paragraphs; dates and names do: they stand in lists of news too."""

BETWEEN = -0.3
"""Score of a block of those."""

AROUND = -1.0
"""Score of any other boilerplate."""

ENDING = {
    Label.COMMENTS: -6.0,
    Label.COMMENT_FORM: -4.0,
    Label.LEGAL_FOOTER: -3.0,
    Label.RELATED_NEWS: -2.0,
    Label.TAGS: -2.0,
}
"""Score of a block that heads what usually follows an article."""

SHORT = (-0.3, -0.6, -0.9)
"""Score of the first, the second, and each further line in a row that is not prose."""

CLOSED = 0.1
"""Score of a short line that ends like a sentence."""

FEWEST_WORDS = 3
"""Words of a line that may be a sentence."""

PARAGRAPH_WORDS = 60
"""No teaser has so many words."""

WIDEST_GAP = -3.0
"""Most that all lines between two paragraphs can cost, but for headings of what follows an article."""

WORDS_A_POINT = 15.0
MOST_POINTS = 3.0
"""Prose scores a point for so many words, up to the most."""

LEAST_FOUND = 0.2
"""Share of the undecided characters that the text of an article makes up, at least."""

ALONE = 0.4
"""Prose between lines that are not prose counts so much: it may be a teaser in a list."""


def find_body(page: Page) -> None:
    """Set `page.body`; it is empty when nothing scores above zero.

    Where what was found is but a small part of all that no rule has decided, the page is no news
    article (a list of offers, a forum): then its order says nothing, and all of it is text.
    """
    best = total = gap = 0.0
    start = 0
    limit = WIDEST_GAP
    page.body = (0, 0)
    for index, score in enumerate(_scores(page)):
        if score < 0:
            gap += score
            if index in page.headings and page.label(index) in ENDING:
                limit += ENDING[page.label(index) or Label.BODY]
            continue
        total += max(gap, limit)
        gap, limit = 0.0, WIDEST_GAP
        if total <= 0:
            total, start = 0.0, index
        total += score
        if total > best:
            best, page.body = total, (start, index + 1)
    if _is_too_little(page):
        page.body = (0, len(page.blocks))


def _is_too_little(page: Page) -> bool:
    start, end = page.body
    undecided = sum(len(block.text) for _, block in page.open_blocks())
    found = sum(len(page.blocks[index].text) for index in range(start, end) if page.is_open(index))
    return 0 < found < LEAST_FOUND * undecided


def _scores(page: Page) -> list[float]:
    accompanied = _accompanied(page)
    scores = []
    row = 0
    for index, block in enumerate(page.blocks):
        label = page.label(index)
        if label is not None and label not in KEPT:
            inside = label in INSIDE or _is_inline(page, index)
            heads = index in page.headings
            scores.append(BETWEEN if inside else ENDING.get(label, AROUND) if heads else AROUND)
            row += not inside
        elif is_prose(block):
            scores.append(_prose_score(block, alone=index not in accompanied))
            row = 0
        else:
            scores.append(CLOSED if block.closed and block.length >= FEWEST_WORDS else SHORT[min(row, len(SHORT) - 1)])
            row += 1
    return scores


def _accompanied(page: Page) -> set[int]:
    """Return the paragraphs that have another paragraph before or after them."""
    found: set[int] = set()
    last: int | None = None
    for index, block in enumerate(page.blocks):
        if page.label(index) in SEEN_THROUGH or _is_inline(page, index):
            continue
        is_text = page.is_open(index) and is_prose(block)
        if is_text and last is not None:
            found |= {last, index}
        last = index if is_text else None
    return found


def _is_inline(page: Page, index: int) -> bool:
    """Whether a line is one link to other news ("Read also: …"), as they stand between paragraphs."""
    return page.label(index) == Label.RELATED_NEWS and index not in page.headings


def _prose_score(block: Candidate, *, alone: bool) -> float:
    points = min(block.length / WORDS_A_POINT, MOST_POINTS)
    if not block.closed:
        points *= 0.5
    return points * ALONE if alone and block.length < PARAGRAPH_WORDS else points
