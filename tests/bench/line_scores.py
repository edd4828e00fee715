"""Scores of line labels: the definitions of `score_lines.py`, which comes with the labelled pages.

A line is scored unless it is the title or doubtful. Precision, recall and F1 are means over the
pages that have a line of the class; the precision of a class that is never predicted is 0.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.boilerplate.pages import LabelledPage

Prediction = tuple["LabelledPage", "Sequence[bool]"]
"""A page, and whether each of its lines is kept."""

CLASSES = ("boilerplate", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Means over pages, in percent."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineScores:
    """Of some pages. The shares are of all characters, in percent: body kept, boilerplate removed."""

    pages: int
    lines: int
    boilerplate: Measure
    body: Measure
    body_characters_kept: float
    boilerplate_characters_removed: float


def score(predictions: Iterable[Prediction]) -> LineScores:
    """Return the scores of some pages."""
    measures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in CLASSES}
    right, all_characters = Counter[str](), Counter[str]()
    pages = lines = 0
    for page, kept in predictions:
        pages += 1
        counts: Counter[tuple[str, str]] = Counter()
        for line, is_kept in zip(page.lines, kept, strict=True):
            if line.label not in CLASSES or line.doubtful:
                continue
            predicted = "body" if is_kept else "boilerplate"
            counts[line.label, predicted] += 1
            all_characters[line.label] += len(line.text)
            right[line.label] += len(line.text) * (predicted == line.label)
        lines += counts.total()
        for name, other in (CLASSES, CLASSES[::-1]):
            if counts[name, name] + counts[name, other]:
                measures[name].append(_measure(counts[name, name], counts[other, name], counts[name, other]))
    return LineScores(
        pages=pages,
        lines=lines,
        boilerplate=_mean(measures["boilerplate"]),
        body=_mean(measures["body"]),
        body_characters_kept=_percent(right["body"], all_characters["body"]),
        boilerplate_characters_removed=_percent(right["boilerplate"], all_characters["boilerplate"]),
    )


def _measure(true: int, wrong: int, missed: int) -> tuple[float, float, float]:
    precision = true / (true + wrong) if true + wrong else 0.0
    recall = true / (true + missed) if true + missed else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _mean(measures: Sequence[tuple[float, float, float]]) -> Measure:
    precision, recall, f1 = (_percent(sum(one[place] for one in measures), max(1, len(measures))) for place in range(3))
    return Measure(precision=precision, recall=recall, f1=f1)


def _percent(part: float, whole: float) -> float:
    return round(100 * part / max(1, whole), 1)
