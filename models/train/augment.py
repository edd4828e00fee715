"""Derived training lines: capitals, missing stops, other spellings, joined sentences, copies."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.train.recipe import Augment

Pair = tuple[str, str]

_HAMZA = str.maketrans("أإآٱ", "اااا")
_DIACRITICS = re.compile("[\u064b-\u0652\u0670]")
_LATIN = re.compile(r"[A-Za-z][\w.&'-]+(?: [A-Z][\w.&'-]+)*")
_CAPITALS_STAY = 0.5  # the other half of the capitalised sources keep the English sentence as it was
_SITES = (
    "example.org/news/{}",
    "https://www.news-{}.com",
    "www.site{}.org/index.html",
    "info{}@mail.com",
)


def spell_otherwise(text: str) -> str:
    """Write as many writers do: Arabic without hamza seats and vowels, Russian without ё."""
    return _DIACRITICS.sub("", text.translate(_HAMZA)).replace("ё", "е").replace("Ё", "Е")


def _capitals(pair: Pair, chance: random.Random) -> Pair | None:
    source = pair[0].upper()
    if source == pair[0]:  # Arabic has no capitals
        return None
    return source, pair[1] if chance.random() < _CAPITALS_STAY else pair[1].upper()


def _no_stop(pair: Pair) -> Pair | None:
    source, english = pair
    if source[-1:] not in ".؟?!" or english[-1:] not in ".?!":
        return None
    return source[:-1].rstrip(), english[:-1].rstrip()


def _spelling(pair: Pair) -> Pair | None:
    source = spell_otherwise(pair[0])
    return None if source == pair[0] else (source, pair[1])


def _copies(pair: Pair, chance: random.Random) -> Pair | None:
    found = _LATIN.findall(pair[1])
    kind = chance.random()
    if kind < 1 / 3:
        site = chance.choice(_SITES).format(chance.randrange(1000))
        return site, site
    if kind < 2 / 3 or not found:
        number = f"{chance.randrange(1, 10 ** chance.randrange(1, 7))}"
        return number, number
    name = chance.choice(found)
    return name, name


def derive(pairs: Sequence[Pair], shares: Augment, seed: int) -> Iterator[Pair]:
    """Yield the derived pairs of a language, in the order of `pairs`; the seed decides which."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret
    previous: Pair | None = None
    for pair in pairs:
        made: list[Pair | None] = []
        if chance.random() < shares.capitals:
            made.append(_capitals(pair, chance))
        if chance.random() < shares.no_stop:
            made.append(_no_stop(pair))
        if chance.random() < shares.spelling:
            made.append(_spelling(pair))
        if chance.random() < shares.joined and previous is not None:
            made.append((f"{previous[0]} {pair[0]}", f"{previous[1]} {pair[1]}"))
        if chance.random() < shares.copies:
            made.append(_copies(pair, chance))
        yield from (new for new in made if new is not None)
        previous = pair
