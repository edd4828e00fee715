"""Streams of encoded pairs, mixed by shares of tokens and cut into batches of like lengths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from models.train.recipe import Training

    Numbers = NDArray[np.int64]


_STEP = 4  # lengths and sentence counts of a batch are multiples of it

LINK_BASE = 128
"""A link of target piece t and source piece s is kept as t * LINK_BASE + s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Padded pieces [sentences, length]; `target` has the answers, `start` the decoder's input.

    `links` [sentences, target length, source length] says where a target piece should look: a row
    sums to 1, or to 0 where nothing is known.
    """

    source: Numbers
    start: Numbers
    target: Numbers
    tokens: int
    links: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Pieces of a source and a target, each ended, and their links as rows (target, source)."""

    source: Numbers
    target: Numbers
    links: Numbers


class Rows:
    """One encoded file: row i is `pieces[starts[i]:starts[i + 1]]`."""

    def __init__(self, path: Path) -> None:
        self.pieces = np.load(path.with_name(path.name + ".pieces.npy"))
        self.starts = np.load(path.with_name(path.name + ".starts.npy"))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Numbers:
        return self.pieces[self.starts[row] : self.starts[row + 1]]


@dataclass(slots=True)
class Stream:
    """An endless walk through a domain and language, every pass in a new order and segmentation."""

    name: str
    target: Rows
    sources: list[Rows]
    links: Rows | None
    widths: Numbers
    seed: int
    longest: int
    taken: int = 0
    _order: tuple[int, Numbers] = field(default=(-1, np.zeros(0, np.int64)))

    @classmethod
    def open(cls, folder: Path, name: str, seed: int, longest: int) -> Stream:
        variants = len(list(folder.glob(f"{name}.source*.pieces.npy")))
        sources = [Rows(folder / f"{name}.source{n}") for n in range(variants)]
        links = Rows(folder / f"{name}.links") if (folder / f"{name}.links.pieces.npy").exists() else None
        widths = np.load(folder / "widths.npy")
        return cls(name, Rows(folder / f"{name}.target"), sources, links, widths, seed, longest)

    def words(self) -> int:
        return len(self.target.pieces)

    def passes(self) -> float:
        return self.taken / max(1, len(self.target))

    def take(self) -> Pair | None:
        """Give the next pair, or None where it is too long."""
        count = len(self.target)
        turn, place = divmod(self.taken, count)
        if self._order[0] != turn:
            salt = sum(self.name.encode())
            self._order = (turn, np.random.default_rng((self.seed, salt, turn)).permutation(count))
        self.taken += 1
        row = int(self._order[1][place])
        source, target = self.sources[(row + turn) % len(self.sources)][row], self.target[row]
        if max(len(source), len(target)) > self.longest:
            return None
        return Pair(source=source, target=target, links=self._links(row, source))

    def _links(self, row: int, source: Numbers) -> Numbers:
        if self.links is None:
            return np.zeros((0, 2), np.int64)
        targets, sources = np.divmod(self.links[row].astype(np.int64), LINK_BASE)
        return moved(np.stack([targets, sources], axis=1), self.widths[self.sources[0][row]], self.widths[source])


def moved(links: Numbers, plain: Numbers, sampled: Numbers) -> Numbers:
    """Give links to the pieces of another segmentation of the same source: those that share bytes.

    `plain` and `sampled` hold the bytes of each piece.
    """
    ends, others = np.cumsum(plain), np.cumsum(sampled)
    first = np.searchsorted(others, (ends - plain)[links[:, 1]], side="right")
    last = np.searchsorted(others, ends[links[:, 1]], side="left")
    counts = last - first + 1
    targets = np.repeat(links[:, 0], counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack([targets, np.repeat(first, counts) + offsets], axis=1)


def pad(rows: list[Numbers], filler: int) -> Numbers:
    """Stack rows of unequal length."""
    table = np.full((len(rows), _ceiling(max(map(len, rows)))), filler, dtype=np.int64)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table


def make_batch(pairs: list[Pair], filler: int) -> Batch:
    """Pad pairs; the decoder starts from <pad>, as Marian does."""
    source, target = pad([pair.source for pair in pairs], filler), pad([pair.target for pair in pairs], filler)
    start = np.full_like(target, filler)
    start[:, 1:] = target[:, :-1]
    links = np.zeros((*target.shape, source.shape[1]), np.float32)
    for number, pair in enumerate(pairs):
        links[number, pair.links[:, 0], pair.links[:, 1]] = 1
    links /= np.maximum(links.sum(axis=2, keepdims=True), 1)
    tokens = sum(len(pair.target) for pair in pairs)
    return Batch(source=source, start=start, target=target, tokens=tokens, links=links)


def _ceiling(length: int) -> int:
    return -(-length // _STEP) * _STEP


def cut(pairs: list[Pair], tokens: int, filler: int) -> Iterator[Batch]:
    """Sort pairs by length and cut batches of about `tokens` padded pieces a side.

    Lengths are rounded up and the sentences of a full batch follow from them, so that the same few
    hundred shapes come back: a new shape costs the matrix library a new kernel.
    """
    pairs = sorted(pairs, key=lambda pair: (_ceiling(len(pair.target)), len(pair.source)))
    held: list[Pair] = []
    width = height = 0
    for pair in pairs:
        wider = max(width, _ceiling(len(pair.source)))
        higher = max(height, _ceiling(len(pair.target)))
        if held and len(held) + 1 > _sentences(wider + higher, tokens):
            yield make_batch(held, filler)
            held, wider, higher = [], _ceiling(len(pair.source)), _ceiling(len(pair.target))
        held.append(pair)
        width, height = wider, higher
    if held:
        yield make_batch(held, filler)


def _sentences(length: int, tokens: int) -> int:
    return max(1, 2 * tokens // length // _STEP * _STEP)


class Mixture:
    """All streams, drawn by the shares of the phase; within a domain by the root of the sizes."""

    def __init__(self, folder: Path, training: Training, seed: int, filler: int) -> None:
        self.training, self.filler, self.seed = training, filler, seed
        names = sorted(path.stem for path in folder.glob("*.done"))
        self.streams = {
            name: Stream.open(folder, name, seed, training.max_tokens) for name in names if not name.startswith("dev.")
        }
        self.pools = 0

    def shares(self, spent: float) -> dict[str, float]:
        """Give the share of every stream after `spent` of the budget."""
        last = self.training.phases[-1]
        phase = next((p for p in self.training.phases if spent < p.until), last)
        found: dict[str, float] = {}
        for domain, share in phase.shares.items():
            roots = {
                name: stream.words() ** 0.5 for name, stream in self.streams.items() if name.startswith(f"{domain}.")
            }
            found |= {name: share * root / sum(roots.values()) for name, root in roots.items()}
        whole = sum(found.values())
        return {name: share / whole for name, share in found.items()}

    def pool(self, spent: float) -> list[Batch]:
        """Draw the next batches, shuffled."""
        wanted = self.training.pool_batches * self.training.batch_tokens
        pairs: list[Pair] = []
        for name, share in self.shares(spent).items():
            left = wanted * share
            while left > 0:
                pair = self.streams[name].take()
                if pair is not None:
                    pairs.append(pair)
                    left -= len(pair.target)
        generator = np.random.default_rng((self.seed, self.pools))
        self.pools += 1
        batches = list(cut(pairs, self.training.batch_tokens, self.filler))
        return [batches[n] for n in generator.permutation(len(batches))]

    def state(self) -> dict[str, int]:
        return {name: s.taken for name, s in self.streams.items()} | {"pools": self.pools}

    def restore(self, state: dict[str, int]) -> None:
        self.pools = state["pools"]
        for name, stream in self.streams.items():
            stream.taken = state[name]
