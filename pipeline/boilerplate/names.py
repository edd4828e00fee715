"""Finds the persons in a byline. What is not surely a name is none: a wrong author is worse than none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.boilerplate.folding import fold, tokens
from pipeline.boilerplate.lexicon import load_lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.boilerplate.lexicon import WordList
    from pipeline.boilerplate.phrasebook import Phrasebook

LONGEST_BYLINE = 200
"""Characters of a line in which names are looked for."""

NAME_WORDS = range(2, 5)
PARTICLE_WORDS = 2
"""Words of a person's name, and how many particles may be among them besides."""

ASIAN_LENGTH = range(2, 5)
"""Characters of a name in Chinese."""

SHOUTED = 3
"""An all-capital word of so many letters or fewer is an acronym, unless it is an initial."""

_END = re.compile(r"\d|[|•·@(\[<:…\"?!#]|\s[-–—/]\s|\s{3,}")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’·][^\W\d_]+)*\.?|(?:[^\W\d_]{1,2}\.-?)+")
_GLUED = re.compile(r"[^\W\d_]{3}[a-zß-öø-ÿа-яё][A-ZÀ-ÖØ-ÞА-ЯЁ]")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+$")
_ASIAN_NAME = re.compile(r"[\u3400-\u9fff]+(?:·[\u3400-\u9fff]+)*$")
_ARABIC = re.compile(r"[\u0620-\u06ff\u200c]+$")
_SPACED = re.compile(r"\S+")
_OPENING_MARKS = re.compile(r"[\s*_—–-]*")


def find_persons(text: str, book: Phrasebook) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the names in a byline, until something stands there that is no name.

    Names without a word such as "By" before them are believed only in scripts with capitals.
    """
    if len(text) > LONGEST_BYLINE or text.endswith(("!", "?")):
        return
    introduced = book.authors.match(text)
    if introduced is None and text.endswith(":"):
        return
    months = load_lexicon().months
    begin = introduced.end() if introduced else _end_of(_OPENING_MARKS.match(text))
    stop = _END.search(text, begin)
    limit = stop.start() if stop else len(text)
    shouted: bool | None = None
    while begin < limit:
        joint = book.joints.search(text, begin, limit)
        end = joint.start() if joint else limit
        while end > begin and text[end - 1] in " .,-–—":
            end -= 1
        start = begin
        end = start + _length_of_name(text[start:end], book, months)
        name = text[start:end]
        if not _is_person(name, book, introduced=introduced is not None) or (shouted is False and name.isupper()):
            return
        if all(word in months for word in tokens(name)):
            return
        shouted = name.isupper()
        yield start, end
        if joint is None:
            return
        begin = joint.end()


def _length_of_name(text: str, book: Phrasebook, months: WordList) -> int:
    """Return where a name of two words or more ends: before a word in lower case, a month, or itself again."""
    words = list(_SPACED.finditer(text))
    for number, word in enumerate(words):
        said = word.group()
        if number < NAME_WORDS.start or said.lower() in book.particles:
            continue
        again = number * 2 == len(words) and text[: words[number - 1].end()] == text[word.start() :]
        if again or said[0].islower() or fold(said.strip(".")) in months:
            return words[number - 1].end()
    return len(text)


def _is_person(text: str, book: Phrasebook, *, introduced: bool) -> bool:
    if _ASIAN_NAME.match(text):
        short = len(text.replace("·", "")) in ASIAN_LENGTH
        return introduced and short and not any(desk in text for desk in book.desks)
    words = text.split()
    names = [word for word in words if word.lower() not in book.particles]
    if len(names) not in NAME_WORDS or len(words) - len(names) > PARTICLE_WORDS:
        return False
    if not all(map(_WORD.fullmatch, words)) or _GLUED.search(text) or fold(text) in book.agencies:
        return False
    if any(fold(word) in book.desks for word in names if not _INITIALS.match(word)):
        return False
    if all(map(_ARABIC.match, words)):
        return introduced
    shouted = text.isupper()
    return (introduced or not shouted) and all(_is_name(word, shouted=shouted) for word in names)


def _is_name(word: str, *, shouted: bool) -> bool:
    """Whether a word is written as a name is: Anna, O'Neil, Jean-Luc, J., McCain; not BBC, not the."""
    if _INITIALS.match(word):
        return word[0].isupper()
    if not word[0].isupper() or (word.isupper() and not shouted and len(word) <= SHOUTED):
        return False
    return shouted or any(map(str.islower, word)) or word.isupper()


def _end_of(match: re.Match[str] | None) -> int:
    return match.end() if match else 0
