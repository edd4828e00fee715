"""Finds articles that resemble an earlier one: bands of signatures give candidates, whole signatures decide.

The bands are those of locality-sensitive hashing, sorted one at a time instead of held in tables: beside
the file of sketches this takes some 200 bytes an article at its peak, nearly all of it to sort.
Each article is compared with those that were kept only, and joins the one it resembles most: a star, so that
no chain of small changes leads from one story to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.duplicates.marks import PERMUTATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FOUND = 0.99
"""Probability that two articles as alike as the threshold share a band at least."""

MOST_KEPT = 64
"""Kept articles of a bucket that others are compared with: reports of one template fill a bucket with thousands."""

SKETCHES_AT_ONCE = 16_384
"""Sketches whose bands are hashed together: 10 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Rows of articles that have an earlier twin, the rows of those, and how many values their signatures share."""

    rows: NDArray[np.int64]
    kept: NDArray[np.int64]
    shared: NDArray[np.int64]


def find_twins(records: NDArray[np.void], threshold: float) -> Twins:
    """Return what resembles something earlier at least as much as `threshold`; `records` are sketches.

    Earlier is what was published earlier, and of one day what has the smaller id; articles without
    a date come after the others. So neither the order of the input nor that of the work matters.
    """
    rows = np.flatnonzero(records["text"] != b"")
    rows = rows[np.lexsort((records["id"][rows], records["date"][rows]))]
    _, first, text = np.unique(records["text"][rows], return_index=True, return_inverse=True)
    leaders = np.sort(first)
    rank = np.searchsorted(leaders, first[text])
    kept, shared = _near(records, rows[leaders], threshold)
    twin, twin_shared = rows[leaders[kept[rank]]], shared[rank]
    marked = np.flatnonzero(twin != rows)
    return Twins(rows=rows[marked], kept=twin[marked], shared=twin_shared[marked])


def bands_and_rows(threshold: float) -> tuple[int, int]:
    """Return how signatures are cut: the longest bands that find what is as alike as the threshold."""
    for rows in range(PERMUTATIONS, 1, -1):
        bands = PERMUTATIONS // rows
        if 1 - (1 - threshold**rows) ** bands >= FOUND:
            return bands, rows
    return PERMUTATIONS, 1


def _near(
    records: NDArray[np.void], rows: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each of the distinct texts, the earliest first, which one it joins, and the values shared."""
    kept = np.arange(len(rows))
    shared = np.full(len(rows), PERMUTATIONS)
    comparable = np.flatnonzero(records["words"][rows])
    members, buckets, sizes = _buckets(records, rows, comparable, threshold)
    start = np.concatenate(([0], np.cumsum(np.minimum(sizes, MOST_KEPT))))
    slots = np.empty(start[-1], np.uint32)
    filled = np.zeros(len(sizes), np.int64)
    least = threshold * PERMUTATIONS
    for member, own in _grouped(members, buckets):
        held = [slots[start[bucket] : start[bucket] + filled[bucket]] for bucket in own]
        others = np.unique(np.concatenate(held))
        if len(others):
            equal = records["signature"][rows[others]] == records["signature"][rows[member]]
            counts = np.count_nonzero(equal, axis=1)
            best = int(np.argmax(counts))
            if counts[best] >= least:
                kept[member], shared[member] = others[best], counts[best]
                continue
        free = own[filled[own] < MOST_KEPT]
        slots[start[free] + filled[free]] = member
        filled[free] += 1
    return kept, shared


def _buckets(
    records: NDArray[np.void], rows: NDArray[np.int64], comparable: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64]]:
    """Return who shares a band with whom: members, the bucket of each, and the sizes of the buckets."""
    bands, width = bands_and_rows(threshold)
    members, buckets, sizes = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)], [np.empty(0, np.int64)]
    total = 0
    for band in range(bands):
        keys = _band_keys(records, rows[comparable], band * width, width)
        _, number, counts = np.unique(keys, return_inverse=True, return_counts=True)
        several = counts > 1
        chosen = several[number]
        members.append(comparable[chosen].astype(np.uint32))
        buckets.append((np.cumsum(several) - 1 + total)[number[chosen]].astype(np.uint32))
        sizes.append(counts[several])
        total += len(sizes[-1])
    return np.concatenate(members), np.concatenate(buckets), np.concatenate(sizes)


def _band_keys(records: NDArray[np.void], rows: NDArray[np.int64], first: int, width: int) -> NDArray[np.uint64]:
    keys = np.empty(len(rows), np.uint64)
    for start in range(0, len(rows), SKETCHES_AT_ONCE):
        part = records["signature"][rows[start : start + SKETCHES_AT_ONCE], first : first + width]
        keys[start : start + SKETCHES_AT_ONCE] = _mixed(part)
    return keys


def _mixed(values: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return a hash of each row (FNV-1a over its values)."""
    mixed = np.full(len(values), 0xCBF29CE484222325, np.uint64)
    for column in values.T:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x100000001B3)
    return mixed


def _grouped(members: NDArray[np.uint32], buckets: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Yield each member, the earliest first, with its buckets."""
    order = np.argsort(members, kind="stable")
    cuts = np.flatnonzero(np.diff(members[order].astype(np.int64), prepend=-1, append=-1))
    for start, end in pairwise(cuts.tolist()):
        own = order[start:end]
        yield int(members[own[0]]), buckets[own]
