"""Wins facts about an article from its labelled blocks: dates, names, places, links; each with its place.

A fact that is not sure is left out: a wrong author is worse than none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.boilerplate.datelines import read_dateline
from pipeline.boilerplate.dates import find_dates
from pipeline.boilerplate.folding import fold, tokens
from pipeline.boilerplate.furniture import Article
from pipeline.boilerplate.leftover_rules import title_tail
from pipeline.boilerplate.lexicon import load_lexicon
from pipeline.boilerplate.sites import host_name
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.leftover_rules import Stretch
    from pipeline.boilerplate.page import Verdict
    from pipeline.records import Document, Meta

NAMES = (
    "title",
    "published",
    "updated",
    "byline",
    "author",
    "place",
    "agency",
    "photo_credit",
    "source_link",
    "tags",
    "site",
)
"""What may be found; `author`, `photo_credit` and `tags` once for each that there is."""

DATELINE_PARAGRAPHS = 2
"""Paragraphs at whose beginning a dateline is looked for: the second, where the first is a standfirst."""

TITLE_MARK = 2
"""Characters of the space and the mark between a headline and a site's name."""

LONGEST_CREDIT = 60
LONGEST_TAG = 40
LONGEST_BYLINE = 120
LONGEST_SITE = 40
"""Characters of a credit, a tag, a byline and a site's name."""

CREDIT_WORDS = 6
"""Most words of a credit that nothing introduces but an agency's name."""

MOST_TAGS = 20
SITE_WORDS = 5
SHORTEST_SITE = 4
"""Words of a site's name at most, and letters at least, by which it is found elsewhere on the page."""

ADDRESS_HEAD = 120
"""Characters of a line in which a web address is looked for."""

SURNAME = 4
"""Letters of a name that are looked for in the text."""

_LINK = re.compile(r"https?://[^\s<>\"')\]]+/[^\s<>\"')\]]+", re.IGNORECASE)
_SHORTENED = re.compile(
    r"https?://(?:t\.co|bit\.ly|goo\.gl|t\.me|ow\.ly|tinyurl\.com|(?:www\.)?(?:twitter|x|facebook)\.com)/"
)
_TAG = re.compile(r"[^,;|#•·،、؛，；]+")
_LAST_AGENCY = re.compile(r"[(/\[]\s*(?P<agency>[^()/\[\]]{2,30})\s*[)/\]]\s*\.?$")
_LAST_BRACKETS = re.compile(r"[^\s(][^(]*\((?P<inside>[^()]{2,60})\)\s*\.?$")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)(?:\s*©)?\s*(?:\d{4}\s*(?:[-–—]\s*\d{4})?\s*)?,?\s*(?P<site>[^\W\d_][^\d,.|©()/]{1,39}?)"
    r"(?:\s*[-–—|.,]\s|\.?$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w@.])(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,10})(?![\w.]*@)", re.IGNORECASE)


def find_facts(
    document: Document,
    blocks: Sequence[Candidate],
    verdicts: Sequence[Verdict],
    leftovers: Mapping[int, Sequence[Stretch]],
) -> tuple[Meta, ...]:
    """Return the facts that did not come with the article, in the order of `NAMES`.

    `leftovers` are the stretches within blocks that are boilerplate: they tell facts too.
    """
    if not blocks:
        return ()
    article = Article(document, blocks, verdicts, leftovers)
    for find in _FINDERS:
        find(article)
    return tuple(sorted(article.found, key=lambda fact: NAMES.index(fact.name)))


def _find_title(article: Article) -> None:
    for index, text in article.of(Label.TITLE)[:1]:
        headers = frozenset(header for _, header in article.of(Label.SITE_HEADER))
        tail = title_tail(text, headers)
        end = len(text[: tail[0].start].rstrip()) if tail else len(text)
        article.add("title", index, (0, end), text[:end])


def _find_dates(article: Article) -> None:
    """Take the first lines that tell when; where one tells two dates, each goes by the word before it."""
    for index in (*article.zones.head, *article.zones.tail):
        if article.labels[index] not in (Label.TIMESTAMP, Label.BYLINE):
            continue
        text = article.blocks[index].text
        reached = 0
        for date in find_dates(text, article.language, article.book):
            before = text[reached : date.start]
            updated = max((match.end() for match in article.book.updated.finditer(before)), default=0)
            published = max((match.end() for match in article.book.published.finditer(before)), default=0)
            name = "updated" if updated > published else "published"
            if not article.count(name) and (updated or published or not reached):
                article.add(name, index, (date.start, date.end), date.iso)
            reached = date.end


def _find_dateline(article: Article) -> None:
    bylines = (index for index in article.zones.head if article.labels[index] == Label.BYLINE)
    for index in (*article.zones.text[:DATELINE_PARAGRAPHS], *bylines):
        text = article.blocks[index].text
        dateline = read_dateline(text, article.book)
        if dateline is None:
            continue
        if dateline.place:
            article.add("place", index, (dateline.place.start, dateline.place.end))
        if dateline.agency:
            article.add("agency", index, (dateline.agency.start, dateline.agency.end))
        if dateline.date and not article.count("published"):
            said = text[dateline.date.start : dateline.date.end]
            for date in find_dates(said, article.language, article.book):
                article.add("published", index, (dateline.date.start, dateline.date.end), date.iso)
        return


def _find_agency(article: Article) -> None:
    """Take the agency that a byline or the last mark of the text names."""
    if article.count("agency"):
        return
    for index, text in article.of(Label.BYLINE, article.zones.around):
        persons = article.persons(index)
        for match in article.book.agency.finditer(text[:LONGEST_BYLINE]):
            if not any(start <= match.start() < end for start, end in persons):
                article.add("agency", index, match.span())
                return
    for index in article.zones.text[-1:]:
        text = article.blocks[index].text
        mark = _LAST_AGENCY.search(text, max(0, len(text) - LONGEST_CREDIT))
        if mark and fold(mark["agency"]) in article.book.agencies:
            article.add("agency", index, mark.span("agency"))


def _find_authors(article: Article) -> None:
    for index, text in article.of(Label.BYLINE, article.zones.around):
        if len(text) > LONGEST_BYLINE or read_dateline(text, article.book):
            continue
        persons = article.persons(index)
        if not persons or not (article.book.authors.match(text) or _is_authors_line(article, index, persons)):
            continue
        article.add("byline", index, (0, len(text)), text)
        for person in persons:
            article.add("author", index, person)
        return


def _is_authors_line(article: Article, index: int, persons: Sequence[tuple[int, int]]) -> bool:
    """Whether names that no word introduces are the author's: beside a date or an office, not told of in the text."""
    text = article.blocks[index].text
    rest = text[persons[-1][1] :].strip(" ,.|-–—•·")
    near = (place for place in (index - 1, index + 1) if 0 <= place < len(article.blocks))
    if not rest and all(article.labels[place] != Label.TIMESTAMP for place in near):
        return False
    surnames = [word for start, end in persons for word in tokens(text[start:end]) if len(word) >= SURNAME]
    told = {word for place in article.zones.text for word in article.blocks[place].words}
    told.update(word for place, _ in article.of(Label.TITLE) for word in article.blocks[place].words)
    return told.isdisjoint(surnames)


def _find_photo_credits(article: Article) -> None:
    places = range(max((*article.zones.around, *article.zones.text)) + 1)
    for index, text in article.of(Label.PHOTO_CREDIT, places):
        start, end = _credit(article, text)
        if end - start <= LONGEST_CREDIT:
            article.add("photo_credit", index, (start, end))
    for index, stretches in sorted(article.leftovers.items()):
        for stretch in stretches:
            if stretch.label == Label.PHOTO_CREDIT and index in places:
                start, end = _credit(article, article.blocks[index].text[stretch.start : stretch.end])
                article.add("photo_credit", index, (stretch.start + start, stretch.start + end))


def _credit(article: Article, text: str) -> tuple[int, int]:
    """Return the range of the name in a credit; empty when there is none for sure."""
    book = article.book
    brackets = _LAST_BRACKETS.match(text)
    if brackets and (book.photos.match(brackets["inside"]) or fold(brackets["inside"]) in book.agencies):
        start, end = brackets.span("inside")
    else:
        start, end = 0, len(text)
    introduced = book.photos.match(text[start:end])
    if introduced and (introduced["colon"] or introduced.group().rstrip().lower().endswith((" by", " von", " di"))):
        start += introduced.end()
    elif text.startswith("©"):
        start = 1
    elif not book.agency.search(text, start, end) or len(text[start:end].split()) > CREDIT_WORDS:
        return 0, 0
    return (start, end) if any(map(str.isalpha, text[start:end])) else (0, 0)


def _find_source_link(article: Article) -> None:
    """Take the one address that a line calls the article's own, or whose site is named elsewhere on the page."""
    links: dict[str, tuple[int, tuple[int, int]]] = {}
    lines = article.of(Label.SOURCE_LINK, article.zones.around) + article.of(Label.BYLINE, article.zones.around)
    for index, text in lines:
        introduced = article.book.links.match(text) is not None
        for match in _LINK.finditer(text):
            link = match.group().rstrip(".,;")
            if not _SHORTENED.match(link) and (introduced or _is_of_page(article, index, link)):
                links[link] = (index, (match.start(), match.start() + len(link)))
    if len(links) == 1:
        ((link, (index, span)),) = links.items()
        article.add("source_link", index, span, link)


def _is_of_page(article: Article, index: int, link: str) -> bool:
    host = host_name(link.partition("//")[2].partition("/")[0])
    name = _letters(max((host or "").split(".")[:-1], key=len, default=""))
    return len(name) >= SHORTEST_SITE and any(name in _letters(text) for text in article.others(index))


def _find_tags(article: Article) -> None:
    """Take the first lines of tags below the text, else in the head, without the word that introduces them."""
    below = range(max(article.zones.text, default=0), len(article.blocks))
    lines = article.of(Label.TAGS, below) or article.of(Label.TAGS, article.zones.head)
    introduced = False
    for number, (index, text) in enumerate(lines):
        if number and index > lines[number - 1][0] + 1:
            return
        match = article.book.tags.match(text)
        begin = match.end() if match and (match["colon"] or match.end() == len(text)) else 0
        introduced = introduced or begin > 0 or text.startswith("#")
        for tag in _TAG.finditer(text, begin) if introduced else ():
            if tag.group().strip() and len(tag.group()) <= LONGEST_TAG and article.count("tags") < MOST_TAGS:
                article.add("tags", index, tag.span())


def _find_site(article: Article) -> None:
    """Take a header that an address on the page or the headline's end confirms, or the name in the copyright line."""
    for index, text in article.of(Label.SITE_HEADER, range(len(article.blocks))):
        fits = len(text) <= LONGEST_SITE and len(_letters(text)) >= SHORTEST_SITE
        if fits and _is_named(text, article.others(index)):
            article.add("site", index, (0, len(text)))
            return
    for index, text in article.of(Label.TITLE):
        for tail in title_tail(text, frozenset()):
            start, end = tail.start + TITLE_MARK, tail.end
            name = text[start:end].strip()
            if _is_site_name(article, index, name):
                article.add("site", index, (start, end))
                return
    for index, text in article.of(Label.LEGAL_FOOTER):
        head = text[:LONGEST_BYLINE]
        match = _COPYRIGHT.search(head) if "©" in head or "(c)" in head.lower() or "opyright" in head.lower() else None
        if match and _is_site_name(article, index, match["site"].strip()):
            article.add("site", index, match.span("site"))
            return


def _is_site_name(article: Article, index: int, name: str) -> bool:
    """Whether the owner of the copyright is the site: the page names it elsewhere, and it is no agency."""
    if not name[0].isupper() or len(name.split()) > SITE_WORDS or fold(name) in article.book.agencies:
        return False
    if len(_letters(name)) < SHORTEST_SITE or load_lexicon().hits(tuple(tokens(name))):
        return False
    return any(name in text for text in article.others(index)) or _is_named(name, article.others(index))


def _is_named(text: str, others: Iterable[str]) -> bool:
    """Whether a web address on the page is the name, or the name ends the headline."""
    name = _letters(text)
    for other in others:
        head = other[:ADDRESS_HEAD]
        if name[:SHORTEST_SITE] in head.lower() and any(
            _letters(address).startswith(name) for address in _ADDRESS.findall(head)
        ):
            return True
        if other.endswith((f"| {text}", f" - {text}")):
            return True
    return False


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


_FINDERS: tuple[Callable[[Article], None], ...] = (
    _find_title,
    _find_dates,
    _find_dateline,
    _find_agency,
    _find_authors,
    _find_photo_credits,
    _find_source_link,
    _find_tags,
    _find_site,
)
"""Dates come before datelines, which may give one where no line does; datelines before other agencies."""
