"""Rules for stretches of boilerplate within a paragraph; each looks where its mark is, and only there."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from pipeline.boilerplate.phrasebook import ASIAN, opening_key
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.boilerplate.phrasebook import Phrasebook

RELATED_WORDS = 30
SHARE_WORDS = 30
CREDIT_WORDS = 8
"""Most words of a link to other news, of a prompt, of a credit: longer stretches are rather text."""

LONGEST = 20_000
"""Characters of a line that is searched: a longer one is no paragraph, and patterns could take their time."""

TAIL = 120
"""Characters at the end of a paragraph in which a credit in brackets stands."""

SITE_WORDS = 4
HEADLINE_WORDS = 4
"""Most words of a site's name after a headline, and fewest of the headline itself."""

_MARKUP = (
    "div|p|br|hr|img|iframe|script|style|figure|figcaption|blockquote|table|tr|td|ul|ol|li|h[1-6]|section|noscript|video"
    "|source|embed|object|center|amp-ad|ins"
)

_END_MARKS = r"[.!?…؟۔。！？][\"'»”’)\]]{0,2}\s{0,3}"
_SENTENCE = re.compile(rf"{_END_MARKS}([^\W\d_]{{1,20}})")
_FIRST_WORD = re.compile(r"\s*([^\W\d_]{1,20})")
_ANY_SENTENCE = re.compile(_END_MARKS.replace("[", "[\\n", 1) + r"([^\W\d_]{1,20})")
_SIGNS = ("{", "<", "[", "t.co/", "pic.twitter.com/", "=", ")\n", ").\n", "].\n")
_BRACKETS = (")", "]", ").", "].")
_SENTENCE_END = re.compile(r"[.!?…؟۔][\"'»”’)\]]{0,2}(?=\s+[\"'«(]?([^\W\d_]))|[。！？]")
_AFTER_RELATED = re.compile(r"\s*(?::|：|>>|»|→|\s[-–—]\s)\s*")
_AFTER_MORE = re.compile(r"[\s.…»›→>:\[\]]*$")
_AFTER_AD = re.compile(r"\s*(?=[\"'«]?[^\W_a-zа-я])|\s*$")
_BRACKETED_TAIL = re.compile(r"[(\[]\s*(?P<inside>[^()\[\]]{2,100})\s*[)\]]\s*\.?$")
_MEDIA = re.compile(r"(?:https?://)?(?:pic\.twitter\.com|t\.co)/\w+(?:…|\.\.\.)?")
_CODE = (
    ("ad_code", Label.ADVERTISEMENT, re.compile(r"\(\s*adsbygoogle\s*=[^;{}]{0,80}\{[^{}]{0,200}\}\s*\)\s*;?")),
    (
        "script_element",
        Label.ADVERTISEMENT,
        re.compile(r"<(script|style|noscript|iframe)\b[^<>]{0,500}>[^<]{0,4000}</\1\s*>", re.IGNORECASE),
    ),
    (
        "script_call",
        Label.ADVERTISEMENT,
        re.compile(
            r"(?:window|document|googletag|jQuery|dataLayer|_taboola|OneSignal|ga|fbq|\$)"
            r"(?:\.[\w.]{1,60})?\s?(?:\(|=\s?)[^;{}]{0,400}(?:\{[^{}]{0,1000}\}[^;{}]{0,60})?;"
        ),
    ),
    ("script_variable", Label.ADVERTISEMENT, re.compile(r"\b(?:var|let|const)\s\w{1,40}\s?=\s?[^;]{1,300};")),
    (
        "script_function",
        Label.ADVERTISEMENT,
        re.compile(r"\(?\bfunction\s?\w{0,40}\([\w\s,]{0,100}\)\s?\{[^{}]{0,1000}\}(?:\)?\([^()]{0,200}\)|\))?;?"),
    ),
    (
        "style_rule",
        Label.ADVERTISEMENT,
        re.compile(
            r"(?:@media[^{}]{1,80}\{\s*)?(?<![\w.])[.#][a-z][\w.#, :>-]{0,80}"
            r"\{\s*(?:[\w-]{2,40}\s?:[^;{}]{1,100};\s*){0,40}(?:[\w-]{2,40}\s?:[^;{}]{1,100})?\}(?:\s*\})?"
        ),
    ),
    ("data_object", Label.ADVERTISEMENT, re.compile(r"\{\s?\"[@\w-]{1,40}\"\s?:(?:[^{}]|\{[^{}]{0,1000}\}){1,2000}\}")),
    ("markup_comment", Label.SEPARATOR, re.compile(r"<!--[^<>]{0,500}-->")),
    ("markup", Label.SEPARATOR, re.compile(rf"</?(?:{_MARKUP})(?:\s[^<>]{{0,500}})?/?>", re.IGNORECASE)),
)
_SHORTCODES = (
    ("caption_code", Label.CAPTION, re.compile(r"\[caption\b[^\]]{0,300}\].{0,500}?\[/caption\]")),
    ("embed_code", Label.EMBEDDED_POST, re.compile(r"\[embed\b[^\]]{0,100}\]\S{0,300}\[/embed\]")),
    (
        "short_code",
        Label.SEPARATOR,
        re.compile(
            r"\[/?(?:caption|embed|gallery|video|audio|playlist|youtube|tweet|contact-form(?:-7)?|vc_\w+|et_pb_\w+|su_\w+|"
            r"wp_ad|adrotate|ads?|quads|the_ad|column|dropcap|pullquote|sociallocker|rev_slider)(?:[\s=][^\]]{0,300})?\]"
        ),
    ),
)
_TITLE_MARKS = (" | ", " - ", " – ", " — ", " :: ", " / ", " » ", " « ")
_TITLE_TAIL = re.compile(r"\s(?P<mark>\||::|-|–|—|/|»|«)\s(?P<site>[^|]{2,40})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Characters [start, end) of a block's text that are boilerplate, and what decided so."""

    start: int
    end: int
    label: Label
    rule: str
    confidence: float


def find_suspects(texts: Sequence[str], book: Phrasebook) -> set[int]:
    """Return the texts that may have a leftover: a page is searched faster as a whole than line by line."""
    joined = "\n".join(("", *texts, ""))
    starts = list(accumulate((len(text) + 1 for text in texts), initial=1))
    openings = book.openings
    found = {
        bisect_right(starts, match.start(1)) - 1
        for match in _ANY_SENTENCE.finditer(joined)
        if (word := match[1].lower()) in openings or (word >= ASIAN and word[0] in openings)
    }
    for sign in _SIGNS:
        place = joined.find(sign)
        while place > 0:
            index = bisect_right(starts, place) - 1
            found.add(index)
            place = joined.find(sign, starts[index + 1])
    return found


def find_stretches(text: str, book: Phrasebook) -> list[Stretch]:
    """Return the leftovers of a paragraph, in no order; they may overlap."""
    if len(text) > LONGEST:
        return []
    found = list(_find_sentences(text, book))
    if text.endswith(_BRACKETS):
        found += _find_bracketed(text, book)
    if "t.co/" in text or "pic.twitter.com/" in text:
        found += (_stretch(match, Label.EMBEDDED_POST, "media_link", 0.95) for match in _MEDIA.finditer(text))
    if any(sign in text for sign in "{<="):
        found += _find_patterns(text, _CODE)
    if "[" in text:
        found += _find_patterns(text, _SHORTCODES)
    return found


def title_tail(text: str, names: frozenset[str]) -> list[Stretch]:
    """Return the site's name after a headline: behind a bar, or behind a dash when the page shows it elsewhere."""
    match = _TITLE_TAIL.search(text) if any(mark in text for mark in _TITLE_MARKS) else None
    if match is None or len(text[: match.start()].split()) < HEADLINE_WORDS:
        return []
    site = match["site"].strip()
    if site in names:
        return [_stretch(match, Label.SITE_HEADER, "site_after_headline", 0.95)]
    if match["mark"] in {"|", "::"} and len(site.split()) <= SITE_WORDS and site[0].isupper():
        return [_stretch(match, Label.SITE_HEADER, "name_after_bar", 0.8)]
    return []


def _find_sentences(text: str, book: Phrasebook) -> Iterator[Stretch]:
    """Yield sentences that begin with words of a leftover."""
    openings = book.openings
    first = _FIRST_WORD.match(text)
    for word in (first, *_SENTENCE.finditer(text)) if first else _SENTENCE.finditer(text):
        said = word[1]
        for opening in openings.get(said.lower() if said < ASIAN else said[0], ()):
            start = word.start(1)
            match = opening.pattern.match(text, start)
            if match is None or (text[match.end() : match.end() + 1].isalpha() and said[0] < ASIAN):
                continue
            found = _RULES[opening.kind](text, start, match.end())
            if found is not None:
                yield found
                break


def _related(text: str, start: int, after: int) -> Stretch | None:
    """Return a link to other news: the words, a colon, a headline to the end of its sentence."""
    colon = _AFTER_RELATED.match(text, after)
    if colon is None:
        return None
    return _sentence(text, start, colon.end(), (Label.RELATED_NEWS, "related_sentence", RELATED_WORDS))


def _share(text: str, start: int, after: int) -> Stretch | None:
    return _sentence(text, start, after, (Label.SHARE_PROMPT, "prompt_sentence", SHARE_WORDS)) if start else None


def _more(text: str, start: int, after: int) -> Stretch | None:
    if start == 0 or not _AFTER_MORE.match(text, after):
        return None
    return Stretch(start=start, end=len(text), label=Label.RELATED_NEWS, rule="more_at_end", confidence=0.9)


def _advertisement(text: str, start: int, after: int) -> Stretch | None:
    """Return the word above an advertisement, in capitals, between two sentences."""
    if not text[start:after].isupper() or not _AFTER_AD.match(text, after):
        return None
    return Stretch(start=start, end=after, label=Label.ADVERTISEMENT, rule="capitals_between", confidence=0.85)


_RULES = {"related": _related, "share": _share, "more": _more, "advertisement": _advertisement}


def _sentence(text: str, start: int, after: int, kind: tuple[Label, str, int]) -> Stretch | None:
    """Return the sentence that begins at `start`; what follows `after` ends it."""
    label, rule, most_words = kind
    ends = (end.end() for end in _SENTENCE_END.finditer(text, after) if not (end[1] and end[1].islower()))
    stop = next(ends, len(text))
    if len(text[start:stop].split()) > most_words or stop - start > most_words * 12:
        return None
    return Stretch(start=start, end=stop, label=label, rule=rule, confidence=0.85)


def _find_bracketed(text: str, book: Phrasebook) -> Iterator[Stretch]:
    """Yield a credit or a link to other news in brackets at the end."""
    match = _BRACKETED_TAIL.search(text, max(0, len(text) - TAIL))
    if match is None or match.start() == 0:
        return
    inside = match["inside"]
    credit = book.photos.match(inside)
    if credit and len(inside.split()) <= CREDIT_WORDS and (credit["colon"] or book.agency.search(inside)):
        yield _stretch(match, Label.PHOTO_CREDIT, "credit_in_brackets", 0.9)
    for opening in book.openings.get(opening_key(inside), ()):
        phrase = opening.pattern.match(inside)
        if opening.kind == "related" and phrase and _AFTER_RELATED.match(inside, phrase.end()):
            yield _stretch(match, Label.RELATED_NEWS, "related_in_brackets", 0.9)
            return


def _find_patterns(text: str, rules: tuple[tuple[str, Label, re.Pattern[str]], ...]) -> Iterator[Stretch]:
    for rule, label, pattern in rules:
        for match in pattern.finditer(text):
            yield _stretch(match, label, rule, 0.95)


def _stretch(match: re.Match[str], label: Label, rule: str, confidence: float) -> Stretch:
    return Stretch(start=match.start(), end=match.end(), label=label, rule=rule, confidence=confidence)
