"""Scores kept and stripped lines as the scorer of the labelled pages does: by page, then the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.boilerplate.pages import LabelledPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Means over the pages that have such lines, in percent; `kept` is the share of body characters."""

    boilerplate: float
    body: float
    kept: float

    def __str__(self) -> str:
        return f"{self.boilerplate:.1f} / {self.body:.1f} / {self.kept:.1f}"


def score(judged: Iterable[tuple[LabelledPage, Sequence[bool]]]) -> Score:
    """Return the score of pages with, for each line, whether it was stripped."""
    boilerplate, body = [], []
    kept = characters = 0
    for page, stripped in judged:
        known = [
            (line.boilerplate, was, len(line.text))
            for line, was in zip(page.lines, stripped, strict=True)
            if line.boilerplate is not None
        ]
        pairs = [(label, was) for label, was, _ in known]
        if any(label for label, _ in pairs):
            boilerplate.append(_f1(pairs, of=True))
        if not all(label for label, _ in pairs):
            body.append(_f1(pairs, of=False))
        kept += sum(size for label, was, size in known if not label and not was)
        characters += sum(size for label, _, size in known if not label)
    return Score(boilerplate=_mean(boilerplate), body=_mean(body), kept=100 * kept / max(1, characters))


def _f1(pairs: Sequence[tuple[bool, bool]], *, of: bool) -> float:
    right = sum(label == was == of for label, was in pairs)
    wrong = sum(label != was for label, was in pairs)
    return 2 * right / (2 * right + wrong) if right else 0.0


def _mean(values: Sequence[float]) -> float:
    return 100 * sum(values) / max(1, len(values))
