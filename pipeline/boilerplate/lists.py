"""Labels what stands around and between the text: lists under their headings, headers, footers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.boilerplate.page import KEPT, is_prose
from pipeline.boilerplate.region import PARAGRAPH_WORDS, SEEN_THROUGH
from pipeline.records import Label

if TYPE_CHECKING:
    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Page

GOVERNING = frozenset(
    {Label.RELATED_NEWS, Label.COMMENTS, Label.TAGS, Label.NEWSLETTER_APPEAL, Label.COMMENT_FORM, Label.LEGAL_FOOTER}
)
"""Categories whose heading says what the lines under it are."""

PROSE_TOO = frozenset({Label.RELATED_NEWS, Label.COMMENTS})
"""Categories whose heading governs sentences too: teasers, and what readers wrote."""

FEWEST_HEADLINES = 4
"""So many headlines in a row, without a heading, are a list of other news."""

FEWEST_TITLE_WORDS = 4
"""A line of fewer words is an entry of a menu rather than a headline."""

PLAIN_LIST = 2
"""After so many headlines without teasers a list of news has none: a paragraph there is no part of it."""

SENTENCE_WORDS = 15

LITTLE = 0.1
"""Share of an article's characters that may be lost without evidence of boilerplate."""

HEADLINE_WORDS = 7
"""Mean words of a headline in a list, at least."""

STRAY_WORDS = 40
"""Paragraphs side by side, apart from the text but with so many words together, belong to it too."""

STANDFIRST_WORDS = 8
"""A line of so many words between headline and text is a standfirst."""

NAME_WORDS = range(2, 5)
"""Words of a person's name."""


def judge_inside(page: Page) -> None:
    """Label lists between paragraphs; what reads as prose is never taken."""
    start, end = page.body
    index = start
    while index < end:
        if index in page.headings and page.label(index) in GOVERNING:
            index = _judge_under_heading(page, index, end)
            continue
        run = _headlines(page, index, end)
        if run >= FEWEST_HEADLINES and _reads_as_news(page, index, run) and not _announced(page, index):
            for place in range(index, index + run):
                page.decide(place, Label.RELATED_NEWS, "row_of_headlines", 0.6)
        index += max(1, run)


def judge_above(page: Page) -> None:
    """Label what stands above the text: site name, menus, path, author, standfirst."""
    start = page.body[0]
    stray = _stray_paragraphs(page, range(start))
    evident = _is_evident(page)
    for index in range(start):
        block = page.blocks[index]
        if not page.is_open(index):
            continue
        after_title = page.title is not None and index > page.title
        if index in stray:
            page.decide(index, Label.BODY, "stray_paragraph", 0.6)
        elif block.length >= STANDFIRST_WORDS and (after_title or _touches(page, index, start)):
            page.decide(index, Label.BODY, "standfirst", 0.7)
        elif after_title and _is_name(block):
            page.decide(index, Label.BYLINE, "name_alone", 0.7)
        elif after_title and not evident:
            page.decide(index, Label.BODY, "between_headline_and_text", 0.6)
        elif index == 0:
            page.decide(index, Label.SITE_HEADER, "first_line", 0.7)
        elif block.length >= FEWEST_TITLE_WORDS:
            page.decide(index, Label.RELATED_NEWS, "headline_above_text", 0.6)
        else:
            page.decide(index, Label.NAVIGATION, "short_line_above_text", 0.7)


def judge_below(page: Page) -> None:
    """Label what stands below the text by the heading above it, else by its form.

    Where no rule found boilerplate on the page, what is long below the text is the end of it, unless
    it reads as a list of other news.
    """
    places = range(_end_of_list(page, page.body[1]), len(page.blocks))
    if not _is_evident(page) and not _is_little(page, places) and not _is_news_list(page, places):
        return
    governor: Label | None = None
    headlines = 0
    stray = _stray_paragraphs(page, places)
    for index in places:
        label = page.label(index)
        if label is not None:
            if index in page.headings:
                governor, headlines = (label if label in GOVERNING else None), 0
            continue
        block = page.blocks[index]
        if governor == Label.RELATED_NEWS and headlines >= PLAIN_LIST and _is_sentence(block):
            governor = None
            page.decide(index, Label.BODY, "paragraph_after_list", 0.55)
        elif governor in PROSE_TOO or (governor and not is_prose(block)):
            page.decide(index, governor, "under_heading", 0.8)
            headlines = -len(page.blocks) if is_prose(block) else headlines + 1
        elif index in stray:
            page.decide(index, Label.BODY, "stray_paragraph", 0.6)
        elif block.length >= FEWEST_TITLE_WORDS:
            page.decide(index, Label.RELATED_NEWS, "headline_below_text", 0.6)
        elif index == page.body[1] and _is_name(block):
            page.decide(index, Label.BYLINE, "name_below_text", 0.6)
        else:
            page.decide(index, Label.NAVIGATION, "short_line_below_text", 0.6)


def _is_sentence(block: Candidate) -> bool:
    return block.closed and block.length >= SENTENCE_WORDS


def _is_evident(page: Page) -> bool:
    """Whether any rule found boilerplate on the page; an article without any may be clean."""
    return any(verdict and verdict.label not in KEPT | {Label.SEPARATOR} for verdict in page.verdicts)


def _is_little(page: Page, places: range) -> bool:
    """Whether the undecided blocks are but a small part of all characters."""
    here = sum(len(page.blocks[index].text) for index in places if page.is_open(index))
    return here <= LITTLE * sum(len(block.text) for block in page.blocks)


def _is_news_list(page: Page, places: range) -> bool:
    run = _headlines(page, places.start, places.stop)
    return run > FEWEST_HEADLINES and _reads_as_news(page, places.start, run)


def _end_of_list(page: Page, index: int) -> int:
    """Return where a list ends that begins within the text: its items go on in lower case."""
    while index < len(page.blocks) and page.is_open(index):
        block = page.blocks[index]
        if not (block.text[0].islower() or block.text.endswith((",", ";"))):
            break
        index += 1
    return index


def _stray_paragraphs(page: Page, places: range) -> set[int]:
    """Return undecided paragraphs outside the text that are too long, or too many, for a teaser."""
    found: set[int] = set()
    row: list[int] = []
    for index in places:
        block = page.blocks[index]
        if page.is_open(index) and is_prose(block) and block.closed:
            row.append(index)
            words = sum(page.blocks[place].length for place in row)
            if words >= PARAGRAPH_WORDS or (len(row) > 1 and words >= STRAY_WORDS):
                found.update(row)
        elif page.label(index) not in SEEN_THROUGH:
            row = []
    return found


def _judge_under_heading(page: Page, heading: int, end: int) -> int:
    label = page.label(heading) or Label.RELATED_NEWS
    index = heading + 1
    while index < end and (not page.is_open(index) or not _ends_list(page.blocks[index])):
        if index in page.headings:
            return index
        page.decide(index, label, "under_heading", 0.8)
        index += 1
    return index


def _ends_list(block: Candidate) -> bool:
    return is_prose(block) or (block.closed and block.length >= FEWEST_TITLE_WORDS)


def _headlines(page: Page, index: int, end: int) -> int:
    """Return how many headlines stand in a row from a block on."""
    run = 0
    while index + run < end and page.is_open(index + run):
        block = page.blocks[index + run]
        if is_prose(block) or not block.title_like or block.bulleted or not _begins_like_headline(block):
            break
        run += 1
    return run


def _reads_as_news(page: Page, index: int, run: int) -> bool:
    """Whether lines in a row are as long as headlines are; what an article lists is shorter."""
    return sum(block.length for block in page.blocks[index : index + run]) >= HEADLINE_WORDS * run


def _begins_like_headline(block: Candidate) -> bool:
    return not block.text[0].islower()


def _announced(page: Page, index: int) -> bool:
    """Whether the text itself announces a list here: the line before ends in a colon."""
    return index > 0 and page.is_open(index - 1) and page.blocks[index - 1].text.endswith((":", "："))


def _touches(page: Page, index: int, start: int) -> bool:
    """Whether only decided lines stand between a line and the text."""
    return all(not page.is_open(other) for other in range(index + 1, start))


def _is_name(block: Candidate) -> bool:
    parts = block.text.split()
    return (
        len(parts) in NAME_WORDS and all(part[0].isupper() for part in parts) and not any(map(str.isdigit, block.text))
    )
