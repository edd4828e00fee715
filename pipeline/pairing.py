"""Which words of a sentence and its English belong together, told by tables of word pairs.

A hidden Markov model a direction (Vogel, Ney and Tillmann 1996): each word of one side comes from a word of the
other, on which it moves about as word order does, or from nothing. How well two words match is in a table that
was learned from parallel text, or seen in their letters: numbers, and names in two scripts. Both directions have to
agree (Liang, Taskar and Klein 2006). It is arithmetic on one pair of sentences, without chance or memory:
the same words give the same links, whatever stands before or after.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.letters import key, likeness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

FOLDER = Path(__file__).with_name("word_pairs")

ENGLISH = "en"

UNSEEN = 1e-6
"""Probability of a pair that neither table nor letters tell of."""

LIKE = 0.3
"""Of a number or a name that is the same on both sides; of those that are nearly, less."""

LEAST_LIKENESS = 0.7
"""From which on two names may be the same one."""

FROM_NOTHING = 3e-5
"""Of a word that comes from nothing."""

SHARE_FROM_NOTHING = 0.2
"""Of such words, before they are looked at."""

MOVES = {-2: 0.03, -1: 0.07, 0: 0.12, 1: 0.45, 2: 0.13, 3: 0.06}
FAR_MOVE, FAR_DECAY = 0.02, 0.9
"""Weight of a move by so many words; of one that is not named, the first times the second to the power of its
length."""

LEVELS = 255
SMALLEST = -12.0
"""Natural logarithm of the probability that the lowest level of a table stands for; the highest is 1."""


@dataclass(frozen=True, slots=True)
class WordPairs:
    """The table of a language: rows sorted by the hash of a pair, with the levels of both directions."""

    language: str
    hashes: NDArray[np.uint32]
    forward: NDArray[np.uint8]
    reverse: NDArray[np.uint8]

    def matches(self, sources: Sequence[str], targets: Sequence[str]) -> tuple[Table, Table]:
        """Return how probable each target word (row) is for each source word (column), and the reverse."""
        import numpy as np

        heads = [zlib.crc32(_bytes(f"{key(word, self.language)}\t")) for word in sources]
        ends = [_bytes(key(word, ENGLISH)) for word in targets]
        wanted = np.array([[zlib.crc32(end, head) for head in heads] for end in ends], dtype=np.uint32)
        places = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        known = self.hashes[places] == wanted
        like = self._likeness(sources, targets)
        forward, reverse = (
            np.maximum(np.where(known, _probability(levels[places]), UNSEEN), like)
            for levels in (self.forward, self.reverse)
        )
        return forward, reverse

    def _likeness(self, sources: Sequence[str], targets: Sequence[str]) -> Table:
        import numpy as np

        found = np.zeros((len(targets), len(sources)))
        for row, target in enumerate(targets):
            if target[0].isupper() or target[0].isdigit():
                alike = [likeness(source, target, self.language) for source in sources]
                found[row] = [LIKE * one if one >= LEAST_LIKENESS else 0.0 for one in alike]
        return found


@cache
def word_pairs(language: str) -> WordPairs | None:
    """Return the table of a primary subtag, None when there is none."""
    import numpy as np

    file = FOLDER / f"{language}.npy"
    if not language.isalnum() or not file.is_file():
        return None
    rows = np.load(file)
    return WordPairs(language, rows["hash"], rows["forward"], rows["reverse"])


def write_word_pairs(file: Path, pairs: Mapping[tuple[str, str], tuple[float, float]]) -> None:
    """Write a table: probabilities of the English for the source key and the reverse, by pairs of keys."""
    import numpy as np

    rows = np.zeros(len(pairs), dtype=[("hash", "<u4"), ("forward", "u1"), ("reverse", "u1")])
    rows["hash"] = [zlib.crc32(_bytes(f"{source}\t{target}")) for source, target in pairs]
    for direction, name in enumerate(("forward", "reverse")):
        logs = np.log([probabilities[direction] for probabilities in pairs.values()])
        rows[name] = np.clip(np.rint(LEVELS * (1 - logs / SMALLEST)), 0, LEVELS)
    rows.sort(order=["hash", "forward", "reverse"])
    np.save(file, rows)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # an article may hold half of a character


def digest() -> str:
    """Hash the tables and this arithmetic's numbers."""
    files = sorted(FOLDER.glob("*.npy"))
    return hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()[:16]


def pair_words(table: WordPairs, sources: Sequence[str], targets: Sequence[str], seen: Table | None = None) -> Table:
    """Return the probability that each target word (row) and source word (column) belong together.

    `seen` may tell of pairs what the table does not know, such as attention: it counts where it is more.
    """
    import numpy as np

    if not sources or not targets:
        return np.zeros((len(targets), len(sources)))
    forward, reverse = table.matches(sources, targets)
    if seen is not None:
        forward, reverse = np.maximum(forward, seen), np.maximum(reverse, seen)
    both: Table = np.sqrt(_origins(forward) * _origins(reverse.T).T)
    return both


def _probability(levels: NDArray[np.uint8]) -> Table:
    import numpy as np

    found: Table = np.exp(SMALLEST * (1 - levels / LEVELS))
    return found


def _origins(matches: Table) -> Table:
    """Return for each word (row) how probably it comes from each word of the other side: forward-backward.

    A state is the word that it comes from, or nothing, with the word that the one before came from.
    """
    import numpy as np

    words, others = matches.shape
    moves = _moves(others)
    something, nothing = 1 - SHARE_FROM_NOTHING, SHARE_FROM_NOTHING * FROM_NOTHING
    ahead, behind = np.zeros((words, 2, others)), np.ones((words, 2, others))
    last = np.full(others, 1 / others)
    for word in range(words):
        arriving = last @ moves if word else last
        ahead[word] = arriving * something * matches[word], last * nothing
        ahead[word] /= ahead[word].sum()
        last = ahead[word].sum(0)
    for word in range(words - 2, -1, -1):
        after = behind[word + 1]
        behind[word] = moves @ (something * matches[word + 1] * after[0]) + nothing * after[1]
        behind[word] /= behind[word].max()
    both: Table = ahead * behind
    found: Table = both[:, 0] / both.sum((1, 2))[:, None]
    return found


@lru_cache(maxsize=32)
def _moves(words: int) -> Table:
    """Return the probability to move from each word (row) to each (column)."""
    import numpy as np

    steps = np.arange(words)[None, :] - np.arange(words)[:, None]
    weights: Table = FAR_MOVE * FAR_DECAY ** np.abs(steps)
    for step, weight in MOVES.items():
        weights[steps == step] = weight
    found: Table = weights / weights.sum(1, keepdims=True)
    return found
