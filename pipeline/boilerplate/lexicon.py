"""Trigger phrases of all languages: read from YAML, compiled once, looked up by their first word.

One file a language, `lexicon/<language>.yaml`: each category of boilerplate has phrases that are
the whole `line`, that `start` a line, or that may stand `anywhere` in it. `subscri*` stands for any
word that begins so, `…` for up to five words, numbers are ignored. `months` lists
the names of months and weekdays, `dates` the other words that date lines are made of; `facts` and
`leftovers` are read by `phrasebook`.
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

APART = frozenset({"facts", "leftovers"})
"""Sections of a file that hold no categories of lines (see `phrasebook`)."""

Element: TypeAlias = tuple[str, bool] | None
"""A word and whether it is only a beginning; None is a gap."""

Entries: TypeAlias = "Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]"
"""One file: `dates`, and by category the phrases by where they stand."""


class Where(IntEnum):
    """Where in the line a phrase must stand; the surer comes last."""

    ANYWHERE = 0
    START = 1
    LINE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase as words; a word is (text, whether it is only a beginning); None is a gap.

    `plain` are the words when there is neither a gap nor a beginning: then comparing is enough.
    """

    label: Label
    where: Where
    words: tuple[Element, ...]
    plain: tuple[str, ...] | None
    order: int

    def end(self, words: tuple[str, ...], start: int, index: int = 0) -> int | None:
        """Return where the phrase ends that begins at word `start`, or None."""
        if self.plain is not None:
            end = start + len(self.plain)
            return end if words[start:end] == self.plain else None
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


Entry: TypeAlias = tuple[Phrase, int]


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

    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()

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
class Index:
    """Phrases by one of their words, exact or only begun, and the place of that word in them."""

    exact: dict[str, list[Entry]] = field(default_factory=dict)
    begun: dict[str, list[Entry]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    heads: frozenset[str] = frozenset()
    """The beginnings, as short as the shortest of them: few words have one."""
    known: dict[str, tuple[Entry, ...]] = field(default_factory=dict)

    def add(self, phrase: Phrase, offset: int) -> None:
        element = phrase.words[offset]
        if element is None:
            raise ValueError("a phrase cannot begin with a gap")
        word, open_ended = element
        (self.begun if open_ended else self.exact).setdefault(word, []).append((phrase, offset))
        if open_ended:
            self.lengths = tuple(sorted({len(word), *self.lengths}))
            self.heads = frozenset(begun[: self.lengths[0]] for begun in self.begun)

    def find(self, word: str) -> tuple[Entry, ...]:
        """Return the phrases that have the word, and where in them it stands."""
        found = self.known.get(word)
        if found is None:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            entries = list(self.exact.get(word, ()))
            for length in self.lengths:
                entries += self.begun.get(word[:length], ()) if length <= len(word) else ()
            found = self.known[word] = tuple(entries)
        return found

    def clues(self, words: set[str]) -> dict[str, tuple[Entry, ...]]:
        """Return, of many words, the few that phrases have."""
        shortest, heads = self.lengths[0] if self.lengths else 0, self.heads
        likely = self.exact.keys() & words
        likely.update([word for word in words if word[:shortest] in heads])
        return {word: entries for word in likely if (entries := self.find(word))}


@dataclass(slots=True)
class Lexicon:
    """All phrases, indexed by one of their words. Deterministic; holds no state but a cache.

    Phrases that begin a line are found by their first word, or by their first two where these are
    whole; those that stand anywhere by their longest word before a gap, which few lines have.
    """

    first: Index = field(default_factory=Index)
    pairs: dict[tuple[str, ...], list[Phrase]] = field(default_factory=dict)
    longest: Index = field(default_factory=Index)
    months: WordList = field(default_factory=WordList)
    dates: WordList = field(default_factory=WordList)

    def hits(self, words: tuple[str, ...], clues: Mapping[str, tuple[Entry, ...]] | None = None) -> list[Hit]:
        """Return every phrase in a line of folded words; `clues` are those of its page, or of the line alone."""
        found: list[Hit] = []
        if not words:
            return found
        if clues is None:
            clues = self.longest.clues(set(words))
        openings = [phrase for phrase, _ in self.first.find(words[0])]
        for phrase in openings + self.pairs.get(words[:2], []):
            end = phrase.end(words, 0)
            if end is not None and (phrase.where != Where.LINE or end == len(words)):
                found.append(Hit(phrase=phrase, start=0, end=end))
        if clues.keys().isdisjoint(words):
            return found
        for place, word in enumerate(words):
            for phrase, offset in clues.get(word, ()):
                start = place - offset
                end = phrase.end(words, start) if start >= 0 else None
                if end is not None:
                    found.append(Hit(phrase=phrase, start=start, end=end))
        return found

    def add(self, phrase: Phrase) -> None:
        """Index a phrase; it does not begin with a gap."""
        if phrase.where != Where.ANYWHERE:
            if phrase.plain and len(phrase.plain) > 1:
                self.pairs.setdefault(phrase.plain[:2], []).append(phrase)
            else:
                self.first.add(phrase, 0)
            return
        size = phrase.words.index(None) if None in phrase.words else len(phrase.words)
        lengths = [len(word[0]) for word in phrase.words[:size] if word]
        self.longest.add(phrase, max(range(size), key=lengths.__getitem__))

    def is_date_word(self, word: str) -> bool:
        """Whether a folded word belongs to dates and times in some language."""
        return word in self.dates or word in self.months


@cache
def load_lexicon() -> Lexicon:
    """Return the phrases of all languages."""
    return compile_lexicon(read_languages().values())


@cache
def read_languages() -> dict[str, Entries]:
    """Return the content of the files by language."""
    return {file.name.removesuffix(".yaml"): _parse(file) for file in _files()}


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
            if category in APART:
                continue
            if not isinstance(places, Mapping):
                plain[category] += places
                continue
            for place, phrases in places.items():
                where = Where[place.upper()]
                for text in phrases:
                    order += 1
                    lexicon.add(_phrase(text, Label(category), where, order))
    lexicon.months = WordList.of(plain["months"])
    lexicon.dates = WordList.of(plain["dates"])
    return lexicon


def _phrase(text: str, label: Label, where: Where, order: int) -> Phrase:
    words = _words(text)
    if not words or words[0] is None:
        raise ValueError(f"expected a phrase that begins with a word (got {text!r})")
    plain = tuple(word[0] for word in words if word and not word[1])
    return Phrase(label=label, where=where, words=words, plain=plain if len(plain) == len(words) else None, order=order)


def _words(text: str) -> tuple[Element, ...]:
    parts: list[Element] = []
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
