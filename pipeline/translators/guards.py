"""What is wrong with a translation, as far as source and target alone tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.records import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\w+")
_LATIN_END = "\u024f"

REPEATS = 4
"""How often a phrase stands in a row before it counts as a loop; the source may have it as often."""

LONGEST_PHRASE = 8
"""Words of a phrase, or characters of a pattern, whose repetition is looked for."""

LONGEST_PATTERN_RUN = 24
"""Characters that a repeated pattern may cover inside the text."""

LEAST_WORDS = 4
"""Words of a source that is expected not to come back as it was: names and titles often do."""

FOREIGN_SHARE = 0.3
"""Of the letters of the target that may be of another script than Latin."""

LEAST_CHARACTERS = 20
"""Below this length of the source, lengths say nothing."""

LENGTH_RATIOS = (0.4, 3.0)
"""Characters of the target a character of the source. Of 2,991 reference translations (FLORES-200
dev, from Russian, Arabic and French) the lowest ratio is 0.49 and the highest 2.46."""


def flags(source: str, target: str, *, finished: bool = True) -> Iterator[Flag]:
    """Yield what is remarkable about the target of a source that is not English."""
    if is_repetitive(target) and not is_repetitive(source):
        yield Flag.REPETITIVE
    if is_copied(source, target):
        yield Flag.COPIED
    if has_odd_length(source, target):
        yield Flag.LENGTH_MISMATCH
    if not finished:
        yield Flag.UNFINISHED


def is_repetitive(text: str) -> bool:
    """Whether a phrase of up to 8 words, or a pattern of up to 8 characters, runs in a loop."""
    words = _WORD.findall(text.casefold())
    if any(_longest_run(words, size) >= REPEATS * size for size in range(1, LONGEST_PHRASE + 1)):
        return True
    return any(
        _longest_run(text, size) >= max(LONGEST_PATTERN_RUN, REPEATS * size) for size in range(1, LONGEST_PHRASE + 1)
    )


def _longest_run(items: Sequence[str], period: int) -> int:
    """Return the length of the longest stretch that repeats itself after `period` items."""
    longest = run = 0
    for index in range(period, len(items)):
        run = run + 1 if items[index] == items[index - period] else 0
        longest = max(longest, run)
    return longest + period if longest else 0


def is_copied(source: str, target: str) -> bool:
    """Whether the target is the source, or much of it still in a foreign script."""
    letters = [character for character in target if character.isalpha()]
    foreign = sum(character > _LATIN_END for character in letters)
    if foreign > FOREIGN_SHARE * len(letters):
        return True
    words = _WORD.findall(source.casefold())
    return len(words) >= LEAST_WORDS and words == _WORD.findall(target.casefold())


def has_odd_length(source: str, target: str) -> bool:
    """Whether the target is far shorter or longer than references are."""
    if len(source) < LEAST_CHARACTERS:
        return len(target) > LENGTH_RATIOS[1] * LEAST_CHARACTERS
    lowest, highest = LENGTH_RATIOS
    return not lowest <= len(target) / len(source) <= highest
