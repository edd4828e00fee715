"""Trigger phrases of all languages: read from YAML, compiled once, looked up by their first word.

One file a language, `lexicon/<language>.yaml`: each category of boilerplate has phrases that are
the whole `line`, that `start` a line, or that may stand `anywhere` in it. `subscri*` stands for any
word that begins so, `…` for up to five words, numbers are ignored. `months` lists
the names of months and weekdays, `dates` the other words that date lines are made of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

from pipeline.boilerplate.folding import tokens
from pipeline.records import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.resources.abc import Traversable

GAP = 5
"""Most words that `…` stands for."""

REMEMBERED = 50_000
"""Words whose phrases are remembered; beyond that the memory starts anew (it is only for speed)."""

Entries: TypeAlias = "Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]"
"""One file: `dates`, and by category the phrases by where they stand."""


class Where(IntEnum):
    """Where in the line a phrase must stand; the surer comes last."""

    ANYWHERE = 0
    START = 1
    LINE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase as words; a word is (text, whether it is only a beginning); None is a gap."""

    label: Label
    where: Where
    words: tuple[tuple[str, bool] | None, ...]
    order: int

    def end(self, words: Sequence[str], start: int, index: int = 0) -> int | None:
        """Return where the phrase ends that begins at word `start`, or None."""
        while index < len(self.words):
            element = self.words[index]
            index += 1
            if element is None:
                ends = (self.end(words, start + skip, index) for skip in range(GAP + 1))
                return next((end for end in ends if end is not None), None)
            if start >= len(words) or not _fits(words[start], element):
                return None
            start += 1
        return start


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A phrase found in a line: words [start, end) of it."""

    phrase: Phrase
    start: int
    end: int

    @property
    def label(self) -> Label:
        return self.phrase.label

    @property
    def where(self) -> Where:
        return self.phrase.where

    @property
    def strength(self) -> tuple[int, int, int]:
        """Sorts hits: the surer place, then the longer phrase, then the order of the files."""
        return (self.phrase.where, self.end - self.start, -self.phrase.order)


@dataclass(frozen=True, slots=True)
class WordList:
    """Folded words, and beginnings of words."""

    words: frozenset[str]
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, entries: Iterable[str]) -> WordList:
        """Return the words of the entries; one that ends in `*` is a beginning."""
        found = [element for entry in entries for element in _words(entry) if element]
        return cls(
            frozenset(word for word, open_ended in found if not open_ended),
            tuple(sorted({word for word, open_ended in found if open_ended})),
        )

    def __contains__(self, word: str) -> bool:
        return word in self.words or word.startswith(self.beginnings)


@dataclass(slots=True)
class Lexicon:
    """All phrases, indexed by their first word. Deterministic; holds no state but a cache."""

    exact: dict[str, list[Phrase]] = field(default_factory=dict)
    beginnings: dict[str, list[Phrase]] = field(default_factory=dict)
    months: WordList = field(default_factory=lambda: WordList.of(()))
    dates: WordList = field(default_factory=lambda: WordList.of(()))
    lengths: tuple[int, ...] = ()
    _known: dict[str, tuple[Phrase, ...]] = field(default_factory=dict)

    def hits(self, words: Sequence[str]) -> list[Hit]:
        """Return every phrase in a line of folded words, in order of its place."""
        found = []
        for start, word in enumerate(words):
            for phrase in self._phrases(word):
                if start and phrase.where != Where.ANYWHERE:
                    continue
                end = phrase.end(words, start)
                if end is not None and (phrase.where != Where.LINE or end == len(words)):
                    found.append(Hit(phrase=phrase, start=start, end=end))
        return found

    def is_date_word(self, word: str) -> bool:
        """Whether a folded word belongs to dates and times in some language."""
        return word in self.dates or word in self.months

    def _phrases(self, word: str) -> tuple[Phrase, ...]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = list(self.exact.get(word, ()))
            for length in self.lengths:
                found += self.beginnings.get(word[:length], ()) if length <= len(word) else ()
            known = self._known[word] = tuple(found)
        return known


@cache
def load_lexicon() -> Lexicon:
    """Return the phrases of all languages."""
    return compile_lexicon([_parse(file) for file in _files()])


@cache
def fingerprint() -> str:
    """Return the sha256 of all lexicon files, by name and content."""
    digest = hashlib.sha256()
    for file in _files():
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def compile_lexicon(languages: Iterable[Entries]) -> Lexicon:
    """Return the index of the entries of several languages; an unknown category is an error."""
    lexicon = Lexicon()
    plain: dict[str, list[str]] = {"months": [], "dates": []}
    order = 0
    for entries in languages:
        for category, places in entries.items():
            if not isinstance(places, Mapping):
                plain[category] += places
                continue
            for place, phrases in places.items():
                where = Where[place.upper()]
                for text in phrases:
                    order += 1
                    _add(lexicon, Phrase(label=Label(category), where=where, words=_words(text), order=order))
    lexicon.months = WordList.of(plain["months"])
    lexicon.dates = WordList.of(plain["dates"])
    lexicon.lengths = tuple(sorted({len(word) for word in lexicon.beginnings}))
    return lexicon


def _add(lexicon: Lexicon, phrase: Phrase) -> None:
    first = phrase.words[0]
    if first is None:
        raise ValueError("a phrase cannot begin with a gap")
    word, open_ended = first
    (lexicon.beginnings if open_ended else lexicon.exact).setdefault(word, []).append(phrase)


def _words(text: str) -> tuple[tuple[str, bool] | None, ...]:
    parts: list[tuple[str, bool] | None] = []
    for index, piece in enumerate(text.split("…")):
        if index:
            parts.append(None)
        for part in piece.split():
            found = [word for word in tokens(part) if not word.isdecimal()]
            parts += [(word, False) for word in found[:-1]]
            parts += [(word, part.endswith("*")) for word in found[-1:]]
    return tuple(parts)


def _fits(word: str, element: tuple[str, bool]) -> bool:
    text, open_ended = element
    return word.startswith(text) if open_ended else word == text


def _files() -> list[Traversable]:
    folder = files("pipeline.boilerplate") / "lexicon"
    return sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)


def _parse(file: Traversable) -> Entries:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parsed: Entries = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506 # it is a safe loader
    return parsed
