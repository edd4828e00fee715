"""What is compared of a text: runs of words, or of characters where a script has no spaces between words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

SHINGLE_WORDS = 5
"""Words of a shingle. Longer ones tell the reports of a template apart by the facts in them, shorter ones
forgive small edits. At the lowest threshold that takes none of 7,800 pairs of such reports for twins, runs of
three find 48 % of changed re-posts, of five 63 %; of eight 79 %, but at 0.55; leftovers alone can share 0.63."""

_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts without spaces between words: each letter counts as a word."""


@cache
def _pattern() -> regex.Pattern[str]:
    import regex

    return regex.compile(rf"[{_SPACELESS}]\p{{M}}*+|[\p{{L}}\p{{M}}\p{{N}}--[{_SPACELESS}]]++", regex.VERSION1)


def find_shingles(text: str) -> set[bytes]:
    """Return the distinct runs of `SHINGLE_WORDS` words, without capitals and punctuation; numbers count.

    A shorter text is one shingle; one without any word has none.
    """
    words = _pattern().findall(text.casefold())
    if not words:
        return set()
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return {" ".join(words[start : start + SHINGLE_WORDS]).encode("utf-8", "surrogatepass") for start in range(last)}
