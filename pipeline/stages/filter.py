"""Decide which translated segments stay, by their scores and flags; nothing is measured here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from pipeline.errors import ConfigError
from pipeline.records import Drop, Flag
from pipeline.stages.base import Stage, StageConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.records import Document, Segment

_LIMITS = {
    "min_log_prob": "log_prob",
    "min_length_ratio": "length_ratio",
    "max_length_ratio": "length_ratio",
    "min_numbers": "numbers",
    "min_language_probability": "language_probability",
}
"""The score that each limit is about."""

_MAY_LACK = frozenset({"language_probability"})


class FilterConfig(StageConfig):
    """Settings of `filter`. A limit of null decides nothing; by default nothing is dropped."""

    stage: Literal["filter"] = "filter"

    min_log_prob: float | None = Field(None, le=0)
    """Mean natural log-probability a target piece."""

    min_length_ratio: float | None = Field(None, ge=0)
    """Characters of the target a character of the source, at least."""

    max_length_ratio: float | None = Field(None, gt=0)
    """Characters of the target a character of the source, at most."""

    min_numbers: float | None = Field(None, ge=0, le=1)
    """Share of the numbers of both sides that match."""

    min_language_probability: float | None = Field(None, ge=0, le=1)
    """Of the language of the source."""

    drop_flags: tuple[Flag, ...] = ()
    """Segments with one of these flags are dropped, such as repetitive or no_model."""

    def build(self) -> Stage:
        """Return the stage, not yet opened."""
        return Filter(self)


class Filter(Stage):
    """Marks the segments that are out of bounds as dropped, with the reason; they go to the rejects."""

    name: ClassVar[str] = "filter"
    version: ClassVar[int] = 1
    requires: ClassVar[frozenset[str]] = frozenset({"segments", "segments.scores"})
    assigns: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, config: FilterConfig) -> None:
        self.config = config
        limits = ((name, getattr(config, name)) for name in _LIMITS)
        self._limits = {name: float(limit) for name, limit in limits if limit is not None}

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents with what is out of bounds dropped."""
        for document in documents:
            if document.drop is not None:
                yield document
                continue
            yield replace(document, segments=tuple(self._decided(segment) for segment in document.segments))

    def _decided(self, segment: Segment) -> Segment:
        if segment.drop is not None:
            return segment
        reason = self._reason(segment)
        return replace(segment, drop=Drop(stage=self.name, reason=reason)) if reason else segment

    def _reason(self, segment: Segment) -> str | None:
        for flag in self.config.drop_flags:
            if flag in segment.flags:
                return f"flagged_{flag}"
        if segment.translation is None or segment.translation.model is None:
            return None
        scores = {score.name: score.value for score in segment.scores}
        for name, limit in self._limits.items():
            metric = _LIMITS[name]
            if metric not in scores:
                self._refuse_missing(name, metric)
                continue
            value = scores[metric]
            if value < limit if name.startswith("min_") else value > limit:
                return f"{name}: {value} is {'below' if name.startswith('min_') else 'above'} {limit}"
        return None

    def _refuse_missing(self, name: str, metric: str) -> None:
        if metric not in _MAY_LACK:
            raise ConfigError(
                f"filter.{name}: expected the score {metric}, which nothing measures; add it to the metrics of score"
            )
