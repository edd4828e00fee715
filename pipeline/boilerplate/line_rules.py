"""Rules that look at one line: its characters first, then the phrases in it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pipeline.boilerplate.lexicon import Where
from pipeline.boilerplate.page import best_hit, is_prose
from pipeline.records import Label

if TYPE_CHECKING:
    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.lexicon import Hit
    from pipeline.boilerplate.page import Page

_WORD = re.compile(r"[^\W_]")
_LINK_ONLY = re.compile(r"(?:[^\W\d_]{1,20}(?: [^\W\d_]{1,20})?:\s*)?[<(]?(?:https?://|www\.)\S+[>)]?", re.IGNORECASE)
_MAIL_ONLY = re.compile(r"(?:[\w.-]+:\s*)?[\w.+-]+@[\w-]+\.[\w.]+|\[email.protected\]", re.IGNORECASE)
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.hч]\s?\d{2}(?:[:.]\d{2})?(?!\d)")
_NUMERIC_DATE = re.compile(
    r"(?<!\d)(?:\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}|\d{4}年\d{1,2}月\d{1,2}日?|\d{1,2}月\d{1,2}日)(?!\d)"
)
_COPYRIGHT = re.compile(r"(?:^|\s)(?:©|\(c\)|copyright)(?:\s|\d|$)|℗", re.IGNORECASE)
_CRUMBS = re.compile(r"\s(?:[>»›→|•·]|//?|::|—)\s|>>")
_EDITORIAL = re.compile(r"\w\s?\(?/\s?\w+\)?\s*$")
_CODE = re.compile(
    r"(?:function\s*\(|var \w+\s*=|window\.|document\.|adsbygoogle|googletag|\{\s*[\w\"']+\s*:|/\*|<\w+[^>]*>$)"
)
_AGENCY = re.compile(
    r"(?:^|[/|(\s])(?:AFP|AP|EPA|Reuters|REUTERS|Getty(?: Images)?|GETTY|dpa|DPA|APA|ANSA|EFE|AA|ТАСС|РИА Новости|UNIAN|УНІАН|Ukrinform|Xinhua|Keystone|Shutterstock|iStock|picture[ -]alliance|IMAGO|imago)[)\s./]*$"
)

LONGEST = {
    Label.BYLINE: 14,
    Label.PHOTO_CREDIT: 30,
    Label.CAPTION: 8,
    Label.TIMESTAMP: 16,
    Label.NAVIGATION: 8,
    Label.BREADCRUMB: 12,
    Label.SITE_HEADER: 10,
    Label.SHARE_PROMPT: 30,
    Label.SOURCE_LINK: 20,
    Label.COMMENTS: 12,
    Label.TAGS: 60,
}
"""Most words of a line that begins with a phrase of the category."""

LONGEST_START = 40
"""The same for the other categories."""

LONGEST_ANYWHERE = 60
"""Most words of a line in which a phrase counts wherever it stands; longer ones need two phrases."""

LEAST_COVERED = 0.06
"""Share of the words of a line that a phrase in its midst must make up, unless another one is there."""

NEEDS_SHORT = frozenset(
    {
        Label.BYLINE,
        Label.NAVIGATION,
        Label.TIMESTAMP,
        Label.SITE_HEADER,
        Label.BREADCRUMB,
        Label.COMMENTS,
        Label.CAPTION,
    }
)
"""Categories whose lines are labels: a line that reads as a sentence is none of them."""


FEWEST_REPEATS = 3
MOST_LABEL_WORDS = 4
"""A line of at most so many words that stands so often in one article is a label of the site."""


def judge_characters(page: Page) -> None:
    """Decide lines by what they are made of, in any language."""
    for index, block in page.open_blocks():
        text = block.text
        if not block.words:
            _judge_wordless(page, index, block)
        elif len(text) <= 300 and (_LINK_ONLY.fullmatch(text) or _MAIL_ONLY.fullmatch(text)):
            page.decide(index, Label.SOURCE_LINK, "bare_link", 0.95)
        elif len(text) <= 200 and is_timestamp(page, block):
            page.decide(index, Label.TIMESTAMP, "only_date_words", 0.95)
        elif block.length <= 40 and _COPYRIGHT.search(text[:60]) and not (block.closed and block.length > 25):
            page.decide(index, Label.LEGAL_FOOTER, "copyright_mark", 0.9)
        elif len(text) < 2000 and _CODE.search(text) and not block.closed:
            page.decide(index, Label.ADVERTISEMENT, "script_code", 0.9)


def judge_phrases(page: Page) -> None:
    """Decide lines by the phrases of the lexicons; remember those that head a list."""
    for index, block in page.open_blocks():
        if block.length > LONGEST_ANYWHERE:
            continue
        hits = page.lexicon.hits(block.words)
        hit = best_hit([hit for hit in hits if _counts(hit, block, hits)])
        if hit is None:
            continue
        if hit.where == Where.LINE or (block.text.endswith(":") and block.length <= 8):
            page.headings.add(index)
        page.decide(index, hit.label, f"phrase_{hit.where.name.lower()}", _confidence(hit, block))


def judge_signatures(page: Page) -> None:
    """Decide what is left of credits, name-and-date lines, breadcrumbs."""
    for index, block in page.open_blocks():
        if block.length > 40 or block.closed:
            continue
        if block.length <= 40 and _AGENCY.search(block.text):
            label = Label.PHOTO_CREDIT if block.length <= 8 else Label.CAPTION
            page.decide(index, label, "ends_in_agency", 0.8)
        elif block.length <= 12 and _has_date(page, block) and _unknown_words(page, block) <= 4:
            page.decide(index, Label.BYLINE, "name_and_date", 0.75)
        elif block.length <= 25 and len(_CRUMBS.findall(block.text)) >= 2:
            page.decide(index, Label.BREADCRUMB, "separated_by_marks", 0.8)


def judge_repetitions(page: Page) -> None:
    """Decide labels that stand many times among the paragraphs, such as those above each advertisement."""
    counts = Counter(block.text for block in page.blocks if block.length <= MOST_LABEL_WORDS)
    for index, block in page.open_blocks():
        if counts[block.text] >= FEWEST_REPEATS and not block.closed and not block.text.endswith((":", "：")):
            page.decide(index, Label.ADVERTISEMENT, "label_many_times", 0.7)


def is_timestamp(page: Page, block: Candidate) -> bool:
    """Whether a line is a date or a time, with no words but those of dates."""
    if not any(map(str.isdigit, block.text)):
        return False
    unknown = _unknown_words(page, block)
    if unknown == 0:
        return True
    return unknown == 1 and len(block.words) <= 3 and bool(_NUMERIC_DATE.search(block.text))


def _unknown_words(page: Page, block: Candidate) -> int:
    return sum(not page.lexicon.is_date_word(word) and (len(word) > 1 or not word.isascii()) for word in block.words)


def _has_date(page: Page, block: Candidate) -> bool:
    if _NUMERIC_DATE.search(block.text):
        return True
    names = any(word in page.lexicon.months for word in block.words)
    return names and any(map(str.isdigit, block.text))


def _judge_wordless(page: Page, index: int, block: Candidate) -> None:
    if not _WORD.search(block.text):
        page.decide(index, Label.SEPARATOR, "only_marks", 0.99)
    elif _CLOCK.search(block.text) or _NUMERIC_DATE.search(block.text):
        page.decide(index, Label.TIMESTAMP, "only_date_words", 0.95)
    else:
        page.decide(index, Label.NAVIGATION, "only_numbers", 0.8)


def _counts(hit: Hit, block: Candidate, hits: list[Hit]) -> bool:
    """Whether a phrase is evidence in a line of this length and form."""
    if hit.where == Where.LINE:
        return True
    if hit.label in NEEDS_SHORT and is_prose(block):
        return False
    if hit.label == Label.TIMESTAMP and not any(map(str.isdigit, block.text)):
        return False
    covered = (hit.end - hit.start) / max(1, len(block.words))
    if hit.where == Where.START:
        single = hit.end - hit.start == 1
        if single and is_prose(block) and not block.text[:40].count(":"):
            return False
        return block.length <= LONGEST.get(hit.label, LONGEST_START)
    others = sum(other.label == hit.label and other.start >= hit.end for other in hits)
    return block.length <= LONGEST_ANYWHERE and (covered >= LEAST_COVERED or others > 0)


def _confidence(hit: Hit, block: Candidate) -> float:
    if hit.where == Where.LINE:
        return 0.97
    sure = 0.9 if hit.where == Where.START else 0.85
    return round(sure - (0.1 if is_prose(block) else 0.0), 2)
