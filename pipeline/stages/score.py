"""Measure translations without a reference; nothing is decided here."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from pipeline.records import Score
from pipeline.stages.base import Stage, StageConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.records import Document, Segment, Translation

Metric: TypeAlias = Literal["log_prob", "length_ratio", "numbers", "language_probability", "aligned"]

DECIMALS = 4

_NUMBER = re.compile(r"\d+(?:[.,:/'٫٬\u00a0\u202f -]\d+)*")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'٬\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:[.,٫]\d+)?")
_DECIMAL = re.compile(r"\d+[.,٫]\d+")


class ScoreConfig(StageConfig):
    """Settings of `score`."""

    stage: Literal["score"] = "score"

    metrics: tuple[Metric, ...] = ("log_prob", "length_ratio", "numbers")
    """What is measured: `log_prob` (mean natural log-probability a target piece), `length_ratio`
    (characters of the target a character of the source), `numbers` (share of the numbers of both sides
    that match, 1 when there are none), `language_probability`, `aligned` (share of the target's
    characters that a word link covers). Only what a model translated is measured."""

    def build(self) -> Stage:
        """Return the stage, not yet opened."""
        return Scoring(self)


class Scoring(Stage):
    """Gives each translated segment one `Score` a metric, in the order of the settings."""

    name: ClassVar[str] = "score"
    version: ClassVar[int] = 1
    requires: ClassVar[frozenset[str]] = frozenset({"segments", "segments.translation"})
    assigns: ClassVar[frozenset[str]] = frozenset({"segments.scores"})

    def __init__(self, config: ScoreConfig) -> None:
        self.config = config

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents with their segments measured."""
        for document in documents:
            if document.drop is not None:
                yield document
                continue
            yield replace(document, segments=tuple(self._scored(segment) for segment in document.segments))

    def _scored(self, segment: Segment) -> Segment:
        translation = segment.translation
        if segment.drop is not None or translation is None or translation.model is None:
            return segment
        values = ((metric, _METRICS[metric](segment, translation)) for metric in self.config.metrics)
        scores = tuple(
            Score(name=metric, value=round(value, DECIMALS)) for metric, value in values if value is not None
        )
        return replace(segment, scores=scores)


def numbers(text: str) -> Counter[str]:
    """Return the numbers of a text, written alike whatever the digits and separators of its locale.

    `1 234,50`, `1,234.50` and `١٬٢٣٤٫٥٠` are one number; a date or a score is its parts.
    """
    text = _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group())), text)
    return Counter(number for match in _NUMBER.finditer(text) for number in _canonical(match.group()))


def _canonical(found: str) -> Iterator[str]:
    position = 0
    while position < len(found):
        if not found[position].isdigit():
            position += 1
            continue
        whole = _GROUPED.match(found, position) or _DECIMAL.match(found, position)
        if whole and not _goes_on(found, whole.end()):
            yield re.sub(r"\D", "", whole.group()).lstrip("0") or "0"
            position = whole.end()
            continue
        end = position
        while end < len(found) and found[end].isdigit():
            end += 1
        yield found[position:end].lstrip("0") or "0"
        position = end


def _goes_on(found: str, end: int) -> bool:
    """Whether a dot or digit follows: it was the start of a date, not a decimal."""
    return end < len(found) and (found[end].isdigit() or found[end] in ".,/:")


def _number_share(segment: Segment, translation: Translation) -> float:
    source, target = numbers(segment.text), numbers(translation.text)
    total = source.total() + target.total()
    return 2 * (source & target).total() / total if total else 1.0


def _length_ratio(segment: Segment, translation: Translation) -> float:
    return len(translation.text) / max(1, len(segment.text))


def _aligned(_: Segment, translation: Translation) -> float:
    covered = {place for link in translation.words for place in range(link.target.start, link.target.end)}
    total = sum(not character.isspace() for character in translation.text)
    return len(covered) / total if total else 0.0


_METRICS: dict[Metric, Callable[[Segment, Translation], float | None]] = {
    "log_prob": lambda _, translation: translation.log_prob,
    "length_ratio": _length_ratio,
    "numbers": _number_share,
    "language_probability": lambda segment, _: segment.language_probability,
    "aligned": _aligned,
}
