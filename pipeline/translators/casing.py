"""Lines in capitals, read as if they were written in sentences."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from pipeline.translators.protected import find_protected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.translators.base import Translator

_WORD = re.compile(r"[^\W\d_]+")
_LIST_MARK = re.compile(r"[,;/|•]")
_SENTENCE_START = re.compile(r"(?:^|[.!?…]\s)[\"'«“„‘(\[—–-]*\s*$")

LEAST_CAPITALS = 12
"""Capitals below which a line may be an acronym or a name."""

LEAST_WORDS = 3
"""Words below which it may be so too."""

CAPITAL_SHARE = 0.9
"""Of the letters of a line in capitals, and of the long words of a line in title case."""

LONG_WORD = 4
"""Letters of a word that title case begins with a capital; prepositions and articles are shorter."""

LONGEST_ACRONYM = 5
"""Letters of a word in capitals that may be an acronym."""


def is_all_caps(text: str) -> bool:
    """Whether a line is written in capitals (not: a single name or acronym)."""
    letters = sum(map(str.isalpha, text))
    upper = sum(map(str.isupper, text))
    words = sum(len(word) > 1 for word in _WORD.findall(text))
    return upper >= LEAST_CAPITALS and words >= LEAST_WORDS and upper >= CAPITAL_SHARE * letters


def is_title_case(text: str) -> bool:
    """Whether a capital starts each long word of a line (not: of a list of names)."""
    long = [word for word in _WORD.findall(text) if len(word) >= LONG_WORD]
    capital = sum(word[0].isupper() for word in long)
    if capital < CAPITAL_SHARE * len(long) or is_all_caps(text):
        return False
    return any(
        sum(len(word) >= LONG_WORD for word in _WORD.findall(stretch)) > LEAST_WORDS
        for stretch in _LIST_MARK.split(text)
    )


def restore(texts: Sequence[str], translator: Translator) -> list[str]:
    """Return the texts in the capitals that the model knows best, each as long as before.

    Of a word, as it is, small, and with a capital, the form of the fewest pieces is taken: frequent
    names and acronyms are pieces of their own in a vocabulary, as their text writes them. What is
    protected keeps its capitals.
    """
    words = list(dict.fromkeys(word for text in texts for word in _WORD.findall(text) if word[0].isupper()))
    forms = [form for word in words for form in _forms(word)]
    counts = dict(zip(forms, translator.count_tokens(forms), strict=True))
    best = {word: min(_forms(word), key=lambda form: counts[form]) for word in words}
    return [_restored(text, best) for text in texts]


def _restored(text: str, best: Mapping[str, str]) -> str:
    reading = _WORD.sub(partial(_in_place, text, best), text)
    for span in (one.span for one in find_protected(text)):
        reading = reading[: span.start] + text[span.start : span.end] + reading[span.end :]
    return reading


def _forms(word: str) -> Iterator[str]:
    """Yield the ways to write a word, the likeliest first."""
    forms = [word.lower(), word[0] + word[1:].lower()]
    if len(word) <= LONGEST_ACRONYM:
        forms.append(word)
    yield from (form for form in forms if len(form) == len(word))


def _in_place(text: str, best: Mapping[str, str], match: re.Match[str]) -> str:
    word = match.group()
    form = best.get(word, word)
    return (
        form[0].upper() + form[1:] if _SENTENCE_START.search(text[max(0, match.start() - 16) : match.start()]) else form
    )
