"""Learns which words belong together from parallel text, for the tables of `pipeline/word_pairs`.

python -m models.train.word_pairs --data DATA [LANGUAGE ...]

eflomal links the words; what is left of the text are pairs of words with their probabilities. eflomal draws at random,
so a table that is learned again differs a little: the tables travel with the program as files.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from models.train.align import symmetrize
from models.train.text import read_pairs
from pipeline.letters import key
from pipeline.pairing import ENGLISH, FOLDER, write_word_pairs
from pipeline.words import find_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LANGUAGES = ("ru", "ar", "fr")

DOMAINS = ("news", "news_tico_pud", "general")
MOST_PAIRS = 60_000
"""Sentence pairs a language, in the order of the domains."""

DISCOUNT = 0.5
"""Taken off each count of a pair (absolute discounting)."""

RARE = 3
"""Occurrences of both words up to which a pair that was seen once is kept."""

Links = frozenset[tuple[int, int]]
"""Pairs of numbers of words: source, English."""

Sentence = tuple[list[str], list[str]]
"""The words of a source sentence and of its English."""


def sentences(folder: Path, language: str) -> Iterator[Sentence]:
    """Yield the words of the training pairs of a language, domain by domain."""
    for domain in DOMAINS:
        path = folder / "train" / f"{domain}.{language}.tsv.zst"
        for source, english in read_pairs(path) if path.is_file() else ():
            yield split(source, language), split(english, ENGLISH)


def split(text: str, language: str) -> list[str]:
    """Return the words of a text."""
    return [text[word.span.start : word.span.end] for word in find_words(text, language)]


def eflomal(pairs: Sequence[Sentence]) -> list[Links]:
    """Return the links of sentences that are aligned all at once, both directions made one."""
    from eflomal import Aligner

    sources, targets = (
        [" ".join(word.replace(" ", "_") for word in words) for words in side] for side in zip(*pairs, strict=True)
    )
    with tempfile.TemporaryDirectory() as folder:
        forward, reverse = Path(folder) / "forward", Path(folder) / "reverse"
        Aligner().align(sources, targets, links_filename_fwd=str(forward), links_filename_rev=str(reverse))
        lines = zip(forward.read_text().splitlines(), reverse.read_text().splitlines(), strict=True)
        return [frozenset(symmetrize(_links(one), _links(other))) for one, other in lines]


def _links(line: str) -> set[tuple[int, int]]:
    pairs = (one.split("-") for one in line.split())
    return {(int(source), int(target)) for source, target in pairs}


def table(
    pairs: Iterable[Sentence], links: Iterable[Links], language: str
) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the pairs of keys worth keeping, with the probability of the English and of the source."""
    together: Counter[tuple[str, str]] = Counter()
    alone: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for (source, english), own in zip(pairs, links, strict=True):
        left, right = [key(word, language) for word in source], [key(word, ENGLISH) for word in english]
        alone[0].update(left)
        alone[1].update(right)
        together.update((left[i], right[j]) for i, j in own)
    return {
        (one, other): ((count - DISCOUNT) / alone[0][one], (count - DISCOUNT) / alone[1][other])
        for (one, other), count in together.items()
        if count > 1 or max(alone[0][one], alone[1][other]) <= RARE
    }


def main() -> None:
    """Write the table of each language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=LANGUAGES, metavar="LANGUAGE")
    parser.add_argument("--data", type=Path, required=True)
    asked = parser.parse_args()
    for language in asked.languages:
        pairs = list(islice(sentences(asked.data, language), MOST_PAIRS))
        found = table(pairs, eflomal(pairs), language)
        write_word_pairs(FOLDER / f"{language}.npy", found)
        print(f"{language}: {len(pairs):,} sentences, {len(found):,} pairs of words")


if __name__ == "__main__":
    main()
