"""Batches of inputs that all have the same length: by them a result cannot depend on its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def equal_lengths(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Return batches of the indices of texts that have the same length, the longest first.

    In such a batch nothing is padded. A batch has at most `max_tokens` tokens, but at least one text.
    """
    groups: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        groups.setdefault(length, []).append(index)
    batches: list[list[int]] = []
    for length in sorted(groups, reverse=True):
        size = max(1, max_tokens // max(1, length))
        group = groups[length]
        batches += (group[start : start + size] for start in range(0, len(group), size))
    return batches
