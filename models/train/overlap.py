"""Proves that no evaluation line, and no near copy of one, is among the training pairs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.train.text import normalize, read_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from models.train.recipe import Place

_WORD = re.compile(r"\w+")
_SIZE = 5
_SHARE = 0.5  # of a line's 5-grams that make it a near copy; lines without a 5-gram must be equal
_LEAST_WORDS = 4  # shorter evaluation lines ("Thank you.") are everybody's


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A training line that is too near to an evaluation line; lines count from 1."""

    train: str
    line: int
    evaluation: str
    share: float


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(normalize(text).casefold()))


def _grams(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (words[n : n + _SIZE] for n in range(len(words) - _SIZE + 1))


class Evaluation:
    """The lines of the evaluation sets of one side, found again by equality or by 5-grams."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        self.whole: dict[tuple[str, ...], str] = {}
        self.sizes: dict[str, int] = {}
        self.holders: dict[tuple[str, ...], list[str]] = {}
        for name, text in lines:
            words = _words(text)
            if len(words) < _LEAST_WORDS:
                continue
            self.whole.setdefault(words, name)
            grams = set(_grams(words))
            self.sizes[name] = len(grams)
            for gram in grams:
                self.holders.setdefault(gram, []).append(name)

    def nearest(self, text: str) -> tuple[str, float] | None:
        """Give the evaluation line that a text copies, and how much of it; None: it copies none."""
        words = _words(text)
        if words in self.whole:
            return self.whole[words], 1.0
        shared = Counter(name for gram in set(_grams(words)) for name in self.holders.get(gram, ()))
        share, name = max(((count / self.sizes[name], name) for name, count in shared.items()), default=(0.0, ""))
        return (name, round(share, 2)) if share >= _SHARE else None


class Copies:
    """Looks for copies of the lines under dev/ and test/, on either side of a pair."""

    def __init__(self, data: Path) -> None:
        paths = sorted(path for split in ("dev", "test") for path in (data / split).glob("*.tsv.zst"))
        self.sides = [
            Evaluation((f"{path.name}:{n}", pair[side]) for path in paths for n, pair in enumerate(read_pairs(path), 1))
            for side in (0, 1)
        ]

    def of(self, pair: tuple[str, str]) -> tuple[str, float] | None:
        """Give the evaluation line that a pair copies, and how much of it; None: it copies none."""
        found = (side.nearest(text) for side, text in zip(self.sides, pair, strict=True))
        return next((one for one in found if one is not None), None)


def find_copies(place: Place) -> Iterator[Copy]:
    """Yield every copy in the pairs that `prepare` wrote."""
    copies = Copies(place.data)
    for path in sorted((place.work / "pairs").glob("*.tsv")):
        if path.name.startswith("dev."):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            source, tab, english = line.partition("\t")
            found = copies.of((source, english)) if tab else None
            if found is not None:
                yield Copy(train=path.name, line=number, evaluation=found[0], share=found[1])
