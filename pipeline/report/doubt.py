"""How much there is to doubt about a unit, from what the stages measured: no reference, no model."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from pipeline.records import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.corpus import TranslationUnit

HARMLESS = frozenset({Flag.PASSTHROUGH, Flag.NO_MODEL, Flag.FALLBACK_LANGUAGE, Flag.SPLIT, Flag.RECASED})
"""Flags that tell how a unit was made, not that it went wrong."""

FLAG_POINTS = 2.0
"""A flag weighs as much as two nats of log-probability a piece."""

LEAST_CHARACTERS = 20
"""Below this length of the source, the ratio of lengths says nothing (as in the guards of translation)."""

EXPECTED_OCTAVE = 1.0
"""A target of half to twice the source's length is nothing odd; each doubling beyond is a point."""


def reasons(unit: TranslationUnit) -> Iterator[tuple[float, str]]:
    """Yield the points of doubt about a unit, each with its reason; their sum orders the units."""
    for flag in unit.flags:
        if flag not in HARMLESS:
            yield FLAG_POINTS, flag
    if unit.log_prob is not None:
        yield -unit.log_prob, f"log_prob −{-unit.log_prob:.2f}"
    scores = {score.name: score.value for score in unit.scores}
    ratio = scores.get("length_ratio")
    if ratio is not None and len(unit.source) >= LEAST_CHARACTERS:
        octaves = abs(log2(max(ratio, 0.01))) - EXPECTED_OCTAVE
        if octaves > 0:
            yield octaves, f"length_ratio {ratio:.2f}"
    numbers = scores.get("numbers", 1.0)
    if numbers < 1:
        yield 1 - numbers, f"numbers {numbers:.2f}"


def doubt(unit: TranslationUnit) -> float:
    """Return the sum of the points, to two decimals."""
    return round(sum(points for points, _ in reasons(unit)), 2)
