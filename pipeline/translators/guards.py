"""What is wrong with a translation, as far as source and target alone tell."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, cached_property
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from pipeline.identification import Identifier
from pipeline.records import Flag
from pipeline.translators.figures import compare
from pipeline.translators.protected import bare, find_protected, missing, without

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\w+")
_SPECIAL = re.compile(r"</?s>|<pad>|<unk>|>>\w+<<|[▁⁇]")
_ENGLISH_WORDS = frozenset(["the", "and", "that", "which", "with", "from", "were", "this", "his", "been", "their"])
_LATIN_END = "\u024f"
_LATIN_ADDITIONAL = frozenset(map(chr, range(0x1E00, 0x1F00)))
_ENGLISH = "en"

ENGLISH_EVERY = 16
"""Words among which one of the commonest of English shows a text to be English; fastText takes 20 times as long."""

LONGEST_PHRASE = 8
"""Words of a phrase, or characters of a pattern, whose repetition is looked for."""

LONGEST_PATTERN_RUN = 24
"""Characters that a repeated pattern may cover inside the text."""


class GuardSettings(BaseModel):
    """When a translation is taken to be faulty. A fault is flagged, and sets off the `ladder`."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    repeats: int = Field(4, ge=2)
    """Times that a phrase stands in a row from which on it is a loop; the source may have one too."""

    min_length_ratio: float = Field(0.4, ge=0)
    """Characters of the target a character of the source, at least."""

    max_length_ratio: float = Field(3.0, gt=0)
    """Characters of the target a character of the source, at most."""

    min_length_characters: int = Field(20, ge=0)
    """Characters of the source below which its length says nothing."""

    max_foreign_share: float = Field(0.05, ge=0, le=1)
    """Of the letters of the target that may be of another script than Latin."""

    max_copied_words: int = Field(6, ge=1)
    """Words in a row, not all with a capital, that the target may have from a source in Latin script."""

    numbers: bool = True
    """Whether the numbers of both sides have to match."""

    protected: bool = True
    """Whether addresses, handles, hashtags, emoji, prices and codes have to come out unchanged."""

    min_language_probability: float = Field(0.9, ge=0, le=1)
    """Probability from which on a target in another language than English is one."""

    min_language_letters: int = Field(40, ge=0)
    """Letters of the target below which its language is not told."""


class Guards:
    """Tells what is wrong with translations; the source is not English."""

    def __init__(self, settings: GuardSettings) -> None:
        self.settings = settings

    @cached_property
    def _identifier(self) -> Identifier:
        return Identifier()

    def flags(self, source: str, target: str, *, finished: bool = True) -> Iterator[Flag]:
        """Yield what is wrong with the target of a source."""
        settings = self.settings
        protected = find_protected(source)
        words = without(source, (one.span for one in protected))
        english = without(target, (one.span for one in find_protected(target)))
        if set(_SPECIAL.findall(target)) - set(_SPECIAL.findall(source)):
            yield Flag.SPECIAL_TOKEN
        if is_repetitive(target, settings.repeats) and not is_repetitive(source, settings.repeats):
            yield Flag.REPETITIVE
        copied = self.is_copied(words, english)
        if copied:
            yield Flag.COPIED
        elif self._is_foreign(english):
            yield Flag.WRONG_LANGUAGE
        if self.has_odd_length(words, english):
            yield Flag.LENGTH_MISMATCH
        if settings.protected and any(missing(protected, target)):
            yield Flag.PROTECTED_CHANGED
        if settings.numbers:
            numbers = compare(bare(source), bare(target))
            if numbers.lost or numbers.invented:
                yield Flag.NUMBER_MISMATCH
        if not finished:
            yield Flag.UNFINISHED

    def is_copied(self, source: str, target: str) -> bool:
        """Whether the target is the source, or part of it is still in a foreign script."""
        letters = [character for character in target if character.isalpha()]
        foreign = sum(character > _LATIN_END and character not in _LATIN_ADDITIONAL for character in letters)
        if foreign > self.settings.max_foreign_share * len(letters):
            return True
        ours, theirs = _WORD.findall(source), _WORD.findall(target)
        if len(ours) >= self.settings.max_copied_words - 1 and _folded(ours) == _folded(theirs):
            return not all(word[0].isupper() for word in ours)
        return _shares_a_run(ours, theirs, self.settings.max_copied_words + 1)

    def has_odd_length(self, source: str, target: str) -> bool:
        """Whether the target is far shorter or longer than references are."""
        settings = self.settings
        ours, theirs = (len(" ".join(text.split())) for text in (source, target))
        if ours < settings.min_length_characters:
            return theirs > settings.max_length_ratio * settings.min_length_characters
        return not settings.min_length_ratio <= theirs / ours <= settings.max_length_ratio

    def _is_foreign(self, target: str) -> bool:
        if sum(map(str.isalpha, target)) < self.settings.min_language_letters:
            return False
        words = target.lower().split()
        if sum(word in _ENGLISH_WORDS for word in words) * ENGLISH_EVERY >= len(words):
            return False
        guess = self._identifier.identify(target)
        return guess.language != _ENGLISH and guess.probability >= self.settings.min_language_probability


def is_repetitive(text: str, repeats: int) -> bool:
    """Whether a phrase of up to 8 words, or a pattern of up to 8 characters, runs in a loop."""
    words = _WORD.findall(text.casefold())
    most = max(Counter(words).values(), default=0)
    if most >= repeats and any(_runs(words, size, repeats) for size in range(1, LONGEST_PHRASE + 1)):
        return True
    return _pattern_loop(repeats).search(text) is not None


def _runs(words: Sequence[str], period: int, repeats: int) -> bool:
    """Whether a phrase of `period` words stands `repeats` times in a row."""
    run = 0
    for index in range(period, len(words)):
        run = run + 1 if words[index] == words[index - period] else 0
        if run >= (repeats - 1) * period:
            return True
    return False


@cache
def _pattern_loop(repeats: int) -> re.Pattern[str]:
    sizes = range(1, LONGEST_PHRASE + 1)
    times = {size: max(repeats, -(-LONGEST_PATTERN_RUN // size)) for size in sizes}
    patterns = (f"(.{{{size}}})\\{size}{{{times[size] - 1},}}" for size in sizes)
    return re.compile("|".join(patterns), re.DOTALL)


def _folded(words: Sequence[str]) -> list[str]:
    return [word.casefold() for word in words]


def _shares_a_run(source: Sequence[str], target: Sequence[str], length: int) -> bool:
    """Whether both have the same `length` words in a row, of which one is no name."""
    runs = {tuple(source[index : index + length]) for index in range(len(source) - length + 1)}
    runs = {run for run in runs if not all(word[0].isupper() or word.isdigit() for word in run)}
    return any(tuple(target[index : index + length]) in runs for index in range(len(target) - length + 1))
