"""The words, numbers and signs of a text, as they are aligned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.languages import primary
from pipeline.records import Span

if TYPE_CHECKING:
    import regex

# What stands before the @ has 64 characters at most (RFC 5321): without a limit, time grows with the square.
_ADDRESS = r"https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w-]+\.[\w.-]*\w|[@#]\w+"
_GROUPED = r"\p{Nd}{1,3}(?:[ \u00a0\u202f]\p{Nd}{3})+(?!\p{Nd})(?:[.,]\p{Nd}+)?"
_NUMBER = r"\p{Nd}+(?:[.,:/'٫٬]\p{Nd}+)*"
_ABBREVIATION = r"(?:\p{L}\.){2,}"
_LETTERS = r"[\p{L}\p{M}\p{N}_\u200c\u200d]+"
_WORD = rf"{_LETTERS}(?:['’ʼ\-‐‑]{_LETTERS})*"
_IDEOGRAM = r"\p{Han}"
_SIGN = r"(?P<sign>(\S)\2*)"

_ELISIONS = {
    "fr": r"(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\p{L})",
    "it": r"\p{L}{1,7}['’](?=\p{L})",
    "ca": r"\p{L}{1,2}['’](?=\p{L})",
}
"""Words that lose their vowel before the next: `l'homme` is two words, `aujourd'hui` one."""

_CLITICS = {
    "fr": r"-(?:t-)?(?i:je|tu|ils?|elles?|on|nous|vous|ce|ci|là|moi|toi|lui|leur|les?|la|en|y)(?![\p{L}\-'’])",
}
"""Words tied on by a hyphen: `dit-il` is two words, `week-end` one."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number or sign; `sign` when it has neither letters nor digits."""

    span: Span
    sign: bool


def find_words(text: str, language: str | None) -> list[Word]:
    """Return the words of a text in order; they cover all that is no white space."""
    return [
        Word(Span(start=match.start(), end=match.end()), match["sign"] is not None)
        for match in _pattern(primary(language or "")).finditer(text)
    ]


@cache
def _pattern(language: str) -> regex.Pattern[str]:
    import regex

    elision, clitic = _ELISIONS.get(language), _CLITICS.get(language)
    word = _WORD
    if clitic:
        letters = rf"{_LETTERS}(?:(?!{clitic})['’ʼ\-‐‑]{_LETTERS})*"
        word = rf"{clitic}|{letters}"
    parts = [_ADDRESS, elision, _GROUPED, _NUMBER + r"(?![\p{L}\p{M}])", _ABBREVIATION, _IDEOGRAM, word, _SIGN]
    return regex.compile("|".join(part for part in parts if part), regex.VERSION1)
