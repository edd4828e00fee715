"""Finds the article's headline, and where it is said again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.boilerplate.page import is_prose
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Page

HEAD = 12
"""Undecided lines above the text among which the headline is looked for."""

OPENING = 8
"""Blocks of the text whose words a headline shares."""

STEM = 5
"""Letters that count of a word, so that inflected forms are the same."""

SHARED = 0.25
"""Least share of a headline's words that stand in the opening of the text, unless it is the first line."""

FIRST = 2
"""Blocks above the text at most, the first of which is taken for the headline whatever it says."""

SAME = 0.85
"""Jaccard similarity of words from which two lines say the same headline."""

FEWEST_WORDS = 3
LONGEST_TITLE = 30
USUAL_TITLE = 18
"""Words of a headline: the fewest that are compared, the most, and beyond which it is rather a standfirst."""

LONGEST_SENTENCE = 14
"""Words of a headline that ends in a full stop, as some sites write them."""

SHORT_WORD = 2
"""Letters of words that say nothing of what a text is about."""


def judge_title(page: Page) -> None:
    """Label the headline and its repetitions; `page.title` is its block."""
    start, end = page.body
    if start == end:
        return
    candidates = [index for index in range(start) if page.is_open(index)][-HEAD:]
    if page.is_open(start) and page.blocks[start].title_like:
        candidates.append(start)
    if not candidates and start == 0:
        candidates = [0]
    titles = [index for index in candidates if _may_be_title(page.blocks[index])]
    if not titles:
        return
    opening = _stems(word for block in page.blocks[start : start + OPENING] if is_prose(block) for word in block.words)
    given = set(page.given_title.split()) if page.given_title else set()
    best = max(titles, key=lambda index: (_worth(page, index, opening, given), -index))
    first = best == 0 and start <= FIRST
    if _shared(page.blocks[best], opening) < SHARED and page.blocks[best].repeats == 0 and not first:
        return
    page.title = best
    page.decide(best, Label.TITLE, "headline", 0.9)
    _judge_repetitions(page, best)


def _judge_repetitions(page: Page, title: int) -> None:
    said = _without_number(page.blocks[title].words)
    for index, block in page.open_blocks():
        near = abs(len(block.words) - len(said)) <= max(2, len(said) // 4)
        if (
            near
            and index != title
            and len(said) >= FEWEST_WORDS
            and _similarity(_without_number(block.words), said) >= SAME
        ):
            page.decide(index, Label.REPEATED_TITLE, "headline_again", 0.95)


def _without_number(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words without a number stuck to the last, as counters and notes leave them."""
    return (*words[:-1], words[-1].rstrip("0123456789")) if words else words


def _may_be_title(block: Candidate) -> bool:
    return (
        FEWEST_WORDS - 1 <= block.length <= LONGEST_TITLE
        and not block.text.endswith((":", ",", ";"))
        and not (block.closed and block.text.endswith((".", "。")) and block.length > LONGEST_SENTENCE)
    )


def _worth(page: Page, index: int, opening: set[str], given: set[str]) -> float:
    block = page.blocks[index]
    worth = _shared(block, opening) * min(1.0, block.length / 5)
    if given and _similarity(block.words, tuple(given)) >= SAME:
        worth += 3
    if block.closed:
        worth -= 0.3
    return worth - (0.2 if block.length > USUAL_TITLE else 0.0)


def _shared(block: Candidate, opening: set[str]) -> float:
    stems = _stems(block.words)
    return len(stems & opening) / len(stems) if stems else 0.0


def _stems(words: Iterable[str]) -> set[str]:
    return {word[:STEM] for word in words if len(word) > SHORT_WORD or not word.isascii()}


def _similarity(one: Sequence[str], other: Sequence[str]) -> float:
    first, second = set(one), set(other)
    return len(first & second) / max(1, len(first | second))
