"""Folds text so that phrases match whatever the case, the diacritics or the form of a letter."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MANY = 420
"""Characters of a line that is too long for a label: of its words only the first are read."""

HEAD = 200
"""Characters that are read of such a line."""

_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06ed\u3099\u309a\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]+"
)
_SAME = (("ı", "i"), ("ى", "ي"), ("ی", "ي"), ("ک", "ك"), ("ة", "ه"), ("ہ", "ه"), ("ھ", "ه"))
_ASIAN = "\u3041-\u30ff\u3400-\u9fff\u0e01-\u0e7f"
_ASIAN_LETTER = re.compile(rf"[{_ASIAN}]")
_WORD = re.compile(rf"[{_ASIAN}]|[^\W_{_ASIAN}]+")


def fold(text: str) -> str:
    """Return the text without case, diacritics, marks without width, and variants of a letter."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = _MARKS.sub("", folded.replace("и\u0306", "й"))
    for variant, letter in _SAME:
        folded = folded.replace(variant, letter)
    return folded


def tokens(text: str) -> list[str]:
    """Return the folded words; of scripts without spaces, each character is a word."""
    return _WORD.findall(fold(text))


def tokens_of_lines(lines: Sequence[str]) -> list[list[str]]:
    """Return the folded words of each line; folding all lines at once is several times faster.

    Of a very long line these are the first words only: it is no label, whatever it says. No line
    contains a line feed, and folding makes none.
    """
    if not lines:
        return []
    heads = [line if len(line) <= MANY else line[:HEAD] for line in lines]
    return list(map(_WORD.findall, fold("\n".join(heads)).split("\n")))


def has_asian_letters(text: str) -> bool:
    """Whether a text has letters of scripts that are written without spaces."""
    return not text.isascii() and _ASIAN_LETTER.search(text) is not None


def count_words(text: str, words: list[str], *, spaced: bool = False) -> int:
    """Return how many words a line has; two characters of a script without spaces are one word.

    `spaced` says that the line has no such characters, when that is known.
    """
    if len(text) > MANY:
        spaces = text.count(" ") + 1
        return spaces if len(text) < spaces * 20 else max(spaces, len(text) // 4)
    if spaced or not has_asian_letters(text):
        return len(words)
    asian = sum(_ASIAN_LETTER.match(word) is not None for word in words)
    return len(words) - asian + (asian + 1) // 2
