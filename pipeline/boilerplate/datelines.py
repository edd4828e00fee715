"""Reads the dateline before an article's first sentence: place, agency and date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.boilerplate.folding import fold
from pipeline.records import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.boilerplate.phrasebook import Phrasebook

HEAD = 160
"""Characters at the beginning of a paragraph in which a dateline ends."""

REACH = 80
"""Characters within which one of the marks stands that set a dateline apart."""

LONGEST_AGENCY = 4
PLACE_WORDS = 4
"""Most words of an agency that is not known, and of a place."""

SHORTEST_PLACE = 4
"""Letters of a place that stands without an agency: shorter words in capitals are rather acronyms."""

_DATE = (
    r"(?:\d{1,2}(?:er|º|\.)?\s(?:de\s)?[^\W\d_]{3,}\.?(?:\s(?:de\s)?\d{4})?(?:\sг\.|\sр\.)?"
    r"|[^\W\d_]{3,}\.?\s\d{1,2}(?:,?\s\d{4})?|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?)"
)
_PLACE = r"(?P<place>[^\W\d_][^\d()\[\]:;!?\"|<>«»–—]{1,39}?)"
_MARKS = ("-", "–", "—", "(", "/", "[", "日")
_AGENCY = r"[^\W\d_][^\d()\[\]/:–—]{1,30}?"
_DASH = r"(?:-{1,2}|[–—])"
_DASHES = r"[–—-]+"
_CLOSE = rf"\s*(?:[.,:]?\s*{_DASHES}|[.:,]|(?=\s))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """Ranges in the paragraph of what its dateline names."""

    place: Span | None = None
    agency: Span | None = None
    date: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    """The forms of datelines; each names some of `place`, `date`, `agency`."""

    bracketed: re.Pattern[str]
    dashed: re.Pattern[str]
    agency_first: re.Pattern[str]
    agency_alone: re.Pattern[str]
    place_alone: re.Pattern[str]
    asian: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    dated = rf"(?:[,.]?\s+(?:le\s|den\s|il\s)?(?P<date>{_DATE})\.?,?)?"
    return _Patterns(
        # PARIS, 5 mai (AFP) - · МОСКВА, 5 мая /ТАСС/. · Berlin (dpa/lrz) -
        bracketed=re.compile(
            rf"{_PLACE}{dated}\s*[,.]?(?:\s+{_DASH})?\s*[(/\[]\s*(?P<agency>[^()\[\]]{{2,40}}?)\s*[)/\]](?P<close>{_CLOSE})"
        ),
        # МОСКВА, 5 мая - РИА Новости. · القاهرة - رويترز: · АСТАНА. КАЗИНФОРМ -
        dashed=re.compile(
            rf"{_PLACE}{dated}\s*(?:{_DASHES}|\.|/)\s*(?P<agency>{_AGENCY})\s*(?:[.:,]|\s{_DASH}|{_DASH}\s|$)"
        ),
        # (ANSA) - ROMA, 05 GEN - · الأناضول/ القاهرة
        agency_first=re.compile(
            rf"[(\[/]?(?P<agency>{_AGENCY})[)\]/]?\s*(?:{_DASH}|[/,:])\s*{_PLACE}{dated}\s*(?:{_DASH}\s|[.:]\s|$)"
        ),
        # (AFP) - · AFP - · [dpa]
        agency_alone=re.compile(
            rf"(?:[(\[/](?P<agency>{_AGENCY})[)\]/]\s*[.,:]?\s*{_DASH}|(?P<bare>{_AGENCY})\s*{_DASH}\s)"
        ),
        # WASHINGTON - · KYIV, Ukraine, May 5 - · Asie centrale (site), - BAKOU -
        place_alone=re.compile(
            rf"(?:[^()]{{1,40}}\([^()]{{1,40}}\),?\s*{_DASH}\s*)?"
            rf"(?P<place>[^\W\d_][^\d()\[\]:;!?\"|<>–—-]{{3,39}}?){dated}\s+{_DASH}{{1,2}}\s+(?=[\"'«]?[^\W\d_])"
        ),
        # 新华社北京1月5日电 · 中央社記者王小明台北5日電
        asian=re.compile(
            r"[(（【〔]?\s*(?P<agency>[\u3400-\u9fff]{1,3}(?:社|网|網|报|報))(?:(?:记者|記者)[\u3400-\u9fff]{3})?"
            r"(?P<place>[\u3400-\u9fff]{2,5})(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:专)?(?:电|電|讯|訊)"
        ),
    )


def read_dateline(text: str, book: Phrasebook) -> Dateline | None:
    """Return what the dateline of a paragraph names, or None when it has none for sure."""
    head = text[:HEAD]
    if not any(mark in head[:REACH] for mark in _MARKS) and not head[:SHORTEST_PLACE].isupper():
        return None
    patterns = _patterns()
    if "\u3400" <= head.lstrip("(（【〔 ")[:1] <= "\u9fff":
        match = patterns.asian.match(head)
        return _dateline(match) if match else None
    match = next(_matches(head, patterns, book), None)
    return _dateline(match) if match else None


def _matches(head: str, patterns: _Patterns, book: Phrasebook) -> Iterator[re.Match[str]]:
    """Yield the forms that a dateline has, the surest first."""
    match = patterns.bracketed.match(head)
    if match and _is_place(match["place"], book) and _is_bracketed(match, book):
        yield match
    match = patterns.dashed.match(head)
    if match and fold(match["agency"]) in book.agencies and _is_place(match["place"], book):
        yield match
    match = patterns.agency_first.match(head)
    if match and fold(match["agency"]) in book.agencies and _is_formal_place(match["place"], book):
        yield match
    match = patterns.agency_alone.match(head)
    if match and fold(match["agency"] or match["bare"]) in book.agencies:
        yield match
    match = patterns.place_alone.match(head)
    if match and _stands_alone(match["place"], book):
        yield match


def _is_bracketed(match: re.Match[str], book: Phrasebook) -> bool:
    """Whether what stands in brackets is an agency; an unknown one needs a dateline that has all else."""
    agency = match["agency"].strip()
    if book.agency.match(agency):
        return _DASH_OR_STOP.search(match["close"]) is not None or match["place"].isupper()
    formal = match["place"].isupper() and match["date"] and _DASH_OR_STOP.search(match["close"])
    short = len(agency.split()) <= LONGEST_AGENCY and not any(map(str.isdigit, agency))
    return bool(formal) and short and agency.strip("«\"'")[:1].isupper()


_DASH_OR_STOP = re.compile(r"[-–—.:]")


def _stands_alone(place: str, book: Phrasebook) -> bool:
    """Whether capitals before a dash are a place: no agency speaks for it."""
    city = place.partition(",")[0]
    letters = sum(map(str.isalpha, city))
    return city.isupper() and letters >= SHORTEST_PLACE and _is_place(place, book)


def _is_place(text: str, book: Phrasebook) -> bool:
    """Whether a text is written as a place is: few words, in capitals or capitalised."""
    words = text.replace("/", " ").replace(",", " ").split()
    if not 1 <= len(words) <= PLACE_WORDS:
        return False
    if any(fold(word.strip(".")) in book.not_places for word in words) or book.agency.search(text):
        return False
    return all(word[0].isupper() or not _is_cased(word) or len(word) <= 3 for word in words) and (  # noqa: PLR2004 # sur, am, de
        words[0][0].isupper() or not _is_cased(words[0])
    )


def _is_formal_place(text: str, book: Phrasebook) -> bool:
    """Whether a place stands in capitals, where its script has any."""
    return _is_place(text, book) and (text.isupper() or not _is_cased(text))


def _is_cased(text: str) -> bool:
    return text.lower() != text.upper()


def _dateline(match: re.Match[str]) -> Dateline:
    groups = match.groupdict()

    def span(name: str) -> Span | None:
        return Span(start=match.start(name), end=match.end(name)) if groups.get(name) else None

    return Dateline(place=span("place"), agency=span("agency") or span("bare"), date=span("date"))
