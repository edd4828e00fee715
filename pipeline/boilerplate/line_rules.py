"""Rules that look at one line: its characters first, then the phrases in it."""

from __future__ import annotations

import re
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

from pipeline.boilerplate.lexicon import Where
from pipeline.boilerplate.page import is_prose
from pipeline.records import Label

if TYPE_CHECKING:
    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.lexicon import Hit
    from pipeline.boilerplate.page import Page

_strength = attrgetter("strength")
_WORD = re.compile(r"[^\W_]")
_LINK_ONLY = re.compile(r"(?:[^\W\d_]{1,20}(?: [^\W\d_]{1,20})?:\s*)?[<(]?(?:https?://|www\.)\S+[>)]?", re.IGNORECASE)
_MAIL_ONLY = re.compile(r"(?:[\w.-]+:\s*)?[\w.+-]+@[\w-]+\.[\w.]+|\[email.protected\]", re.IGNORECASE)
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.hч]\s?\d{2}(?:[:.]\d{2})?(?!\d)")
_NUMERIC_DATE = re.compile(
    r"(?<!\d)(?:\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}|\d{4}年\d{1,2}月\d{1,2}日?|\d{1,2}月\d{1,2}日)(?!\d)"
)
_COPYRIGHT = re.compile(r"(?:^|\s)(?:©|\(c\)|copyright)(?:\s|\d|$)|℗", re.IGNORECASE)
_CRUMBS = re.compile(r"\s(?:[>»›→|•·]|//?|::|—)\s|>>")
_CODE = re.compile(
    r"(?:function\s*\(|var \w+\s*=|window\.|document\.|adsbygoogle|googletag|\{\s*[\w\"']+\s*:|/\*|<\w+[^>]*>$)"
)
_SIGNS_OF_COPYRIGHT = ("©", "(c)", "(C)", "opyright", "OPYRIGHT", "℗")
_SIGNS_OF_CRUMBS = (">", "»", "›", "→", "|", "•", "·", " / ", "//", "::", "—")
_SIGNS_OF_CODE = ("function", "var ", "window.", "document.", "adsbygoogle", "googletag", "{", "/*", "<")
_AGENCIES = (
    "AFP|AP|EPA|Reuters|REUTERS|Getty(?: Images)?|GETTY|dpa|DPA|APA|ANSA|EFE|AA|ТАСС|РИА Новости|UNIAN|УНІАН"
    "|Ukrinform|Xinhua|Keystone|Shutterstock|iStock|picture[ -]alliance|IMAGO|imago"
)
_AGENCY = re.compile(rf"(?:^|[/|(\s])(?:{_AGENCIES})[)\s./]*$")

LONGEST_BY_CHARACTERS = 300
"""Characters of a line that is judged by what it is made of; a web address may be as long."""

LONGEST_DATE = 200
"""Characters of a date line; such lines name date, time, time zone and place."""

LONGEST_CODE = 2000
"""Characters of a line that is searched for code."""

LONGEST_NOTICE = 40
LONGEST_CLOSED_NOTICE = 25
"""Most words of a copyright line, and of one that ends like a sentence."""

LONGEST_AGENCY = 60
"""Characters at the end of a line in which an agency is looked for."""

LONGEST_CREDIT = 8
"""Most words of a photographer and an agency; with more words, the line is a caption."""

LONGEST_CAPTION = 40
LONGEST_NAME_AND_DATE = 12
LONGEST_NAME = 4
"""Most words of a caption, of a name with a date, and of the name in it."""

LONGEST_PATH = 25
FEWEST_STEPS = 2
"""Most words of a path through the site, and fewest marks in it."""

LONGEST_HEADING = 8
"""Most words of a line that heads a list by ending in a colon."""

BEGINNING = 40
"""Characters at the beginning of a sentence in which a colon sets a label apart."""

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
    has_code = any(sign in page.text for sign in _SIGNS_OF_CODE)
    has_copyright = any(sign in page.text for sign in _SIGNS_OF_COPYRIGHT)
    for index, block in page.open_blocks():
        text = block.text
        if not block.words:
            _judge_wordless(page, index, block)
        elif len(text) <= LONGEST_BY_CHARACTERS and _is_address(text):
            page.decide(index, Label.SOURCE_LINK, "bare_link", 0.95)
        elif block.digits and len(text) <= LONGEST_DATE and is_timestamp(page, block):
            page.decide(index, Label.TIMESTAMP, "only_date_words", 0.95)
        elif has_copyright and _is_copyright(block):
            page.decide(index, Label.LEGAL_FOOTER, "copyright_mark", 0.9)
        elif has_code and len(text) < LONGEST_CODE and not block.closed and _CODE.search(text):
            page.decide(index, Label.ADVERTISEMENT, "script_code", 0.9)


def _is_address(text: str) -> bool:
    if "://" in text or "ww" in text or "WW" in text:
        return bool(_LINK_ONLY.fullmatch(text) or _MAIL_ONLY.fullmatch(text))
    return ("@" in text or "[email" in text) and bool(_MAIL_ONLY.fullmatch(text))


def _is_copyright(block: Candidate) -> bool:
    longest = LONGEST_CLOSED_NOTICE if block.closed else LONGEST_NOTICE
    return block.length <= longest and bool(_COPYRIGHT.search(block.text[:LONGEST_DATE]))


def judge_phrases(page: Page) -> None:
    """Decide lines by the phrases of the lexicons; remember those that head a list."""
    lines = [(index, block) for index, block in page.open_blocks() if block.length <= LONGEST_ANYWHERE]
    clues = page.lexicon.longest.clues(set().union(*[block.words for _, block in lines]))
    for index, block in lines:
        hits = page.lexicon.hits(block.words, clues)
        if not hits:
            continue
        page.hits[index] = max(hits, key=_strength)
        hit = max([hit for hit in hits if _counts(hit, block, hits)], key=_strength, default=None)
        if hit is None:
            continue
        if hit.where == Where.LINE or (block.text.endswith(":") and block.length <= LONGEST_HEADING):
            page.headings.add(index)
        page.decide(index, hit.label, f"phrase_{hit.where.name.lower()}", _confidence(hit, block))


def judge_signatures(page: Page) -> None:
    """Decide what is left of credits, name-and-date lines, breadcrumbs."""
    has_crumbs = any(sign in page.text for sign in _SIGNS_OF_CRUMBS)
    for index, block in page.open_blocks():
        if block.length > LONGEST_CAPTION or block.closed:
            continue
        if _AGENCY.search(block.text, max(0, len(block.text) - LONGEST_AGENCY)):
            label = Label.PHOTO_CREDIT if block.length <= LONGEST_CREDIT else Label.CAPTION
            page.decide(index, label, "ends_in_agency", 0.8)
        elif (
            block.digits
            and block.length <= LONGEST_NAME_AND_DATE
            and _has_date(page, block)
            and _unknown_words(page, block) <= LONGEST_NAME
        ):
            page.decide(index, Label.BYLINE, "name_and_date", 0.75)
        elif has_crumbs and block.length <= LONGEST_PATH and len(_CRUMBS.findall(block.text)) >= FEWEST_STEPS:
            page.decide(index, Label.BREADCRUMB, "separated_by_marks", 0.8)


def judge_repetitions(page: Page) -> None:
    """Decide labels that stand many times among the paragraphs, such as those above each advertisement."""
    counts = Counter(block.text for block in page.blocks if block.length <= MOST_LABEL_WORDS)
    for index, block in page.open_blocks():
        if counts[block.text] >= FEWEST_REPEATS and not block.closed and not block.text.endswith((":", "：")):
            page.decide(index, Label.ADVERTISEMENT, "label_many_times", 0.7)


def is_timestamp(page: Page, block: Candidate) -> bool:
    """Whether a line with digits is a date or a time, with no words but those of dates."""
    unknown = _unknown_words(page, block)
    if unknown == 0:
        return True
    return unknown == 1 and len(block.words) <= LONGEST_NAME and bool(_NUMERIC_DATE.search(block.text))


def _unknown_words(page: Page, block: Candidate) -> int:
    return sum(not page.lexicon.is_date_word(word) and (len(word) > 1 or not word.isascii()) for word in block.words)


def _has_date(page: Page, block: Candidate) -> bool:
    if _NUMERIC_DATE.search(block.text):
        return True
    return any(word in page.lexicon.months for word in block.words)


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
    if hit.label == Label.TIMESTAMP and not block.digits:
        return False
    covered = (hit.end - hit.start) / max(1, len(block.words))
    if hit.where == Where.START:
        single = hit.end - hit.start == 1
        if single and is_prose(block) and ":" not in block.text[:BEGINNING]:
            return False
        return block.length <= LONGEST.get(hit.label, LONGEST_START)
    others = sum(other.label == hit.label and other.start >= hit.end for other in hits)
    return block.length <= LONGEST_ANYWHERE and (covered >= LEAST_COVERED or others > 0)


def _confidence(hit: Hit, block: Candidate) -> float:
    if hit.where == Where.LINE:
        return 0.97
    sure = 0.9 if hit.where == Where.START else 0.85
    return round(sure - (0.1 if is_prose(block) else 0.0), 2)
