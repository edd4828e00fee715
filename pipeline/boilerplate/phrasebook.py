"""Words by which facts and leftovers are recognised: the sections `facts` and `leftovers` of the lexicons.

`facts` has, by language: `author`, `photo`, `tags`, `link`, `published` and `updated`, the words
that introduce each; `and`, between two names; `desks`, words that no person's name has; `particles`,
those in lower case that it may have; `agencies`; `not_places`, what may stand where a dateline does;
`…_months`, their twelve names. `leftovers` has the words that begin a stretch of boilerplate within
a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.boilerplate.folding import fold
from pipeline.boilerplate.lexicon import read_languages

ASIAN = "\u3400"
"""From this character on, words are written without spaces."""

_PIECE = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Words that begin a leftover: its kind (`related`, `more`, `share`, `advertisement`), and a pattern of them."""

    kind: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """The words of all languages: pages mix them, as the lexicons say.

    Patterns ignore case; `authors`, `photos`, `tags` and `links` match at the beginning of a line,
    with the colon after them. Words in sets are folded. `openings` are found by their first word.
    """

    authors: re.Pattern[str]
    photos: re.Pattern[str]
    tags: re.Pattern[str]
    links: re.Pattern[str]
    joints: re.Pattern[str]
    agency: re.Pattern[str]
    desks: frozenset[str]
    particles: frozenset[str]
    agencies: frozenset[str]
    not_places: frozenset[str]
    published: re.Pattern[str]
    updated: re.Pattern[str]
    months: dict[str, int]
    jalali_months: dict[str, int]
    openings: dict[str, tuple[Opening, ...]]


@cache
def load_phrasebook() -> Phrasebook:
    """Return the words of all languages."""
    words: dict[str, list[str]] = {}
    openings: dict[str, list[Opening]] = {}
    months: dict[str, int] = {}
    jalali: dict[str, int] = {}
    for entries in read_languages().values():
        for name, phrases in _section(entries, "facts").items():
            if name.endswith("_months"):
                place = jalali if name.startswith("jalali") else months
                place.update({fold(month): number for number, month in enumerate(phrases, start=1)})
            else:
                words.setdefault(name, []).extend(phrases)
        for kind, phrases in _section(entries, "leftovers").items():
            for phrase in phrases:
                opening = Opening(kind=kind, pattern=re.compile(_spaced(phrase), re.IGNORECASE))
                # Turkish capitals keep the dot of i, and Python's lower case keeps it apart.
                for key in {
                    opening_key(text) for text in (phrase, phrase.replace("i", "İ", 1), phrase.replace("i", "İ"))
                }:
                    openings.setdefault(key, []).append(opening)
    return Phrasebook(
        authors=_introduction(words["author"]),
        photos=_introduction(words["photo"]),
        tags=_introduction(words["tags"]),
        links=_introduction(words["link"]),
        joints=re.compile(rf"\s*[,;/&+]\s*|\s+(?:{_any(words['and'])})\s+", re.IGNORECASE),
        agency=re.compile(rf"(?<![\w.-])(?:{_any(words['agencies'])})(?![\w-])"),
        desks=frozenset(map(fold, words["desks"])),
        particles=frozenset(words["particles"]),
        agencies=frozenset(map(fold, words["agencies"])),
        not_places=frozenset(map(fold, words["not_places"])),
        published=re.compile(rf"(?<!\w)(?:{_any(words['published'])})(?!\w)", re.IGNORECASE),
        updated=re.compile(rf"(?<!\w)(?:{_any(words['updated'])})(?!\w)", re.IGNORECASE),
        months=months,
        jalali_months=jalali,
        openings={word: tuple(_longest_first(found)) for word, found in openings.items()},
    )


def opening_key(text: str) -> str:
    """Return the first word of a text in lower case; of Chinese, which has no spaces, the first character."""
    match = _PIECE.search(text)
    word = match.group() if match else ""
    return word.lower() if word < ASIAN else word[0]


def _section(entries: Mapping[str, object], name: str) -> Mapping[str, list[str]]:
    section = entries.get(name, {})
    return section if isinstance(section, Mapping) else {}


def _introduction(phrases: list[str]) -> re.Pattern[str]:
    """Return a pattern of phrases at the beginning of a line, with the marks that set them apart."""
    return re.compile(rf"\W{{0,3}}(?:{_any(phrases)})(?!\w)\s*(?P<colon>[:：|/／]|\s-\s)?\s*", re.IGNORECASE)


def _any(phrases: list[str]) -> str:
    return "|".join(_spaced(phrase) for phrase in sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase)))


def _spaced(phrase: str) -> str:
    """Return a pattern of a phrase, in normalised or in raw typography."""
    words = (re.escape(word).replace("'", "['’]").replace("«", '[«"]').replace("»", '[»"]') for word in phrase.split())
    return r"\s+".join(words)


def _longest_first(openings: list[Opening]) -> list[Opening]:
    return sorted(openings, key=lambda opening: (-len(opening.pattern.pattern), opening.pattern.pattern, opening.kind))
