"""Words by their letters: how tables know them, and how alike names in two scripts are."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

KEY_LETTERS = 6
"""Of a word that a table knows: endings say little about the meaning."""

NAME_LETTERS = 3
"""The fewest sounds of two names that may differ in one."""

_MARKS = re.compile("[\u064b-\u0652\u0670\u0640]")
_FORMS = str.maketrans("أإآٱىةё", "اااايهе")

_ARTICLES = ("وال", "بال", "فال", "كال", "لل", "ال")
"""The Arabic article with what is written before it."""

_AND = "و"

_LATIN = {
    **dict(zip("абвгдезийклмнопрстуфхыэъь", [*"abvgdeziiklmnoprstufhie", "", ""], strict=True)),
    **dict(zip("жцчшщюя", ["zh", "ts", "ch", "sh", "sh", "yu", "ya"], strict=True)),
    **dict(zip("بتجحدزرسصضطعغفقكلمنهوياءؤئ", [*"btjhdzrssdtagfqklmnhuia", "", "u", "i"], strict=True)),
    **dict(zip("ثخذشظ", ["th", "kh", "d", "sh", "z"], strict=True)),
}
"""Letters as news English writes them, roughly."""

_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("kh", "h"),
    ("gh", "g"),
    ("dj", "j"),
    ("q", "k"),
    ("c", "k"),
    ("x", "ks"),
    ("w", "v"),
    ("y", "i"),
    ("p", "b"),
)
"""Spellings that are one sound to somebody who writes a foreign name."""

_VOWELS = re.compile("[aeiou]+")
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=100_000)
def plain(word: str) -> str:
    """Return a word in small letters without marks, a number as its digits alone."""
    if word[0].isdigit():
        return "".join(str(unicodedata.digit(one)) for one in word if one.isdigit())
    return _MARKS.sub("", word.lower()).translate(_FORMS)


@lru_cache(maxsize=100_000)
def key(word: str, language: str) -> str:
    """Return how a table knows a word: its first letters, Arabic without article and *wa-*."""
    word = plain(word)
    if language == "ar":
        article = next((one for one in _ARTICLES if word.startswith(one) and len(word) >= len(one) + 3), "")
        word = word.removeprefix(article)
        if not article and word.startswith(_AND) and len(word) > 4:  # noqa: PLR2004 # a word of three letters is left
            word = word.removeprefix(_AND)
    return word[:KEY_LETTERS]


def likeness(word: str, english: str, language: str) -> float:
    """Return how alike a word and an English one are, from 0 to 1: numbers and names only."""
    from rapidfuzz.distance import Levenshtein

    if plain(word) == plain(english):
        return 1.0 if word[0].isalnum() else 0.0
    if not english[0].isupper():
        return 0.0
    left, right = _skeleton(word, language), _skeleton(english, language)
    if left == right:
        return float(len(left) > 1)
    if min(len(left), len(right)) < NAME_LETTERS:
        return 0.0
    return Levenshtein.normalized_similarity(left, right)


@lru_cache(maxsize=100_000)
def _skeleton(word: str, language: str) -> str:
    """Return a name as it sounds: consonants, with one sign for vowels where the script writes them."""
    word = "".join(_LATIN.get(letter, letter) for letter in plain(word))
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    word = _VOWELS.sub("", word).replace("v", "f") if language == "ar" else _VOWELS.sub("a", word)
    return _TWICE.sub(r"\1", word)
